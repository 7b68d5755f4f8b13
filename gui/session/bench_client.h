// A bench session: starts `sweepctl step --serve` as a child, or connects to one, and keeps a BenchScene up to date. With
// LiveSource the only file that calls telemetry/client. GUI thread; nothing here waits.
//
// A request is sent once. Views that the picture lacks are asked for a few at a time.
#pragma once

#include <QObject>
#include <QStringList>
#include <QTimer>
#include <memory>
#include <unordered_map>
#include <vector>

#include "gui/models/bench_scene.h"
#include "gui/session/engine_process.h"
#include "telemetry/client/live_session.h"

namespace sweepscope::gui {

class BenchClient : public QObject {
  Q_OBJECT

 public:
  explicit BenchClient(QObject* parent = nullptr);

  void start();  // a child
  void connectTo(const QString& address);
  bool ready() const { return ready_; }  // requests can be sent
  const BenchScene& scene() const { return scene_; }

  // Moves the picture, not the session.
  void show(uint32_t node);
  void look(uint32_t node);  // asks for its view, if the picture lacks it
  void conceal(bool conceal) { scene_.conceal(conceal); }
  // At the shown node.
  void step(telemetry::BenchStepKind kind, uint32_t thread, uint32_t choice);
  void begin(const telemetry::BenchSetup& setup);
  void load(const QString& schedule);
  // A run of a lesson, from 1; the text of its file. Answered by lessonOpened or refused; then the state arrives.
  void openLesson(const std::string& text, uint32_t run);
  void name(uint32_t node, const QString& name);
  void search(bool begin);
  void setBreakpoints(const QStringList& breakpoints);  // all of them, as BenchState::breakpoints
  void getSchedule();
  bool stepping() const { return stepping_ > 0; }  // a step was asked for and is not answered

 signals:
  void readyChanged();
  void sceneChanged();
  void catalogueArrived();
  void refused(const QString& why);  // a request: one line
  void lessonOpened();
  void scheduleArrived(const QString& text);
  void failed(const QString& why);  // no session, or it has ended

 private:
  enum class Kind : uint8_t { kWatch, kLook, kStep, kSchedule, kLesson, kOther };
  void tryOnce();
  void poll();
  void send(Kind kind, telemetry::BenchRequestBody body);
  void take(const telemetry::BenchAnswer& answer);
  void fetchViews();
  bool askedFor(uint32_t node) const;
  void end(const QString& why);

  EngineProcess engine_;
  QTimer timer_;
  QString address_;
  int tries_ = 0, stepping_ = 0, looking_ = 0;
  bool own_ = false, watching_ = false, ready_ = false;
  std::unique_ptr<telemetry::LiveSession> session_;
  std::vector<telemetry::Event> ignored_;  // the bench draws states, not events
  BenchScene scene_;
  uint64_t nextId_ = 1;
  std::unordered_map<uint64_t, Kind> pending_;
  std::unordered_map<uint64_t, uint32_t> looks_;  // by request: the node
};

}  // namespace sweepscope::gui
