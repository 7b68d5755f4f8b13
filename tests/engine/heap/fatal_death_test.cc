// The always-on checks of the heap: each test builds a bad state, which must end the process with Go's text.
#include <gtest/gtest.h>

#include "engine/gc/finalizers.h"
#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

using observe::Cause;
using observe::FlushCause;
using Preserve = MCentral::Preserve;

struct HeapDeathTest : ::testing::Test {
  WhiteBox box;
  M& m = box.m();
  MHeap& heap = box.heap();
  NonPreemptible region{m};

  // The claim of a span with `objects` slots allocated and none marked.
  SweepToken claimed(uint32_t objects = 3) {
    MSpan& span = box.cached(objects);
    box.release();
    box.turn();
    SweepToken token = arc_claim(m, span, box.h(), Cause::kForced);
    return token;
  }
};

TEST_F(HeapDeathTest, RefillOfAUsableSpan) {
  box.cached(3);
  EXPECT_FATAL(refill(m, heap, WhiteBox::kClass), "refill of span with free space remaining");
}

TEST_F(HeapDeathTest, RefillOfAFullSpanThatIsNotCached) {
  MSpan& span = box.cached(8);
  span.next_free();  // finds no slot: the span is full now
  span.sweepgen.init(box.h());
  EXPECT_FATAL(refill(m, heap, WhiteBox::kClass), "bad sweepgen in refill");
  span.sweepgen.init(box.h() + 1);  // STALE: the P was not flushed after the turn
  EXPECT_FATAL(refill(m, heap, WhiteBox::kClass), "bad sweepgen in refill");
}

TEST_F(HeapDeathTest, RefillOutsideANonPreemptibleRegion) {
  EXPECT_FATAL(
      {
        m.non_preemptible = 0;
        refill(m, heap, WhiteBox::kClass);
      },
      "m is not locked");
}

TEST_F(HeapDeathTest, CacheSpanChoosesAFullSpan) {
  MSpan& span = box.cached(3);
  box.release();
  span.alloc_count = span.nelems;  // full, but on the nonempty list
  EXPECT_FATAL(box.central().cache_span(m, heap), "span has no free objects");
}

TEST_F(HeapDeathTest, RefillIsGivenAFullSpan) {
  MSpan& span = box.fresh();
  span.alloc_count = span.nelems;
  EXPECT_FATAL(cache_swept(m, heap, span), "span has no free space");
}

TEST_F(HeapDeathTest, FreeIndexBeyondTheSpan) {
  MSpan& span = box.cached(3);
  box.release();  // on the nonempty list, with free slots
  for (uint32_t freeindex : {span.nelems + 1, span.nelems + 64}) {
    EXPECT_FATAL(
        {
          span.freeindex.init(freeindex);
          refill(m, heap, WhiteBox::kClass);
        },
        "freeIndex is not valid")
        << freeindex;
  }
}

// As after a sweep that does not reset freeindex: the slots before it are lost.
TEST_F(HeapDeathTest, SpanWhoseCountsAndBitsDisagree) {
  MSpan& span = box.cached(3);
  box.release();
  for (uint32_t freeindex : {0u, 2u, 4u}) {
    EXPECT_FATAL(
        {
          span.freeindex.init(freeindex);
          refill(m, heap, WhiteBox::kClass);
        },
        "s\\.allocCount != s\\.nelems && freeIndex == s\\.nelems")
        << freeindex;
  }
}

TEST_F(HeapDeathTest, SpanWithMoreObjectsThanSlots) {
  MSpan& span = box.cached(3);
  EXPECT_FATAL(
      {
        span.freeindex.init(span.nelems + 1);
        box.central().uncache_span(m, heap, span);
      },
      "s\\.allocCount > s\\.nelems");
  box.release();
  span.alloc_count = span.nelems + 1;
  EXPECT_FATAL(box.central().cache_span(m, heap), "s\\.allocCount > s\\.nelems");
}

TEST_F(HeapDeathTest, SpanOnTheWrongList) {
  using observe::ListMembership;
  SpanList list(ListMembership::kNonempty, Rank::kMCentral), other(ListMembership::kEmpty, Rank::kMCentral);
  MSpan a, b;
  Lock lock(Rank::kMCentral, Word::kListLock);
  const Guard guard(m, lock, "test: lock the lists");
  list.push_back(m, a);
  EXPECT_FATAL(list.push_back(m, a), "span list corrupt");
  EXPECT_FATAL(other.push_front(m, a), "span list corrupt");
  EXPECT_FATAL(other.remove(m, a), "span list corrupt");
  EXPECT_FATAL(list.remove(m, b), "span list corrupt");
  list.remove(m, a);
  EXPECT_FATAL(list.remove(m, a), "span list corrupt");
  other.push_front(m, a);  // allowed after the removal
}

TEST_F(HeapDeathTest, ListIsChangedWithoutItsLock) {
  SpanList list(observe::ListMembership::kNonempty, Rank::kMCentral);
  MSpan a, b;
  Lock own(Rank::kMCentral, Word::kListLock), other(Rank::kMHeap, Word::kHeapLock);
  {
    const Guard guard(m, own, "test: lock the list");
    list.push_back(m, a);
  }
  const Guard guard(m, other, "test: another lock");
  EXPECT_FATAL(list.push_back(m, b), "span list corrupt");
  EXPECT_FATAL(list.push_front(m, b), "span list corrupt");
  EXPECT_FATAL(list.remove(m, a), "span list corrupt");
}

TEST_F(HeapDeathTest, OutOfMemory) {
  EXPECT_FATAL(heap.fail_out_of_memory(m, 1), "out of memory");
  Mutator mutator(m, box.runtime());
  EXPECT_FATAL(allocate(mutator, size_t{1} << 40, 0), "out of memory");  // one object beyond the limit
  // Garbage makes room for ever, a list does not.
  for (const size_t bytes : {size_t{32768}, size_t{1} << 20})
    EXPECT_FATAL(
        {
          m.non_preemptible = 0;
          Local<Ref<std::byte>> list(mutator);
          while (true) {
            auto* const head = static_cast<Ref<std::byte>*>(allocate(mutator, bytes, 1));
            head->set(mutator, reinterpret_cast<std::byte*>(list.get()));
            list = head;
          }
        },
        "out of memory");
}

TEST_F(HeapDeathTest, MCacheThatMissedAWholeCycle) {
  for (int distance : {-4, -6, 2}) {
    box.cache().flush_gen.init(box.h() + static_cast<uint32_t>(distance));
    EXPECT_FATAL(prepare_for_sweep(m, heap, box.cache(), FlushCause::kAcquireP), "bad flushGen") << distance;
  }
}

TEST_F(HeapDeathTest, FreeSpanGivenACachedSpan) {
  for (int distance : {1, 3}) {
    EXPECT_FATAL(
        {
          SweepToken token = claimed();
          token.span().sweepgen.init(box.h() + static_cast<uint32_t>(distance));
          box.central().free_span(m, heap, std::move(token), Preserve::kNo);
        },
        "freeSpan given cached span")
        << distance;
  }
}

TEST_F(HeapDeathTest, UncachingASpanWithoutObjects) {
  MSpan& span = box.cached(0);
  EXPECT_FATAL(box.central().uncache_span(m, heap, span), "uncaching span but s\\.allocCount == 0");
}

TEST_F(HeapDeathTest, SweepOfASpanThatIsNotBeingSwept) {
  for (SweepState state : {SweepState::kNeeds, SweepState::kSwept, SweepState::kStale, SweepState::kCached}) {
    EXPECT_FATAL(
        {
          SweepToken token = claimed();
          token.span().sweepgen.init(encode(state, box.h()));
          sweep(m, heap, std::move(token), Preserve::kNo, Cause::kForced);
        },
        "bad span state");
  }
}

TEST_F(HeapDeathTest, SweepOfASpanThatIsNotInUse) {
  EXPECT_FATAL(
      {
        SweepToken token = claimed();
        token.span().state.init(SpanState::kFree);
        sweep(m, heap, std::move(token), Preserve::kNo, Cause::kForced);
      },
      "bad span state");
}

TEST_F(HeapDeathTest, SweepOutsideANonPreemptibleRegion) {
  EXPECT_FATAL(
      {
        SweepToken token = claimed();
        m.non_preemptible = 0;
        sweep(m, heap, std::move(token), Preserve::kNo, Cause::kForced);
      },
      "m is not locked");
}

TEST_F(HeapDeathTest, MoreObjectsMarkedThanAllocated) {
  EXPECT_FATAL(
      {
        SweepToken token = claimed(3);
        for (uint32_t slot = 0; slot < 4; ++slot) WhiteBox::mark(token.span(), slot);
        sweep(m, heap, std::move(token), Preserve::kNo, Cause::kForced);
      },
      "sweep increased allocation count");
}

TEST_F(HeapDeathTest, FreeSpanInTheUnsweptQueueThatWasNeverSwept) {
  MSpan& span = box.cached(3);
  box.release();
  box.turn();
  span.state.init(SpanState::kFree);  // NEEDS and free, although no thread swept it
  EXPECT_FATAL(sweep_one(m, heap, Cause::kBackground), "non in-use span in unswept list");
}

TEST_F(HeapDeathTest, TurnWithSpansOfTheLastCycleUnswept) {
  box.cached(3);
  box.release();
  box.turn();
  EXPECT_FATAL(box.turn(), "non-empty swept list");
}

TEST_F(HeapDeathTest, PreservedSpanOnNoList) {
  EXPECT_FATAL(
      {
        SweepToken token = claimed();
        token.span().list = observe::ListMembership::kNone;
        box.central().free_span(m, heap, std::move(token), Preserve::kYes);
      },
      "can't preserve unlinked span");
}

TEST_F(HeapDeathTest, LocksOutOfOrder) {
  EXPECT_FATAL(
      {
        const Guard guard(m, heap.lock(), "test: mheap");
        box.central().cache_span(m, heap);
      },
      "lock rank violation");
}

TEST_F(HeapDeathTest, UncachingASpanThatIsNotCached) {
  MSpan& span = box.cached(3);
  span.sweepgen.init(box.h() + 2);
  EXPECT_FATAL(box.central().uncache_span(m, heap, span), "undecodable sweepgen");
}

TEST_F(HeapDeathTest, EnsureSweptOutsideANonPreemptibleRegion) {
  MSpan& span = box.cached(3);
  EXPECT_FATAL(
      {
        m.non_preemptible = 0;
        ensure_swept(m, heap, span);
      },
      "m is not locked");
}

TEST_F(HeapDeathTest, SpecialOfAnAddressWithoutAnObject) {
  EXPECT_FATAL(heap.specials.add(m, heap, 8, SpecialKind::kFinalizer, 0), "found bad pointer in Go heap");
}

TEST_F(HeapDeathTest, RootsOfASpanThatWasNotSwept) {
  MSpan& span = box.cached(3);
  heap.specials.add(m, heap, span.base, SpecialKind::kFinalizer, 0);
  for (SweepState state : {SweepState::kNeeds, SweepState::kSweeping, SweepState::kStale}) {
    span.sweepgen.init(encode(state, box.h()));
    EXPECT_FATAL(mark_root_spans(m, heap, 0, heap.swept().size(), [](uintptr_t) {}), "gc: unswept span");
  }
}

}  // namespace
}  // namespace sweepscope::engine
