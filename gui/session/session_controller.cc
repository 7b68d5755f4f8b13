#include "gui/session/session_controller.h"

#include <algorithm>

#include "gui/models/lost_words.h"

namespace sweepscope::gui {

using telemetry::Event;
using telemetry::EventLog;
using telemetry::kNoId;
using telemetry::OpenBy;
using telemetry::Result;

namespace {

constexpr size_t kDrainPerTick = 16'384;  // about 2 ms
constexpr double kProgressStep = 0.01;    // of a file, between two progress reports
constexpr size_t kNamedStretches = 3;     // of a damaged file; the timeline shows all

QString lostList(const std::vector<telemetry::LostStretch>& lost, bool steps) {
  QStringList stretches;
  for (size_t i = 0; i < std::min(lost.size(), kNamedStretches); ++i) stretches << briefly(lost[i], steps);
  if (lost.size() > kNamedStretches)
    stretches << SessionController::tr("and %1 more").arg(lost.size() - kNamedStretches);
  return stretches.join(QStringLiteral("; "));
}

}  // namespace

SessionController::SessionController(QObject* parent) : QObject(parent) {
  worker_.setMaxThreadCount(1);
  connect(&recording_, &RingRecording::changed, this, &SessionController::recordingChanged);
  connect(&recording_, &RingRecording::ended, this, &SessionController::recordingEnded);
}

SessionController::~SessionController() {
  ++generation_;
  ++openings_;
  worker_.waitForDone();
}

void SessionController::openRecording(const QString& path, std::optional<Anchor> anchor) {
  open(path, anchor, OpenBy::kIndex, {});
}

void SessionController::open(const QString& path, std::optional<Anchor> anchor, OpenBy by,
                             std::optional<int64_t> ns) {
  const uint64_t opening = ++openings_;
  if (source_ == Source::kNone) source_ = Source::kOpening;
  opening_ = true;
  openingShare_ = 0;
  emit openingChanged();
  emit transportChanged();
  worker_.start([this, path, anchor, by, ns, opening] {
    double reported = 0;
    auto result = telemetry::Recording::open(path.toStdString(), by, [&](double share) {
      if (share - reported >= kProgressStep) {
        reported = share;
        QMetaObject::invokeMethod(
            this,
            [this, share, opening] {
              if (opening != openings_) return;
              openingShare_ = share;
              emit openingChanged();
            },
            Qt::QueuedConnection);
      }
      return opening == openings_;
    });
    auto log = std::make_shared<std::unique_ptr<telemetry::Recording>>();
    QString error;
    if (result) {
      *log = std::move(*result);
    } else {
      error = QString::fromStdString(result.error().message);
    }
    QMetaObject::invokeMethod(
        this,
        [this, log, error, path, anchor, ns, opening] {
          if (opening != openings_) return;
          opening_ = false;
          emit openingChanged();
          if (error.isEmpty()) return onOpened(std::move(*log), path, anchor, ns);
          if (source_ == Source::kOpening) source_ = Source::kNone;
          emit failed(error);
          emit transportChanged();
        },
        Qt::QueuedConnection);
  });
}

void SessionController::onOpened(std::unique_ptr<telemetry::Recording> log, const QString& path,
                                 std::optional<Anchor> anchor, std::optional<int64_t> ns) {
  const auto damaged = static_cast<int>(log->damaged_chunks() + log->damaged_messages());
  telemetry::Recording* recorded = log.get();
  ++generation_;
  adopt(std::move(log), path, Source::kRecording);
  recorded_ = recorded;
  lostInFile_ = recorded->lost();
  findCheckAtEnd();
  emit opened();
  QString led;
  if (anchor) {
    setPlaying(false);
    led = goTo(*anchor);
  }
  QStringList noted;
  if (damaged > 0) noted << tr("Damaged parts in this recording: %n.", nullptr, damaged);
  if (!led.isEmpty()) {
    noted << led;
  } else if (damaged > 0 && !lostInFile_.empty()) {
    noted << tr("Lost: %1.").arg(lostList(lostInFile_, laboratory()));
  }
  if (cutShort() && !checkFired_)  // a check that fires explains the missing end
    noted << tr("This recording is unfinished: its file was truncated, or is still being written.");
  if (!noted.isEmpty()) emit noticed(noted.join(QLatin1Char(' ')));
  if (anchor) return;
  if (ns) return seekNs(*ns);
  if (checkFired_) return seekSeq(checkSeq_ + 1);
  // Little happens before the first cycle: start at the second one, if there is one.
  const auto& cycles = log_->marks().cycles;
  seekSeq(cycles.size() > 1 ? cycles[1].seq : cycles.empty() ? log_->extent().end_seq : cycles[0].seq);
  setPlaying(cycles.size() > 1);
}

void SessionController::cancelOpening() {
  if (!opening_) return;
  ++openings_;
  opening_ = false;
  if (source_ == Source::kOpening) source_ = Source::kNone;
  emit openingChanged();
  emit transportChanged();
}

// The file contradicts its index: reopens it by reading all that can be read, at the moment shown or at the
// target of the current seek. The target is not a sequence number, because events are renumbered without the
// lost ones.
void SessionController::reopenIfDamaged() {
  if (recorded_ == nullptr || opening_ || !recorded_->is_damaged()) return;
  Place place = wanted_;
  if (place.anchor && place.anchor->kind == Anchor::Kind::kSeq) place = {{}, timeOf(place.anchor->value)};
  recorded_ = nullptr;
  open(sourceName_, place.anchor, OpenBy::kReadingAll, place.ns.value_or(player_.ns()));
}

// Time of an event of the recording; if it cannot be read, time of the last mark before it.
std::optional<int64_t> SessionController::timeOf(uint64_t seq) {
  const QMutexLocker lock(&logMutex_);
  std::vector<Event> at;
  if (log_->read(seq, 1, at) && !at.empty()) return at.front().ns;
  const auto& phases = log_->marks().phases;
  const auto after = std::find_if(phases.begin(), phases.end(), [&](const auto& p) { return p.seq > seq; });
  return after == phases.begin() ? log_->extent().first_ns : (after - 1)->ns;
}

void SessionController::follow(std::unique_ptr<LiveSource> source, size_t ringBytes) {
  ++generation_;
  ++openings_;
  auto history = std::make_shared<telemetry::History>(ringBytes);
  adopt(history, QString::fromStdString(source->address()), Source::kLive);
  history_ = std::move(history);
  live_source_ = std::move(source);
  lastLink_ = live_source_->state();
  playback_.setLive(true);
  emit opened();
  emit transportChanged();
}

void SessionController::close() {
  ++generation_;
  ++openings_;
  opening_ = false;
  adopt(nullptr, {}, Source::kNone);
  emit opened();
}

void SessionController::adopt(std::shared_ptr<EventLog> log, const QString& name, Source source) {
  recording_.stop();
  const QMutexLocker lock(&logMutex_);
  live_source_.reset();
  history_.reset();
  recorded_ = nullptr;
  lostInFile_.clear();
  log_ = std::move(log);
  sourceName_ = name;
  source_ = source;
  player_ = Player();
  if (log_) player_.setNs(log_->extent().first_ns);
  playback_.reset();
  // Laboratory steps have no duration: only speeds per cycle apply.
  if (laboratory() && playback_.speed().kind == Speed::Kind::kFactor) playback_.setSpeed({});
  nextSeek_.reset();
  wanted_ = {};
  checkFired_.reset();
  codes_.rebuild(player_.replica());
  emit pictureChanged({}, true);
}

void SessionController::startRecording(const QString& path) {
  if (!history_) return;
  recording_.start(path, history_);
  if (linkState() == LinkState::kClosed) recording_.stop();
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
  emit checkDetected();
}

void SessionController::tick(double seconds) {
  const bool grew = drainLive();
  recording_.tick();
  if (log_ && playing() && !seekRunning_) play(std::min(seconds, 0.25));
  if (grew) emit marksGrew();
}

void SessionController::play(double seconds) {
  if (!logMutex_.tryLock()) return;
  const Playback::Step step = playback_.advance(*log_, player_, seconds);
  logMutex_.unlock();
  if (step.seekNs)
    startSeek([ns = *step.seekNs](Player& player, EventLog& log) { return player.seekNs(log, ns); });
  if (step.seekSeq)
    startSeek([seq = *step.seekSeq](Player& player, EventLog& log) { return player.seekSeq(log, seq); });
  if (step.planChanged) emit transportChanged();
  if (step.atEnd && source_ == Source::kRecording) setPlaying(false);
  showPlayer(false);
  reopenIfDamaged();
}

bool SessionController::drainLive() {
  if (!live_source_ || !history_) return false;
  bool grew = false;
  if (logMutex_.tryLock()) {
    bool restarted = false;
    // At the live edge in real time no moment stays on screen longer than a frame.
    history_->hold(live() && realTime() ? std::nullopt : std::optional(player_.seq()));
    grew = live_source_->pump(*history_, kDrainPerTick, drained_, restarted) > 0;
    const uint64_t first = history_->extent().end_seq - drained_.size();
    for (size_t i = 0; i < drained_.size(); ++i) noticeCheck(drained_[i], first + i);
    logMutex_.unlock();
    if (restarted && !history_->gap()) {  // the ring no longer holds the moment on screen
      startSeek([](Player& player, EventLog& log) { return player.seekSeq(log, log.extent().first_seq); });
    }
  }
  if (const LinkState state = live_source_->state(); state != lastLink_) {
    lastLink_ = state;
    if (state == LinkState::kClosed) recording_.stop();
    emit linkChanged();
  }
  return grew;
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
          startNextSeek();
        },
        Qt::QueuedConnection);
  });
}

void SessionController::finishSeek(std::shared_ptr<Player> player, const QString& error) {
  if (error.isEmpty()) {
    if (!nextSeek_) wanted_ = {};
    player_ = std::move(*player);
    showPlayer(true);
  } else if (recorded_ == nullptr || !recorded_->is_damaged()) {
    wanted_ = {};
    emit failed(tr("Could not seek: %1").arg(error));
  }
  reopenIfDamaged();
}

// Also after a seek in the previous session.
void SessionController::startNextSeek() {
  if (!nextSeek_) return;
  Seek seek = std::move(*nextSeek_);
  nextSeek_.reset();
  startSeek(std::move(seek));
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
  if (!log_ || playing == playback_.playing()) return;
  playback_.setPlaying(playing);
  if (playing && source_ == Source::kRecording && player_.seq() >= log_->extent().end_seq) {
    seekSeq(log_->extent().first_seq);
  }
  emit transportChanged();
}

void SessionController::setSpeed(Speed speed) {
  playback_.setSpeed(speed);
  emit transportChanged();
}

void SessionController::setLive(bool live) {
  if (source_ != Source::kLive) return;
  playback_.setLive(live);
  emit transportChanged();
}

void SessionController::setRealTime(bool realTime) {
  playback_.setRealTime(realTime);
  if (realTime) setLive(true);
  emit transportChanged();
}

void SessionController::stepEvent(int direction) {
  if (!log_) return;
  setPlaying(false);
  startSeek([direction, steps = laboratory()](Player& player, EventLog& log) -> Result<> {
    if (direction < 0 && steps) return player.playTo(log, std::max<uint64_t>(player.seq(), 1) - 1);
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
  playback_.leaveLive();
  wanted_ = {{}, ns};
  startSeek([ns](Player& player, EventLog& log) { return player.seekNs(log, ns); });
  emit transportChanged();
}

void SessionController::seekSeq(uint64_t seq) {
  if (!log_) return;
  playback_.leaveLive();
  wanted_ = {Anchor{Anchor::Kind::kSeq, seq}, {}};
  startSeek([seq, steps = laboratory()](Player& player, EventLog& log) -> Result<> {
    // Plays from the start of a schedule, which is short, or else of the cycle, so that the Inspector lists the
    // events before this one.
    return steps ? player.playTo(log, seq) : player.seekEvent(log, seq);
  });
  emit transportChanged();
}

void SessionController::seekAnchor(const Anchor& anchor) {
  if (!log_) return;
  setPlaying(false);
  if (const QString words = goTo(anchor); !words.isEmpty()) emit noticed(words);
}

QString SessionController::goTo(const Anchor& anchor) {
  switch (anchor.kind) {
    case Anchor::Kind::kSeq: seekSeq(anchor.value); return {};
    case Anchor::Kind::kSpan: seekSeq(log_->extent().end_seq); break;
    case Anchor::Kind::kCycle: {
      if (const auto seq = telemetry::seq_of_cycle(log_->marks(), anchor.value)) {
        seekSeq(*seq);
        break;
      }
      const auto missing = lost();
      const telemetry::LostStretch* stretch = lostCycle(missing, log_->marks(), anchor.value);
      if (stretch == nullptr) {
        emit failed(tr("Could not go to cycle %1: the session does not contain it.").arg(anchor.value));
        return {};
      }
      seekNs(static_cast<int64_t>(stretch->to_ns));
      const bool whole = stretch->first_cycle != 0 && stretch->first_cycle <= anchor.value &&
                         anchor.value <= stretch->last_cycle;
      return (whole ? tr("Cycle %1 is lost; the picture shows the first moment after it.")
                    : tr("The beginning of cycle %1 is lost; the picture shows the first moment after it."))
                 .arg(anchor.value) +
             QLatin1Char(' ') + describe(*stretch, laboratory());
    }
  }
  wanted_ = {anchor, {}};  // the anchor, because sequence numbers may change when the file is reread
  return {};
}

void SessionController::seekEnd(bool end) {
  if (!log_) return;
  setPlaying(false);
  seekSeq(end ? log_->extent().end_seq : log_->extent().first_seq);
}

uint64_t SessionController::eventsLost() const {
  uint64_t lost = 0;
  if (log_) {
    for (const auto& loss : log_->losses()) lost += loss.count;
  }
  return lost;
}

std::vector<telemetry::LostStretch> SessionController::lost() const {
  std::vector<telemetry::LostStretch> all = lostInFile_;
  if (history_) {
    for (const telemetry::LossMark& loss : history_->losses())
      all.push_back(
          {static_cast<uint64_t>(loss.ns), static_cast<uint64_t>(loss.ns), loss.count, 0, 0, loss.why});
    if (const auto gap = history_->gap()) all.push_back(lostIn(*gap, history_->marks()));
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.from_ns < b.from_ns; });
  }
  return all;
}

void SessionController::requestStory(telemetry::SpanId span) {
  if (!log_ || span == kNoId) return;
  if (storyRunning_) {
    nextStory_ = span;
    return;
  }
  storyRunning_ = true;
  const uint64_t generation = generation_;
  worker_.start([this, span, generation, end = player_.seq(), sweepgen = replica().sweepgen()] {
    SpanStory story;
    {
      const QMutexLocker lock(&logMutex_);
      if (generation == generation_ && log_) story = readStory(*log_, span, end, sweepgen);
    }
    QMetaObject::invokeMethod(
        this,
        [this, generation, story = std::move(story)] {
          storyRunning_ = false;
          if (generation == generation_) emit storyReady(story);
          if (const auto next = std::exchange(nextStory_, kNoId); next != kNoId) requestStory(next);
        },
        Qt::QueuedConnection);
  });
}

}  // namespace sweepscope::gui
