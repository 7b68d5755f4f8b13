#include "engine/laboratory/seam/snapshot.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace sweepscope::laboratory {

#ifndef SWEEPSCOPE_FIBER_UCONTEXT

void Scheduler::save(Snapshot& to, KeepTrace trace) {
  image_.save(to.image);
  to.stacked.clear();
  to.fibers.clear();
  to.stacks.clear();
  for (uint32_t id = 0; id < used_; ++id) {
    const Slot& slot = *slots_[id];
    to.fibers.push_back(slot.state);
    const auto used = slot.state.stage == Stage::kFinished ? std::span<std::byte>() : slot.fiber.stacked();
    to.stacks.push_back({slot.fiber.stands_at(), used.size()});
    to.stacked.insert(to.stacked.end(), used.begin(), used.end());
  }
  to.live = live_;
  to.shared = shared_;
  to.trace_length = trace_.size();
  if (trace == KeepTrace::kYes) to.trace = trace_;
  to.hash = report_.hash;
  to.switches = report_.switches;
  to.last = last_;
  to.unfinished = unfinished_;
  to.alternatives = alternatives_;
  to.chooser = chooser_;
}

void Scheduler::restore(const Snapshot& from) {
  image_.restore(from.image);
  used_ = static_cast<uint32_t>(from.fibers.size());
  const std::byte* stacked = from.stacked.data();
  for (uint32_t id = 0; id < used_; ++id) {
    Slot& slot = *slots_[id];
    slot.state = from.fibers[id];
    slot.fiber.stand_at(from.stacks[id].stands_at);
    if (from.stacks[id].bytes == 0) continue;
    std::memcpy(from.stacks[id].stands_at, stacked, from.stacks[id].bytes);
    stacked += from.stacks[id].bytes;
  }
  live_ = from.live;
  shared_ = from.shared;
  trace_.resize(from.trace_length, {"none", 0, kNotAChoice});
  report_ = {};
  report_.hash = from.hash;
  report_.switches = from.switches;
  last_ = from.last;
  unfinished_ = from.unfinished;
  alternatives_ = from.alternatives;
  chooser_ = from.chooser;
  if (chooser_ != ~0u) return;
  engine::Driver* const outer = engine::driver();
  engine::set_driver(this);  // used by the predicates
  list_enabled();
  engine::set_driver(outer);
}

#else

// The sanitizers' shadow state would not match a restored copy.
void Scheduler::save(Snapshot&, KeepTrace) {
  std::fputs("fatal: runs have no image under sanitizers\n", stderr);
  std::abort();
}
void Scheduler::restore(const Snapshot&) { std::abort(); }

#endif

}  // namespace sweepscope::laboratory
