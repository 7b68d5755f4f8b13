// Connects to an engine: starts a child engine and retries until it answers, or tries an address once. GUI
// thread; no call blocks on the connection.
#pragma once

#include <QObject>
#include <QString>
#include <QTimer>
#include <memory>

#include "gui/session/engine_process.h"
#include "gui/session/live_source.h"

namespace sweepscope::gui {

class EngineLink : public QObject {
  Q_OBJECT

 public:
  explicit EngineLink(QObject* parent = nullptr);

  void startOwn(const EngineRequest& request);
  // One attempt: the engine must already be running. The child engine is stopped when this one answers.
  void connectTo(const QString& address);
  void stop();  // the child engine, if there is one

  bool trying() const { return timer_.isActive(); }
  bool own() const { return own_; }  // the session shown is that of the child engine
  QString errorLine() const { return engine_.errorLine(); }

 signals:
  void connected();  // call take()
  void failed(const QString& why);
  void ended(int code, bool crashed);  // the child engine, after it was connected

 public:
  std::unique_ptr<LiveSource> take() { return std::move(source_); }

 private:
  void tryOnce();

  EngineProcess engine_;
  QTimer timer_;
  int tries_ = 0;
  QString address_;
  bool own_ = false, reached_ = false;
  bool tryingOwn_ = false;
  std::unique_ptr<LiveSource> source_;
};

}  // namespace sweepscope::gui
