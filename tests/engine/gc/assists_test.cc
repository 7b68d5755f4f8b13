// Which threads pay for concurrent marking (engine/gc/assists.h), and which run the transitions of a cycle.
#include "engine/gc/assists.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>
#include <utility>

#include "tests/engine/support/sched_bench.h"
#include "tests/engine/support/white_box.h"
#include "tests/support/record_observer.h"

namespace sweepscope::engine {
namespace {

struct Node {
  static constexpr size_t kRefs = 1;
  Ref<Node> next;
  uint64_t payload[15];
};

EngineOptions concurrent(uint32_t gogc) {
  EngineOptions options = quiet_options(1);
  options.concurrent_mark = true;
  options.gogc = gogc;
  return options;
}

// A phase that has begun and is not open: no worker marks. The list hangs on a Global, so that there is a root job.
struct Assisting : ::testing::Test {
  WhiteBox box{concurrent(100)};
  M& m = box.m();
  Mutator mutator{m, box.runtime()};
  Global<Node> list{*box.engine};

  MarkPhase& phase() { return box.runtime().marking(); }
  MarkCredit& credit() { return box.runtime().pacing().credit(); }
  uint64_t scanned() const { return m.cost.scanned[static_cast<size_t>(MarkedBy::kAssist)]; }
  uint64_t stolen() { return box.runtime().pacing().costs().sum().stolen; }

  void make_list(uint32_t nodes) {
    for (uint32_t i = 0; i < nodes; ++i) {
      Local<Node> node(mutator, make<Node>(mutator));
      node->next.set(mutator, list.get());
      list.set(mutator, node.get());
    }
  }
  void begin() {
    box.sched().stop(m);
    credit().reset();
    phase().begin(m, 1);
    box.sched().start(m, 1);
  }
  void end() {
    do {
      do {
        DrainedWork done;
        phase().drain(m, ~uint64_t{0}, done, [](MarkThread&) { return false; });
      } while (!phase().round(m));
      box.sched().stop(m);
    } while (!phase().complete(m));
    box.sched().start(m, 1);
  }
};

TEST_F(Assisting, AllocationIsChargedByTheSpanWhileTheHeapIsMarked) {
  make_bytes(mutator, 1024);
  EXPECT_EQ(m.assist_bytes, 0) << "nothing is marked";
  make_list(2000);
  begin();
  make_bytes(mutator, 2048);  // the first of its class: a whole span
  EXPECT_EQ(m.assist_bytes, -8192);
  m.assist_bytes = 0;
  make_bytes(mutator, 100'000);
  EXPECT_EQ(m.assist_bytes, -106'496);
  end();
}

TEST_F(Assisting, CreditOfWorkersPaysFirst) {
  make_list(2000);
  begin();
  credit().give(100 << 20);
  make_bytes(mutator, 100'000);
  make_bytes(mutator, 100'000);
  EXPECT_EQ(scanned(), 0u);
  EXPECT_GE(stolen(), pacer::kAssistQuantum);
  EXPECT_EQ(credit().left(), static_cast<int64_t>((100 << 20) - stolen()));
  end();
}

TEST_F(Assisting, WithoutCreditTheThreadMarks) {
  make_list(20'000);  // 2.5 MB
  begin();
  make_bytes(mutator, 100'000);
  EXPECT_EQ(scanned(), 0u) << "the debt is younger than the check";
  make_bytes(mutator, 100'000);
  EXPECT_GE(scanned(), pacer::kAssistQuantum);
  EXPECT_EQ(credit().scan_done(), scanned());
  EXPECT_EQ(credit().left(), 0) << "a thread's own work pays its own debt";
  end();
}

// Near the goal one span may owe all that is left to mark.
TEST_F(Assisting, HugeDebtIsPaidInPieces) {
  make_list(24'000);  // 3 MB
  begin();
  const auto owe = [&](uint64_t work) {
    m.assist_bytes =
        -static_cast<int64_t>(pacer::bytes_for_work(work, box.runtime().pacing().assist_ratio()));
  };
  owe(5 << 19);
  make_bytes(mutator, 100'000);
  const uint64_t first = scanned();
  EXPECT_GE(first, uint64_t{1} << 20);
  EXPECT_LT(first, uint64_t{3} << 19);
  owe(1 << 20);
  make_bytes(mutator, 100'000);
  EXPECT_GE(scanned(), first + (1 << 20)) << "the next one pays on";
  end();
}

// Waking a thread costs as much as marking some 32 KiB.
TEST(MarkCredit, IsWorthAWakeWhenItPaysWhatAnAssistDoesAtLeast) {
  MarkCredit credit;
  EXPECT_FALSE(credit.worth_a_wake());
  credit.give(pacer::kAssistQuantum - 1);
  EXPECT_FALSE(credit.worth_a_wake());
  credit.give(1);
  EXPECT_TRUE(credit.worth_a_wake());
  credit.steal(2 * pacer::kAssistQuantum);
  EXPECT_FALSE(credit.worth_a_wake()) << "two threads stole at once";
}

TEST_F(Assisting, MarksNothingForTheNextCycle) {
  make_list(100);
  begin();
  DrainedWork done;
  EXPECT_EQ(phase().drain(m, ~uint64_t{0}, done, [](MarkThread&) { return false; }), Drained::kNoWork)
      << "the phase is not open, so there is no end to look for";
  EXPECT_GE(done.scanned, 100 * sizeof(Node));
  end();
  EXPECT_FALSE(phase().has_work());
}

// Else a program that sets finalizers without end would keep its cycle from ending.
TEST_F(Assisting, FinalizerOfAMarkedObjectGivesNoNewWork) {
  begin();
  Local<Node> object(mutator, make<Node>(mutator));  // black from birth
  DrainedWork done;
  phase().drain(m, ~uint64_t{0}, done, [](MarkThread&) { return false; });
  ASSERT_TRUE(set_finalizer(mutator, object.get(), 1));
  EXPECT_TRUE(phase().round(m)) << "there is work again";
  end();
}

// The same for a whole marking, with a finalizer set before each look for the end: the first time the object is white,
// and its referents are new work.
TEST_F(Assisting, EndsWhileFinalizersAreSet) {
  Local<Node> object(mutator, make<Node>(mutator));
  begin();
  uint32_t rounds = 0;
  bool ended = false;
  while (!ended && rounds < 10) {
    DrainedWork done;
    phase().drain(m, ~uint64_t{0}, done, [](MarkThread&) { return false; });
    ASSERT_TRUE(set_finalizer(mutator, object.get(), rounds));
    ASSERT_TRUE(clear_finalizer(mutator, object.get()));
    ++rounds;
    if (!phase().round(m)) continue;
    box.sched().stop(m);
    ended = phase().complete(m);
    box.sched().start(m, 1);
  }
  EXPECT_TRUE(ended);
  EXPECT_LE(rounds, 3u);
  if (!ended) end();
}

TEST_F(Assisting, DebtsEndWithTheCycle) {
  make_list(100);
  begin();
  make_bytes(mutator, 100'000);
  EXPECT_LT(m.assist_bytes, 0);
  end();
  make_bytes(mutator, 100'000);
  EXPECT_EQ(scanned(), 0u);
  begin();
  EXPECT_EQ(m.assist_bytes, 0);
  end();
}

// The thread that triggers has the only P, so no other could have begun the cycle that it sees marking.
TEST(Cycle, ThreadThatTriggersItContinuesMeanwhile) {
  Engine::Created made = Engine::create(concurrent(100));
  made.engine->start_mutator("triggers", [&](Mutator& m) {
    Collector& collector = made.engine->runtime().collector();
    Local<Node> kept(m, make<Node>(m));
    bool sees_marking = false;
    // A whole cycle passes in one call if this thread gives way there to a worker; hardly ever in all of them.
    while (!sees_marking && collector.cycles() < 1000) {
      make_bytes(m, 1024);
      sees_marking = collector.phase() == observe::Phase::kMark;
    }
    ASSERT_TRUE(sees_marking);
    EXPECT_TRUE(m.m().write_barrier);
    for (uint64_t i = 0; i < 1000; ++i) kept->payload[i % 15] = i;
    EXPECT_EQ(collector.phase(), observe::Phase::kMark) << "no thread stopped this one";
    const uint32_t cycles = collector.cycles();
    while (collector.cycles() == cycles) make_bytes(m, 1024);
    EXPECT_EQ(kept->payload[999 % 15], 999u);
  });
  made.engine->join_mutators();
  expect_sound(*made.engine);
}

// Runs `opening` on the thread that starts a cycle, when its world runs and before it opens the marking.
class OpeningObserver final : public observe::Observer {
 public:
  std::span<observe::Record> take_chunk(uint32_t stream) override { return records_.take_chunk(stream); }
  void hand_over(uint32_t stream, std::span<observe::Record> chunk, size_t used, uint64_t first) override {
    bool started = false;
    for (const observe::Record& record : chunk.first(used)) {
      if (record.header.kind != observe::EventKind::kStw) continue;
      const auto stw = observe::restore<observe::Stw>(record);
      started |= stw.reason == observe::StwReason::kSweepTermination &&
                 stw.header.code == static_cast<uint8_t>(observe::StwEdge::kStarted);
    }
    records_.hand_over(stream, chunk, used, first);
    if (started && opening) std::exchange(opening, {})();
  }
  void drain_for_crash() noexcept override {}
  std::function<void()> opening;

 private:
  testing::RecordObserver records_;
};

// Whether the thread of this process with that name is asleep.
bool sleeps(const std::string& name) {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string comm, stat;
    std::getline(std::ifstream(task.path() / "comm"), comm);
    std::getline(std::ifstream(task.path() / "stat"), stat);
    if (comm == name) return stat.find(") S ") != std::string::npos;
  }
  return false;
}

// In an engine's first cycle its workers learn their kinds. Marking opens while one thread has all the work in hand, so
// there is none to wake for; then it gives work up, and nothing but a worker of the new kind is there to take it.
TEST(Cycle, EndsAlthoughAWorkerChangedItsKindWithoutWork) {
  for (int run = 0; run < 3; ++run) {
    OpeningObserver observer;
    EngineOptions options = concurrent(kGcOff);
    options.procs = 2;
    options.cores = 1;  // one worker, fractional from the first cycle on; and no spare permit for an idle one
    options.observer = &observer;
    Engine::Created made = Engine::create(options);
    Runtime& runtime = made.engine->runtime();
    // The last root job, the block of spans, finds what a dead object with a finalizer refers to.
    runtime.on_p([](Mutator& m) {
      Local<Node> list(m);
      for (uint32_t i = 0; i < 1000; ++i) {
        Local<Node> node(m, make<Node>(m));
        node->next.set(m, list.get());
        list = node.get();
      }
      ASSERT_TRUE(set_finalizer(m, list.get(), 1));
    });
    std::atomic<int> step{0};
    const auto wait_for = [&](int wanted) {
      while (step < wanted) std::this_thread::yield();
    };
    std::thread holder([&] {
      wait_for(1);
      M& m = runtime.threads().add();
      m.needs_permit = false;
      runtime.sched().acquire_p(m);
      DrainedWork done;
      const Drained how = runtime.marking().drain(m, ~uint64_t{0}, done, [&](MarkThread&) {
        if (done.scanned == 0) return false;  // not at the list yet
        step = 2;
        wait_for(3);
        return true;
      });
      if (how == Drained::kLast)
        runtime.collector().look_for_end(m, Collector::Barrier::kOwn);  // the worker was faster
      runtime.sched().release_p(m, observe::PStatus::kIdle);
    });
    observer.opening = [&] {
      step = 1;
      wait_for(2);
    };
    std::thread collecting([&] { made.engine->collect(); });
    wait_for(2);
    // Until the marking is open, which woke the worker, and the worker sleeps again.
    eventually([&] { return runtime.sched().blocked().size() > 0 && sleeps("gcworker"); });
    step = 3;
    holder.join();
    collecting.join();
    ASSERT_EQ(runtime.collector().cycles(), 1u);
    runtime.on_p([](Mutator& m) {
      const auto taken = take_finalized(m);
      ASSERT_TRUE(taken);
      uint32_t nodes = 0;
      for (const Node* node = static_cast<Node*>(taken->object); node != nullptr; node = node->next.get())
        ++nodes;
      EXPECT_EQ(nodes, 1000u);
    });
    made.engine.reset();
  }
}

// A viewer's pause stops mutators only: what waits for a cycle must not wait for the viewer.
TEST(Cycle, EndsWhileAViewerPausesTheProgram) {
  EngineOptions options = concurrent(kGcOff);
  options.procs = options.cores = 2;
  Engine::Created made = Engine::create(options);
  std::atomic<bool> made_list{false}, quit{false};
  made.engine->start_mutator("paused", [&](Mutator& m) {
    Local<Node> list(m);
    for (uint32_t i = 0; i < 10'000; ++i) {
      Local<Node> node(m, make<Node>(m));
      node->next.set(m, list.get());
      list = node.get();
    }
    made_list = true;
    while (!quit) m.poll();
  });
  while (!made_list) std::this_thread::yield();
  made.engine->pause_mutators(true);
  made.engine->collect();
  EXPECT_EQ(made.engine->stats().per_cycle.at(0).marked_objects, 10'000u);
  made.engine->pause_mutators(false);
  quit = true;
  made.engine->join_mutators();
}

// The goal of each cycle holds although two threads allocate without end, as long as a cached span or two.
TEST(Cycle, EndsBeforeTheHeapIsATenthBeyondItsGoal) {
  EngineOptions options = concurrent(100);
  options.procs = options.cores = 2;
  Engine::Created made = Engine::create(options);
  for (int t = 0; t < 2; ++t) {
    made.engine->start_mutator("garbage", [&](Mutator& m) {
      Local<Node> list(m);
      for (uint32_t i = 0; i < 200'000; ++i) {
        Local<Node> node(m, make<Node>(m));
        if (i % 1000 != 0) node->next.set(m, list.get());
        list = node.get();
      }
    });
  }
  made.engine->join_mutators();
  const EngineStats stats = made.engine->stats();
  ASSERT_GE(stats.cycles, 3u);
  for (const CycleRecord& cycle : stats.per_cycle) {
    EXPECT_LE(cycle.heap_end, cycle.goal_at_start + cycle.goal_at_start / 10 + (256 << 10)) << cycle.cycle;
    EXPECT_GE(cycle.goal_at_start, cycle.heap_before);
  }
}

}  // namespace
}  // namespace sweepscope::engine
