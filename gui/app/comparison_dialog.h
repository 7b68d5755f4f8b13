// Measures eager against lazy on this machine (`sweepctl compare`) and shows the result. GUI thread; the
// measurement runs in a child process, which ends with the dialog.
#pragma once

#include <QDialog>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QTableWidget>

#include "gui/models/flush_comparison.h"
#include "gui/session/sweepctl_job.h"
#include "gui/theme/theme.h"

namespace sweepscope::gui {

class ComparisonDialog : public QDialog {
  Q_OBJECT

 public:
  // `concurrentEngine`: another engine runs during the measurement, and the dialog mentions it.
  ComparisonDialog(const Theme& theme, bool concurrentEngine, QWidget* parent);
  void measure();
  bool measuring() const { return job_.running(); }

 signals:
  void measured(bool good);

 private:
  void onFinished(int exitCode, const QByteArray& output, const QString& errorLine);
  void fill(const FlushComparison& comparison);
  void showProblem(const QString& why);

  const Theme& theme_;
  const bool concurrentEngine_;
  QLabel *state_, *origin_;
  QProgressBar* progress_;
  QTableWidget* table_;
  QPushButton *again_, *close_;
  SweepctlJob job_;
};

}  // namespace sweepscope::gui
