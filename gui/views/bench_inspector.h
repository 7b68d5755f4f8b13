// The Inspector of the step mode. Rule: what the last step did, and the rules that its arcs obey or break. Source: the
// line of the chosen thread's next access. Verdict: which detector fired, after how many steps, what follows; the search
// from here. Fault: what the session's fault leaves out; hidden if it has none, or a challenge hides it. Stops: breakpoints
// and checks. GUI thread.
#pragma once

#include <QTabWidget>

#include "gui/models/bench_scene.h"
#include "gui/models/challenge.h"
#include "gui/theme/theme.h"

class QLabel;
class QPushButton;
class QTextBrowser;

namespace sweepscope::gui {

class FaultPane;
class SourcePane;
class StopsPane;

class BenchInspector : public QTabWidget {
  Q_OBJECT

 public:
  BenchInspector(const BenchScene& scene, const Theme& theme, QWidget* parent = nullptr);
  void setChallenge(const Challenge* challenge) { challenge_ = challenge; }  // null: there are none
  void onScene(uint32_t chosenThread);

 signals:
  void searchRequested(bool start);
  void nodeRequested(quint32 node);
  void noteRequested(const QString& rule);  // continue, with violations of this rule noted only
  void breakpointsRequested(const QStringList& all);
  void checksRequested(const QStringList& settings);

 private:
  QTextBrowser* addText(const QString& title, const QString& name);
  QString ruleHtml() const;
  QString verdictHtml() const;
  QString heading(const QString& text) const;
  void refreshSearch();
  void refreshFault();
  void refreshNote();
  void refreshStops();
  bool challenged() const { return challenge_ != nullptr && challenge_->open(); }

  const BenchScene& scene_;
  const Theme& theme_;
  QTextBrowser *rule_, *verdict_;
  SourcePane* source_;
  FaultPane* fault_;
  StopsPane* stops_;
  const Challenge* challenge_ = nullptr;
  QLabel* searchText_;
  QPushButton *note_, *search_, *found_;
  uint32_t shown_ = ~0u;
};

}  // namespace sweepscope::gui
