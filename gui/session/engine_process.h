// The child engine: `sweepctl run ... --serve ADDRESS` or `sweepctl step --serve ADDRESS`, from the directory of this
// program or from PATH. GUI thread.
//
// The end of its stderr is kept, because a fatal check prints its dump there. stop() sends SIGTERM, so that the
// child finishes its recording, and kills it if it does not end. The child ends with this program, even if this
// program is killed.
#pragma once

#include <QObject>
#include <QProcess>
#include <QString>
#include <QTemporaryDir>
#include <memory>
#include <optional>

namespace sweepscope::gui {

struct EngineRequest {
  QString workload = QStringLiteral("binary_trees");
  int procs = 4;
  std::optional<quint64> seed;
  QString recordFile;  // empty: not recorded
};

// The line of sweepctl's stderr that names the error: the first "fatal:" line, else the last one; may be empty.
QString errorLineIn(const QByteArray& errors);

class EngineProcess : public QObject {
  Q_OBJECT

 public:
  explicit EngineProcess(QObject* parent = nullptr);
  ~EngineProcess() override;

  void start(const EngineRequest& request);
  void startBench();  // the laboratory as a session
  void stop();
  bool running() const;
  QString address() const { return address_; }
  QString errorLine() const { return errorLineIn(errors_); }
  static QString program();  // path of sweepctl, empty if it is not found
  static QString missingProgramText();

 signals:
  void startFailed(const QString& why);
  void finished(int code, bool crashed);  // exit code, or the signal if it crashed

 private:
  // The arguments, and behind them the address.
  void launch(QStringList arguments);
  void readErrors();

  std::unique_ptr<QTemporaryDir> directory_;  // of the socket, 0700
  QString address_;
  QProcess process_;
  QByteArray errors_;
  bool stopping_ = false;
};

}  // namespace sweepscope::gui
