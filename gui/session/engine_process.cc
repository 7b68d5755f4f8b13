#include "gui/session/engine_process.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

#include "gui/session/ends_with_parent.h"

namespace sweepscope::gui {

namespace {

constexpr qsizetype kKeptErrors = 64 * 1024;

}  // namespace

EngineProcess::EngineProcess(QObject* parent) : QObject(parent) {
  endWithParent(process_);
  connect(&process_, &QProcess::readyReadStandardError, this, &EngineProcess::readErrors);
  connect(&process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
    if (error == QProcess::FailedToStart)
      emit startFailed(tr("Could not start %1: %2").arg(process_.program(), process_.errorString()));
  });
  connect(&process_, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
    readErrors();
    if (!stopping_) emit finished(code, status == QProcess::CrashExit);
  });
}

EngineProcess::~EngineProcess() { stop(); }

QString EngineProcess::program() {
  const QString sibling = QDir(QCoreApplication::applicationDirPath()).filePath(QStringLiteral("sweepctl"));
  if (QFileInfo(sibling).isExecutable()) return sibling;
  return QStandardPaths::findExecutable(QStringLiteral("sweepctl"));
}

QString EngineProcess::missingProgramText() {
  return tr(
      "Could not find sweepctl in the directory of sweepscope or in PATH. Build it (ninja sweepctl), or open a "
      "recording.");
}

void EngineProcess::start(const EngineRequest& request) {
  QStringList arguments = {QStringLiteral("run"),       request.workload,
                           QStringLiteral("--procs"),   QString::number(request.procs),
                           QStringLiteral("--seconds"), QStringLiteral("3600"),
                           QStringLiteral("--quiet")};
  if (request.seed) arguments << QStringLiteral("--seed") << QString::number(*request.seed);
  if (!request.recordFile.isEmpty()) arguments << QStringLiteral("--record") << request.recordFile;
  launch(arguments << QStringLiteral("--serve"));
}

void EngineProcess::startBench() { launch({QStringLiteral("step"), QStringLiteral("--serve")}); }

void EngineProcess::launch(QStringList arguments) {
  stop();
  const QString path = program();
  if (path.isEmpty()) {
    emit startFailed(missingProgramText());
    return;
  }
  directory_ = std::make_unique<QTemporaryDir>(QDir::tempPath() + QStringLiteral("/sweepscope-XXXXXX"));
  if (!directory_->isValid()) {
    emit startFailed(
        tr("Could not create a directory for the engine's socket: %1").arg(directory_->errorString()));
    return;
  }
  address_ = directory_->filePath(QStringLiteral("engine.sock"));
  errors_.clear();
  stopping_ = false;
  process_.setStandardOutputFile(QProcess::nullDevice());
  process_.start(path, arguments << address_, QIODevice::ReadOnly);
}

void EngineProcess::stop() {
  if (process_.state() == QProcess::NotRunning) return;
  stopping_ = true;
  process_.terminate();
  if (!process_.waitForFinished(2000)) {
    process_.kill();
    process_.waitForFinished(1000);
  }
}

bool EngineProcess::running() const { return process_.state() != QProcess::NotRunning; }

void EngineProcess::readErrors() {
  errors_ += process_.readAllStandardError();
  if (errors_.size() > kKeptErrors) errors_.remove(0, errors_.size() - kKeptErrors);
}

QString errorLineIn(const QByteArray& errors) {
  // The line that names the check comes first in a dump, so prefer it to the last line.
  const auto lines = errors.split('\n');
  for (const QByteArray& line : lines) {
    if (line.startsWith("fatal:")) return QString::fromUtf8(line);
  }
  for (auto it = lines.rbegin(); it != lines.rend(); ++it) {
    if (!it->trimmed().isEmpty()) return QString::fromUtf8(*it);
  }
  return {};
}

}  // namespace sweepscope::gui
