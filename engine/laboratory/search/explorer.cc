#include "engine/laboratory/search/explorer.h"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include "engine/laboratory/search/fault_fits.h"
#include "engine/laboratory/search/replay.h"
#include "engine/laboratory/search/shrink.h"
#include "engine/laboratory/search/source.h"
#include "engine/laboratory/search/stale_watch.h"
#include "engine/laboratory/search/state_search.h"

namespace sweepscope::laboratory {
namespace {

using Clock = std::chrono::steady_clock;  // limits of the search are in real time

constexpr uint64_t kRepeatEvery = 1000;  // one schedule of so many is run twice

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::string differs(const RunReport& first, const RunReport& second, uint64_t number) {
  if (first.hash == second.hash && first.steps == second.steps && second.outcome == first.outcome) return {};
  return "schedule " + std::to_string(number) + " ran twice and gave different events (" +
         std::to_string(first.steps) + " and " + std::to_string(second.steps) + " steps" +
         (second.misfit.empty() ? ")" : "; " + second.misfit + ")");
}

bool names_the_fault(const Setup& setup, const std::string& rule) {
  if (!setup.fault) return true;
  const auto rules = fit_of(*setup.fault).rules;
  return rules.empty() || std::find(rules.begin(), rules.end(), rule) != rules.end();
}

// A violation as the search found it.
struct Met {
  Schedule schedule;
  RunReport report;
  uint64_t after, steps;
  double seconds;
};

// Replays what was found, shortens it and replays the result twice.
void settle(Experiment& experiment, const Met& met, SearchResult& result) {
  Finding finding;
  finding.found_after = met.after;
  finding.found_total_steps = met.steps;
  finding.found_seconds = met.seconds;
  finding.found_steps = met.report.steps;
  finding.found_switches = met.report.switches;
  Replay again(met.schedule);
  const RunReport repeated = experiment.run(again, Experiment::FairTail::kNo);
  result.nondeterminism = differs(met.report, repeated, met.after);
  if (!result.nondeterminism.empty()) return;

  finding.schedule = shrink(experiment, met.schedule);
  Replay first(finding.schedule), second(finding.schedule);
  RunReport report = experiment.run(first, Experiment::FairTail::kNo);
  result.nondeterminism = differs(report, experiment.run(second, Experiment::FairTail::kNo), met.after);
  if (!result.nondeterminism.empty()) return;
  finding.violation = report.violation;
  finding.notes = report.notes;
  finding.switches = report.switches;
  finding.hash = report.hash;
  result.finding = std::move(finding);
}

auto order_of(const Finding& finding) {
  return teaching_order(finding.aftermath->harm, finding.stale, finding.schedule.steps.size());
}

// Settles each of them, and keeps the one to learn from.
void settle_best(Experiment& experiment, const std::vector<Met>& all, SearchResult& result) {
  std::optional<Finding> best;
  for (const Met& met : all) {
    settle(experiment, met, result);
    if (!result.nondeterminism.empty()) return;
    Finding& finding = *result.finding;
    finding.chosen_of = static_cast<uint32_t>(all.size());
    examine(experiment, finding);
    if (!best || order_of(finding) < order_of(*best)) best = std::move(finding);
  }
  result.finding = std::move(best);
}

// Whether the search may look for more counterexamples after its first one.
bool goes_further(const SearchStats& stats, const Met& first) {
  return stats.schedules < first.after + schedules_further(first.after) &&
         stats.steps < first.steps + kMostFurtherSteps;
}

// Adds the notes of a run to those of all runs, one for each rule.
void collect(std::vector<Note>& all, const std::vector<Note>& of_run) {
  for (const Note& note : of_run) {
    const auto known =
        std::find_if(all.begin(), all.end(), [&note](const Note& n) { return n.rule == note.rule; });
    if (known == all.end())
      all.push_back(note);
    else
      known->times += note.times;
  }
}

void count(SearchStats& stats, const RunReport& report, uint64_t facts) {
  collect(stats.notes, report.notes);
  ++stats.schedules;
  stats.steps += report.steps;
  stats.switches += report.switches;
  stats.facts += facts;
  stats.most_fibers = std::max(stats.most_fibers, report.fibers);
  stats.longest = std::max(stats.longest, report.steps);
}

std::string coverage(const Experiment& experiment, const Source& source, const SearchStats& stats,
                     bool exhausted) {
  const Setup& setup = experiment.setup();
  const std::string within = setup.scenario->bounds(setup.size);
  const std::string complete = source.complete();
  std::string text;
  if (!complete.empty()) text = "complete within: " + within + ", " + complete;
  if (!exhausted)
    text += (text.empty() ? "" : "; the next bound was ") + std::string("cut at ") +
            std::to_string(stats.schedules) + " schedules";
  return text;
}

// Ends a search early: the time limit or an interrupt.
class Watch {
 public:
  explicit Watch(const SearchLimits& limits) : limits_(limits) {}

  bool interrupted() const {
    // relaxed: a flag alone, it publishes no other data
    return limits_.interrupted != nullptr && limits_.interrupted->load(std::memory_order_relaxed);
  }
  bool over(SearchStats& stats) {
    if (interrupted()) return true;
    stats.seconds = since(start_);
    if (limits_.progress && stats.seconds >= next_progress_) {
      limits_.progress(stats);
      next_progress_ = stats.seconds + 0.25;
    }
    return limits_.seconds > 0 && stats.seconds >= limits_.seconds;
  }
  double seconds() const { return since(start_); }

 private:
  const SearchLimits& limits_;
  const Clock::time_point start_ = Clock::now();
  double next_progress_ = 0.25;
};

// Method dfs on a scenario with hashable_state.
SearchResult search_states(Experiment& experiment, uint64_t seed, const SearchLimits& limits) {
  constexpr uint64_t kAtOnce = 1024;  // decisions between two checks of the clock
  const Setup& setup = experiment.setup();
  SearchResult result;
  SearchStats& stats = result.stats;
  Watch watch(limits);
  std::string complete;
  bool cut = false, done = false;
  std::optional<uint32_t> bound;
  if (limits.preemptions) bound = 0;
  while (true) {
    StateSearch states(experiment, bound);
    const SearchStats before = stats;
    StateSearch::Progress progress = StateSearch::Progress::kMore;
    while (progress == StateSearch::Progress::kMore && !cut) {
      progress = states.search(kAtOnce);
      stats.states = before.states + states.states();
      stats.steps = before.steps + states.steps();
      stats.schedules = before.schedules + states.ends();
      stats.longest = std::max<uint64_t>(before.longest, states.deepest());
      cut = watch.over(stats) || (limits.schedules > 0 && stats.schedules >= limits.schedules);
    }
    if (progress == StateSearch::Progress::kViolation) {
      const RunReport report = states.violation();
      stats.seconds = watch.seconds();
      settle(experiment,
             Met{experiment.schedule(seed, report), report, stats.schedules + 1, stats.steps, stats.seconds},
             result);
      break;
    }
    if (progress == StateSearch::Progress::kMore) break;
    complete = bound ? "preemptions <= " + std::to_string(*bound) : "all interleavings";
    done = !bound || *bound == *limits.preemptions;
    if (done) break;
    ++*bound;
  }
  stats.seconds = watch.seconds();
  if (result.finding) return result;
  if (!complete.empty())
    result.coverage = "complete within: " + setup.scenario->bounds(setup.size) + ", " + complete;
  if (!done)
    result.coverage +=
        (complete.empty() ? "" : "; the next bound was ") +
        std::string(watch.interrupted() ? "cut at the interrupt" : "cut at the limit of the search");
  return result;
}

}  // namespace

void examine(Experiment& experiment, Finding& finding) {
  finding.aftermath = what_follows(experiment.setup(), finding.schedule, finding.violation);
  finding.stale = had_stale_span(experiment, finding.schedule);
}

SearchResult search(Experiment& experiment, Method method, uint64_t seed, const SearchLimits& limits) {
  if (method == Method::kDfs && kRunsHaveImages && experiment.setup().scenario->hashable_state)
    return search_states(experiment, seed, limits);
  SearchResult result;
  SearchStats& stats = result.stats;
  Watch watch(limits);
  bool exhausted = false;
  std::vector<Met> met;  // one, or with limits.further several
  bool named_met = false;
  const uint32_t most = method == Method::kDfs ? 1 : 1 + limits.further;
  const std::unique_ptr<Source> source = make_source(method, seed, limits.preemptions);
  for (uint64_t i = 0; limits.schedules == 0 || i < limits.schedules; ++i) {
    if (i % 16 == 0 && watch.over(stats)) break;
    Strategy* const strategy = source->next(i);
    if (strategy == nullptr) {
      exhausted = true;
      break;
    }
    const RunReport report = experiment.run_made(*strategy);
    source->ran(report);
    count(stats, report, experiment.witnessed());
    if (report.outcome == Outcome::kMisfit) {  // a search follows its own decisions only
      result.nondeterminism =
          "schedule " + std::to_string(i + 1) + " did not follow the decisions of the search";
      break;
    }
    if (report.outcome == Outcome::kViolation) {
      const bool named = names_the_fault(experiment.setup(), report.violation.rule);
      if (named && !named_met) met.clear();
      if (named || met.empty())
        met.push_back(
            {experiment.schedule(seed + i, report), report, stats.schedules, stats.steps, watch.seconds()});
      named_met = named_met || named;
      if (named_met && met.size() == most) break;
    }
    if (!named_met && !met.empty() && stats.schedules == met.front().after + kLookFurther) break;
    if (named_met && !goes_further(stats, met.front())) break;
    if (met.empty() && i % kRepeatEvery == 0) {
      const Schedule schedule = experiment.schedule(seed + i, report);
      Replay same(schedule);
      result.nondeterminism = differs(report, experiment.run(same, Experiment::FairTail::kNo), i + 1);
      if (!result.nondeterminism.empty()) break;
    }
  }
  stats.seconds = watch.seconds();
  if (method == Method::kDfs) result.coverage = coverage(experiment, *source, stats, exhausted);
  if (met.empty() || !result.nondeterminism.empty()) return result;
  if (most == 1)
    settle(experiment, met.front(), result);
  else
    settle_best(experiment, met, result);
  return result;
}

}  // namespace sweepscope::laboratory
