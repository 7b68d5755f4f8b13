#include "engine/laboratory/explorer.h"

#include <chrono>

#include "engine/laboratory/random_walk.h"
#include "engine/laboratory/replay.h"
#include "engine/laboratory/shrink.h"

namespace sweepscope::laboratory {
namespace {

using Clock = std::chrono::steady_clock;  // the search runs in real time; only the runs do not

constexpr uint64_t kRepeatEvery = 1000;  // every so many schedules one is run twice

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::string differs(const RunReport& first, const RunReport& second, uint64_t seed) {
  if (first.hash == second.hash && first.steps == second.steps && second.outcome == first.outcome) return {};
  return "the schedule of seed " + std::to_string(seed) + " ran twice and gave different events (" +
         std::to_string(first.steps) + " and " + std::to_string(second.steps) + " steps" +
         (second.misfit.empty() ? ")" : "; " + second.misfit + ")");
}

// Replays what was found, shortens it and replays the result twice.
void settle(Experiment& experiment, uint64_t seed, const RunReport& found, SearchResult& result) {
  Finding finding;
  finding.found_after = result.stats.schedules;
  finding.found_steps = found.steps;
  finding.found_switches = found.switches;
  const Schedule original = experiment.schedule(seed, found);
  Replay again(original);
  const RunReport repeated = experiment.run(again, Experiment::FairTail::kNo);
  result.nondeterminism = differs(found, repeated, seed);
  if (!result.nondeterminism.empty()) return;

  finding.schedule = shrink(experiment, original);
  Replay first(finding.schedule), second(finding.schedule);
  RunReport report = experiment.run(first, Experiment::FairTail::kNo);
  result.nondeterminism = differs(report, experiment.run(second, Experiment::FairTail::kNo), seed);
  if (!result.nondeterminism.empty()) return;
  finding.violation = report.violation;
  finding.switches = report.switches;
  finding.hash = report.hash;
  result.finding = std::move(finding);
}

}  // namespace

SearchResult search_at_random(Experiment& experiment, uint64_t seed, const SearchLimits& limits) {
  SearchResult result;
  SearchStats& stats = result.stats;
  const Clock::time_point start = Clock::now();
  double next_progress = 0.25;
  for (uint64_t i = 0; limits.schedules == 0 || i < limits.schedules; ++i) {
    if (limits.interrupted != nullptr && limits.interrupted->load(std::memory_order_relaxed)) break;
    if (i % 16 == 0) {
      stats.seconds = since(start);
      if (limits.seconds > 0 && stats.seconds >= limits.seconds) break;
      if (limits.progress && stats.seconds >= next_progress) {
        limits.progress(stats);
        next_progress = stats.seconds + 0.25;
      }
    }
    RandomWalk walk(seed + i);
    const RunReport report = experiment.run(walk, Experiment::FairTail::kYes);
    ++stats.schedules;
    stats.steps += report.steps;
    stats.switches += report.switches;
    stats.facts += experiment.witnessed();
    stats.most_fibers = std::max(stats.most_fibers, report.fibers);
    stats.longest = std::max(stats.longest, report.steps);
    if (report.outcome == Outcome::kViolation) {
      stats.seconds = since(start);
      settle(experiment, seed + i, report, result);
      break;
    }
    if (i % kRepeatEvery == 0) {
      RandomWalk same(seed + i);
      result.nondeterminism = differs(report, experiment.run(same, Experiment::FairTail::kYes), seed + i);
      if (!result.nondeterminism.empty()) break;
    }
  }
  if (!result.finding) stats.seconds = since(start);
  return result;
}

}  // namespace sweepscope::laboratory
