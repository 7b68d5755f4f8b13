// Concurrent marking (engine/gc/mark/mark_phase.h) step by step: what it makes black, and when.
#include "engine/gc/mark/mark_phase.h"

#include <gtest/gtest.h>

#include "tests/engine/support/mark_alone.h"
#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

EngineOptions concurrent_options() {
  EngineOptions options = quiet_options(2);
  options.cores = 2;
  options.concurrent_mark = true;
  return options;
}

struct Node {
  static constexpr size_t kRefs = 1;
  Ref<Node> next;
  uint64_t payload;
};

struct Marking : ::testing::Test {
  WhiteBox box{concurrent_options()};
  M& m = box.m();
  Mutator mutator{m, box.runtime()};

  MarkPhase& phase() { return box.runtime().marking(); }
  void stop() { box.sched().stop(m); }
  void start() { box.sched().start(m, 2); }
  void begin() {
    stop();
    phase().begin(m, 1);
    box.runtime().pacing().credit().give(1 << 30);  // no worker marks: an assist would wait for one
    start();
  }
  bool complete() {
    stop();
    return phase().complete(m);
  }
  // Marks until a round finds no more work, while no worker does: the phase is never open().
  void advance() { mark_alone(phase(), m); }
  // From the start of the world to the end of marking; the world is stopped afterwards.
  void finish() {
    do {
      if (box.sched().world.stopped()) start();
      advance();
    } while (!complete());
  }
  bool marked(const void* object) {
    const auto address = reinterpret_cast<uintptr_t>(object);
    MSpan& span = *box.heap().find(address);
    const uint32_t slot = span.slot_of(address);
    return (span.mark_word_at(slot / 64) >> (slot % 64) & 1) != 0;
  }

  // A second engine thread, on P 1 between enter() and leave(). Both share one OS thread, so it must have
  // left before the other one waits for it.
  M* second = nullptr;
  void enter() {
    if (second == nullptr) second = &box.runtime().threads().add();
    box.sched().acquire_p(*second, 1, true);
  }
  void leave() {
    box.sched().release_p(*second, observe::PStatus::kIdle);
    box.sched().permits.give(*second);
  }
};

TEST_F(Marking, ObjectsAreBlackFromBirth) {
  begin();
  Local<Node> small(mutator, make<Node>(mutator));
  void* const tiny = make_bytes(mutator, 3);
  void* const large = make_bytes(mutator, 100'000);
  EXPECT_TRUE(marked(small.get()));
  EXPECT_TRUE(marked(tiny));
  EXPECT_TRUE(marked(large));
  finish();
  EXPECT_EQ(phase().totals().objects, 3u);
  EXPECT_EQ(phase().totals().bytes, 16u + 16 + 106'496);
  start();
}

TEST_F(Marking, ObjectsAreWhiteFromBirthAfterMarking) {
  begin();
  finish();
  start();
  EXPECT_FALSE(marked(make<Node>(mutator)));
}

TEST_F(Marking, ReferenceThatIsOverwrittenIsMarked) {
  Local<Node> holder(mutator, make<Node>(mutator));
  Node* const last = make<Node>(mutator);
  holder->next.set(mutator, last);
  begin();
  holder->next.set(mutator, nullptr);
  finish();
  EXPECT_TRUE(marked(last));
  start();
}

TEST_F(Marking, ReferenceThatIsStoredIsMarked) {
  Node* const white = make<Node>(mutator);
  begin();
  Local<Node> black(mutator, make<Node>(mutator));
  black->next.set(mutator, white);
  finish();
  EXPECT_TRUE(marked(white));
  EXPECT_EQ(black->next.get(), white);
  start();
}

TEST_F(Marking, ReferenceInAGlobalIsShadedAsInAnObject) {
  Global<Node> root(*box.engine);
  Node* const white = make<Node>(mutator);
  begin();
  root.set(mutator, white);
  finish();
  EXPECT_TRUE(marked(white));
  start();
}

TEST_F(Marking, NoShadeIsLostWhenTheBufferIsFull) {
  Local<Node> list(mutator);
  std::vector<Node*> nodes;
  for (uint32_t i = 0; i < 3 * BarrierBuffer::kSize; ++i) {
    Node* const node = make<Node>(mutator);
    nodes.push_back(node);
  }
  begin();
  Local<Node> black(mutator, make<Node>(mutator));
  for (Node* node : nodes) black->next.set(mutator, node);
  EXPECT_LE(m.barrier.used, BarrierBuffer::kSize);
  finish();
  for (Node* node : nodes) EXPECT_TRUE(marked(node));
  start();
}

TEST_F(Marking, NothingIsShadedOutsideMarking) {
  Local<Node> holder(mutator, make<Node>(mutator));
  holder->next.set(mutator, make<Node>(mutator));
  EXPECT_EQ(m.barrier.used, 0u);
  begin();
  holder->next.set(mutator, nullptr);
  EXPECT_EQ(m.barrier.used, 1u);
  finish();
  start();
  holder->next.set(mutator, holder.get());
  EXPECT_EQ(m.barrier.used, 0u);
}

TEST_F(Marking, HandlesOfAThreadWithoutAPAreRoots) {
  enter();
  Mutator other(*second, box.runtime());
  {
    Local<Node> held(other, make<Node>(other));
    Node* const child = make<Node>(other);
    held->next.set(other, child);
    leave();
    begin();
    finish();
    EXPECT_TRUE(marked(held.get()));
    EXPECT_TRUE(marked(child));
    start();
    enter();
  }
  leave();
}

TEST_F(Marking, ThreadThatRunsUnscannedIsScannedBeforeItGivesUpItsP) {
  enter();
  Mutator other(*second, box.runtime());
  {
    Local<Node> held(other, make<Node>(other));
    Node* const child = make<Node>(other);
    held->next.set(other, child);
    leave();
    begin();
    enter();
    EXPECT_EQ(second->stack_scan.peek(), StackScan::kRunning);
    EXPECT_FALSE(marked(held.get()));
    leave();
    EXPECT_EQ(second->stack_scan.peek(), StackScan::kDone);
    EXPECT_TRUE(marked(held.get()));
    finish();
    EXPECT_TRUE(marked(child));
    start();
    enter();
  }
  leave();
}

TEST_F(Marking, ThreadThatStartsDuringMarkingBeginsBlack) {
  begin();
  enter();
  EXPECT_EQ(second->stack_scan.peek(), StackScan::kDone);
  Mutator other(*second, box.runtime());
  {
    Local<Node> held(other, make<Node>(other));
    EXPECT_TRUE(marked(held.get()));
  }
  leave();
  finish();
  start();
}

TEST_F(Marking, ReferentsOfAnObjectWithANewFinalizerAreMarked) {
  Node* const object = make<Node>(mutator);
  Node* const needed = make<Node>(mutator);
  object->next.set(mutator, needed);
  begin();
  ASSERT_TRUE(set_finalizer(mutator, object, 7));
  finish();
  EXPECT_FALSE(marked(object));  // only what it refers to: it is dead, and its sweep will queue it
  EXPECT_TRUE(marked(needed));
  start();
}

// D5 (golang/go #27993): a thread gives up an empty buffer in the last round, then takes a white object out
// of a grey one.
TEST_F(Marking, ContinuesWhenAStopFindsAGreyObject) {
  Node* const white = make<Node>(mutator);
  Node* const behind = make<Node>(mutator);
  white->next.set(mutator, behind);
  begin();
  advance();
  enter();
  Mutator other(*second, box.runtime());
  {
    Local<Node> black(other, make<Node>(other));
    black->next.set(other, white);
  }
  leave();
  EXPECT_FALSE(complete());
  EXPECT_TRUE(marked(white));
  EXPECT_FALSE(marked(behind));
  start();
  EXPECT_TRUE(m.write_barrier);
  EXPECT_EQ(m.mcache->colour, Colour::kBlack);
  finish();
  EXPECT_TRUE(marked(behind));
  start();
}

// No caller flushes during marking today; if one did, new objects must still be black.
TEST_F(Marking, FlushDuringMarkingKeepsNewObjectsBlack) {
  begin();
  release(m, box.heap(), box.cache(), observe::FlushCause::kStats);
  EXPECT_EQ(box.cache().colour, Colour::kBlack);
  Local<Node> born(mutator, make<Node>(mutator));
  EXPECT_TRUE(marked(born.get()));
  finish();
  start();
  EXPECT_EQ(box.cache().colour, Colour::kWhite) << "marking is over";
}

TEST(MarkingDeathTest, EndsWithAStackThatNoThreadScanned) {
  EngineOptions options = quiet_options();
  options.concurrent_mark = true;
  WhiteBox box(options);
  M& m = box.m();
  Mutator mutator(m, box.runtime());
  MarkPhase& phase = box.runtime().marking();
  Local<Node> root(mutator, make<Node>(mutator));
  EXPECT_FATAL(
      {
        box.sched().stop(m);
        phase.begin(m, 1);
        box.sched().start(m, 1);
        m.stack_scan.put(StackScan::kDone);
        mark_alone(phase, m);
        box.sched().stop(m);
        phase.complete(m);
      },
      "P has cached GC work at end of mark termination");
}

TEST(MarkingDeathTest, ThreadTakesAPWithABufferThatTheMarkingForgot) {
  WhiteBox box;
  M& m = box.m();
  EXPECT_FATAL(
      {
        m.barrier.used = 1;
        box.sched().release_p(m, observe::PStatus::kIdle);
        box.sched().acquire_p(m);
      },
      "P has cached GC work at end of mark termination");
}

TEST(MarkingDeathTest, EndsWithAGreyObjectInTheSeed) {
  EngineOptions options = quiet_options();  // one core: no helper that a fork would lose
  options.concurrent_mark = true;
  WhiteBox box(options);
  M& m = box.m();
  Mutator mutator(m, box.runtime());
  MarkPhase& phase = box.runtime().marking();
  box.heap().repairs.recheck_in_stop = false;
  EXPECT_FATAL(
      {
        Node* const white = make<Node>(mutator);
        box.sched().stop(m);
        phase.begin(m, 1);
        box.sched().start(m, 1);
        mark_alone(phase, m);
        Local<Node> black(mutator, make<Node>(mutator));
        black->next.set(mutator, white);
        box.sched().stop(m);
        phase.complete(m);
      },
      "P has cached GC work at end of mark termination");
}

}  // namespace
}  // namespace sweepscope::engine
