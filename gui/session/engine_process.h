// The engine of one's own: a child `sweepctl run ... --serve ADDRESS`, found beside this program. GUI thread.
//
// Its stderr is kept (the last lines of it), because that is where a fatal check prints its dump. The child
// is asked to stop (SIGTERM, so that it keeps its recording) and killed if it does not. It ends with this
// program, however that ends.
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

// The line in what sweepctl printed on stderr that says what happened; empty if it printed none.
QString errorLineIn(const QByteArray& errors);

class EngineProcess : public QObject {
  Q_OBJECT

 public:
  explicit EngineProcess(QObject* parent = nullptr);
  ~EngineProcess() override;

  void start(const EngineRequest& request);
  void stop();
  bool running() const;
  QString address() const { return address_; }
  QString errorLine() const { return errorLineIn(errors_); }
  static QString program();  // where sweepctl is, empty if it is not there
  static QString missingProgramText();

 signals:
  void startFailed(const QString& why);
  void finished(int code, bool crashed);  // code: of the exit, or the signal that ended it

 private:
  void readErrors();

  std::unique_ptr<QTemporaryDir> directory_;  // of the socket, 0700
  QString address_;
  QProcess process_;
  QByteArray errors_;
  bool stopping_ = false;
};

}  // namespace sweepscope::gui
