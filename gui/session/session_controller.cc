#include "gui/session/session_controller.h"

#include <algorithm>

#include "telemetry/store/recording.h"

namespace sweepscope::gui {

using telemetry::Event;
using telemetry::EventLog;
using telemetry::kNobody;
using telemetry::Result;

namespace {

constexpr size_t kDrainPerTick = 16'384;   // about 2 ms
constexpr size_t kEventsPerTick = 32'768;  // about 3 ms
constexpr size_t kStoryLength = 40;
constexpr uint64_t kStoryReach = 1'000'000;  // events searched backwards for a span's story

SpanStory readStory(EventLog& log, telemetry::SpanId span, uint64_t end) {
  SpanStory story;
  story.span = span;
  const uint64_t first = log.extent().first_seq;
  const uint64_t stop = end > kStoryReach ? std::max(first, end - kStoryReach) : first;
  std::vector<Event> events;
  std::vector<PlayedEvent> found;  // newest first
  constexpr uint64_t kStride = 8192;
  for (uint64_t at = end; at > stop && !story.complete && found.size() < kStoryLength;) {
    const uint64_t from = at > stop + kStride ? at - kStride : stop;
    events.clear();
    if (!log.read(from, at - from, events)) break;
    for (size_t i = events.size(); i-- > 0 && !story.complete;) {
      const Event& event = events[i];
      const auto* t = std::get_if<telemetry::Transition>(&event.body);
      const auto* a = std::get_if<telemetry::SpanAllocated>(&event.body);
      const auto* f = std::get_if<telemetry::SpanFreed>(&event.body);
      if ((t && t->span == span) || (a && a->span == span) || (f && f->span == span))
        found.push_back({from + i, event});
    }
    at = from;
    story.complete = at == first;
  }
  std::reverse(found.begin(), found.end());
  story.events = std::move(found);
  return story;
}

// When most of the sweeping after the turn of the cycle at `index` was over: the last sweep that was not paid
// for by an allocation. 0 if it is not known. Reads a bounded number of events.
int64_t sweepEnd(EventLog& log, const telemetry::Marks& marks, size_t index) {
  const uint64_t begin = marks.cycles[index].seq, end = marks.cycles[index + 1].seq;
  std::vector<Event> events;
  if (!log.read(begin, std::min<uint64_t>(end - begin, 100'000), events)) return 0;
  int64_t last = 0;
  for (const Event& event : events) {
    if (const auto* t = std::get_if<telemetry::Transition>(&event.body)) {
      const bool bulk = t->arc == telemetry::Arc::kT7 ||
                        (t->arc == telemetry::Arc::kT6 && t->cause == telemetry::Cause::kBackground);
      if (bulk && event.ns > last) last = event.ns;
    }
  }
  return last;
}

}  // namespace

std::optional<Anchor> parseAnchor(const QString& text) {
  const QString key = text.section(QLatin1Char('='), 0, 0);
  bool number = false;
  const uint64_t value = text.section(QLatin1Char('='), 1).toULongLong(&number);
  if (!number) return std::nullopt;
  if (key == QLatin1String("cycle")) return Anchor{Anchor::Kind::kCycle, value};
  if (key == QLatin1String("seq")) return Anchor{Anchor::Kind::kSeq, value};
  if (key == QLatin1String("span")) return Anchor{Anchor::Kind::kSpan, value};
  return std::nullopt;
}

SessionController::SessionController(QObject* parent) : QObject(parent) { worker_.setMaxThreadCount(1); }

SessionController::~SessionController() {
  ++generation_;
  worker_.waitForDone();
}

void SessionController::openRecording(const QString& path, std::optional<Anchor> anchor) {
  const uint64_t generation = ++generation_;
  if (source_ == Source::kNone) source_ = Source::kOpening;
  emit transportChanged();
  worker_.start([this, path, anchor, generation] {
    auto result = telemetry::Recording::open(path.toStdString());
    auto log = std::make_shared<std::unique_ptr<EventLog>>();
    QString error;
    if (result) {
      *log = std::move(*result);
    } else {
      error = QString::fromStdString(result.error().message);
    }
    QMetaObject::invokeMethod(
        this,
        [this, log, error, path, anchor, generation] {
          if (generation != generation_) return;
          if (!error.isEmpty()) {
            if (source_ == Source::kOpening) source_ = Source::kNone;
            emit failed(error);
            emit transportChanged();
            return;
          }
          adopt(std::move(*log), path, Source::kRecording);
          findCheckAtEnd();
          emit opened();
          if (anchor) {
            seekAnchor(*anchor);
          } else if (checkFired_) {
            seekSeq(checkSeq_);
          } else {
            // Nothing is to be seen before the first cycle: begin where the second one starts, if there is
            // one.
            const auto& cycles = log_->marks().cycles;
            seekSeq(cycles.size() > 1 ? cycles[1].seq
                    : cycles.empty()  ? log_->extent().end_seq
                                      : cycles[0].seq);
            setPlaying(cycles.size() > 1);
          }
        },
        Qt::QueuedConnection);
  });
}

void SessionController::follow(std::unique_ptr<LiveSource> source) {
  ++generation_;
  auto history = std::make_unique<telemetry::History>();
  auto* asHistory = history.get();
  const QString name = QString::fromStdString(source->address());
  adopt(std::move(history), name, Source::kLive);
  history_ = asHistory;
  live_source_ = std::move(source);
  lastLink_ = live_source_->state();
  live_ = playing_ = true;
  realTime_ = false;
  emit opened();
  emit transportChanged();
}

void SessionController::close() {
  ++generation_;
  adopt(nullptr, {}, Source::kNone);
  emit opened();
}

void SessionController::adopt(std::unique_ptr<EventLog> log, const QString& name, Source source) {
  const QMutexLocker lock(&logMutex_);
  live_source_.reset();
  history_ = nullptr;
  log_ = std::move(log);
  sourceName_ = name;
  source_ = source;
  player_ = Player();
  if (log_) player_.setNs(log_->extent().first_ns);
  plan_ = {};
  planSeconds_ = 0;
  playing_ = live_ = realTime_ = false;
  nextSeek_.reset();
  checkFired_.reset();
  codes_.rebuild(player_.replica());
  emit pictureChanged({}, true);
}

void SessionController::findCheckAtEnd() {
  const telemetry::Extent extent = log_->extent();
  const uint64_t from = extent.end_seq - std::min<uint64_t>(extent.end_seq - extent.first_seq, 64);
  std::vector<Event> events;
  if (!log_->read(from, 64, events)) return;
  for (size_t i = 0; i < events.size(); ++i) noticeCheck(events[i], from + i);
}

void SessionController::noticeCheck(const Event& event, uint64_t seq) {
  const auto* check = std::get_if<telemetry::CheckFired>(&event.body);
  if (!check || checkFired_) return;
  checkFired_ = *check;
  checkSeq_ = seq;
  emit engineDied();
}

void SessionController::tick(double seconds) {
  const bool grew = drainLive();
  if (log_ && playing_ && !seekRunning_ && logMutex_.tryLock()) {
    const uint64_t generation = generation_;
    advance(std::min(seconds, 0.25));
    logMutex_.unlock();
    if (generation == generation_) showPlayer(false);
  }
  if (grew) emit marksGrew();
}

bool SessionController::drainLive() {
  if (!live_source_ || history_ == nullptr) return false;
  bool grew = false;
  if (logMutex_.tryLock()) {
    bool restarted = false;
    grew = live_source_->pump(*history_, kDrainPerTick, drained_, restarted) > 0;
    const uint64_t first = history_->extent().end_seq - drained_.size();
    for (size_t i = 0; i < drained_.size(); ++i) noticeCheck(drained_[i], first + i);
    logMutex_.unlock();
    if (restarted) {
      startSeek([](Player& player, EventLog& log) { return player.seekSeq(log, log.extent().first_seq); });
    }
  }
  if (const LinkState state = live_source_->state(); state != lastLink_) {
    lastLink_ = state;
    emit linkChanged();
  }
  return grew;
}

void SessionController::advance(double seconds) {
  if (live_ && realTime_) {
    const uint64_t behind = log_->extent().end_seq - player_.seq();
    if (behind > 8 * kEventsPerTick) {
      startSeek(
          [end = log_->extent().end_seq](Player& player, EventLog& log) { return player.seekSeq(log, end); });
      return;
    }
    player_.follow(*log_, kEventsPerTick);
    return;
  }
  if (speed_.kind == Speed::Kind::kCycleIn && advancePlan(seconds)) return;
  if (live_ && speed_.kind == Speed::Kind::kCycleIn) {  // no cycle has finished yet: show what there is
    player_.follow(*log_, kEventsPerTick);
    return;
  }
  const int64_t target = player_.ns() + static_cast<int64_t>(std::max(1.0, seconds * engineNsPerSecond()));
  const size_t played = player_.advance(*log_, target, kEventsPerTick);
  if (played < kEventsPerTick) player_.setNs(target);
  const telemetry::Extent extent = log_->extent();
  if (player_.seq() >= extent.end_seq && player_.ns() >= extent.last_ns) {
    player_.setNs(extent.last_ns);
    if (source_ == Source::kRecording) setPlaying(false);
  }
}

// The newest cycle all of whose events are certain to have arrived: late chunks come before the next cycle's
// turn.
std::optional<size_t> SessionController::cycleToPlay(bool next) const {
  const auto& cycles = log_->marks().cycles;
  const uint64_t first = log_->extent().first_seq;
  if (live_) {
    if (cycles.size() < 3 || cycles[cycles.size() - 3].seq < first) return std::nullopt;
    const size_t newest = cycles.size() - 3;
    if (next && cycles[newest].ns < plan_.endNs()) return std::nullopt;
    return newest;
  }
  const int64_t ns = next ? plan_.endNs() : player_.ns();
  const auto after = std::upper_bound(cycles.begin(), cycles.end(), ns,
                                      [](int64_t t, const telemetry::CycleMark& c) { return t < c.ns; });
  if (after == cycles.begin() || after == cycles.end()) return std::nullopt;
  return static_cast<size_t>(after - cycles.begin() - 1);
}

bool SessionController::choosePlan(size_t index) {
  const telemetry::Marks& marks = log_->marks();
  plan_ = CyclePlan::of(marks, index, speed_.value, sweepEnd(*log_, marks, index));
  if (plan_.empty()) return false;
  planSeconds_ = live_ ? 0 : plan_.secondsAt(player_.ns());
  if (live_ && (player_.ns() > plan_.beginNs() || player_.seq() < marks.cycles[index].seq)) {
    startSeek([begin = plan_.beginNs()](Player& player, EventLog& log) { return player.seekNs(log, begin); });
  }
  return true;
}

bool SessionController::advancePlan(double seconds) {
  if (plan_.empty()) {
    const auto index = cycleToPlay(false);
    if (!index || !choosePlan(*index)) return false;
    emit transportChanged();
    return true;
  }
  planSeconds_ += seconds;
  const int64_t target = plan_.nsAt(planSeconds_);
  if (player_.advance(*log_, target, kEventsPerTick) == kEventsPerTick) {
    planSeconds_ -= seconds;  // more events than a frame may cost: time waits for them
    return true;
  }
  player_.setNs(target);
  if (planSeconds_ >= plan_.seconds()) {
    const auto index = cycleToPlay(true);
    if (!index) {
      planSeconds_ = plan_.seconds();
      if (!live_) plan_ = {};
      return live_;
    }
    choosePlan(*index);
    emit transportChanged();
  }
  return true;
}

void SessionController::startSeek(Seek seek) {
  if (!log_) return;
  if (seekRunning_) {
    nextSeek_ = std::move(seek);
    return;
  }
  seekRunning_ = true;
  const uint64_t generation = generation_;
  worker_.start([this, generation, seek = std::move(seek), player = std::make_shared<Player>(player_)] {
    QString error;
    {
      const QMutexLocker lock(&logMutex_);
      if (generation == generation_ && log_) {
        if (auto done = seek(*player, *log_); !done) error = QString::fromStdString(done.error().message);
      }
    }
    QMetaObject::invokeMethod(
        this,
        [this, generation, player, error] {
          seekRunning_ = false;
          if (generation == generation_) finishSeek(player, error);
        },
        Qt::QueuedConnection);
  });
}

void SessionController::finishSeek(std::shared_ptr<Player> player, const QString& error) {
  if (error.isEmpty()) {
    player_ = std::move(*player);
    showPlayer(true);
  } else {
    emit failed(error);
  }
  if (nextSeek_) {
    Seek seek = std::move(*nextSeek_);
    nextSeek_.reset();
    startSeek(std::move(seek));
  }
}

void SessionController::showPlayer(bool everything) {
  telemetry::Replica& replica = player_.replica();
  const auto dirty = replica.take_dirty();
  if (everything) {
    codes_.rebuild(replica);
  } else {
    codes_.refresh(replica, dirty);
  }
  emit pictureChanged(dirty, everything);
}

void SessionController::setPlaying(bool playing) {
  if (!log_ || playing == playing_) return;
  playing_ = playing;
  if (!playing) live_ = false;
  plan_ = {};
  if (playing && source_ == Source::kRecording && player_.seq() >= log_->extent().end_seq) {
    seekSeq(log_->extent().first_seq);
  }
  emit transportChanged();
}

void SessionController::setSpeed(Speed speed) {
  speed_ = speed;
  plan_ = {};
  if (speed.kind == Speed::Kind::kFactor) live_ = live_ && realTime_;
  emit transportChanged();
}

void SessionController::setLive(bool live) {
  if (source_ != Source::kLive) return;
  live_ = live;
  if (live) playing_ = true;
  if (live && speed_.kind == Speed::Kind::kFactor) speed_ = {};
  plan_ = {};
  emit transportChanged();
}

void SessionController::setRealTime(bool realTime) {
  realTime_ = realTime;
  plan_ = {};
  if (realTime) setLive(true);
  emit transportChanged();
}

void SessionController::stepEvent(int direction) {
  if (!log_) return;
  setPlaying(false);
  startSeek([direction](Player& player, EventLog& log) -> Result<> {
    if (direction < 0) return player.stepBack(log);
    player.step(log);
    return {};
  });
}

void SessionController::stepPhase(int direction) {
  if (!log_) return;
  const auto& phases = log_->marks().phases;
  const int64_t now = player_.ns();
  if (direction > 0) {
    const auto next = std::find_if(phases.begin(), phases.end(), [&](const auto& p) { return p.ns > now; });
    if (next != phases.end()) seekNs(next->ns);
    return;
  }
  const auto last = std::find_if(phases.rbegin(), phases.rend(), [&](const auto& p) { return p.ns < now; });
  if (last != phases.rend()) seekNs(last->ns);
}

void SessionController::seekNs(int64_t ns) {
  if (!log_) return;
  live_ = false;
  plan_ = {};
  startSeek([ns](Player& player, EventLog& log) { return player.seekNs(log, ns); });
  emit transportChanged();
}

void SessionController::seekSeq(uint64_t seq) {
  if (!log_) return;
  live_ = false;
  plan_ = {};
  startSeek([seq](Player& player, EventLog& log) { return player.seekSeq(log, seq); });
  emit transportChanged();
}

void SessionController::seekAnchor(const Anchor& anchor) {
  if (!log_) return;
  setPlaying(false);
  switch (anchor.kind) {
    case Anchor::Kind::kSeq:
      seekSeq(anchor.value);
      break;
    case Anchor::Kind::kCycle: {
      for (const auto& cycle : log_->marks().cycles) {
        if (cycle.cycle == anchor.value) return seekSeq(cycle.seq);
      }
      emit failed(tr("This session has no cycle %1.").arg(anchor.value));
      break;
    }
    case Anchor::Kind::kSpan:
      seekSeq(log_->extent().end_seq);
      break;
  }
}

void SessionController::seekEnd(bool end) {
  if (!log_) return;
  setPlaying(false);
  seekSeq(end ? log_->extent().end_seq : log_->extent().first_seq);
}

double SessionController::engineNsPerSecond() const {
  if (!playing_ || !log_) return 0;
  if (live_ && realTime_) return 1e9;
  if (speed_.kind == Speed::Kind::kCycleIn) {
    if (!plan_.empty()) return plan_.segmentAt(planSeconds_).nsPerSecond();
    const telemetry::Extent extent = log_->extent();
    const auto cycles = std::max<size_t>(log_->marks().cycles.size(), 1);
    return static_cast<double>(extent.last_ns - extent.first_ns) / static_cast<double>(cycles) / speed_.value;
  }
  return 1e9 * speed_.value;
}

uint64_t SessionController::eventsLost() const {
  uint64_t lost = 0;
  if (log_) {
    for (const auto& loss : log_->losses()) lost += loss.count;
  }
  return lost;
}

void SessionController::requestStory(telemetry::SpanId span) {
  if (!log_ || span == kNobody) return;
  if (storyRunning_) {
    nextStory_ = span;
    return;
  }
  storyRunning_ = true;
  const uint64_t generation = generation_;
  worker_.start([this, span, generation, end = player_.seq()] {
    SpanStory story;
    {
      const QMutexLocker lock(&logMutex_);
      if (generation == generation_ && log_) story = readStory(*log_, span, end);
    }
    QMetaObject::invokeMethod(
        this,
        [this, generation, story = std::move(story)] {
          storyRunning_ = false;
          if (generation == generation_) emit storyReady(story);
          if (const auto next = std::exchange(nextStory_, kNobody); next != kNobody) requestStory(next);
        },
        Qt::QueuedConnection);
  });
}

}  // namespace sweepscope::gui
