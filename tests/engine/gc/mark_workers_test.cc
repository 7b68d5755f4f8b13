// Which workers mark, and when they make room for the program: kinds and the order of events, no durations.
//
// When a thread runs is the machine's choice. So each test repeats cycles until it has seen what must be possible, and
// fails after kCycles of them; what must never happen it checks in each.
#include "engine/gc/mark_workers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <vector>

#include "tests/engine/support/sched_bench.h"
#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

constexpr uint32_t kCycles = 300;

struct Node {
  static constexpr size_t kRefs = 1;
  Ref<Node> next;
  uint64_t payload[7];
};

// What one cycle's marking cost, by kind, and how many threads were of it.
struct Kinds {
  std::array<uint32_t, 4> threads{};
  std::array<uint64_t, 4> scanned{};
  MarkWork work{};

  uint32_t threads_of(MarkedBy kind) const { return threads[static_cast<size_t>(kind)]; }
  uint64_t scanned_by(MarkedBy kind) const { return scanned[static_cast<size_t>(kind)]; }
};

class WorkerBench {
 public:
  explicit WorkerBench(uint32_t procs) {
    EngineOptions options = quiet_options(procs);
    options.cores = procs;
    options.concurrent_mark = true;
    options.max_heap_bytes = 1ull << 30;
    options.on_cycle = [this](const CycleRecord& record) { add(record); };
    engine = std::move(Engine::create(options).engine);
  }
  Collector& collector() { return engine->runtime().collector(); }
  Pacing& pacing() { return engine->runtime().pacing(); }
  Sched& sched() { return engine->runtime().sched(); }

  // Lists that a Global keeps: several, so that several workers find work. Returns the bytes to scan.
  uint64_t make_lists(uint32_t lists, uint32_t nodes) {
    heads_ = std::make_unique<Global<Ref<Node>>>(*engine);
    engine->runtime().on_p([&](Mutator& m) {
      heads_->set(m, make_refs<Node>(m, lists));
      for (uint32_t list = 0; list < lists; ++list) {
        for (uint32_t i = 0; i < nodes; ++i) {
          Node* const made = make<Node>(m);
          made->next.set(m, heads_->get()[list].get());
          heads_->get()[list].set(m, made);
        }
      }
    });
    return uint64_t{lists} * nodes * sizeof(Node);
  }

  // By a mutator, during marking: the write barrier puts the head of each list into the pool, so no worker runs out of
  // work soon.
  void shade_heads(Mutator& m, uint32_t lists) {
    for (uint32_t list = 0; list < lists; ++list) heads_->get()[list].set(m, heads_->get()[list].get());
  }

  // Threads that do nothing but poll, until the end.
  void keep_busy(uint32_t threads) {
    std::atomic<uint32_t> running{0};
    for (uint32_t t = 0; t < threads; ++t) {
      engine->start_mutator("busy", [this, &running](Mutator& m) {
        ++running;
        while (!quit_) m.poll();
      });
    }
    eventually([&] { return running == threads; });
  }
  void finish() {
    quit_ = true;
    engine->join_mutators();
    heads_.reset();
    engine.reset();  // joins the workers, which write cycles_
  }

  const std::vector<Kinds>& cycles() const { return cycles_; }  // while none is under way

  std::unique_ptr<Engine> engine;

 private:
  void add(const CycleRecord& record) {
    Kinds kinds;
    kinds.work = record.mark_work;
    engine->runtime().threads().for_each([&](const M& thread) {
      if (thread.cost_cycle != record.cycle) return;
      for (size_t kind = 0; kind < 4; ++kind) {
        kinds.threads[kind] += thread.cost.scanned[kind] > 0;
        kinds.scanned[kind] += thread.cost.scanned[kind];
      }
    });
    cycles_.push_back(kinds);
  }

  std::atomic<bool> quit_{false};
  std::vector<Kinds> cycles_;
  std::unique_ptr<Global<Ref<Node>>> heads_;
};

struct BudgetOf : ::testing::TestWithParam<uint32_t> {};

// As Go computes it: a quarter of the Ps as whole workers, or one fractional worker for what is left of it.
TEST_P(BudgetOf, PsIsObeyedByTheWorkersThatMark) {
  const uint32_t procs = GetParam();
  const pacer::WorkerBudget budget = pacer::worker_budget(pacer::Marking::kConcurrent, procs);
  WorkerBench bench(procs);
  const uint64_t bytes = bench.make_lists(16, 1000);
  bench.keep_busy(procs);
  bool dedicated = false, fractional = false;
  for (uint32_t i = 0; i < kCycles; ++i) {
    bench.engine->collect();
    const Kinds& kinds = bench.cycles().back();
    EXPECT_LE(kinds.threads_of(MarkedBy::kDedicated), budget.dedicated);
    EXPECT_LE(kinds.threads_of(MarkedBy::kFractional), budget.fractional > 0 ? 1u : 0u);
    EXPECT_EQ(kinds.threads_of(MarkedBy::kAssist), 0u) << "nothing is allocated";
    EXPECT_TRUE(budget.dedicated > 0 || kinds.work.dedicated_ns == 0);
    EXPECT_TRUE(budget.fractional > 0 || kinds.work.fractional_ns == 0);
    // Each object once, whichever worker had it; and the table of heads.
    EXPECT_EQ(kinds.work.worker_bytes(), bytes + 16 * 8);
    dedicated |= kinds.threads_of(MarkedBy::kDedicated) == budget.dedicated;
    fractional |= kinds.threads_of(MarkedBy::kFractional) > 0;
    if (dedicated && (fractional || budget.fractional == 0)) break;
  }
  EXPECT_TRUE(dedicated) << "some worker of the budget never marked";
  EXPECT_EQ(fractional, budget.fractional > 0);
  bench.finish();
}
INSTANTIATE_TEST_SUITE_P(Workers, BudgetOf, ::testing::Values(1u, 2u, 4u, 6u, 8u),
                         [](const auto& test) { return std::to_string(test.param); });

// On one P a mutator sees the worker's progress between two of its own turns: the worker went away with work left, and
// came back. kFarBehind: by its share it could mark as long as it likes.
enum class Share { kItsOwn, kFarBehind };
struct FractionalWorker : ::testing::TestWithParam<Share> {};

TEST_P(FractionalWorker, RestsWhileTheProgramWantsToRun) {
  WorkerBench bench(1);
  bench.make_lists(4, 400'000);
  std::atomic<uint32_t> most_turns{0};
  std::atomic<bool> quit{false};
  bench.engine->start_mutator("program", [&](Mutator& m) {
    uint64_t seen = 0;
    uint32_t cycle = 0, turns = 0;
    while (!quit) {
      m.poll();
      if (!m.m().write_barrier) continue;
      if (GetParam() == Share::kFarBehind) bench.pacing().marking_begins(1);
      if (cycle != bench.collector().cycles()) cycle = bench.collector().cycles(), turns = 0, seen = 0;
      const uint64_t scanned = bench.pacing().credit().scan_done();
      if (scanned == seen) continue;
      seen = scanned;
      most_turns = std::max(most_turns.load(), ++turns);
    }
  });
  for (uint32_t i = 0; i < kCycles && most_turns < 2; ++i) bench.engine->collect();
  EXPECT_GE(most_turns, 2u) << "turns of the worker in one cycle, each followed by one of the program";
  for (const Kinds& kinds : bench.cycles()) {
    EXPECT_EQ(kinds.threads_of(MarkedBy::kIdle), 0u) << "there is one worker";
    EXPECT_EQ(kinds.threads_of(MarkedBy::kDedicated), 0u);
  }
  quit = true;
  bench.finish();
}
INSTANTIATE_TEST_SUITE_P(MarkWorkers, FractionalWorker, ::testing::Values(Share::kItsOwn, Share::kFarBehind),
                         [](const auto& test) {
                           return test.param == Share::kItsOwn ? "AfterItsShare" : "FarBehindItsShare";
                         });

// Nothing else wants to run: workers beyond the budget mark too.
TEST(MarkWorkers, IdleOnesMarkOnPsThatNoThreadWants) {
  WorkerBench bench(4);
  bench.make_lists(64, 1000);
  bool idle = false;
  for (uint32_t i = 0; i < kCycles && !idle; ++i) {
    bench.engine->collect();
    idle = bench.cycles().back().threads_of(MarkedBy::kIdle) > 0;
  }
  EXPECT_TRUE(idle);
  EXPECT_GT(bench.cycles().back().work.idle_ns, 0u);
  bench.finish();
}

// Workers have taken every P but that of the thread that triggered the cycle, which keeps its own. A thread that comes
// then runs long before they run out of work.
TEST(MarkWorkers, IdleOneGivesWayToAThreadThatWantsItsP) {
  WorkerBench bench(4);
#ifdef __SANITIZE_THREAD__
  constexpr uint32_t kLists = 20'000, kTimes = 1;  // marking is slow enough
#else
  constexpr uint32_t kLists = 500'000,
                     kTimes = 2;  // once may be luck: a worker that ended as the thread came
#endif
  const uint64_t bytes = bench.make_lists(kLists, 8);
  const auto scanned = [&] { return bench.pacing().credit().scan_done(); };
  uint32_t came = 0;
  for (uint32_t i = 0; i < kCycles && came < kTimes; ++i) {
    const uint32_t cycle = bench.collector().cycles();
    std::atomic<bool> marking{false}, late{false};
    const auto near_end = [&] { return bench.collector().cycles() != cycle || scanned() > bytes / 10 * 9; };
    bench.engine->start_mutator("triggers", [&](Mutator& m) {
      bench.engine->set_gogc(0);
      make_bytes(m, 100'000);
      bench.engine->set_gogc(kGcOff);
      bench.shade_heads(m, kLists);
      marking = true;
      eventually([&] { return late || near_end(); });  // without a poll, which might give its P away
    });
    eventually([&] { return marking && (near_end() || bench.sched().claimable().size() == 0); });
    if (!near_end()) {
      bench.engine->start_mutator("late", [&](Mutator&) {
        came += bench.collector().cycles() == cycle && scanned() < bytes / 4 * 3;
        late = true;
      });
    }
    bench.engine->join_mutators();
    bench.collector().wait_for_cycle();
  }
  EXPECT_EQ(came, kTimes) << "before three quarters of the lists were scanned";
  bench.finish();
}

// Without workers, and without a thread that allocates, the threads that wait for the end of a cycle bring it about.
class WithoutWorkers : public ::testing::Test {
 public:
  WithoutWorkers() {
    EngineOptions options = quiet_options(2);
    options.cores = 2;
    options.concurrent_mark = options.verify = true;
    options.mark_workers = 0;
    options.gogc = 100;
    engine = std::move(Engine::create(options).engine);
    keeper = std::make_unique<Global<Ref<Node>>>(*engine);
  }
  // A list that the Global keeps, until a cycle is under way.
  void allocate_into_a_cycle() {
    engine->start_mutator("main", [this](Mutator& m) {
      keeper->set(m, make_refs<Node>(m, 1));
      while (collector().phase() != observe::Phase::kMark) {
        Node* const made = make<Node>(m);
        made->next.set(m, keeper->get()[0].get());
        keeper->get()[0].set(m, made);
      }
    });
    engine->join_mutators();
  }
  Collector& collector() { return engine->runtime().collector(); }

  std::unique_ptr<Engine> engine;
  std::unique_ptr<Global<Ref<Node>>> keeper;
};

TEST_F(WithoutWorkers, CollectionEnds) {
  engine->collect();
  allocate_into_a_cycle();
  engine->collect();
  EXPECT_EQ(collector().phase(), observe::Phase::kOff);
  const std::vector<CycleRecord> cycles = engine->stats().per_cycle;
  ASSERT_GE(cycles.size(), 3u);
  EXPECT_GT(cycles.back().marked_objects, 1u);
  EXPECT_GT(cycles.back().mark_work.assist_bytes, 0u) << "what a waiter scans counts as an assist's";
}

TEST_F(WithoutWorkers, StopForStatisticsEndsTheCycleThatIsUnderWay) {
  allocate_into_a_cycle();
  const uint32_t before = collector().cycles();
  EXPECT_EQ(engine->stats().cycles, before + 1);
}

TEST_F(WithoutWorkers, ThreadBeyondTheBoundEndsTheCycleThatItWaitsFor) {
  allocate_into_a_cycle();
  const uint32_t before = collector().cycles();
  engine->start_mutator("large", [](Mutator& m) {
    make_bytes(m, 64 << 20);  // far beyond the goal
    make_bytes(m, 64 << 10);
  });
  engine->join_mutators();
  EXPECT_GT(collector().cycles(), before);
}

}  // namespace
}  // namespace sweepscope::engine
