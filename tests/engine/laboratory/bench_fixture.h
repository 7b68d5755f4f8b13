// For tests of the bench session: known counterexamples, and short ways to step.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>

#include "engine/laboratory/bench/bench_session.h"
#include "engine/laboratory/bench/hand_run.h"
#include "engine/laboratory/search/explorer.h"
#include "engine/laboratory/search/fault_fits.h"

namespace sweepscope::laboratory::testing {

// The schedule that the search finds for this fault, shortened, in the scenario that shows it fastest.
inline Schedule counterexample(std::string_view fault) {
  const engine::Fault planted_fault = *engine::find_fault(fault);
  const Scenario& scenario = *find_scenario(fit_of(planted_fault).scenarios.front());
  Experiment experiment(planted(planted_fault, "lazy", scenario));
  SearchLimits limits;
  limits.schedules = 20'000;
  const SearchResult result = search(experiment, Method::kMix, 1, limits);
  EXPECT_TRUE(result.finding) << fault;
  return result.finding ? result.finding->schedule : Schedule{};
}

inline Setup setup_for(std::string_view scenario, ScenarioSize size = {2, 1}) {
  Setup setup;
  setup.scenario = find_scenario(scenario);
  setup.size = size;
  return setup;
}

inline const ThreadView& thread(const NodeView& view, uint32_t fiber) { return view.threads.at(fiber); }

// The thread that must choose, or the first one that can run at or after `from`, in a ring; ~0: none.
inline uint32_t next_thread(const NodeView& view, uint32_t from) {
  for (const ThreadView& t : view.threads)
    if (t.state == ThreadState::kMustChoose) return t.fiber;
  for (size_t i = 0; i < view.threads.size(); ++i) {
    const ThreadView& t = view.threads[(from + i) % view.threads.size()];
    if (t.state == ThreadState::kCanRun) return t.fiber;
  }
  return ~0u;
}

// Any thread that can run, or any alternative of the thread that must choose. The run has not ended.
inline bool take_any(HandRun& run, std::mt19937_64& random) {
  if (run.next() == HandRun::Next::kChoice)
    return run.take({run.chooser(), static_cast<uint32_t>(random() % run.alternatives())});
  const auto enabled = run.scheduler().enabled();
  return run.take({enabled[random() % enabled.size()].fiber, std::nullopt});
}

// The leaf below `node` that the newest children lead to.
inline uint32_t leaf(const BranchTree& tree, uint32_t node) {
  for (uint32_t id = node + 1; id < tree.nodes().size(); ++id)
    if (tree.nodes()[id].parent == node) node = id;
  return node;
}

}  // namespace sweepscope::laboratory::testing
