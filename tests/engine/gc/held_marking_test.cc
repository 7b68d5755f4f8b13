// Marking is concurrent: while it is held open, programs run as many operations as they like. And it needs every part
// of its barrier: what each test does to the graph meanwhile loses an object without one of them.
#include <gtest/gtest.h>

#include <array>
#include <atomic>

#include "tests/engine/support/held_marking.h"
#include "tests/engine/support/shadow_heap.h"
#include "tests/support/seed.h"

namespace sweepscope::engine {
namespace {

struct Node {
  static constexpr size_t kRefs = 1;
  Ref<Node> next;
  uint64_t payload;
};

constexpr uint64_t kPayload = 0x0123'4567'89AB'CDEF;

Node* node(Mutator& m) {
  Node* const made = make<Node>(m);
  made->payload = kPayload;
  return made;
}

// Steps of the test's thread and of one mutator, which take turns; the mutator waits in a blocking region, or polls.
class Turns {
 public:
  void reach(int step) { step_.store(step, std::memory_order_release); }
  void wait_for(int step) {
    eventually([&] { return step_.load(std::memory_order_acquire) >= step; });
  }
  // Leaves the P meanwhile: while a stack is to be scanned, the thread's own is black afterwards.
  void wait_outside(Mutator& m, int step) {
    m.blocking([&] { wait_for(step); });
  }
  void poll_until(Mutator& m, int step) {
    eventually([&] {
      m.poll();
      return step_.load(std::memory_order_acquire) >= step;
    });
  }

 private:
  std::atomic<int> step_{0};
};

TEST(MarkingHeldOpen, ProgramsRunMeanwhile) {
  const uint64_t seed = testing::seed_or(81);
  SWEEPSCOPE_TRACE_SEED(seed);
  constexpr uint32_t kPrograms = 3;
  constexpr uint64_t kEach = 20'000;
  HeldMarking held(kPrograms);
  Turns turns;
  std::atomic<uint32_t> ready{0}, ran{0};
  std::atomic<uint64_t> meanwhile{0};
  for (uint32_t t = 0; t < kPrograms; ++t) {
    held.engine->start_mutator("random", [&, t](Mutator& m) {
      ShadowMix mix = ShadowMix::plain();
      mix.weights[static_cast<size_t>(Operation::kCollect)] = 0;
      ShadowProgram program(m, seed * 100 + t, mix);
      program.run(kEach);
      ++ready;
      turns.wait_outside(m, 1);
      program.run(kEach);
      if (held.open()) meanwhile += kEach;
      ++ran;
      turns.poll_until(m, 2);
      program.check();
    });
  }
  eventually([&] { return ready == kPrograms; });
  held.begin();
  turns.reach(1);
  eventually([&] { return ran == kPrograms; });
  EXPECT_TRUE(held.open());
  EXPECT_EQ(held.collector().cycles(), 0u);
  EXPECT_EQ(meanwhile, kPrograms * kEach);
  held.finish();
  turns.reach(2);
  held.engine->join_mutators();
  EXPECT_EQ(held.collector().cycles(), 1u);
  expect_sound(*held.engine);
}

// A black stack takes the only reference from an object that is not scanned yet.
TEST(MarkingHeldOpen, ReferenceTakenToABlackStackNeedsTheShadeOfTheOld) {
  HeldMarking held(1);
  Turns turns;
  Global<Node> root(*held.engine);
  held.engine->start_mutator("takes", [&](Mutator& m) {
    Local<Node> hand(m, node(m));
    root.set(m, hand.get());
    hand = node(m);
    root.get()->next.set(m, hand.get());
    hand = nullptr;
    turns.reach(1);
    turns.wait_outside(m, 2);  // wanted when it comes back
    turns.wait_outside(m, 2);
    EXPECT_EQ(m.m().stack_scan.peek(), StackScan::kDone);
    hand = root.get()->next.get();
    root.get()->next.set(m, nullptr);
    turns.reach(3);
    turns.poll_until(m, 4);
    EXPECT_EQ(hand->payload, kPayload);
  });
  turns.wait_for(1);
  held.begin();
  turns.reach(2);
  turns.wait_for(3);
  held.finish();
  turns.reach(4);
  held.engine->join_mutators();
  EXPECT_EQ(held.engine->stats().per_cycle.at(0).marked_objects, 2u);
}

// A stack that is not scanned yet gives its only reference to a black object.
TEST(MarkingHeldOpen, ReferenceStoredFromAnUnscannedStackNeedsTheShadeOfTheNew) {
  HeldMarking held(1);
  Turns turns;
  Global<Node> root(*held.engine);
  held.engine->start_mutator("gives", [&](Mutator& m) {
    Local<Node> hand(m, node(m));
    turns.reach(1);
    turns.poll_until(m, 2);
    EXPECT_EQ(m.m().stack_scan.peek(), StackScan::kRunning) << "nothing asks for its scan";
    Local<Node> black(m, node(m));
    black->next.set(m, hand.get());
    hand = nullptr;
    root.set(m, black.get());
    turns.reach(3);
    turns.poll_until(m, 4);
    EXPECT_EQ(black->next.get()->payload, kPayload);
  });
  turns.wait_for(1);
  held.begin();
  turns.reach(2);
  turns.wait_for(3);
  held.finish();
  turns.reach(4);
  held.engine->join_mutators();
  EXPECT_EQ(held.engine->stats().per_cycle.at(0).marked_objects, 2u);
}

// A black stack is not scanned again, for new objects neither.
TEST(MarkingHeldOpen, NewObjectOnABlackStackNeedsToBeBlack) {
  HeldMarking held(1);
  Turns turns;
  held.engine->start_mutator("makes", [&](Mutator& m) {
    Local<Node> small(m, node(m));
    Local<std::byte> large(m), tiny(m);
    turns.reach(1);
    turns.wait_outside(m, 2);
    turns.wait_outside(m, 2);
    EXPECT_EQ(m.m().stack_scan.peek(), StackScan::kDone);
    small = node(m);
    large = make_bytes(m, 100'000);
    large[99'999] = std::byte{7};
    tiny = make_bytes(m, 3);
    tiny[2] = std::byte{9};
    turns.reach(3);
    turns.poll_until(m, 4);
    EXPECT_EQ(small->payload, kPayload);
    EXPECT_EQ(tiny[2], std::byte{9});
    Mutator& mutator = m;
    EXPECT_NE(make_bytes(mutator, 100'000), large.get()) << "was freed";
  });
  turns.wait_for(1);
  held.begin();
  turns.reach(2);
  turns.wait_for(3);
  held.finish();
  turns.reach(4);
  held.engine->join_mutators();
  EXPECT_EQ(held.engine->stats().per_cycle.at(0).marked_objects, 4u) << "the first node was on the stack";
}

}  // namespace
}  // namespace sweepscope::engine
