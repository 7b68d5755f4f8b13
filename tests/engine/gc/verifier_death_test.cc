// The verifier names each damage of a heap, and accepts the heap without it.
#include "engine/gc/verifier.h"

#include <gtest/gtest.h>

#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

struct Node {
  static constexpr size_t kRefs = 1;
  Ref<Node> next;
  uint64_t payload;
};

#define EXPECT_BROKEN(statement, invariant)            \
  EXPECT_EXIT(statement, ::testing::ExitedWithCode(1), \
              "fatal: heap verifier: [^\n]*\n  invariant_I = " #invariant " ")

struct VerifierDeathTest : ::testing::Test {
  WhiteBox box{quiet_options(2)};
  M& m = box.m();
  Mutator mutator{m, box.runtime()};

  void in_a_stop(const std::function<void()>& work) {
    box.runtime().collector().stopped(m, observe::StwReason::kStats, 0, work);
  }
  void set_mark(const void* object, bool marked = true) {
    const auto address = reinterpret_cast<uintptr_t>(object);
    MSpan& span = *box.heap().find(address);
    const uint32_t slot = span.slot_of(address);
    const uint64_t bit = uint64_t{1} << (slot % 64);
    uint64_t& word = span.mark_word_at(slot / 64);
    word = marked ? word | bit : word & ~bit;
  }
};

// Marks as stopped marking leaves them: on reachable objects only.
struct VerifierOfMarks : VerifierDeathTest {
  Local<Node> root{mutator, make<Node>(mutator)};
  Node* const garbage = make<Node>(mutator);
  std::byte* const dead_bytes = make_bytes(mutator, 16);  // in a span of its own
  std::byte* const dead_large = make_bytes(mutator, 40000);

  VerifierOfMarks() {
    root->next.set(mutator, make<Node>(mutator));
    set_mark(root.get());
    set_mark(root->next.get());
  }
  uint64_t check(Marks marks) {
    uint64_t reached = 0;
    in_a_stop([&] { reached = check_marks(m, box.runtime().layers(), marks); });
    return reached;
  }
};

TEST_F(VerifierOfMarks, AcceptsMarksOnWhatCanBeReached) {
  EXPECT_EQ(check(Marks::kExact), 2u);
  EXPECT_EQ(check(Marks::kFloating), 2u);
}

TEST_F(VerifierOfMarks, RequiresTheMarkOfEveryReachableObject) {
  for (const Node* object : {root.get(), root->next.get()})
    for (const Marks marks : {Marks::kExact, Marks::kFloating})
      EXPECT_BROKEN((set_mark(object, false), check(marks)), 2);
}

TEST_F(VerifierOfMarks, RefusesTheMarkOfAnUnreachableObject) {
  EXPECT_BROKEN((set_mark(garbage), check(Marks::kExact)), 2);
  EXPECT_BROKEN((set_mark(dead_bytes), check(Marks::kExact)), 2);
  EXPECT_BROKEN((set_mark(dead_large), check(Marks::kExact)), 2);
  // One mark too many does not make up for one too few.
  EXPECT_BROKEN((set_mark(garbage), set_mark(root->next.get(), false), check(Marks::kExact)), 2);
}

TEST_F(VerifierOfMarks, AcceptsFloatingGarbageOfAConcurrentMarkOnly) {
  set_mark(garbage);
  EXPECT_EQ(check(Marks::kFloating), 2u);
}

TEST_F(VerifierOfMarks, RefusesTheMarkOfASlotThatHoldsNoObject) {
  EXPECT_BROKEN((set_mark(root->next.get() + 1), check(Marks::kExact)), 2);
}

// Damage outside of the sweep protocol's own words.
struct VerifierOfTables : VerifierDeathTest {
  void verify() {
    in_a_stop([&] { check_protocol(m, box.runtime().layers(), VerifyAt::kAnyStop); });
  }
};

TEST_F(VerifierOfTables, CountsStackSegmentsAndTheirPages) {
  const Local<Node> handle(mutator, make<Node>(mutator));  // so that the thread has a segment
  ASSERT_TRUE(m.stack.ever_used());
  verify();
  EXPECT_FATAL((m.stack = ShadowStack(), verify()), "heap verifier");
  EXPECT_FATAL((box.cache().stacks.free[0] = nullptr, verify()), "heap verifier");
  EXPECT_FATAL((++box.heap().span(m.stack.newest_segment()->span).alloc_count, verify()), "heap verifier");
  EXPECT_FATAL((box.heap().span(m.stack.newest_segment()->span).pages += 1, verify()), "heap verifier");
}

TEST_F(VerifierOfTables, CountsAndSortsSpecials) {
  Local<std::byte> object(mutator, make_bytes(mutator, 1000));
  Local<std::byte> other(mutator, make_bytes(mutator, 1000));
  set_finalizer(mutator, object.get(), 1);
  set_finalizer(mutator, other.get(), 2);
  verify();
  MSpan& span = *box.heap().find(reinterpret_cast<uintptr_t>(object.get()));
  Special* const first = span.specials.peek();
  EXPECT_BROKEN((span.specials.init(nullptr), verify()), 8);
  EXPECT_BROKEN((first->next = nullptr, verify()), 8);
  EXPECT_BROKEN((first->offset += 2048, verify()), 8);  // behind its successor, and on no object
  EXPECT_BROKEN((first->offset = static_cast<uint32_t>(span.bytes()), verify()), 8);
  EXPECT_BROKEN((first->next->offset = first->offset, verify()), 8);  // two of a kind
}

TEST_F(VerifierOfTables, ChecksTheListOfALargeSpan) {
  Local<std::byte> large(mutator, make_bytes(mutator, 40000));
  verify();
  MSpan& span = *box.heap().find(reinterpret_cast<uintptr_t>(large.get()));
  EXPECT_BROKEN((span.list = observe::ListMembership::kNone, verify()), 8);
  EXPECT_BROKEN((span.next = &span, verify()), 8);
}

// I15: a free struct that a queue names and that reads NEEDS.
TEST_F(VerifierOfTables, RefusesAQueuedFreeStructThatNeedsSweeping) {
  MSpan& span = *box.heap().alloc_span(m, 5, SpanClass(0, true), 5 * kPageSize);
  box.heap().heap_live.init(0);
  span.alloc_count = 0;
  box.heap().free_span(m, span);
  in_a_stop([&] { box.heap().turn(m, 1, 2); });
  for (uint32_t p = 0; p < 2; ++p) box.sched().p(p).mcache.flush_gen.init(box.h());
  ASSERT_EQ(box.heap().unswept().at(0), span.id);
  span.sweepgen.init(box.h());
  verify();
  EXPECT_BROKEN((span.sweepgen.init(box.h() - 2), verify()), 15);
}

// I9 in every state of a span in a stopped world: accepts the exact heap_live, and refuses more or less.
struct VerifierOfHeapLive : ::testing::TestWithParam<std::string> {
  static EngineOptions options() {
    EngineOptions options = quiet_options(2);
    options.flush_policy = GetParam();
    return options;
  }
  WhiteBox box{options()};
  M& m = box.m();
  Mutator mutator{m, box.runtime()};

  void verify(int64_t damage = 0) {
    box.heap().heap_live.init(box.heap().heap_live.peek() + static_cast<uint64_t>(damage));
    box.runtime().collector().stopped(m, observe::StwReason::kStats, 0,
                                      [&] { check_protocol(m, box.runtime().layers(), VerifyAt::kAnyStop); });
  }
  void expect_exact(const char* when) {
    SCOPED_TRACE(when);
    verify();
    for (const int64_t damage : {+16, -16, +8192}) EXPECT_BROKEN(verify(damage), 9) << damage;
  }
  void flush_all() {
    box.runtime().collector().stopped(m, observe::StwReason::kStats, 0, [&] {
      for (uint32_t p = 0; p < 2; ++p)
        prepare_for_sweep(m, box.heap(), box.sched().p(p).mcache, observe::FlushCause::kStats);
    });
  }
  // The end of a marking and the turn, without the flushes that follow in a cycle: every span NEEDS or STALE.
  void mark_and_turn() {
    box.sched().stop(m);
    const MarkTotals marked = box.runtime().marking().mark_stopped(m, 1);
    box.runtime().policy().in_pause(m, nullptr);
    box.heap().heap_live.init(marked.bytes);
    box.turn();
    box.sched().start(m, 2);
  }
};

TEST_P(VerifierOfHeapLive, CountsCachedAndSweptSpans) {
  Local<Node> node(mutator, make<Node>(mutator));
  for (int i = 0; i < 20; ++i) make_bytes(mutator, 1000);  // full spans, and one in use
  make_bytes(mutator, 40000);
  expect_exact("promised slots count");
  box.release();
  expect_exact("returned slots do not count");
}

TEST_P(VerifierOfHeapLive, CountsUnsweptAndStaleSpans) {
  Local<Ref<std::byte>> kept(mutator, make_refs<std::byte>(mutator, 12));
  for (size_t i = 0; i < 10; ++i) kept[i].set(mutator, make_bytes(mutator, 1000));
  for (int i = 0; i < 10; ++i) make_bytes(mutator, 1000);
  kept[10].set(mutator, make_bytes(mutator, 40000));
  make_bytes(mutator, 50000);
  mutator.move_to_p(1);
  kept[11].set(mutator, make_bytes(mutator, 3000));
  mark_and_turn();
  expect_exact("after the turn only marks count");
  make_bytes(mutator, 3000);
  make_bytes(mutator, 40000);
  expect_exact("allocated since the turn, after a flush or black from stale spans");
  flush_all();
  expect_exact("flushed");
  mutator.collect();
  expect_exact("swept");
}

TEST_P(VerifierOfHeapLive, CountsObjectsKeptForTheirFinalizers) {
  Local<std::byte> neighbour(mutator, make_bytes(mutator, 1000));
  set_finalizer(mutator, make_bytes(mutator, 1000), 1);
  set_finalizer(mutator, make_bytes(mutator, 40000), 2);
  mutator.collect();
  expect_exact("kept for a cycle");
  while (take_finalized(mutator)) {
  }
  expect_exact("when their tokens are taken");
  mutator.collect();
  expect_exact("gone");
}

INSTANTIATE_TEST_SUITE_P(Policy, VerifierOfHeapLive, ::testing::ValuesIn(flush_policy_names()),
                         [](const auto& p) { return test_name_of(p.param); });

}  // namespace
}  // namespace sweepscope::engine
