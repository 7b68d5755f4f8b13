// Runtime's part of a state (base/state.h): what each part of an engine declares, and what takes several of them.
#pragma once

#include "engine/gc/runtime.h"
#include "engine/heap/mheap_state.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// The number of slots that size classes in use promised and did not take back. Both counters only grow; what is read is
// their difference (I10).
class SlotsPromised {
 public:
  explicit SlotsPromised(MHeap& heap) {
    heap.for_each_class_in_use([&](SpanClass c) {
      slots_ += heap.central(c).nmalloc();
      if (sizes_ == 0 || size_[sizes_ - 1] != c.size_class()) size_[sizes_++] = c.size_class();
    });
  }
  void take_back(const FreeCounts& counts) {
    for (uint32_t i = 0; i < sizes_; ++i) slots_ -= counts.small[size_[i]] + counts.unused[size_[i]];
  }
  uint64_t slots() const { return slots_; }

 private:
  uint64_t slots_ = 0;
  uint32_t size_[kNumSpanClasses];  // size classes in use, each once
  uint32_t sizes_ = 0;
};

template <class State>
void Runtime::add_state(State& to) {
  heap_->add_state(to);
  sched_->add_state(to);
  globals.add_state(to);
  SlotsPromised promised(*heap_);
  for (uint32_t id = 0; id < sched_->procs(); ++id) promised.take_back(sched_->p(id).mcache.frees);
  uint64_t marked = marking_ != nullptr ? marking_->totals().bytes : 0;  // by which thread is reported only
  threads_->add_state(to, [&](const M& m) {
    promised.take_back(m.frees);
    marked += (m.marked - m.marks_counted).bytes;
  });
  to.add(marked);
  to.add(promised.slots());
  to.add(policy_->memory());
  to.add(marking_ != nullptr ? 1 : 0);  // null: the engine ends, and marking has ended
  if (marking_ != nullptr) marking_->add_state(to);
  to.add(crew_ != nullptr ? 1 : 0);  // null: its helpers end, or have ended
  if (crew_ != nullptr) crew_->add_state(to);
  pacing_->add_state(to);
  collector_->add_state(to);
  allocator_->add_state(to);
  sweeper_->add_state(to);
  if (workers_ != nullptr) workers_->add_state(to);
  if (scavenger_ != nullptr) scavenger_->add_state(to);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
