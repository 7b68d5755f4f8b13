// The engine's threads call the C heap on no path of a cycle: not in an allocation, a cycle, a stop, a flush, a sweep, or a
// wait. Making and ending an engine or a thread are none; nor are statistics, whose results are lists, and the verifier.
//
// In each test the threads exist before the watch begins, and end after it. They have not run yet, so nothing is warm.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <functional>
#include <thread>

#include "engine/engine.h"
#include "engine/gc/pacing.h"
#include "engine/gc/runtime.h"
#include "tests/engine/support/heap_calls.h"
#include "tests/engine/support/sched_bench.h"
#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

using testing::HeapCallsAllowed;
using testing::HeapWatch;

constexpr size_t kMiB = 1 << 20;

struct Node {
  static constexpr size_t kRefs = 2;
  Ref<Node> left, right;
  uint64_t value;
};

void* volatile made_block;  // so that the compiler keeps the calls

[[gnu::noinline]] void call_heap(void* block) {
  made_block = block;
  std::free(made_block);
}

TEST(HeapWatch, ReportsTheCallersOfMallocAndOfOperatorNew) {
  HeapWatch watch;
  call_heap(std::malloc(123));
  for (int i = 0; i < 3; ++i) call_heap(::operator new(45));
  const std::string report = watch.end();
  EXPECT_NE(report.find("4 calls of the heap\n1 x malloc(123)\n"), std::string::npos) << report;
  EXPECT_NE(report.find("3 x malloc(45)\n    operator new"), std::string::npos) << report;
}

TEST(HeapWatch, ReportsOtherThreadsAndNoneThatIsAllowed) {
  std::atomic<int> step{0};
  std::thread other([&] {
    eventually([&] { return step == 1; });
    call_heap(std::calloc(7, 11));
    step = 2;
  });
  HeapWatch watch;
  {
    const HeapCallsAllowed here;
    call_heap(std::malloc(1));
  }
  step = 1;
  eventually([&] { return step == 2; });
  const std::string report = watch.end();
  other.join();
  EXPECT_EQ(report.find("1 calls of the heap\n1 x calloc(77)"), 0u) << report;
}

// The result of a watch, in lines.
::testing::AssertionResult nothing(const std::string& report) {
  return report.empty() ? ::testing::AssertionSuccess() : ::testing::AssertionFailure() << report;
}

// Sums over the cycles of an engine, to prove that a test has come to the paths that it is about.
struct Seen {
  std::atomic<uint64_t> cycles{0}, forced{0}, periodic{0}, worker_bytes{0}, assist_bytes{0},
      stopped_marking{0};

  void add(const CycleRecord& cycle) {
    ++cycles;
    forced += cycle.forced;
    periodic += cycle.periodic;
    worker_bytes += cycle.mark_work.worker_bytes();
    assist_bytes += cycle.mark_work.assist_bytes;
    stopped_marking += !cycle.sweep_termination;
  }
};

Node* tree(Mutator& m, int depth) {
  Local<Node> root(m, make<Node>(m));
  if (depth > 0) {
    root->left.set(m, tree(m, depth - 1));
    root->right.set(m, tree(m, depth - 1));
  }
  return root.get();
}

// Many handles at the same time: the shadow stack needs further segments.
uint64_t deep(Mutator& m, int depth) {
  Local<Node> held(m, make<Node>(m));
  return held->value + (depth > 0 ? deep(m, depth - 1) : 0);
}

// Every kind of object, and what a program can do with it, in each of its rounds.
void round(Engine& engine, Mutator& m, int number) {
  Local<Node> live(m, tree(m, 12));
  Local<Array<Ref<Node>>> table(m, make_array<Ref<Node>>(m, 64 << 10));  // large, with references
  for (size_t i = 0; i < 2000; ++i) {
    table[i * 32].set(m, i % 2 == 0 ? live.get() : make<Node>(m));
    live->left->right.set(m, live->right->left.get());  // the write barrier shades both
    make_bytes(m, 3);
    m.poll();
  }
  make_bytes(m, 2 * kMiB);
  deep(m, 1500);
  // More finalizers than any block of records or of the queue has room for.
  constexpr uint64_t kFinalizers = 500;
  for (uint64_t i = 0; i < kFinalizers; ++i) {
    Local<Node> dies(m, make<Node>(m));
    set_finalizer(m, dies.get(), i);
    if (i % 5 == 0) clear_finalizer(m, dies.get());
  }
  {
    Global<Node> shared(engine);
    shared.set(m, live);
    m.poll();
  }
  uint64_t a = 1, b = 2, c = 3, d = 4,
           e = 5;  // a closure larger than any buffer that std::function has inside
  const uint64_t sum = m.blocking([&a, &b, &c, &d, &e, number] {
    std::this_thread::yield();
    return a + b + c + d + e + static_cast<uint64_t>(number);
  });
  EXPECT_EQ(sum, 15u + static_cast<uint64_t>(number));
  if (number % 4 == 3) m.collect();
  if (number % 4 == 3)
    while (take_finalized(m)) m.poll();
}

// An engine whose mutators wait until the watch is on, and end after it.
class Watched {
 public:
  Watched(EngineOptions options, uint32_t mutators, std::function<void(Engine&, Mutator&)> program)
      : mutators_(mutators) {
    options.on_cycle = [this](const CycleRecord& cycle) { seen.add(cycle); };
    Engine::Created made = Engine::create(options);
    EXPECT_NE(made.engine, nullptr) << made.error;
    engine = std::move(made.engine);
    for (uint32_t i = 0; i < mutators; ++i)
      engine->start_mutator("program", [this, program](Mutator& m) {
        ++ready_;
        m.blocking([this] { eventually([this] { return begun_.load(); }); });
        program(*engine, m);
        ++done_;
        m.blocking([this] { eventually([this] { return ended_.load(); }); });
      });
    eventually([&] { return ready_ == mutators_; });
    engine->control_stop();  // makes the engine thread (M) that calls from outside use again
  }
  ~Watched() {
    ended_ = true;
    engine->join_mutators();
  }
  // Runs the program of the mutators, and `outside` on this thread until they have done: the report of the watch.
  template <class Outside>
  std::string run(Outside outside) {
    HeapWatch watch;
    begun_ = true;
    for (int turn = 0; done_ < mutators_; ++turn) outside(*engine, turn);
    return watch.end();
  }
  std::string run() {
    return run([](Engine&, int) { std::this_thread::yield(); });
  }

  Seen seen;
  std::unique_ptr<Engine> engine;

 private:
  const uint32_t mutators_;
  std::atomic<uint32_t> ready_{0}, done_{0};
  std::atomic<bool> begun_{false}, ended_{false};
};

EngineOptions program_options() {
  EngineOptions options;
  options.procs = 3;
  options.cores = 3;
  options.markers = 2;
  options.max_heap_bytes = 1024 * kMiB;
  options.periodic_gc_ns = 0;
  return options;
}

// What a user's calls from outside do while the program runs, one in each turn.
void call(Engine& engine, int turn) {
  switch (turn % 7) {
    case 0: engine.set_procs(5); break;
    case 1: engine.set_gogc(20); break;
    case 2: engine.collect(); break;
    case 3: engine.set_procs(1); break;
    case 4: engine.set_gogc(300); break;
    case 5: engine.control_stop(); break;
    default:
      engine.pause_mutators(true);
      engine.collect();
      engine.pause_mutators(false);
  }
}

struct NoMalloc : ::testing::TestWithParam<std::tuple<std::string, bool>> {};

TEST_P(NoMalloc, WhileEveryKindOfProgramRuns) {
  EngineOptions options = program_options();
  std::tie(options.flush_policy, options.concurrent_mark) = GetParam();
  Watched watched(options, 3, [](Engine& engine, Mutator& m) {
    for (int i = 0; i < 24; ++i) round(engine, m, i);
  });
  EXPECT_TRUE(nothing(watched.run(call)));
  EXPECT_GT(watched.seen.cycles, 20u);
  EXPECT_GT(watched.seen.forced, 10u);
  if (options.concurrent_mark) {
    EXPECT_GT(watched.seen.worker_bytes, 0u);
    EXPECT_EQ(watched.seen.stopped_marking, 0u);
  } else {
    EXPECT_EQ(watched.seen.stopped_marking, watched.seen.cycles);
  }
}

std::string name_of(const ::testing::TestParamInfo<NoMalloc::ParamType>& info) {
  return test_name_of(std::get<0>(info.param)) + (std::get<1>(info.param) ? "_Concurrent" : "_Stopped");
}
INSTANTIATE_TEST_SUITE_P(Policies, NoMalloc,
                         ::testing::Combine(::testing::ValuesIn(flush_policy_names()), ::testing::Bool()),
                         name_of);

// No worker: the assists mark.
TEST(NoMallocWithoutWorkers, WhileAssistsMark) {
  EngineOptions options = program_options();
  options.mark_workers = 0;
  options.gogc = 20;
  Watched watched(options, 3, [](Engine& engine, Mutator& m) {
    for (int i = 0; i < 12; ++i) round(engine, m, i);
  });
  EXPECT_TRUE(nothing(watched.run()));
  EXPECT_GT(watched.seen.assist_bytes, 0u);
  EXPECT_EQ(watched.seen.worker_bytes, 0u);
}

TEST(NoMallocInThePause, WhileEverythingIsSwept) {
  EngineOptions options = program_options();
  options.stw_sweep = true;
  Watched watched(options, 2, [](Engine& engine, Mutator& m) {
    for (int i = 0; i < 12; ++i) round(engine, m, i);
  });
  EXPECT_TRUE(nothing(watched.run()));
  EXPECT_GT(watched.engine->stats().swept_spans[static_cast<size_t>(observe::Cause::kStw)], 0u);
}

// Marking that continues after the stop of mark termination, more often than a record lists (D5). The thread that looks
// for the end makes an object grey behind the last round: its stop finds that in its own barrier buffer.
TEST(NoMallocInStops, WhileMarkingIsResumed) {
  constexpr size_t kResumed = ResumedStops::kListed + 3;
  EngineOptions options = quiet_options(2);
  options.cores = 2;
  options.concurrent_mark = true;
  options.mark_workers = 0;
  const std::unique_ptr<Engine> engine = std::move(Engine::create(options).engine);
  Runtime& runtime = engine->runtime();
  Collector& collector = runtime.collector();
  runtime.on_p([&](Mutator& m) {
    std::array<Node*, kResumed + 1> white{};  // no root leads to them
    for (Node*& node : white) node = make<Node>(m);
    HeapWatch watch;
    collector.start(m.m());
    runtime.pacing().credit().give(uint64_t{1} << 40);  // the object below needs no assist
    Local<Node> black(m, make<Node>(m));
    for (size_t i = 0; collector.cycles() == 0; ++i) {
      DrainedWork done;
      ASSERT_EQ(runtime.marking().drain(m.m(), MarkPhase::kNoLimit, done, [](MarkThread&) { return false; }),
                Drained::kLast);
      if (i < white.size()) black->left.set(m, white[i]);
      collector.look_for_end(m.m(), Collector::Barrier::kOwn);
    }
    EXPECT_TRUE(nothing(watch.end()));
  });
  const CycleRecord& cycle = collector.records().back();
  EXPECT_EQ(cycle.resumed.count(), kResumed);  // the first grey object came to light in the round
  ASSERT_EQ(cycle.resumed.size(), ResumedStops::kListed);
  uint64_t last = cycle.start_ns;
  for (const Pause& pause : cycle.resumed) {
    EXPECT_EQ(pause.reason, observe::StwReason::kMarkTermination);
    EXPECT_GT(pause.request_ns, last);
    last = pause.request_ns;
  }
}

// More Ps than the helpers need to share the flushes; their number changes.
TEST(NoMallocWithManyPs, WhileHelpersFlushAndPsComeAndGo) {
  EngineOptions options = program_options();
  options.flush_policy = "eager";
  options.procs = kSharedFlushProcs + 6;
  Watched watched(options, 2, [](Engine& engine, Mutator& m) {
    for (int i = 0; i < 12; ++i) round(engine, m, i);
  });
  EXPECT_TRUE(nothing(watched.run([](Engine& engine, int turn) {
    engine.set_procs(kSharedFlushProcs + 6 + static_cast<uint32_t>(turn) % 50);
    engine.collect();
  })));
  EXPECT_GT(watched.seen.cycles, 3u);
}

TEST(NoMallocAtTheLimit, WhileCollectionsMakeRoom) {
  EngineOptions options = program_options();
  options.max_heap_bytes = 64 * kMiB;
  options.arena_bytes = 8 * kMiB;
  options.gogc = kGcOff;
  Watched watched(options, 2, [](Engine&, Mutator& m) {
    Local<Node> live(m, tree(m, 14));
    for (int i = 0; i < 40'000; ++i) {
      make_bytes(m, 4096);
      if (i % 50 == 0) make_bytes(m, kMiB);
    }
  });
  EXPECT_TRUE(nothing(watched.run()));
  EXPECT_GT(watched.seen.cycles, 2u);
}

// The heap grows beyond 64 MiB, so the prefaulter works, and dies, so the scavenger does.
TEST(NoMallocOfItsThreads, WhileMemoryIsPrefaultedAndScavenged) {
  EngineOptions options = program_options();
  options.gogc = 50;
  Watched watched(options, 1, [](Engine& engine, Mutator& m) {
    {
      Local<Array<Ref<std::byte>>> live(m, make_array<Ref<std::byte>>(m, 160));
      for (size_t i = 0; i < 160; ++i) live[i].set(m, make_bytes(m, kMiB));
      m.collect();
    }
    for (int i = 0; i < 5; ++i) m.collect();
    m.blocking(
        [&] { eventually([&] { return engine.runtime().heap().scavenged_bytes.peek() > 20 * kMiB; }); });
  });
  EXPECT_TRUE(nothing(watched.run()));
}

TEST(NoMallocOfItsThreads, WhileTheClockStartsCycles) {
  EngineOptions options = program_options();
  options.periodic_gc_ns = 1'000'000;
  Watched* self = nullptr;
  Watched watched(options, 1, [&self](Engine&, Mutator& m) {
    m.blocking([&self] { eventually([&self] { return self->seen.periodic >= 3; }); });
  });
  self = &watched;
  EXPECT_TRUE(nothing(watched.run()));
}

}  // namespace
}  // namespace sweepscope::engine
