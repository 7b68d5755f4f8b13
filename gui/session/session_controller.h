// The session on screen: the source of its events and the moment shown. Playback is the clock, RingRecording
// writes for Rec. No widgets.
//
// GUI thread, driven by tick() from the frame loop; it never waits for the engine and applies a bounded number
// of events per tick. Long seeks, opening a file and reading a span's story run on one worker thread. Locks:
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

#include "gui/models/page_codes.h"
#include "gui/models/player.h"
#include "gui/models/span_story.h"
#include "gui/session/anchor.h"
#include "gui/session/live_source.h"
#include "gui/session/playback.h"
#include "gui/session/ring_recording.h"
#include "telemetry/store/recording.h"

namespace sweepscope::gui {

class SessionController : public QObject {
  Q_OBJECT

 public:
  enum class Source : uint8_t { kNone, kOpening, kRecording, kLive };

  explicit SessionController(QObject* parent = nullptr);
  ~SessionController() override;

  // Opens the file on the worker, by its index; the current session stays until opened() or failed().
  void openRecording(const QString& path, std::optional<Anchor> anchor);
  void cancelOpening();
  // Takes over a connected source, and keeps its last `ringBytes` of events.
  void follow(std::unique_ptr<LiveSource> source, size_t ringBytes = telemetry::kFlightRingBytes);
  void close();

  void tick(double seconds);  // wall time since the last tick

  // Transport.
  void setPlaying(bool playing);
  void togglePlaying() { setPlaying(!playing()); }
  void setSpeed(Speed speed);
  void setLive(bool live);  // joins or leaves the live edge
  void setRealTime(bool realTime);
  void stepEvent(int direction);
  void stepPhase(int direction);
  void seekNs(int64_t ns);
  void seekSeq(uint64_t seq);
  void seekAnchor(const Anchor& anchor);
  void seekEnd(bool end);

  // Live sessions: writes the events of the flight ring, and all that follow, until stopped. If the engine is
  // gone, writes the ring and stops.
  void startRecording(const QString& path);
  void stopRecording() { recording_.stop(); }
  const RingRecording& recording() const { return recording_; }

  // What is shown.
  Source source() const { return source_; }
  const QString& sourceName() const { return sourceName_; }
  const telemetry::Replica& replica() const { return player_.replica(); }
  const Player& player() const { return player_; }
  const PageCodes& codes() const { return codes_; }
  const telemetry::EventLog* log() const { return log_.get(); }
  bool laboratory() const { return log_ && log_->info().engine_build == "laboratory"; }  // ns() counts steps
  int64_t ns() const { return player_.ns(); }
  bool playing() const { return playback_.playing(); }
  bool live() const { return playback_.live(); }
  bool realTime() const { return playback_.realTime(); }
  bool seeking() const { return seekRunning_; }
  bool opening() const { return opening_; }
  double openingShare() const { return openingShare_; }  // 0 to 1
  Speed speed() const { return playback_.speed(); }
  const CyclePlan& plan() const { return playback_.plan(); }
  double engineNsPerSecond() const {  // of the picture now; 0 while paused
    return log_ ? playback_.engineNsPerSecond(*log_) : 0;
  }
  double turnShare() const {  // of the ruler's turn: 1 if none was played
    return log_ && player_.turnNs() ? playback_.turnShare(*log_, *player_.turnNs(), ns()) : 1;
  }
  uint64_t eventsLost() const;
  // The stretches missing from this session, in order of time: losses of a recording, and in a live session also
  // what the flight ring dropped between the moment that it holds and the rest.
  std::vector<telemetry::LostStretch> lost() const;
  bool cutShort() const { return recorded_ != nullptr && !recorded_->complete(); }  // unfinished file
  QString linkMessage() const { return live_source_ ? live_source_->message() : QString(); }
  LinkState linkState() const { return live_source_ ? live_source_->state() : LinkState::kClosed; }
  std::optional<telemetry::CheckFired> checkFired() const { return checkFired_; }
  uint64_t checkSeq() const { return checkSeq_; }

  void requestStory(telemetry::SpanId span);

 signals:
  void opened();                         // another session is on screen
  void failed(const QString& message);   // could not open or seek; the old session stays
  void openingChanged();                 // opening() or openingShare()
  void noticed(const QString& message);  // a notice for the user; nothing failed
  void recordingChanged();
  void recordingEnded(const QString& error);  // empty: the file is complete
  void pictureChanged(const std::vector<PageRun>& dirty, bool everything);
  void transportChanged();  // playing, speed, live, source
  void marksGrew();
  void checkDetected();  // see checkFired()
  void linkChanged();
  void storyReady(const SpanStory& story);

 private:
  using Seek = std::function<telemetry::Result<>(Player&, telemetry::EventLog&)>;
  // The target of the seek in progress.
  struct Place {
    std::optional<Anchor> anchor;
    std::optional<int64_t> ns;
  };

  void open(const QString& path, std::optional<Anchor> anchor, telemetry::OpenBy by,
            std::optional<int64_t> ns);
  void onOpened(std::unique_ptr<telemetry::Recording> log, const QString& path, std::optional<Anchor> anchor,
                std::optional<int64_t> ns);
  void reopenIfDamaged();
  std::optional<int64_t> timeOf(uint64_t seq);
  QString goTo(const Anchor& anchor);  // returns a notice if it leads elsewhere, else nothing
  void adopt(std::shared_ptr<telemetry::EventLog> log, const QString& name, Source source);
  bool drainLive();
  void play(double seconds);
  void startSeek(Seek seek);
  void finishSeek(std::shared_ptr<Player> player, const QString& error);
  void startNextSeek();
  void showPlayer(bool everything);
  void noticeCheck(const telemetry::Event& event, uint64_t seq);
  void findCheckAtEnd();

  Source source_ = Source::kNone;
  QString sourceName_;
  std::shared_ptr<telemetry::EventLog> log_;
  std::shared_ptr<telemetry::History> history_;  // log_, when live
  telemetry::Recording* recorded_ = nullptr;     // log_, when it is a file
  std::vector<telemetry::LostStretch> lostInFile_;
  std::unique_ptr<LiveSource> live_source_;
  LinkState lastLink_ = LinkState::kClosed;
  std::vector<telemetry::Event> drained_;

  QMutex logMutex_;
  QThreadPool worker_;
  std::atomic<uint64_t> generation_ = 0;  // number of the session: results for an older one are dropped
  std::atomic<uint64_t> openings_ = 0;    // number of the last request to open a file: older ones are dropped
  bool opening_ = false;
  double openingShare_ = 0;
  bool seekRunning_ = false;
  std::optional<Seek> nextSeek_;
  Place wanted_;
  bool storyRunning_ = false;
  telemetry::SpanId nextStory_ = telemetry::kNoId;

  Player player_;
  PageCodes codes_;
  Playback playback_;
  RingRecording recording_{logMutex_};
  std::optional<telemetry::CheckFired> checkFired_;
  uint64_t checkSeq_ = 0;
};

}  // namespace sweepscope::gui
