// The always-on checks of collector, scheduler and verifier: Go's words and exit code 1.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>

#include "engine/gc/mark/marker.h"
#include "engine/gc/verifier.h"
#include "tests/engine/support/sched_bench.h"
#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

struct GcDeathTest : ::testing::Test {
  WhiteBox box{quiet_options(2)};
  M& m = box.m();
  Mutator mutator{m, box.runtime()};

  void verify(VerifyAt at = VerifyAt::kAnyStop) {
    box.runtime().collector().stopped(m, observe::StwReason::kStats, 0,
                                      [&] { check_protocol(m, box.runtime().layers(), at); });
  }
};
struct Node {
  static constexpr size_t kRefs = 1;
  Ref<Node> next;
};

TEST_F(GcDeathTest, CycleBeginsWhileAnMcacheIsStale) {
  for (uint32_t p : {0u, 1u}) {
    EXPECT_FATAL(
        {
          box.sched().p(p).mcache.flush_gen.init(box.h() - 2);
          mutator.collect();
        },
        "p mcache not flushed")
        << p;
  }
}

TEST_F(GcDeathTest, PWakesThatMissedAWholeCycle) {
  EXPECT_FATAL(
      {
        box.sched().p(1).mcache.flush_gen.init(box.h() - 4);
        mutator.move_to_p(1);
      },
      "bad flushGen");
}

TEST_F(GcDeathTest, RefillFromAStaleMcache) {
  EXPECT_FATAL(
      {
        make<Node>(mutator);
        box.turn();  // and no flush follows
        for (int i = 0; i < 10000; ++i) make<Node>(mutator);
      },
      "bad sweepgen in refill");
}

TEST_F(GcDeathTest, LocalThatPointsOutsideTheHeap) {
  Local<Node> local(mutator, reinterpret_cast<Node*>(uintptr_t{0x1000}));
  EXPECT_FATAL(mutator.collect(), "found bad pointer in Go heap");
  local = nullptr;
}

TEST_F(GcDeathTest, FieldThatPointsIntoAFreeSpan) {
  Local<Node> local(mutator, make<Node>(mutator));
  MSpan* gone = box.heap().alloc_span(m, 1, SpanClass(0, true), 8192);
  local->next.set(mutator, reinterpret_cast<Node*>(gone->base));
  gone->alloc_count = 0;
  box.heap().free_span(m, *gone);
  EXPECT_FATAL(mutator.collect(), "found bad pointer in Go heap");
}

TEST_F(GcDeathTest, VerifierInARunningWorld) {
  EXPECT_FATAL(check_protocol(m, box.runtime().layers(), VerifyAt::kAnyStop), "world not stopped");
}

TEST_F(GcDeathTest, PollInANonPreemptibleRegion) {
  const NonPreemptible region(m);
  box.sched().world.attention.init(1);
  EXPECT_FATAL(mutator.poll(), "misuse of the API");
  box.sched().world.attention.init(0);
}

// The verifier recomputes everything and reports each kind of damage under the number of its invariant.
TEST_F(GcDeathTest, VerifierNamesTheInvariant) {
  MSpan& span = box.cached(3);
  auto expect_invariant = [&](auto damage, int invariant) {
    EXPECT_EXIT(
        {
          damage();
          verify(VerifyAt::kGcStart);
        },
        ::testing::ExitedWithCode(1),
        "fatal: heap verifier: [^\n]*\n  invariant_I = " + std::to_string(invariant) + " ");
  };
  expect_invariant([&] { span.sweepgen.init(box.h() + 1); }, 1);
  expect_invariant([&] { box.cache().cached = 2; }, 6);
  expect_invariant([&] { box.cache().alloc[9] = &span, ++box.cache().cached; }, 6);
  expect_invariant([&] { box.cache().flush_gen.init(box.h() - 2); }, 7);
  expect_invariant([&] { box.heap().swept().push(span.id); }, 8);
  expect_invariant([&] { box.heap().swept().pop(); }, 8);
  expect_invariant([&] { span.list = observe::ListMembership::kNonempty; }, 8);
  expect_invariant([&] { m.batch.add_swept(span.id); }, 8);
  expect_invariant([&] { m.batch.pages = 1; }, 8);
  expect_invariant([&] { box.cache().frees.small[WhiteBox::kClass.size_class()] = 1; }, 10);
  expect_invariant([&] { span.freeindex.init(0); }, 12);
  box.release();
  expect_invariant([&] { span.sweepgen.init(box.h() + 3); }, 6);
  expect_invariant([&] { span.sweepgen.init(box.h() - 2); }, 7);
  expect_invariant([&] { span.alloc_count = 8; }, 8);
  expect_invariant([&] { span.alloc_count = 2; }, 12);
  expect_invariant(
      [&] {
        span.alloc_count = 0;
        span.freeindex.init(0);
      },
      11);
}

// The same through the facade, if the options make it fatal; else verify() returns it (verifier_test.cc).
TEST(EngineVerifyDeathTest, ViolationIsFatalUnderTheOption) {
  EngineOptions options = quiet_options();
  options.verify = true;
  WhiteBox box(options);
  box.cached(3);
  EXPECT_EXIT(
      {
        box.cache().cached = 2;
        box.sched().release_p(box.m(), observe::PStatus::kIdle);
        box.sched().permits.give(box.m());
        static_cast<void>(box.engine->verify());
      },
      ::testing::ExitedWithCode(1), "fatal: heap verifier: [^\n]*\n  invariant_I = 6 ");
}

TEST_F(GcDeathTest, VerifierFindsAnIllegalSweepgen) {
  MSpan& span = box.cached(3);
  box.release();
  for (int distance : {2, -3, -4}) {
    EXPECT_FATAL(
        {
          span.sweepgen.init(box.h() + static_cast<uint32_t>(distance));
          verify();
        },
        "undecodable sweepgen")
        << distance;
  }
}

TEST_F(GcDeathTest, SweepBeginsWhileMarking) {
  for (observe::Phase phase : {observe::Phase::kMark, observe::Phase::kMarkTermination}) {
    box.runtime().collector().phase_for_testing().init(phase);
    EXPECT_FATAL(box.runtime().collector().begin_sweep(m), "gcSweep being done but phase is not GCoff");
  }
  box.runtime().collector().phase_for_testing().init(observe::Phase::kOff);
}

TEST_F(GcDeathTest, MarkingEndsWithWorkLeft) {
  WorkBuffers buffers(size_t{1} << 20);
  MarkPool pool(buffers);
  EXPECT_FATAL(
      {
        GreyWork(pool, m).push(GreyEntry::reference(0x1000));
        pool.end(m);
      },
      "P has cached GC work at end of mark termination");
}

TEST_F(GcDeathTest, PThatLeavesItsAutomaton) {
  EXPECT_FATAL(box.sched().release_p(m, observe::PStatus::kDead), "bad p status");
  EXPECT_FATAL(box.sched().release_p(m, observe::PStatus::kFlushing), "bad p status");
  EXPECT_FATAL(
      {
        box.sched().release_p(m, observe::PStatus::kIdle);
        // Dead, but still in the list of claimable Ps.
        for (uint32_t p : {0u, 1u}) box.sched().p(p).status.init(observe::PStatus::kDead);
        box.sched().acquire_p(m);
      },
      "bad p status");
}

TEST(PStatus, MayFollowAsDrawn) {
  using enum observe::PStatus;
  constexpr std::array kAll{kIdle, kReady, kRunning, kBlocked, kFlushing, kStopped, kDead};
  auto to = [&](observe::PStatus from) {
    std::string list;
    for (observe::PStatus s : kAll) list += may_follow(from, s) ? "IRrBFSD"[static_cast<size_t>(s)] : '-';
    return list;
  };
  EXPECT_EQ(to(kIdle), "--r-F-D");
  EXPECT_EQ(to(kReady), "--r-F-D");
  EXPECT_EQ(to(kRunning), "IR-B-S-");
  EXPECT_EQ(to(kBlocked), "I-r-F-D");
  EXPECT_EQ(to(kFlushing), "IR-B-S-");
  EXPECT_EQ(to(kStopped), "--r-F-D");
  EXPECT_EQ(to(kDead), "I------");
}

// Aborts at the end of a complete crash report; exit code 1 therefore proves that the report was cut short.
template <class Drain>
void expect_failing_dump_exits_with_1(Drain drain) {
  struct Failing final : observe::Observer {
    std::span<observe::Record> take_chunk(uint32_t) override { return {}; }
    void hand_over(uint32_t, std::span<observe::Record>, size_t, uint64_t) override {}
    void drain_for_crash() noexcept override { (*drain)(*runtime, *m); }
    Runtime* runtime = nullptr;
    M* m = nullptr;
    Drain* drain = nullptr;
  } observer;
  EngineOptions options = quiet_options();
  options.observer = &observer;
  options.core_on_fatal = true;
  Engine::Created made = Engine::create(options);
  Runtime& runtime = made.engine->runtime();
  M& m = runtime.threads().add();
  observer.runtime = &runtime;
  observer.m = &m;
  observer.drain = &drain;
  EXPECT_EXIT(runtime.heap().fail_out_of_memory(m, 1), ::testing::ExitedWithCode(1),
              "fatal: out of memory: ");
}

TEST(CrashDeathTest, CheckThatFailsInTheDumpEndsTheProcessWithCode1) {
  expect_failing_dump_exits_with_1([](Runtime& runtime, M& m) { runtime.heap().fail_out_of_memory(m, 2); });
}

TEST(CrashDeathTest, BadAccessInTheDumpEndsTheProcessWithCode1) {
  expect_failing_dump_exits_with_1([](Runtime&, M&) { raise(SIGSEGV); });
}

TEST_F(GcDeathTest, TheDumpNamesPolicyPhaseThreadAndPs) {
  EXPECT_EXIT(box.heap().fail_out_of_memory(m, 77), ::testing::ExitedWithCode(1),
              "  bytes = 77 .*\n(.*\n)*engine: policy lazy, seed 1, sg 4, .*procs 2, running 1\n"
              "  thread [0-9]+, P 0, locks held 0x0, .*\n(.*\n)*  P 0: status 2, .*\n  P 1: status 0");
}

TEST_F(GcDeathTest, CheckFiredIsTheLastRecordAndTheTelemetryIsDrained) {
  struct Telling final : observe::Observer {
    std::span<observe::Record> take_chunk(uint32_t) override { return chunk; }
    void hand_over(uint32_t, std::span<observe::Record> records, size_t used, uint64_t) override {
      if (used > 0) last = records[used - 1];
    }
    void drain_for_crash() noexcept override {
      const auto fired = observe::restore<observe::CheckFired>(last);
      fprintf(stderr, "last kind %d code %d\n", int(fired.header.kind), int(fired.header.code));
    }
    std::array<observe::Record, 64> chunk{};
    observe::Record last{};
  } observer;
  EngineOptions options = quiet_options();
  options.observer = &observer;
  Engine::Created made = Engine::create(options);
  Runtime& runtime = made.engine->runtime();
  EXPECT_EXIT(runtime.heap().fail_out_of_memory(runtime.threads().add(), 1), ::testing::ExitedWithCode(1),
              "last kind " + std::to_string(int(observe::EventKind::kCheckFired)) + " code " +
                  std::to_string(int(FatalCode::kOutOfMemory)));
}

// The hook may allocate and write; it receives the check, the span and the P. Other threads run meanwhile, and
// those that fail too do not reach it.
TEST_F(GcDeathTest, TheHookRunsOnceAfterTheTelemetryIsSaved) {
  struct Draining final : observe::Observer {
    std::span<observe::Record> take_chunk(uint32_t) override { return {}; }
    void hand_over(uint32_t, std::span<observe::Record>, size_t, uint64_t) override {}
    void drain_for_crash() noexcept override { fputs("saved\n", stderr); }
  } observer;
  EngineOptions options = quiet_options(2);
  options.observer = &observer;
  std::atomic<Engine*> engine{nullptr};
  options.on_fatal = [&](const FatalReport& report) {
    std::thread([&] {  // a second failed check waits for the end of the process
      M& other = engine.load()->runtime().threads().add();
      engine.load()->runtime().heap().fail_out_of_memory(other, 1);
    })
        .detach();
    const std::string text = std::string("hook: ") + report.words + ", span " + std::to_string(report.span) +
                             ", P " + std::to_string(report.p) + ", " + report.values[1].name + "\n";
    fputs(text.c_str(), stderr);
  };
  Engine::Created made = Engine::create(options);
  engine = made.engine.get();
  EXPECT_EXIT(
      made.engine->runtime().on_p([&](Mutator& on) {
        make<Node>(on);
        const NonPreemptible region(on.m());
        refill(on.m(), made.engine->runtime().heap(), SpanClass(size_class_of(8), false));
      }),
      ::testing::ExitedWithCode(1),
      "^fatal: refill of span with free space[^\n]*\n(.*\n)*saved\nhook: refill of span with free space "
      "remaining, span 0, P [01], freeindex\n$");
}

// As the kernel shows it: 'S' while the thread sleeps.
char state_of(pid_t thread) {
  std::ifstream stat("/proc/self/task/" + std::to_string(thread) + "/stat");
  std::string line;
  std::getline(stat, line);
  const size_t name_end = line.rfind(')');
  return name_end != std::string::npos && name_end + 2 < line.size() ? line[name_end + 2] : '?';
}

// Threads without an M of their own fail under the same thread number; the second is no second failure of the first.
TEST(CrashDeathTest, AnotherThreadOfTheSameNumberWaitsForTheEndOfTheProcess) {
  EngineOptions options = quiet_options();
  Runtime* runtime = nullptr;
  options.on_fatal = [&](const FatalReport&) {
    static std::atomic<pid_t> second{0};
    std::thread([&] {
      Stranger other(runtime->crash);
      second = gettid();
      runtime->heap().fail_out_of_memory(other, 2);
    }).detach();
    eventually([&] { return second != 0 && state_of(second) == 'S'; });
    fputs("hook\n", stderr);
  };
  Engine::Created made = Engine::create(options);
  runtime = &made.engine->runtime();
  Stranger first(runtime->crash);
  EXPECT_EXIT(runtime->heap().fail_out_of_memory(first, 1), ::testing::ExitedWithCode(1),
              "fatal: out of memory: .*\n(.*\n)*hook\n$");
}

TEST_F(GcDeathTest, CoreOnFatalAbortsInstead) {
  EngineOptions options = quiet_options();
  options.core_on_fatal = true;
  options.on_fatal = [](const FatalReport&) { fputs("hook\n", stderr); };
  Engine::Created made = Engine::create(options);
  Runtime& runtime = made.engine->runtime();
  EXPECT_EXIT(runtime.heap().fail_out_of_memory(runtime.threads().add(), 1),
              ::testing::KilledBySignal(SIGABRT), "fatal: out of memory: .*\n(.*\n)*hook\n");
}

// D1: the span was swept directly, freed, reused and cached between the reads of state and sweepgen.
TEST(LazySeedPolicyDeathTest, SweepOneRefusesASpanThatWasCachedMeanwhile) {
  for (const char* policy : {"lazy", "lazy-seed"}) {
    EngineOptions options = quiet_options();
    options.flush_policy = policy;
    WhiteBox box(options);
    MSpan& span = box.cached(3);
    box.release();
    box.turn();
    span.state.init(SpanState::kFree);
    span.sweepgen.init(encode(SweepState::kCached, box.h()));
    if (policy == std::string("lazy-seed")) {
      EXPECT_FATAL(sweep_one(box.m(), box.heap(), observe::Cause::kBackground),
                   "non in-use span in unswept list");
    } else {
      EXPECT_FALSE(sweep_one(box.m(), box.heap(), observe::Cause::kBackground));
    }
  }
}

}  // namespace
}  // namespace sweepscope::engine
