// The session on screen: where its events come from, which moment is shown, how time passes. No widgets.
//
// GUI thread, driven by tick() from the frame loop; it never waits for the engine and spends a bounded number
// of events a tick. Long seeks, opening a file and reading a span's story run on one worker thread. Locks:
// logMutex_ guards the EventLog's read() and seek(). The worker takes it; the GUI thread only tries, and
// skips a tick's work if it is taken. The log's marks and extent change on the GUI thread alone
// (History::append).
#pragma once

#include <QElapsedTimer>
#include <QMutex>
#include <QObject>
#include <QString>
#include <QThreadPool>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "gui/models/cycle_plan.h"
#include "gui/models/page_codes.h"
#include "gui/models/player.h"
#include "gui/session/live_source.h"

namespace sweepscope::gui {

struct Speed {
  enum class Kind : uint8_t { kCycleIn, kFactor };
  Kind kind = Kind::kCycleIn;
  double value = 6;  // seconds a cycle, or engine seconds a second (1 .. 1e-6)
  bool operator==(const Speed&) const = default;
};

struct Anchor {  // a place in a session, as the command line and the banner name it
  enum class Kind : uint8_t { kCycle, kSeq, kSpan };
  Kind kind = Kind::kSeq;
  uint64_t value = 0;
};
std::optional<Anchor> parseAnchor(const QString& text);  // "cycle=12"

struct SpanStory {  // recent events of one span, newest last
  telemetry::SpanId span = telemetry::kNobody;
  std::vector<PlayedEvent> events;
  bool complete = false;  // reaches back to the span's allocation or the session's start
};

class SessionController : public QObject {
  Q_OBJECT

 public:
  enum class Source : uint8_t { kNone, kOpening, kRecording, kLive };

  explicit SessionController(QObject* parent = nullptr);
  ~SessionController() override;

  // Reads the file on the worker; opened() or failed() follows.
  void openRecording(const QString& path, std::optional<Anchor> anchor);
  // Takes over a connected source.
  void follow(std::unique_ptr<LiveSource> source);
  void close();

  void tick(double seconds);  // wall time since the last tick

  // Transport.
  void setPlaying(bool playing);
  void togglePlaying() { setPlaying(!playing_); }
  void setSpeed(Speed speed);
  void setLive(bool live);  // back to the live edge, or let go of it
  void setRealTime(bool realTime);
  void stepEvent(int direction);
  void stepPhase(int direction);
  void seekNs(int64_t ns);
  void seekSeq(uint64_t seq);
  void seekAnchor(const Anchor& anchor);
  void seekEnd(bool end);

  // What is shown.
  Source source() const { return source_; }
  const QString& sourceName() const { return sourceName_; }
  const telemetry::Replica& replica() const { return player_.replica(); }
  const Player& player() const { return player_; }
  const PageCodes& codes() const { return codes_; }
  const telemetry::EventLog* log() const { return log_.get(); }
  int64_t ns() const { return player_.ns(); }
  bool playing() const { return playing_; }
  bool live() const { return live_; }
  bool realTime() const { return realTime_; }
  bool seeking() const { return seekRunning_; }
  Speed speed() const { return speed_; }
  const CyclePlan& plan() const { return plan_; }
  double engineNsPerSecond() const;  // of the picture right now; 0 while it stands still
  uint64_t eventsLost() const;
  LinkState linkState() const { return live_source_ ? live_source_->state() : LinkState::kClosed; }
  std::optional<telemetry::CheckFired> checkFired() const { return checkFired_; }
  uint64_t checkSeq() const { return checkSeq_; }

  void requestStory(telemetry::SpanId span);

 signals:
  void opened();                        // another session is on screen
  void failed(const QString& message);  // it could not be opened; the old one stays
  void pictureChanged(const std::vector<PageRun>& dirty, bool everything);
  void transportChanged();  // playing, speed, live, source
  void marksGrew();
  void engineDied();  // a check fired: checkFired() tells
  void linkChanged();
  void storyReady(const SpanStory& story);

 private:
  using Seek = std::function<telemetry::Result<>(Player&, telemetry::EventLog&)>;

  void adopt(std::unique_ptr<telemetry::EventLog> log, const QString& name, Source source);
  bool drainLive();
  void advance(double seconds);
  bool advancePlan(double seconds);
  bool choosePlan(size_t index);
  std::optional<size_t> cycleToPlay(bool next) const;
  void startSeek(Seek seek);
  void finishSeek(std::shared_ptr<Player> player, const QString& error);
  void showPlayer(bool everything);
  void noticeCheck(const telemetry::Event& event, uint64_t seq);
  void findCheckAtEnd();

  Source source_ = Source::kNone;
  QString sourceName_;
  std::unique_ptr<telemetry::EventLog> log_;
  telemetry::History* history_ = nullptr;  // log_, when live
  std::unique_ptr<LiveSource> live_source_;
  LinkState lastLink_ = LinkState::kClosed;
  std::vector<telemetry::Event> drained_;

  QMutex logMutex_;
  QThreadPool worker_;
  std::atomic<uint64_t> generation_ = 0;  // counts sessions: results for an older one are dropped
  bool seekRunning_ = false;
  std::optional<Seek> nextSeek_;
  bool storyRunning_ = false;
  telemetry::SpanId nextStory_ = telemetry::kNobody;

  Player player_;
  PageCodes codes_;
  CyclePlan plan_;
  double planSeconds_ = 0;
  bool playing_ = false, live_ = false, realTime_ = false;
  Speed speed_;
  uint64_t drawnEvents_ = 0;
  std::optional<telemetry::CheckFired> checkFired_;
  uint64_t checkSeq_ = 0;
};

}  // namespace sweepscope::gui
