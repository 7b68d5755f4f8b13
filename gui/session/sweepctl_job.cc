#include "gui/session/sweepctl_job.h"

#include <QCoreApplication>
#include <QTimer>

#include "gui/session/ends_with_parent.h"
#include "gui/session/engine_process.h"

namespace sweepscope::gui {

namespace {

constexpr int kTerminateMs = 1000;

}  // namespace

SweepctlJob::~SweepctlJob() {
  if (!process_) return;
  process_->disconnect(this);
  process_->terminate();  // sweepctl ends its own children
  process_->waitForFinished(kTerminateMs);
}

void SweepctlJob::start(const QStringList& arguments) {
  cancel();
  const QString program = EngineProcess::program();
  if (program.isEmpty()) return emit failed(EngineProcess::missingProgramText());
  process_ = new QProcess(this);
  endWithParent(*process_);
  connect(process_, &QProcess::finished, this, &SweepctlJob::onFinished);
  connect(process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
    if (error != QProcess::FailedToStart) return;  // onFinished reports the others
    const QString why = tr("Could not start %1: %2").arg(process_->program(), process_->errorString());
    process_->deleteLater();
    process_.clear();
    emit failed(why);
  });
  process_->start(program, arguments, QIODevice::ReadOnly);
}

void SweepctlJob::cancel() {
  if (!process_) return;
  QProcess* process = process_;
  process_.clear();
  process->disconnect(this);
  process->setParent(QCoreApplication::instance());  // it may outlive this object while it stops
  connect(process, &QProcess::finished, process, &QObject::deleteLater);
  process->terminate();
  QTimer::singleShot(kTerminateMs, process, &QProcess::kill);
}

void SweepctlJob::onFinished(int exitCode, QProcess::ExitStatus status) {
  QProcess* process = process_;
  process_.clear();
  process->deleteLater();
  const QString words = errorLineIn(process->readAllStandardError());
  if (status == QProcess::CrashExit)
    return emit failed(words.isEmpty() ? tr("sweepctl was killed by a signal.") : words);
  emit finished(exitCode, process->readAllStandardOutput(), words);
}

}  // namespace sweepscope::gui
