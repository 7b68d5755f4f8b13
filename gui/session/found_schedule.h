// Runs sweepctl explore to find a schedule in which the real engine, with one rule left out, breaks an
// invariant. Keeps the file of the schedule as long as this object lives. GUI thread.
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
  void found(const QString& schedule);
  void failed(const QString& why);

 private:
  void onFinished(int exitCode, const QString& errorLine);
  QString scheduleIn(const QTemporaryDir& directory) const;

  std::unique_ptr<QTemporaryDir> directory_;  // of the current search
  std::unique_ptr<QTemporaryDir> kept_;  // of the last schedule found, which a window may be about to read
  SweepctlJob job_;
};

}  // namespace sweepscope::gui
