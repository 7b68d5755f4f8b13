// MHeap's part of a state (base/state.h), and its spans'.
#pragma once

#include "engine/heap/layout.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

template <class State>
void MHeap::add_state(State& to) {
  to.add(gen_);
  to.add(sweep_done);
  to.add(sweepers);
  to.add(unflushed);
  to.add(heap_live);
  to.leave_out(pages_swept, "read only to pay sweep credit, which is owed with GOGC on (Scheduler::merges)");
  to.add(unswept_large);
  to.add(piece_out_);
  to.leave_out(scavenged_bytes, "a statistic");
  to.add(static_cast<uint64_t>(birth_colour_));
  swept().add_state(to);
  unswept().add_state(to);
  to.add(span_ids_);
  for (uint32_t id = 0; id < span_ids_; ++id) {
    const MSpan& of_id = spans_[id];
    of_id.add_state(to);
    Specials::add_records(to, of_id);
    if (of_id.state.peek() == SpanState::kInUse) add_references(to, memory_, of_id);
  }
  for (const uint32_t id : free_structs()) to.add(id);
  for (const MSpan* large = busy_large_.front(); large != nullptr; large = large->next) to.add(large->id);
  specials.add_state(to);
  credit.add_state(to);
  stacks.add_state(to);
  for (const std::unique_ptr<MCentral>& central : centrals_) central->leave_out_counter(to);
  for_each_class_in_use([&](SpanClass c) { central(c).add_state(to); });
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
