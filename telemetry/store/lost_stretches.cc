#include "telemetry/store/lost_stretches.h"

#include <algorithm>
#include <variant>

namespace sweepscope::telemetry {

namespace {

uint64_t since_start(int64_t ns) { return static_cast<uint64_t>(std::max<int64_t>(0, ns)); }

uint64_t sum(uint64_t a, uint64_t b) {
  return a == kUnknownCount || b == kUnknownCount ? kUnknownCount : a + b;
}

// Only of events that an index holds too, so that both ways of opening give the same; 0: none.
uint32_t cycle_of(const Event& event) {
  if (const auto* phase = std::get_if<PhaseChange>(&event.body)) return phase->cycle;
  if (const auto* turn = std::get_if<Turn>(&event.body)) return turn->cycle;
  if (const auto* stw = std::get_if<Stw>(&event.body)) return stw->cycle;
  return 0;
}

}  // namespace

void LostStretches::add(const Loss& loss) {
  const uint64_t events = sum(loss.damaged, loss.never_written);
  if (!all_.empty() && places_.back().seq == loss.seq) {
    LostStretch& last = all_.back();
    last.events = sum(last.events, events);
    last.to_ns = std::max(last.to_ns, since_start(loss.to_ns));
    if (last.why.find(loss.why) == std::string::npos) last.why.append(", ").append(loss.why);
    places_.back().damaged = sum(places_.back().damaged, loss.damaged);
    return;
  }
  const uint64_t from = since_start(loss.from_ns);
  all_.push_back({from, std::max(from, since_start(loss.to_ns)), events, 0, 0, std::string(loss.why)});
  places_.push_back({loss.seq, loss.damaged});
}

void LostStretches::set_end(uint64_t seq, int64_t ns) {
  if (!all_.empty() && places_.back().seq == seq)
    all_.back().to_ns = std::max(all_.back().to_ns, since_start(ns));
}

void LostStretches::add_event(const Event& event, uint64_t seq) {
  const uint32_t cycle = cycle_of(event);
  if (cycle == 0) return;
  size_t end = assigned_;
  while (end < places_.size() && places_[end].seq <= seq) ++end;
  assign_cycles(end, cycle - 1, cycle);
  cycle_ = std::max(cycle_, cycle);
}

void LostStretches::add_lost_event(const Event& event) {
  lost_cycle_ = std::max(lost_cycle_, cycle_of(event));
}

void LostStretches::finish() { assign_cycles(places_.size(), lost_cycle_, lost_cycle_); }

// If no cycle is readable between several stretches, the missing cycles are assigned to the longest one.
void LostStretches::assign_cycles(size_t end, uint32_t last_whole, uint32_t last_begun) {
  if (assigned_ == end) return;
  size_t longest = assigned_;
  for (size_t i = assigned_; i < end; ++i) {
    places_[i].before = cycle_;
    places_[i].last_begun = last_begun;
    if (all_[i].to_ns - all_[i].from_ns > all_[longest].to_ns - all_[longest].from_ns) longest = i;
  }
  if (last_whole > cycle_) {
    all_[longest].first_cycle = cycle_ + 1;
    all_[longest].last_cycle = last_whole;
  }
  assigned_ = end;
}

LostStretches::Found LostStretches::find(uint64_t number) const {
  uint64_t damaged = 0;
  for (size_t i = 0; i < places_.size() && places_[i].seq + damaged <= number; ++i) {
    if (places_[i].damaged > number - places_[i].seq - damaged) return {places_[i].seq, &all_[i]};
    damaged += places_[i].damaged;
  }
  return {number - damaged, nullptr};
}

uint64_t LostStretches::number_of(uint64_t seq) const {
  uint64_t number = seq;
  for (const Place& place : places_)
    if (place.seq <= seq && place.damaged != kUnknownCount) number += place.damaged;
  return number;
}

const LostStretch* LostStretches::with_start_of(uint32_t cycle) const {
  const LostStretch* found = nullptr;
  for (size_t i = 0; i < places_.size(); ++i) {
    // Its stop may lie before the stretch, and its first phase in it.
    if (cycle == 0 || cycle < places_[i].before || cycle > places_[i].last_begun) continue;
    if (all_[i].first_cycle <= cycle && cycle <= all_[i].last_cycle) return &all_[i];
    if (found == nullptr) found = &all_[i];
  }
  return found;
}

}  // namespace sweepscope::telemetry
