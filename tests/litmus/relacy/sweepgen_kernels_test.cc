// The orders of a span's sweepgen (engine/heap/arcs.h). `bits` stands for all that ownership of the span guards.
#include "tests/litmus/relacy/kernel.h"

namespace sweepscope::relacy {
namespace {

// T2: refill stores h+3 over the sweeper's h, and a third thread reads the h+3 in ensure_swept and then uses what the
// sweeper wrote. Fault cached-store-relaxed; neither ThreadSanitizer nor the fibers find it.
// mirrors engine/heap/arcs.cc: span.sweepgen.store(encode(SweepState::kCached, h), std::memory_order_release,
template <rl::memory_order kOrder>
struct CachedStore : rl::test_suite<CachedStore<kOrder>, 3> {
  rl::atomic<unsigned> sweepgen;
  rl::var<int> bits;

  void before() {
    sweepgen.store(kH - 1, rl::mo_relaxed, $);  // claimed by thread 0
    bits($) = 0;
  }
  void thread(unsigned index) {
    if (index == 0) {  // arc_swept
      bits($) = 1;
      sweepgen.store(kH, rl::mo_release, $);
    } else if (index == 1) {  // take_from_lists, then arc_cache
      if (sweepgen.load(rl::mo_acquire, $) == kH) sweepgen.store(kH + 3, kOrder, $);
    } else {  // ensure_swept
      const unsigned raw = sweepgen.load(rl::mo_acquire, $);
      if (raw == kH || raw == kH + 3) RL_ASSERT(bits($) == 1);
    }
  }
};

TEST(CachedStore, ReleasePublishesTheSweepBeforeIt) {
  EXPECT_EQ(verdict<CachedStore<rl::mo_release>>(), rl::test_result_success);
}
TEST(CachedStore, RelaxedIsADataRace) {
  EXPECT_EQ(verdict<CachedStore<rl::mo_relaxed>>(), rl::test_result_data_race);
}

// T8a: a span that stays on its list becomes SWEPT outside mcentral.lock; cache_span takes it and rewinds to its new
// allocation bits. Fault swept-store-relaxed.
// mirrors engine/heap/arcs.cc: span.sweepgen.store(h, std::memory_order_release, "sweep: swept, sweepgen := h")
// mirrors engine/heap/mcentral.cc: span->sweepgen.load(std::memory_order_acquire, "cache_span: look at a nonempty span")
template <rl::memory_order kStore, rl::memory_order kLoad>
struct SweptStore : rl::test_suite<SweptStore<kStore, kLoad>, 2> {
  rl::atomic<unsigned> sweepgen;
  rl::var<int> bits;

  void before() {
    sweepgen.store(kH - 1, rl::mo_relaxed, $);
    bits($) = 0;
  }
  void thread(unsigned index) {
    if (index == 0) {  // sweep, then arc_swept
      bits($) = 1;
      sweepgen.store(kH, kStore, $);
    } else {  // take_from_lists
      if (sweepgen.load(kLoad, $) == kH) RL_ASSERT(bits($) == 1);
    }
  }
};

TEST(SweptStore, ReleaseAndAcquirePublishTheBits) {
  EXPECT_EQ((verdict<SweptStore<rl::mo_release, rl::mo_acquire>>()), rl::test_result_success);
}
TEST(SweptStore, RelaxedStoreIsADataRace) {
  EXPECT_EQ((verdict<SweptStore<rl::mo_relaxed, rl::mo_acquire>>()), rl::test_result_data_race);
}
TEST(SweptStore, RelaxedLoadIsADataRace) {
  EXPECT_EQ((verdict<SweptStore<rl::mo_release, rl::mo_relaxed>>()), rl::test_result_data_race);
}

// T6: two sweepers race for a span that its last owner released (T3, T4, T8 of the last cycle); the winner reads its
// bits and counts. In the engine the stop of the world between the two gives the same edge; the kernel omits it, so that
// it tests the order alone.
// mirrors engine/heap/arcs.cc: span.sweepgen.compare_exchange(expected, encode(SweepState::kSweeping, h), std::memory_order_acquire, std::memory_order_relaxed,
// mirrors engine/heap/arcs.cc: span.sweepgen.store(h, std::memory_order_release, "uncache_span: fresh span leaves the cache, sweepgen := h")
template <rl::memory_order kWon>
struct Claim : rl::test_suite<Claim<kWon>, 3> {
  rl::atomic<unsigned> sweepgen;
  rl::var<int> bits;

  void before() {
    sweepgen.store(kH + 1, rl::mo_relaxed, $);
    bits($) = 0;
  }
  void thread(unsigned index) {
    if (index == 0) {  // the last owner
      bits($) = 1;
      sweepgen.store(kH - 2, rl::mo_release, $);
    } else {  // arc_claim, then sweep
      if (sweepgen.load(rl::mo_relaxed, $) != kH - 2) return;
      unsigned expected = kH - 2;
      if (!sweepgen.compare_exchange_strong(expected, kH - 1, kWon, $, rl::mo_relaxed, $)) return;
      RL_ASSERT(bits($) == 1);  // 2: the other sweeper won too
      bits($) = 2;
      sweepgen.store(kH, rl::mo_release, $);
    }
  }
};

TEST(Claim, AcquireSeesTheLastOwnersWork) {
  EXPECT_EQ(verdict<Claim<rl::mo_acquire>>(), rl::test_result_success);
}
TEST(Claim, RelaxedIsADataRace) { EXPECT_EQ(verdict<Claim<rl::mo_relaxed>>(), rl::test_result_data_race); }

// The end of a flush against gc_start, which relies on flush_gen alone to begin a cycle: the flush's sweeps must happen
// before it.
// mirrors engine/heap/mcache.cc: cache.flush_gen.store(*gen, std::memory_order_release,
// mirrors engine/gc/collector.cc: flush_gen.load(std::memory_order_acquire, "gc_start: is this mcache flushed?")
template <rl::memory_order kStore, rl::memory_order kLoad>
struct FlushGen : rl::test_suite<FlushGen<kStore, kLoad>, 2> {
  rl::atomic<unsigned> flush_gen;
  rl::var<int> bits;

  void before() {
    flush_gen.store(kH - 2, rl::mo_relaxed, $);
    bits($) = 0;
  }
  void thread(unsigned index) {
    if (index == 0) {  // flush
      bits($) = 1;
      flush_gen.store(kH, kStore, $);
    } else {  // check_flush_gens
      if (flush_gen.load(kLoad, $) == kH) RL_ASSERT(bits($) == 1);
    }
  }
};

TEST(FlushGen, ReleaseAndAcquirePublishTheSweepsOfTheFlush) {
  EXPECT_EQ((verdict<FlushGen<rl::mo_release, rl::mo_acquire>>()), rl::test_result_success);
}
TEST(FlushGen, RelaxedStoreIsADataRace) {
  EXPECT_EQ((verdict<FlushGen<rl::mo_relaxed, rl::mo_acquire>>()), rl::test_result_data_race);
}
TEST(FlushGen, RelaxedLoadIsADataRace) {
  EXPECT_EQ((verdict<FlushGen<rl::mo_release, rl::mo_relaxed>>()), rl::test_result_data_race);
}

}  // namespace
}  // namespace sweepscope::relacy
