// The state of a span that sweep_one popped and does not own.
#include "tests/litmus/relacy/kernel.h"

namespace sweepscope::relacy {
namespace {

enum State : unsigned { kFree, kInUse };

// T1: `state` is stored last. A thread that reads kInUse sees a complete span with its new sweepgen, not the h-2 that
// the struct kept from its last life, which would decode to NEEDS.
// mirrors engine/heap/mheap.cc: span.state.store(SpanState::kInUse, std::memory_order_release,
// mirrors engine/heap/arcs.cc: span.sweepgen.store(h, std::memory_order_release, "alloc: new span, sweepgen := h")
// mirrors engine/heap/sweep.cc: span.state.load(std::memory_order_acquire, "sweep_one: is the popped span in use?")
template <rl::memory_order kStore, rl::memory_order kLoad>
struct AllocatedState : rl::test_suite<AllocatedState<kStore, kLoad>, 2> {
  rl::atomic<unsigned> state, sweepgen;
  rl::var<int> pages;

  void before() {
    state.store(kFree, rl::mo_relaxed, $);
    sweepgen.store(kH - 2, rl::mo_relaxed, $);
    pages($) = 0;
  }
  void thread(unsigned index) {
    if (index == 0) {  // alloc_span
      pages($) = 1;
      sweepgen.store(kH, rl::mo_release, $);
      state.store(kInUse, kStore, $);
    } else {  // sweep_one, then the pre-test of arc_claim
      if (state.load(kLoad, $) != kInUse) return;
      RL_ASSERT(sweepgen.load(rl::mo_relaxed, $) == kH);
      RL_ASSERT(pages($) == 1);
    }
  }
};

TEST(AllocatedState, ReleaseAndAcquireShowACompleteSpan) {
  EXPECT_EQ((verdict<AllocatedState<rl::mo_release, rl::mo_acquire>>()), rl::test_result_success);
}
TEST(AllocatedState, RelaxedStoreIsADataRace) {
  EXPECT_EQ((verdict<AllocatedState<rl::mo_relaxed, rl::mo_acquire>>()), rl::test_result_data_race);
}
TEST(AllocatedState, RelaxedLoadIsADataRace) {
  EXPECT_EQ((verdict<AllocatedState<rl::mo_release, rl::mo_relaxed>>()), rl::test_result_data_race);
}

// T9: a thread that reads kFree sees the sweep before it. Otherwise sweep_one finds a free span that needs sweeping, a
// false fatal "non in-use span in unswept list".
// mirrors engine/heap/arcs.cc: span.state.store(SpanState::kFree, std::memory_order_release,
// mirrors engine/heap/sweep.cc: span.sweepgen.load(std::memory_order_acquire, "sweep_one: sweepgen of a free span")
template <rl::memory_order kStore>
struct FreedState : rl::test_suite<FreedState<kStore>, 2> {
  rl::atomic<unsigned> state, sweepgen;

  void before() {
    state.store(kInUse, rl::mo_relaxed, $);
    sweepgen.store(kH - 2, rl::mo_relaxed, $);
  }
  void thread(unsigned index) {
    if (index == 0) {  // a direct sweeper: arc_claim, arc_swept, arc_free
      unsigned expected = kH - 2;
      if (!sweepgen.compare_exchange_strong(expected, kH - 1, rl::mo_acquire, $, rl::mo_relaxed, $)) return;
      sweepgen.store(kH, rl::mo_release, $);
      state.store(kFree, kStore, $);
    } else if (state.load(rl::mo_acquire, $) == kFree) {  // sweep_one
      RL_ASSERT(sweepgen.load(rl::mo_acquire, $) == kH);
    }
  }
};

TEST(FreedState, ReleaseShowsTheSweepBeforeTheFree) {
  EXPECT_EQ(verdict<FreedState<rl::mo_release>>(), rl::test_result_success);
}
TEST(FreedState, RelaxedShowsAFreeSpanThatNeedsSweeping) {
  EXPECT_EQ(verdict<FreedState<rl::mo_relaxed>>(), rl::test_result_user_assert_failed);
}

// The span map: a thread that finds a span by an address sees it complete. No edge from the thread that made the span
// may order it: it is a conservative reader, or got the address through a relaxed word.
// mirrors engine/heap/mheap.cc: memory_.span_slot(page)->store(&span, std::memory_order_release);
// mirrors engine/heap/mheap.cc: memory_.span_slot(page)->store(nullptr, std::memory_order_release);
// mirrors engine/heap/mheap.h: memory_.span_slot(memory_.page_of(address))->load(std::memory_order_acquire);
template <rl::memory_order kStore, rl::memory_order kLoad>
struct SpanMap : rl::test_suite<SpanMap<kStore, kLoad>, 2> {
  rl::atomic<unsigned> slot;
  rl::var<int> base;

  void before() {
    slot.store(0, rl::mo_relaxed, $);
    base($) = 0;
  }
  void thread(unsigned index) {
    if (index == 0) {  // lay_out, then the end of alloc_span
      base($) = 1;
      slot.store(1, kStore, $);
    } else if (slot.load(kLoad, $) != 0) {  // find, then slot_of
      RL_ASSERT(base($) == 1);
    }
  }
};

TEST(SpanMap, ReleaseAndAcquireShowACompleteSpan) {
  EXPECT_EQ((verdict<SpanMap<rl::mo_release, rl::mo_acquire>>()), rl::test_result_success);
}
TEST(SpanMap, RelaxedStoreIsADataRace) {
  EXPECT_EQ((verdict<SpanMap<rl::mo_relaxed, rl::mo_acquire>>()), rl::test_result_data_race);
}
TEST(SpanMap, RelaxedLoadIsADataRace) {
  EXPECT_EQ((verdict<SpanMap<rl::mo_release, rl::mo_relaxed>>()), rl::test_result_data_race);
}

}  // namespace
}  // namespace sweepscope::relacy
