#include "gui/session/playback.h"

#include <algorithm>

#include "gui/models/ruler_geometry.h"

namespace sweepscope::gui {

using telemetry::Event;
using telemetry::EventLog;

namespace {

constexpr size_t kEventsPerFrame = 32'768;  // about 3 ms

// Whether all events of the cycle are in memory, up to the first event of the next.
bool whole(const EventLog& log, size_t index) {
  const auto& cycles = log.marks().cycles;
  const auto gap = log.gap();
  return !gap || cycles[index].seq >= gap->end_seq || cycles[index + 1].seq < gap->first_seq;
}

// When most of the sweeping after the turn of the cycle at `index` was complete: the last sweep by a flush or by
// the background sweeper. 0 if unknown. Reads a bounded number of events.
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

void Playback::reset() {
  plan_ = lastPlan_ = {};
  planSeconds_ = owed_ = 0;
  playing_ = live_ = realTime_ = false;
}

Playback::Step Playback::advance(EventLog& log, Player& player, double seconds) {
  Step step;
  if (const auto gap = log.gap(); gap && gap->holds(player.seq())) {  // reached the gap: continue after it
    plan_ = {};
    step.seekSeq = gap->end_seq;
    return step;
  }
  if (live_ && realTime_) {
    if (log.extent().end_seq - player.seq() > 8 * kEventsPerFrame) {
      step.seekSeq = log.extent().end_seq;
    } else {
      player.follow(log, kEventsPerFrame);
    }
    return step;
  }
  if (speed_.kind == Speed::Kind::kCycleIn && advancePlan(log, player, seconds, step)) return step;
  if (live_ && speed_.kind == Speed::Kind::kCycleIn) {  // no cycle has finished yet: follow the live edge
    player.follow(log, kEventsPerFrame);
    return step;
  }
  owed_ += seconds * engineNsPerSecond(log);
  const auto passed = static_cast<int64_t>(owed_);
  owed_ -= static_cast<double>(passed);
  const int64_t target = player.ns() + passed;
  const size_t played = player.advance(log, target, kEventsPerFrame);
  if (played < kEventsPerFrame) player.setNs(target);
  const telemetry::Extent extent = log.extent();
  if (player.seq() >= extent.end_seq && player.ns() >= extent.last_ns) {
    player.setNs(extent.last_ns);
    step.atEnd = true;
  }
  return step;
}

// The newest cycle all of whose events are certain to have arrived: late chunks come before the next cycle's
// turn.
std::optional<size_t> Playback::cycleToPlay(const EventLog& log, const Player& player, bool next) const {
  const auto& cycles = log.marks().cycles;
  if (live_) {
    const auto gap = log.gap();  // the events held before the gap are not live
    const uint64_t first = gap ? gap->end_seq : log.extent().first_seq;
    if (cycles.size() < 3 || cycles[cycles.size() - 3].seq < first) return std::nullopt;
    const size_t newest = cycles.size() - 3;
    if (next && cycles[newest].ns < plan_.endNs()) return std::nullopt;
    return newest;
  }
  const int64_t ns = next ? plan_.endNs() : player.ns();
  const auto after = std::upper_bound(cycles.begin(), cycles.end(), ns,
                                      [](int64_t t, const telemetry::CycleMark& c) { return t < c.ns; });
  if (after == cycles.begin() || after == cycles.end()) return std::nullopt;
  const auto index = static_cast<size_t>(after - cycles.begin() - 1);
  if (!whole(log, index)) return std::nullopt;
  return index;
}

bool Playback::choosePlan(EventLog& log, const Player& player, size_t index, Step& step) {
  const telemetry::Marks& marks = log.marks();
  plan_ = CyclePlan::of(marks, index, speed_.value, sweepEnd(log, marks, index));
  if (plan_.empty()) return false;
  lastPlan_ = plan_;
  planSeconds_ = live_ ? 0 : plan_.secondsAt(player.ns());
  if (live_ && (player.ns() > plan_.beginNs() || player.seq() < marks.cycles[index].seq))
    step.seekNs = plan_.beginNs();
  step.planChanged = true;
  return true;
}

bool Playback::advancePlan(EventLog& log, Player& player, double seconds, Step& step) {
  if (plan_.empty()) {
    const auto index = cycleToPlay(log, player, false);
    return index && choosePlan(log, player, *index, step);
  }
  planSeconds_ += seconds;
  const int64_t target = plan_.nsAt(planSeconds_);
  if (player.advance(log, target, kEventsPerFrame) == kEventsPerFrame) {
    planSeconds_ -= seconds;  // more events than a frame may apply: do not advance the time
    return true;
  }
  player.setNs(target);
  if (planSeconds_ < plan_.seconds()) return true;
  if (const auto index = cycleToPlay(log, player, true)) {
    choosePlan(log, player, *index, step);
    return true;
  }
  planSeconds_ = plan_.seconds();
  if (!live_) plan_ = {};
  return live_;
}

double Playback::engineNsPerSecond(const EventLog& log) const {
  if (!playing_) return 0;
  if (live_ && realTime_) return 1e9;
  if (speed_.kind == Speed::Kind::kFactor) return 1e9 * speed_.value;
  if (!plan_.empty()) return plan_.segmentAt(planSeconds_).nsPerSecond();
  return meanNsPerSecond(log);
}

double Playback::meanNsPerSecond(const EventLog& log) const {
  const telemetry::Extent extent = log.extent();
  const auto cycles = std::max<size_t>(log.marks().cycles.size(), 1);
  return static_cast<double>(extent.last_ns - extent.first_ns) / static_cast<double>(cycles) / speed_.value;
}

// The plan by which the cycle around `ns` is or would be played.
CyclePlan Playback::planOf(const EventLog& log, int64_t ns) const {
  const auto holds = [&](const CyclePlan& plan) {
    return !plan.empty() && plan.beginNs() <= ns && ns < plan.endNs();
  };
  if (holds(lastPlan_)) return lastPlan_;
  const auto& cycles = log.marks().cycles;
  const auto after = std::upper_bound(cycles.begin(), cycles.end(), ns,
                                      [](int64_t t, const telemetry::CycleMark& c) { return t < c.ns; });
  if (after == cycles.begin()) return {};
  return CyclePlan::of(log.marks(), static_cast<size_t>(after - cycles.begin() - 1), speed_.value, 0);
}

double Playback::screenSeconds(const EventLog& log, int64_t fromNs, int64_t toNs) const {
  const auto ns = static_cast<double>(toNs - fromNs);
  if (realTime_ && live_) return ns / 1e9;
  if (speed_.kind == Speed::Kind::kFactor) return ns / (1e9 * speed_.value);
  const double perSecond = meanNsPerSecond(log);
  const auto evenly = [&](int64_t stretch) {
    return perSecond > 0 ? static_cast<double>(stretch) / perSecond : 0;
  };
  const CyclePlan plan = planOf(log, fromNs);
  if (plan.empty()) return evenly(toNs - fromNs);
  return plan.secondsAt(toNs) - plan.secondsAt(fromNs) + evenly(std::max<int64_t>(toNs - plan.endNs(), 0));
}

double Playback::turnShare(const EventLog& log, int64_t turnNs, int64_t ns) const {
  constexpr double kWhole = kSlideSeconds + kCentreSeconds;
  if (log.info().engine_build == "laboratory") return ns > turnNs ? 1 : kSlideSeconds / kWhole;
  const auto& cycles = log.marks().cycles;
  const auto after = std::upper_bound(cycles.begin(), cycles.end(), turnNs,
                                      [](int64_t t, const telemetry::CycleMark& c) { return t < c.ns; });
  double most = kWhole;
  // The labels have arrived long before the next turn, however fast time passes. The last cycle has no end
  // yet: it will be about as long as the one before.
  const auto end = after == cycles.end() && after != cycles.begin() ? after - 1 : after;
  if (end != cycles.begin() && end != cycles.end())
    most = std::min(most, screenSeconds(log, (end - 1)->ns, end->ns) / 4);
  const double since = screenSeconds(log, turnNs, ns);
  return since < most ? since / most : 1;
}

void Playback::setPlaying(bool playing) {
  playing_ = playing;
  if (!playing) live_ = false;
  plan_ = {};
}

void Playback::setSpeed(Speed speed) {
  speed_ = speed;
  plan_ = lastPlan_ = {};
  if (speed.kind == Speed::Kind::kFactor) live_ = live_ && realTime_;
}

void Playback::setLive(bool live) {
  live_ = live;
  if (live) playing_ = true;
  if (live && speed_.kind == Speed::Kind::kFactor) speed_ = {};
  plan_ = {};
}

void Playback::setRealTime(bool realTime) {
  realTime_ = realTime;
  plan_ = {};
}

void Playback::leaveLive() {
  live_ = false;
  plan_ = {};
}

}  // namespace sweepscope::gui
