// ensure_swept, specials and reclaim against another thread that uses the same span, in all interleavings.
#include "tests/litmus/litmus.h"

#include <algorithm>
#include <cstring>

namespace sweepscope::laboratory {
namespace {

using engine::NonPreemptible;
using observe::Cause;

std::string expect(bool holds, const char* what) { return holds ? "" : what; }

void flush(Bench& b, engine::M& m) {
  engine::prepare_for_sweep(m, b.heap(), *m.mcache, observe::FlushCause::kAcquireP);
}
void flush_both(Bench& b) {
  flush(b, *b.left);
  flush(b, *b.right);
}
engine::MSpan& span_of(Bench& b, uintptr_t object) { return *b.heap().find(object); }
// After ensure_swept the span is SWEPT or CACHED, in every state of the other thread.
void ensure_swept(Bench& b, engine::M& m) {
  const NonPreemptible region(m);
  engine::MSpan& span = span_of(b, b.objects[0]);
  engine::ensure_swept(m, b.heap(), span);
  const uint32_t now = b.relative(span.id);
  b.too_early |= now != 0 && now != 3;
}
void add_special(Bench& b, engine::M& m) {
  b.heap().specials.add(m, b.heap(), b.objects[0], engine::SpecialKind::kFinalizer, 1);
}
uint64_t swept(Bench& b) {
  uint64_t spans = 0;
  for (const engine::M* m : {b.left, b.right})
    for (const uint64_t n : m->swept_spans) spans += n;
  return spans;
}
std::string swept_once(Bench& b) {
  if (b.too_early) return "ensure_swept returned before the span was swept";
  return expect(b.relative(0) == 0 && swept(b) == 1, "the span was not swept exactly once");
}
std::string finalizer_is_there(Bench& b) {
  const engine::MSpan& span = span_of(b, b.objects[0]);
  return expect(span.specials.peek() != nullptr && b.heap().specials.queue().empty(),
                "the finalizer is gone");
}

// One span with a live object, in need of sweeping, uncached; no mcache is stale.
void needs(Bench& b) {
  b.objects.push_back(b.allocate(*b.left));
  b.release(*b.left);
  b.mark(b.objects[0]);
  b.turn();
  flush_both(b);
}
// The same, still in the left mcache after the turn; the right one was flushed by acquire_p.
void stale(Bench& b) {
  b.objects.push_back(b.allocate(*b.left));
  b.mark(b.objects[0]);
  b.turn();
  flush(b, *b.right);
}

TEST(EnsureSweptLitmus, WaitsForTheFlusherOfAStaleSpan) {
  expect_right({.setup = stale,
                .left = [](Bench& b) { flush(b, *b.left); },
                .right = [](Bench& b) { ensure_swept(b, *b.right); },
                .after = swept_once});
}

TEST(EnsureSweptLitmus, SweepsOrWaitsForTheSweeperThatPoppedTheSpan) {
  expect_right({.setup = needs,
                .left = [](Bench& b) { ensure_swept(b, *b.left); },
                .right = [](Bench& b) { b.sweep_one(*b.right); },
                .after = swept_once});
}

TEST(EnsureSweptLitmus, TwoCallsSweepOnce) {
  expect_right({.setup = needs,
                .left = [](Bench& b) { ensure_swept(b, *b.left); },
                .right = [](Bench& b) { ensure_swept(b, *b.right); },
                .after = swept_once});
}

TEST(EnsureSweptLitmus, SweepsOrWaitsForARefillThatSweepsAndCaches) {
  expect_right({.setup = needs,
                .left = [](Bench& b) { b.refill_and_use(*b.left); },
                .right = [](Bench& b) { ensure_swept(b, *b.right); },
                .after =
                    [](Bench& b) {
                      return expect(!b.too_early && swept(b) == 1,
                                    "ensure_swept returned before the span was swept");
                    }});
}

// Reads h+3 if the refill came first, and continues with the specials.
TEST(EnsureSweptLitmus, SpecialIsAddedToASpanThatARefillSweepsAndCaches) {
  expect_right({.setup = needs,
                .left = [](Bench& b) { b.refill_and_use(*b.left); },
                .right = [](Bench& b) { add_special(b, *b.right); },
                .after = finalizer_is_there});
}

// The whole heap is free, its first pages used before. The left thread scavenges; the right one needs every page.
void scavenge(Bench& b, engine::M& m) {
  b.heap().begin_scavenging(m);
  for (engine::PageRuns::Look look = b.heap().take_piece(m, 0); look.more; look = b.heap().take_piece(m, 0))
    if (look.pages > 0) b.heap().return_piece(m, look);
}
constexpr uint32_t kPages = 24;  // the heap's are 32, of which threads have some for their stacks
engine::MSpan* large(Bench& b, engine::M& m) {
  const NonPreemptible region(m);
  return b.heap().alloc_span(m, kPages, engine::SpanClass(0, true), kPages * engine::kPageSize);
}
bool is_zero(const engine::MSpan& span) {
  const auto* bytes = reinterpret_cast<const std::byte*>(span.base);
  return std::all_of(bytes, bytes + span.bytes(), [](std::byte b) { return b == std::byte{0}; });
}
void free_large(Bench& b) {
  engine::MSpan& span = *large(b, *b.left);
  std::memset(reinterpret_cast<void*>(span.base), 0xFF, span.bytes());
  span.alloc_count = 0;
  b.heap().swept().pop();
  const NonPreemptible region(*b.left);
  b.heap().free_span(*b.left, span);
  b.heap().heap_live.init(0);  // no sweep and no mark set it back
}

TEST(ScavengeLitmus, AllocationAtTheLimitWaitsForThePagesAndFindsThemAsPromised) {
  expect_right({.setup = free_large,
                .left = [](Bench& b) { scavenge(b, *b.left); },
                .right =
                    [](Bench& b) {
                      engine::MSpan* span = large(b, *b.right);
                      b.too_early = span == nullptr || !(span->need_zero || is_zero(*span));
                      if (span != nullptr)
                        std::memset(reinterpret_cast<void*>(span->base), 0x55, span->bytes());
                      b.objects.push_back(span == nullptr ? 0 : span->base);
                    },
                .after =
                    [](Bench& b) {
                      if (b.too_early) return std::string("no pages, or promised to be zero and not");
                      return expect(*reinterpret_cast<const uint8_t*>(b.objects[0]) == 0x55,
                                    "pages in use cleared");
                    }});
}

TEST(SpecialLitmus, IsAddedBeforeOrAfterTheSweepButNotDuringIt) {
  expect_right({.setup = needs,
                .left = [](Bench& b) { add_special(b, *b.left); },
                .right =
                    [](Bench& b) {
                      while (b.sweep_one(*b.right)) {
                      }
                    },
                .after = finalizer_is_there});
}

TEST(SpecialLitmus, OneOfTwoThreadsThatAddTheSameSpecialIsRefused) {
  expect_right(
      {.setup = [](Bench& b) { b.objects.push_back(b.allocate(*b.left)); },
       .left = [](Bench& b) { add_special(b, *b.left); },
       .right = [](Bench& b) { add_special(b, *b.right); },
       .after =
           [](Bench& b) { return expect(b.heap().specials.records() == 1, "there is not one record"); }});
}

// The flusher finds the object dead, and the other thread takes a token meanwhile.
TEST(SpecialLitmus, TokenIsQueuedOnceByTheFlusherOrNotYet) {
  expect_right({.setup =
                    [](Bench& b) {
                      const uintptr_t dead = b.allocate(*b.left);
                      b.objects.push_back(dead);
                      add_special(b, *b.left);
                      Bench::drop(dead);
                      b.turn();
                      flush(b, *b.right);
                    },
                .left = [](Bench& b) { flush(b, *b.left); },
                .right = [](Bench& b) { b.objects.push_back(b.heap().specials.take(*b.right) ? 1 : 0); },
                .after =
                    [](Bench& b) {
                      const size_t left = b.heap().specials.queue().size();
                      return expect(left + b.objects[1] == 1, "the token is not there exactly once");
                    }});
}

// Dead large objects in the queue and on the busy list.
void dead_large(Bench& b, int objects) {
  engine::Mutator mutator(*b.left, b.engine->runtime());
  for (int i = 0; i < objects; ++i)
    Bench::drop(reinterpret_cast<uintptr_t>(engine::allocate(mutator, 40000, 0)));
  b.turn();
  flush_both(b);
}

TEST(ReclaimLitmus, SpansAreFreedOnceBetweenReclaimAndTheQueue) {
  expect_right({.setup = [](Bench& b) { dead_large(b, 2); },
                .left =
                    [](Bench& b) {
                      const NonPreemptible region(*b.left);
                      b.heap().alloc_span(*b.left, 5, engine::SpanClass(0, true), 40000);
                    },
                .right =
                    [](Bench& b) {
                      while (b.sweep_one(*b.right)) {
                      }
                    },
                .after =
                    [](Bench& b) {
                      return expect(swept(b) == 2 && b.heap().spans_in_use() == 1, "not both were freed");
                    }});
}

// D1 (Go #27997): reclaim frees a span whose id is still in the queue, its struct is cached again,
// and the sweeper that popped it reads it twice. Without the repair that is a false fatal error.
Litmus struct_in_its_next_life(bool repaired) {
  return {.setup =
              [repaired](Bench& b) {
                dead_large(b, 1);
                b.heap().repairs.popped_span_may_be_cached = repaired;
              },
          .left = [](Bench& b) { b.refill_and_use(*b.left); },
          .right = [](Bench& b) { b.sweep_one(*b.right); }};
}

TEST(ReclaimLitmus, PoppedSpanInItsNextLifeIsSkipped) {
  const Explored explored = explore(struct_in_its_next_life(true), DepthFirst(2));
  EXPECT_EQ(explored.wrong, "");
  EXPECT_TRUE(explored.complete) << explored.schedules;
}

TEST(ReclaimLitmus, PoppedSpanInItsNextLifeIsFatalInTheSeed) {
  const Explored explored = explore(struct_in_its_next_life(false), DepthFirst(2));
  EXPECT_TRUE(explored.wrong.starts_with("non in-use span in unswept list")) << explored.wrong;
}

}  // namespace
}  // namespace sweepscope::laboratory
