// From a wish to watch an engine to a connection: starts one of our own, or goes to an address, and tries
// until it answers. GUI thread; nothing waits.
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
  // It runs already, or it is not there. Our own engine is stopped when the other one answers.
  void connectTo(const QString& address);
  void stop();  // our own engine, if there is one

  bool trying() const { return timer_.isActive(); }
  bool own() const { return own_; }  // what is watched was started here
  QString errorLine() const { return engine_.errorLine(); }

 signals:
  void connected();  // take() it
  void failed(const QString& why);
  void ended(int code, bool crashed);  // our own engine, after it was connected

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
