// One run of sweepctl to completion: takes the arguments, returns the output. GUI thread; start() and cancel()
// do not block.
#pragma once

#include <QObject>
#include <QPointer>
#include <QProcess>
#include <QStringList>

namespace sweepscope::gui {

class SweepctlJob : public QObject {
  Q_OBJECT

 public:
  explicit SweepctlJob(QObject* parent = nullptr) : QObject(parent) {}
  ~SweepctlJob() override;

  void start(const QStringList& arguments);  // cancels a run in progress
  void cancel();                             // no signal follows
  bool running() const { return process_ != nullptr; }

 signals:
  void finished(int exitCode, const QByteArray& output, const QString& errorLine);
  void failed(const QString& why);  // it did not start, or it crashed

 private:
  void onFinished(int exitCode, QProcess::ExitStatus status);

  QPointer<QProcess> process_;
};

}  // namespace sweepscope::gui
