// One run of sweepctl that comes to its end by itself: arguments go in, what it printed comes out. GUI
// thread; nothing waits.
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

  void start(const QStringList& arguments);  // the one that still runs is given up
  void cancel();                             // of a run given up, nothing is heard any more
  bool running() const { return process_ != nullptr; }

 signals:
  void finished(int exitCode, const QByteArray& output, const QString& errorLine);
  void failed(const QString& why);  // it did not start, or it died

 private:
  void onFinished(int exitCode, QProcess::ExitStatus status);

  QPointer<QProcess> process_;
};

}  // namespace sweepscope::gui
