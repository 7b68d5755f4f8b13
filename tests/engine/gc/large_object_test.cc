// Large objects: only pages that hold old contents are cleared, a piece at a time, and a cycle may pass in between.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <functional>
#include <vector>

#include "engine/base/random.h"
#include "engine/gc/allocator.h"
#include "engine/heap/layout.h"
#include "tests/engine/support/sched_bench.h"
#include "tests/engine/support/white_box.h"
#include "tests/support/resident_bytes.h"
#include "tests/support/seed.h"

namespace sweepscope::engine {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr uint64_t kPieceBytes = uint64_t{kClearedAtOnce} * kPageSize;
struct Link {
  static constexpr size_t kRefs = 1;
  Ref<Link> next;
  uint64_t value;
};

std::byte* make_large(Mutator& m, uint64_t bytes, size_t refs = 0) {
  return static_cast<std::byte*>(allocate(m, bytes, refs));
}

bool all_are(const std::byte* from, uint64_t bytes, std::byte value) {
  return std::all_of(from, from + bytes, [value](std::byte b) { return b == value; });
}

TEST(LargeObject, OneDirtyPageDoesNotMakeTheRestBeCleared) {
  WhiteBox box;
  Mutator m(box.m(), box.runtime());
  std::memset(make_large(m, 40'000), 0x5A, 40'000);  // 5 pages at the low end of the heap
  m.collect();
  constexpr uint64_t kBytes = 64 * kMiB;
  const std::byte* const object = make_large(m, kBytes);
  EXPECT_EQ(object, reinterpret_cast<std::byte*>(box.heap().memory().base())) << "on the dirty pages";
  EXPECT_LE(testing::resident_bytes(object, kBytes), 5 * kPageSize);
  EXPECT_TRUE(all_are(object, kBytes, std::byte{0}));
}

TEST(LargeObject, DirtyPagesBetweenFreshOnesAreCleared) {
  WhiteBox box;
  Mutator m(box.m(), box.runtime());
  constexpr uint64_t kBytes = 3 * kMiB;
  std::byte* const first = make_large(m, kBytes);
  // Every third page is written, the others were never touched; all are dirty to the heap.
  for (uint64_t at = 0; at < kBytes; at += 3 * kPageSize) std::memset(first + at, 0x5A, kPageSize);
  m.collect();
  MHeap& heap = box.heap();
  heap.begin_scavenging(box.m());
  while (true) {
    const PageRuns::Look look = heap.take_piece(box.m(), kBytes / 2);
    if (!look.more) break;
    if (look.pages > 0) {
      ASSERT_TRUE(heap.return_piece(box.m(), look));
    }
  }
  std::byte* const second = make_large(m, 2 * kBytes);
  ASSERT_EQ(second, first);
  EXPECT_TRUE(all_are(second, 2 * kBytes, std::byte{0}));
}

// A program allocates a large object on the pages of a dead one, which hold references to what died with it.
class ClearingHeldOpen : public ::testing::TestWithParam<bool> {
 public:
  static constexpr uint64_t kBytes = 8 * kMiB, kLimit = 256 * kMiB;
  static constexpr uint64_t kRefs = kBytes / 8;

  static EngineOptions options(bool concurrent) {
    EngineOptions options = quiet_options(3);
    options.cores = 3;
    options.concurrent_mark = concurrent;
    options.verify = true;
    options.max_heap_bytes = kLimit;
    return options;
  }
  ClearingHeldOpen() : engine(std::move(Engine::create(options(GetParam())).engine)) {}

  void start() {
    engine->start_mutator("maker", [this](Mutator& m) {
      {
        Local<std::byte> dead(m, make_large(m, kBytes, kRefs));
        for (uint64_t i = 0; i < kRefs; i += 100) {
          Link* const link = make<Link>(m);
          reinterpret_cast<Ref<Link>*>(dead.get())[i].set(m, link);
        }
      }
      m.collect();
      m.blocking([this] { eventually([this] { return begin.load(); }); });
      entered = true;
      body(m);
      finished = true;
    });
  }
  // At the first poll of `body`.
  void pause_in_body() {
    engine->pause_mutators(true);
    begin = true;
    eventually([this] { return finished || (entered && engine->runtime().sched().blocked().size() > 0); });
    EXPECT_FALSE(finished) << "it did not poll";
  }
  MSpan* only_large_span() {
    MHeap& heap = engine->runtime().heap();
    MSpan* found = nullptr;
    for (uint32_t id = 0; id < heap.span_ids(); ++id) {
      MSpan& span = heap.span(id);
      if (span.state.peek(std::memory_order_acquire) != SpanState::kInUse || !span.large()) continue;
      EXPECT_EQ(found, nullptr);
      found = &span;
    }
    return found;
  }

  std::unique_ptr<Engine> engine;
  std::function<void(Mutator&)> body;
  std::atomic<bool> begin{false}, entered{false}, finished{false};
};

TEST_P(ClearingHeldOpen, ObjectIsHeldAndHasNoReferencesUntilItIsClear) {
  bool zero = false, kept = false;
  body = [&](Mutator& m) {
    Local<std::byte> object(m, make_large(m, kBytes, kRefs));
    zero = all_are(object.get(), kBytes, std::byte{0});
    auto* const refs = reinterpret_cast<Ref<Link>*>(object.get());
    Link* const link = make<Link>(m);
    link->value = 42;
    refs[kRefs - 1].set(m, link);  // the layout is complete: a marker reads the last word too
    m.collect();
    kept = reinterpret_cast<Ref<Link>*>(object.get())[kRefs - 1].get()->value == 42;
  };
  start();
  pause_in_body();
  MSpan* const span = only_large_span();
  ASSERT_NE(span, nullptr);
  EXPECT_EQ(references_of_large(*span), 0u);
  engine->stats();  // a stop of the world: what the paused thread wrote is read after it
  const auto* const memory = reinterpret_cast<const std::byte*>(span->base);
  const uint64_t dirty = span->bytes() - kPieceBytes;
  EXPECT_TRUE(all_are(memory + dirty, kPieceBytes, std::byte{0})) << "one piece is clear";
  EXPECT_NE(*reinterpret_cast<const uint64_t*>(memory), 0u) << "the rest is not";

  // It was made in no cycle, and lives through these.
  const uint32_t before = engine->runtime().collector().cycles();
  for (int i = 0; i < 3; ++i) engine->collect();
  EXPECT_EQ(engine->runtime().collector().cycles(), before + 3);
  EXPECT_EQ(only_large_span(), span);
  EXPECT_NE(*reinterpret_cast<const uint64_t*>(memory), 0u);

  engine->stats();  // and what was read is written after one
  engine->pause_mutators(false);
  engine->join_mutators();
  EXPECT_TRUE(zero);
  EXPECT_TRUE(kept);
  engine->collect();
  EXPECT_EQ(only_large_span(), nullptr) << "the root is gone";
  expect_sound(*engine);
}

// What is being cleared cannot be freed, and is garbage when it is clear: no verdict before.
TEST_P(ClearingHeldOpen, AllocationAtTheHeapLimitWaitsUntilItIsClear) {
  body = [](Mutator& m) { make_large(m, kBytes, kRefs); };
  start();
  pause_in_body();
  std::atomic<bool> got{false};
  const uint32_t before = engine->runtime().collector().cycles();
  engine->start_mutator("waiter", [&](Mutator& m) {
    make_large(m, kLimit - kBytes / 2);
    got = true;
  });
  eventually([this] { return engine->runtime().sched().blocked().size() == 2; });
  EXPECT_EQ(engine->runtime().collector().cycles(), before) << "a collection would find no room";
  engine->pause_mutators(false);
  engine->join_mutators();
  EXPECT_TRUE(got);
  expect_sound(*engine);
}

// A stop in which two pieces or more of the object are clear, and not all, came at a poll behind the first. Each object
// has a mark in each piece, so the next one on its pages shows how much of it is clear.
TEST_P(ClearingHeldOpen, WorldStopsMoreThanOnceInsideOneAllocation) {
  constexpr uint32_t kMostRounds = 200;
  constexpr uint64_t kObject =
      kLimit / 3 / kPieceBytes * kPieceBytes;  // long enough for the other thread to come to a core
  const auto mark_of = [](uintptr_t object, uint64_t piece) {
    return reinterpret_cast<uint64_t*>(object + piece * kPieceBytes);
  };
  std::atomic<bool> seen{false};
  body = [&](Mutator& m) {
    for (uint32_t round = 0; round < kMostRounds && !seen; ++round) {
      m.collect();
      const auto object = reinterpret_cast<uintptr_t>(make_large(m, kObject));
      for (uint64_t piece = 0; piece < kObject / kPieceBytes; ++piece) *mark_of(object, piece) = 1;
    }
    finished = true;
  };
  start();
  begin = true;
  const auto look = [&] {
    for (uint32_t id = 0; id < engine->runtime().heap().span_ids(); ++id) {
      const MSpan& span = engine->runtime().heap().span(id);
      if (span.state.peek() != SpanState::kInUse || !span.large() || span.bytes() != kObject) continue;
      uint64_t clear = 0;
      for (uint64_t piece = 0; piece < kObject / kPieceBytes; ++piece)
        clear += *mark_of(span.base, piece) == 0 ? 1 : 0;
      if (clear >= 2 && clear < kObject / kPieceBytes) seen = true;
    }
  };
  while (!finished)
    engine->runtime().on_p([&](Mutator& m) {
      engine->runtime().collector().stopped(m.m(), observe::StwReason::kControl, 0, look);
    });
  engine->join_mutators();
  EXPECT_TRUE(seen);
}

// Objects of all sizes around a piece, written, dropped and made again by several programs, with the scavenger and
// cycles at any moment: each is zero when it is made and keeps its contents.
TEST(LargeObject, ProgramsFindTheirObjectsZeroAndThenAsTheyWroteThem) {
  const uint64_t seed = testing::seed_or(91);
  SWEEPSCOPE_TRACE_SEED(seed);
  EngineOptions options = quiet_options(3);
  options.cores = 2;
  options.gogc = 20;
  options.concurrent_mark = options.verify = options.background_sweeper = options.scavenger = true;
  options.max_heap_bytes = 512 * kMiB;
  const Engine::Created made = Engine::create(options);
  ASSERT_NE(made.engine, nullptr) << made.error;
  std::atomic<uint32_t> dirty{0}, lost{0};
  for (uint32_t number = 0; number < 3; ++number)
    made.engine->start_mutator("mutator", [&, number](Mutator& m) {
      Random random(seed * 3 + number);
      struct Held {
        explicit Held(Mutator& of) : object(of) {}
        Local<std::byte> object;
        uint64_t bytes = 0, refs = 0, id = 0;
      };
      Held held[4]{Held(m), Held(m), Held(m), Held(m)};
      const auto ends = [](const Held& of) {  // the words behind the references, and the last ones
        auto* const words = reinterpret_cast<uint64_t*>(of.object.get());
        return std::pair(words + of.refs, words + of.bytes / 8 - 1);
      };
      for (uint32_t round = 0; round < 150; ++round) {
        Held& one = held[random.below(4)];
        if (one.object) {
          const auto [first, last] = ends(one);
          lost += *first != one.id || *last != ~one.id;
          if (one.refs > 0) {
            const Link* const link = reinterpret_cast<Ref<Link>*>(one.object.get())[one.refs - 1].get();
            lost += link == nullptr || link->value != one.id;
          }
        }
        one.bytes = (32'800 + random.below(3 * kPieceBytes)) / 8 * 8;
        one.refs = random.below(2) * random.below(static_cast<uint32_t>(one.bytes / 8 - 2));
        one.id = uint64_t{number} << 32 | round;
        one.object = make_large(m, one.bytes, one.refs);
        dirty += !all_are(one.object.get(), one.bytes, std::byte{0});
        std::memset(one.object.get() + one.refs * 8, 0x5A, one.bytes - one.refs * 8);
        const auto [first, last] = ends(one);
        *first = one.id;
        *last = ~one.id;
        if (one.refs > 0) {
          Link* const link = make<Link>(m);
          link->value = one.id;
          reinterpret_cast<Ref<Link>*>(one.object.get())[one.refs - 1].set(m, link);
        }
        m.poll();
      }
    });
  made.engine->join_mutators();
  EXPECT_EQ(dirty, 0u);
  EXPECT_EQ(lost, 0u);
  EXPECT_GT(made.engine->stats().cycles, 5u);
  expect_sound(*made.engine);
}

INSTANTIATE_TEST_SUITE_P(Marking, ClearingHeldOpen, ::testing::Bool(),
                         [](const auto& test) { return test.param ? "Concurrent" : "Stopped"; });

}  // namespace
}  // namespace sweepscope::engine
