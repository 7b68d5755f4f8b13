// A session to be stepped through: lets sweepctl search an order of steps in which the real engine, one rule
// left out, breaks an invariant, and keeps the recording of what it found while this object lives. GUI
// thread.
#pragma once

#include <QObject>
#include <QTemporaryDir>
#include <memory>

#include "gui/session/sweepctl_job.h"

namespace sweepscope::gui {

class FoundSchedule : public QObject {
  Q_OBJECT

 public:
  explicit FoundSchedule(QObject* parent = nullptr);

  void search();
  void cancel();
  bool searching() const { return job_.running(); }

 signals:
  void searchingChanged();
  void found(const QString& recording);
  void failed(const QString& why);

 private:
  void onFinished(int exitCode, const QString& errorLine);
  QString recordingIn(const QTemporaryDir& directory) const;

  std::unique_ptr<QTemporaryDir> directory_;  // of the search under way
  std::unique_ptr<QTemporaryDir> kept_;       // of what was found last: it may be on screen
  SweepctlJob job_;
};

}  // namespace sweepscope::gui
