#include "gui/models/player.h"

#include <algorithm>

namespace sweepscope::gui {

using telemetry::Event;
using telemetry::EventLog;
using telemetry::Result;

namespace {

constexpr size_t kRead = 4096;
constexpr size_t kMostRefused = 10'000;  // an upper bound on the list; more refusals add no information

}  // namespace

Result<> Player::seekSeq(EventLog& log, uint64_t seq) {
  const telemetry::Extent extent = log.extent();
  seq = std::clamp(seq, extent.first_seq, extent.end_seq);
  const auto gap = log.gap();
  if (gap && gap->holds(seq) && seq != gap->first_seq) seq = gap->end_seq;
  replica_ = telemetry::Replica();
  window_.clear();
  next_ = 0;
  turnNs_.reset();
  windowBegin_ = windowEnd_ = seq;
  if (auto done = log.seek(seq, replica_); !done) return done;
  std::vector<Event> at;
  ns_ = extent.last_ns;
  if (gap && seq == gap->first_seq) ns_ = gap->from_ns;
  if (auto read = log.read(seq, 1, at); read && !at.empty()) ns_ = at.front().ns;
  return {};
}

Result<> Player::seekEvent(EventLog& log, uint64_t seq) {
  const telemetry::Extent extent = log.extent();
  seq = std::clamp(seq, extent.first_seq, extent.end_seq);
  const auto& cycles = log.marks().cycles;
  const auto after = std::partition_point(cycles.begin(), cycles.end(),
                                          [&](const telemetry::CycleMark& c) { return c.seq < seq; });
  uint64_t from = after == cycles.begin() ? extent.first_seq : std::max((after - 1)->seq, extent.first_seq);
  if (seq - from > kWindow) from = seq - kWindow;
  if (auto done = seekSeq(log, from); !done) return done;
  while (windowEnd_ < seq) {
    while (next_ < window_.size()) step(log);
    if (!loadWindow(log)) return {};
  }
  // A window is in order of time: plays all events up to the one before `seq`, wherever that is in the window.
  const auto last =
      std::find_if(window_.begin(), window_.end(), [&](const PlayedEvent& e) { return e.seq + 1 == seq; });
  const auto end = last == window_.end() ? next_ : static_cast<size_t>(last - window_.begin()) + 1;
  while (next_ < end) step(log);
  if (window_.empty()) loadWindow(log);
  return {};
}

Result<> Player::playTo(EventLog& log, uint64_t seq) {
  if (auto done = seekSeq(log, log.extent().first_seq); !done) return done;
  while (this->seq() < seq && step(log)) {
  }
  if (window_.empty()) loadWindow(log);
  return {};
}

Result<> Player::seekNs(EventLog& log, int64_t ns) {
  // Plays from the start of the cycle, so that the window does not depend on the way to this moment.
  const auto& cycles = log.marks().cycles;
  const telemetry::Extent extent = log.extent();
  const auto after = std::upper_bound(cycles.begin(), cycles.end(), ns,
                                      [](int64_t t, const telemetry::CycleMark& c) { return t < c.ns; });
  const bool all = after == cycles.begin() || log.info().engine_build == "laboratory";
  uint64_t from = all ? extent.first_seq : std::max((after - 1)->seq, extent.first_seq);
  if (const auto gap = log.gap()) {  // inside the gap nothing is known: go to the nearer end
    if (gap->from_ns < ns && ns < gap->to_ns)
      ns = ns - gap->from_ns < gap->to_ns - ns ? gap->from_ns : gap->to_ns;
    if (ns >= gap->to_ns) from = std::max(from, gap->end_seq);
  }
  if (auto done = seekSeq(log, from); !done) return done;
  while (advance(log, ns, kWindow) > 0) {
  }
  ns_ = std::clamp(ns, extent.first_ns, std::max(extent.first_ns, extent.last_ns));
  return {};
}

// At the end of the log the window stays, so that the Inspector lists the last events.
bool Player::loadWindow(EventLog& log) {
  std::vector<PlayedEvent> loaded;
  std::vector<Event> events;
  uint64_t end = windowEnd_;
  bool turned = false;
  while (!turned && loaded.size() < kWindow) {
    events.clear();
    const auto read = log.read(end, kRead, events);
    if (!read || events.empty()) break;
    for (const Event& event : events) {
      turned = std::holds_alternative<telemetry::Turn>(event.body) && !loaded.empty();
      if (turned) break;  // the turn begins the next window
      loaded.push_back({end++, event});
    }
  }
  if (loaded.empty()) return false;
  windowBegin_ = windowEnd_;
  windowEnd_ = end;
  window_ = std::move(loaded);
  next_ = 0;
  // A turn that leads the window stays first whatever its time stamp.
  auto first = window_.begin();
  if (first != window_.end() && std::holds_alternative<telemetry::Turn>(first->event.body)) ++first;
  std::stable_sort(first, window_.end(),
                   [](const PlayedEvent& a, const PlayedEvent& b) { return a.event.ns < b.event.ns; });
  stampWindow(0);
  return true;
}

void Player::stampWindow(size_t from) {
  uint32_t sweepgen = replica_.sweepgen();
  for (size_t i = from; i < window_.size(); ++i) {
    if (const auto* turn = std::get_if<telemetry::Turn>(&window_[i].event.body)) sweepgen = turn->to;
    window_[i].sweepgen = sweepgen;
  }
}

void Player::play(EventLog& log, PlayedEvent& item) {
  ns_ = std::max(ns_, item.event.ns);
  if (std::holds_alternative<telemetry::Turn>(item.event.body)) turnNs_ = ns_;
  note(replica_.apply(item.event), item);
  noteCheck(item);
  // A session does not start with a known generation: one of its first events sets it.
  if (item.sweepgen == 0 && replica_.sweepgen() != 0)
    stampWindow(static_cast<size_t>(&item - window_.data()));
  if (!replica_.settled() && log.settles_at(seq())) note(replica_.finish(), item);
}

void Player::note(std::optional<telemetry::Refusal> refusal, const PlayedEvent& item) {
  const auto key = [](const Refused& r) { return std::pair(r.ns, r.seq); };
  const std::pair here(item.event.ns, item.seq);
  auto place = std::upper_bound(refused_.begin(), refused_.end(), here,
                                [&](const auto& at, const Refused& r) { return at < key(r); });
  const bool known = place != refused_.begin() && key(*(place - 1)) == here;  // played before
  for (; refusal; refusal = replica_.next_refusal()) {
    if (!known && refused_.size() < kMostRefused)
      place = refused_.insert(place, {item.event.ns, item.seq, *refusal}) + 1;
  }
}

void Player::noteCheck(const PlayedEvent& item) {
  const auto* check = std::get_if<telemetry::CheckFired>(&item.event.body);
  if (check == nullptr || fired_.size() >= kMostRefused) return;
  const auto key = [](const FiredCheck& f) { return std::pair(f.ns, f.seq); };
  const std::pair here(item.event.ns, item.seq);
  const auto place = std::lower_bound(fired_.begin(), fired_.end(), here,
                                      [&](const FiredCheck& f, const auto& at) { return key(f) < at; });
  if (place != fired_.end() && key(*place) == here) return;  // played before
  fired_.insert(place, {item.event.ns, item.seq, *check});
}

std::vector<FiredCheck> Player::checks() const {
  const std::pair now(ns_, seq());
  const auto ahead = std::partition_point(fired_.begin(), fired_.end(),
                                          [&](const FiredCheck& f) { return std::pair(f.ns, f.seq) < now; });
  return {fired_.begin(), ahead};
}

uint64_t Player::refusals() const {
  const std::pair now(ns_, seq());
  const auto ahead = std::partition_point(refused_.begin(), refused_.end(),
                                          [&](const Refused& r) { return std::pair(r.ns, r.seq) < now; });
  return static_cast<uint64_t>(ahead - refused_.begin());
}

size_t Player::advance(EventLog& log, int64_t ns, size_t budget) {
  size_t played = 0;
  while (played < budget) {
    if (next_ == window_.size() && !loadWindow(log)) break;
    if (window_[next_].event.ns > ns) break;
    play(log, window_[next_++]);
    ++played;
  }
  return played;
}

size_t Player::follow(EventLog& log, size_t budget) {
  size_t played = 0;
  std::vector<Event> events;
  while (played < budget) {
    if (next_ < window_.size()) {
      play(log, window_[next_++]);
      ++played;
      continue;
    }
    events.clear();
    const auto read = log.read(windowEnd_, std::min(kRead, budget - played), events);
    if (!read || events.empty()) break;
    windowBegin_ = windowEnd_;
    window_.clear();
    for (const Event& event : events) window_.push_back({windowEnd_++, event});
    next_ = 0;
    stampWindow(0);
  }
  return played;
}

bool Player::step(EventLog& log) {
  if (next_ == window_.size() && !loadWindow(log)) return false;
  ns_ = window_[next_].event.ns;
  play(log, window_[next_++]);
  return true;
}

Result<> Player::stepBack(EventLog& log) {
  const uint64_t begin = windowBegin_;
  size_t back = next_;
  if (back == 0) {
    const telemetry::Extent extent = log.extent();
    if (begin <= extent.first_seq || (log.gap() && begin == log.gap()->end_seq)) return {};
    if (auto done = seekSeq(log, begin - 1); !done) return done;
    return {};
  }
  if (auto done = seekSeq(log, begin); !done) return done;
  for (--back; back > 0 && step(log);) --back;
  if (next_ > 0) ns_ = window_[next_ - 1].event.ns;
  return {};
}

uint64_t Player::seq() const { return next_ < window_.size() ? window_[next_].seq : windowEnd_; }

}  // namespace sweepscope::gui
