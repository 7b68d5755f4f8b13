#include "gui/session/found_schedule.h"

#include <QDir>
#include <QFileInfo>

namespace sweepscope::gui {

namespace {

// The central rule of lazy flushing: acquire_p flushes a stale mcache. The random seed is fixed, so that the
// search always finds the same schedule.
const QString kFault = QStringLiteral("acquirep-no-flush");
const QString kSeed = QStringLiteral("1");
constexpr int kViolationFound = 1;  // sweepctl explore's exit code

}  // namespace

FoundSchedule::FoundSchedule(QObject* parent) : QObject(parent) {
  connect(&job_, &SweepctlJob::finished, this,
          [this](int code, const QByteArray&, const QString& words) { onFinished(code, words); });
  connect(&job_, &SweepctlJob::failed, this, [this](const QString& why) {
    emit searchingChanged();
    emit failed(why);
  });
}

QString FoundSchedule::scheduleIn(const QTemporaryDir& directory) const {
  return directory.filePath(kFault + QStringLiteral(".schedule"));
}

void FoundSchedule::search() {
  directory_ = std::make_unique<QTemporaryDir>(QDir::tempPath() + QStringLiteral("/sweepscope-XXXXXX"));
  if (!directory_->isValid()) {
    emit failed(tr("Could not create a directory for the schedule: %1").arg(directory_->errorString()));
    return;
  }
  job_.start({QStringLiteral("explore"), QStringLiteral("--fault"), kFault, QStringLiteral("--seed"), kSeed,
              QStringLiteral("--quiet"), QStringLiteral("--out"), scheduleIn(*directory_)});
  emit searchingChanged();
}

void FoundSchedule::cancel() {
  if (!job_.running()) return;
  job_.cancel();
  emit searchingChanged();
}

void FoundSchedule::onFinished(int exitCode, const QString& errorLine) {
  emit searchingChanged();
  if (exitCode != kViolationFound || !QFileInfo::exists(scheduleIn(*directory_))) {
    emit failed(!errorLine.isEmpty()
                    ? errorLine
                    : tr("sweepctl explore exited with code %1 without a schedule that breaks a rule.")
                          .arg(exitCode));
    return;
  }
  kept_ = std::move(directory_);
  emit found(scheduleIn(*kept_));
}

}  // namespace sweepscope::gui
