// Where a session stops: the breakpoints of a run step, and what each check does when it fires (stop, note, off). Shown as
// a tab of the Inspector; asks by signals. GUI thread.
#pragma once

#include <QStringList>
#include <QWidget>

#include "gui/models/check_plan.h"
#include "gui/theme/theme.h"

class QComboBox;
class QLabel;
class QListWidget;
class QPushButton;
class QTableWidget;

namespace sweepscope::gui {

class StopsPane : public QWidget {
  Q_OBJECT

 public:
  StopsPane(const BenchScene& scene, const Theme& theme, QWidget* parent = nullptr);
  // why: the checks cannot be changed; empty: they can.
  void setChecksFixed(const QString& why);
  void onScene();

 signals:
  void breakpointsRequested(const QStringList& all);
  void checksRequested(const QStringList& settings);  // open the session again with these, too

 private:
  QLabel* addText(const QString& text);
  void addBreakpoints();
  void addChecks();
  void refreshNames();  // that a breakpoint of the chosen kind may have
  void refreshChecks();
  void add();
  void removeChosen();
  void choose(telemetry::BenchRuleMode mode);

  const BenchScene& scene_;
  const Theme& theme_;
  CheckPlan plan_;
  QString fixed_;
  QStringList breakpoints_, names_;
  QComboBox *kind_, *name_;
  QListWidget* list_;
  QTableWidget* table_;
  QLabel* checksText_;
  QPushButton *remove_, *apply_;
  std::vector<QPushButton*> modes_;
};

}  // namespace sweepscope::gui
