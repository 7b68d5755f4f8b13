// The heap without the layers above it. This program links only base, memory and heap, which proves that they
// need no P, no mutator and no collector.
#include <gtest/gtest.h>

#include <cstdlib>

#include "engine/heap/mcache.h"
#include "engine/heap/mheap.h"
#include "engine/heap/sweep.h"

namespace sweepscope::engine {
namespace {

struct AbortOnFailure final : Fatal {
  [[noreturn]] void fail(Context&, FatalCode code, std::span<const Operand>) override {
    ADD_FAILURE() << words(code);
    abort();
  }
};

TEST(HeapAlone, AllocatesTurnsAndSweepsForAThreadWithoutAP) {
  constexpr SpanClass kClass(size_class_of(1024), true);
  EngineOptions options;
  options.max_heap_bytes = 64ull << 20;
  options.arena_bytes = 1ull << 20;
  std::string error;
  const std::unique_ptr<MHeap> heap = MHeap::create(options, error);
  ASSERT_NE(heap, nullptr) << error;
  AbortOnFailure fatal;
  HeapThread thread;
  thread.fatal = &fatal;
  MCache cache;
  {
    Guard guard(thread, heap->lock(), "test: lock mheap");
    cache.init(*heap, 0, heap->gen());
  }
  thread.mcache = &cache;

  const NonPreemptible region(thread);
  MSpan& span = *refill(thread, *heap, kClass);
  const uint32_t kept = span.next_free(), dropped = span.next_free();
  EXPECT_NE(kept, dropped);
  EXPECT_EQ(decode(span.sweepgen.peek(), heap->gen()), SweepState::kCached);

  ASSERT_TRUE(span.set_mark(kept));
  heap->heap_live.init(span.elem_size);
  heap->turn(thread, 1, 1);
  EXPECT_EQ(decode(span.sweepgen.peek(), heap->gen()), SweepState::kStale);
  EXPECT_FALSE(heap->sweep_complete());

  prepare_for_sweep(thread, *heap, cache, observe::FlushCause::kForEachP);
  EXPECT_EQ(cache.flush_gen.peek(), heap->gen());
  EXPECT_EQ(decode(span.sweepgen.peek(), heap->gen()), SweepState::kSwept);
  EXPECT_EQ(span.allocated(), 1u);
  EXPECT_EQ(cache.frees.small[kClass.size_class()], 1u);
  while (sweep_one(thread, *heap, observe::Cause::kForced)) {
  }
  EXPECT_TRUE(heap->sweep_complete());
}

}  // namespace
}  // namespace sweepscope::engine
