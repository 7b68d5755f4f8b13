// Whole cycles with concurrent marking: random programs against a shadow heap, checkmark in every stop.
#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "tests/engine/support/sched_bench.h"
#include "tests/engine/support/shadow_heap.h"
#include "tests/support/seed.h"

namespace sweepscope::engine {
namespace {

using observe::EventKind;
using observe::Phase;
using observe::StwEdge;
using observe::StwReason;

struct ConcurrentMark : ::testing::TestWithParam<std::tuple<std::string, uint32_t>> {
  EngineOptions options(uint32_t gogc) {
    EngineOptions options = quiet_options(std::get<1>(GetParam()));
    options.flush_policy = std::get<0>(GetParam());
    options.cores = 3;
    options.gogc = gogc;
    options.concurrent_mark = true;
    options.verify = true;
    options.background_sweeper = true;
    options.max_heap_bytes = 1ull << 30;
    return options;
  }
};

TEST_P(ConcurrentMark, ReachableGraphAndContentsSurviveEveryCollection) {
  const uint64_t seed = testing::seed_or(51);
  SWEEPSCOPE_TRACE_SEED(seed);
  expect_graphs_survive(options(20), seed, std::get<1>(GetParam()) + 1, 6000);
}

// Garbage floats for one cycle at most: the second cycle frees what died while the first one marked.
TEST_P(ConcurrentMark, SecondCollectionFreesAllThatWasDead) {
  Engine::Created made = Engine::create(options(kGcOff));
  made.engine->start_mutator("random", [](Mutator& m) {
    ShadowProgram program(m, 52);
    program.run(3000);
  });
  made.engine->join_mutators();
  made.engine->collect();
  made.engine->collect();
  const EngineStats stats = made.engine->stats();
  EXPECT_EQ(stats.alloc_objects, stats.freed_objects);
  EXPECT_EQ(stats.alloc_bytes, stats.freed_bytes);
  EXPECT_EQ(stats.heap_live, 0u);
}

std::string phase(Phase p) { return "phase " + std::to_string(int(p)); }
std::string edge(StwReason r, StwEdge e) {
  return std::to_string(int(r)) + " edge " + std::to_string(int(e));
}

// Phases and edges of the stops of one forced cycle.
std::vector<std::string> edges_of_a_cycle(EngineOptions options, CycleRecord& cycle) {
  testing::RecordObserver observer;
  options.observer = &observer;
  Engine::Created made = Engine::create(options);
  made.engine->collect();
  cycle = made.engine->stats().per_cycle.at(0);
  made.engine.reset();

  std::vector<std::string> emitted;
  for (const observe::Record& record : observer.records()) {
    if (record.header.kind == EventKind::kPhase) emitted.push_back(phase(Phase(record.header.code)));
    if (record.header.kind == EventKind::kStw) {
      const auto stw = observe::restore<observe::Stw>(record);
      if (stw.reason != StwReason::kStats) emitted.push_back(edge(stw.reason, StwEdge(stw.header.code)));
    }
  }
  return emitted;
}

TEST_P(ConcurrentMark, StoppedMarkingIsOneStopWithThePhasesInside) {
  EngineOptions stopped = options(kGcOff);
  stopped.concurrent_mark = false;
  CycleRecord cycle;
  using enum StwEdge;
  const StwReason stop = StwReason::kMarkTermination;
  EXPECT_EQ(
      edges_of_a_cycle(stopped, cycle),
      (std::vector<std::string>{edge(stop, kRequested), edge(stop, kStopped), phase(Phase::kSweepTermination),
                                phase(Phase::kMark), phase(Phase::kMarkTermination), phase(Phase::kOff),
                                edge(stop, kReleased), edge(stop, kStarted)}));
}

TEST_P(ConcurrentMark, WorldRunsBetweenTheTwoStopsOfACycle) {
  CycleRecord cycle;
  using enum StwEdge;
  const StwReason first = StwReason::kSweepTermination, second = StwReason::kMarkTermination;
  EXPECT_EQ(edges_of_a_cycle(options(kGcOff), cycle),
            (std::vector<std::string>{edge(first, kRequested), edge(first, kStopped),
                                      phase(Phase::kSweepTermination), phase(Phase::kMark),
                                      edge(first, kReleased), edge(first, kStarted), edge(second, kRequested),
                                      edge(second, kStopped), phase(Phase::kMarkTermination),
                                      phase(Phase::kOff), edge(second, kReleased), edge(second, kStarted)}));
  EXPECT_GE(cycle.mark_termination.request_ns,
            cycle.sweep_termination.value().request_ns + cycle.sweep_termination->pause_ns);
}

INSTANTIATE_TEST_SUITE_P(Policies, ConcurrentMark,
                         ::testing::Combine(::testing::ValuesIn(flush_policy_names()),
                                            ::testing::Values(1u, 4u)),
                         [](const auto& instance) {
                           return test_name_of(std::get<0>(instance.param)) + "On" +
                                  std::to_string(std::get<1>(instance.param));
                         });

}  // namespace
}  // namespace sweepscope::engine
