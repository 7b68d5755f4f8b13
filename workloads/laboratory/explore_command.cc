#include "workloads/laboratory/explore_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "engine/laboratory/search/explorer.h"
#include "engine/laboratory/search/fault_fits.h"
#include "workloads/counted.h"
#include "workloads/laboratory/matrix.h"
#include "workloads/laboratory/recording.h"
#include "workloads/laboratory/report.h"

namespace sweepscope::workloads {
namespace {

using laboratory::Experiment;
using laboratory::Finding;
using laboratory::Scenario;
using laboratory::SearchResult;
using laboratory::SearchStats;
using laboratory::Setup;

class Progress {  // one line on a terminal, updated in place
 public:
  Progress(bool quiet, std::string_view scenario)
      : shown_(!quiet && isatty(STDERR_FILENO) != 0), scenario_(scenario) {}
  ~Progress() {
    if (drawn_) std::fputs("\r\033[K", stderr);
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void draw(const SearchStats& stats, const ExploreOptions& options) {
    if (!shown_) return;
    drawn_ = true;
    std::string share;
    if (stats.states > 0) {
      std::fprintf(stderr, "\r\033[K%s: %s visited, %.0f s", std::string(scenario_).c_str(),
                   counted(stats.states, "state").c_str(), stats.seconds);
      return;
    }
    if (options.schedules > 0) share = " of " + std::to_string(options.schedules);
    std::fprintf(
        stderr, "\r\033[K%s: %llu%s schedules, %.1f M steps/s, %.0f s", std::string(scenario_).c_str(),
        static_cast<unsigned long long>(stats.schedules), share.c_str(),
        stats.seconds > 0 ? static_cast<double>(stats.steps) / stats.seconds / 1e6 : 0.0, stats.seconds);
  }

 private:
  bool shown_;
  bool drawn_ = false;
  std::string_view scenario_;
};

// The scenarios to explore: the named one, or all in which the fault can cause a violation.
std::vector<const Scenario*> wanted_scenarios(const ExploreOptions& options) {
  std::vector<const Scenario*> wanted;
  const std::optional<engine::Fault> fault = engine::find_fault(options.fault);
  if (options.scenario.empty() && fault)
    for (const std::string_view name : laboratory::fit_of(*fault).scenarios)
      wanted.push_back(laboratory::find_scenario(name));
  if (!wanted.empty()) return wanted;
  for (const Scenario& scenario : laboratory::scenarios())
    if (options.scenario.empty() || options.scenario == scenario.name) wanted.push_back(&scenario);
  return wanted;
}

// What --matrix cannot be combined with: it chooses these itself, or has no such result.
std::string problem_with_matrix(const ExploreOptions& options) {
  std::string given;
  const auto add = [&](bool present, const char* name) {
    if (present) given += (given.empty() ? "" : ", ") + std::string(name);
  };
  add(!options.scenario.empty(), "SCENARIO");
  add(!options.fault.empty(), "--fault");
  add(options.flush.has_value(), "--flush");
  add(!options.checks.empty(), "--check");
  add(options.first, "--first");
  add(options.procs != 0, "--procs");
  add(options.spans != 0, "--spans");
  add(options.seconds != 0, "--seconds");
  add(!options.record.empty(), "--record");
  add(!options.json.empty(), "--json");
  if (given.empty()) return {};
  return "--matrix searches for every fault under every policy; it cannot be combined with " + given;
}

std::string problem_with(const ExploreOptions& options) {
  if (options.matrix)
    if (std::string problem = problem_with_matrix(options); !problem.empty()) return problem;
  if (wanted_scenarios(options).empty())
    return "unknown scenario '" + options.scenario + "'; see `sweepctl list`";
  if (!options.fault.empty() && !engine::find_fault(options.fault))
    return "unknown fault '" + options.fault + "'; see `sweepctl list`";
  laboratory::CheckModes checks;
  for (const std::string& setting : options.checks)
    if (std::string problem = checks.set(setting); !problem.empty()) return problem;
  if (!laboratory::find_method(options.strategy))
    return "unknown strategy '" + options.strategy + "'; expected random, pct, mix or dfs";
  if (options.preemptions && options.preemptions != "none" && !preemption_bound(options))
    return "--preemptions takes 0 to 1000 or none, not '" + *options.preemptions + "'";
  const bool dfs = laboratory::find_method(options.strategy) == laboratory::Method::kDfs;
  if (options.preemptions && !dfs)
    return "--preemptions is a bound of --strategy dfs; strategy '" + options.strategy + "' has none";
  if (options.seed && dfs) return "--seed is for the random strategies; --strategy dfs uses none";
  if (!(options.seconds >= 0) || std::isinf(options.seconds))
    return "--seconds must be a finite number of seconds and not negative";
  for (const std::string& path : {options.out, options.record, options.json})
    if (std::string problem = problem_with_output(path); !problem.empty()) return problem;
  return {};
}

Setup setup_for(const ExploreOptions& options, const Scenario& scenario) {
  Setup setup{.scenario = &scenario,
              .policy = options.flush.value_or(kDefaultFlush),
              .fault = std::nullopt,
              .size = scenario.defaults,
              .checks = {}};
  if (const std::optional<engine::Fault> fault = engine::find_fault(options.fault))
    setup = laboratory::planted(*fault, setup.policy, scenario);
  if (!options.checks.empty()) setup.checks = {};
  for (const std::string& setting : options.checks) setup.checks.set(setting);
  if (options.procs != 0) setup.size.procs = options.procs;
  if (options.spans != 0) setup.size.spans = options.spans;
  return setup;
}

// `seed`: none for dfs.
nlohmann::json to_json(const Setup& setup, const SearchResult& result, std::optional<uint64_t> seed) {
  const SearchStats& stats = result.stats;
  nlohmann::json json{
      {"scenario", setup.scenario->name},
      {"procs", setup.size.procs},
      {"spans", setup.size.spans},
      {"seed", seed ? nlohmann::json(*seed) : nlohmann::json(nullptr)},
      {"schedules", stats.schedules},
      {"states", stats.states},
      {"steps", stats.steps},
      {"switches", stats.switches},
      {"fibers", stats.most_fibers},
      {"longest_schedule", stats.longest},
      {"facts_checked", stats.facts},
      {"seconds", stats.seconds},
      {"coverage", result.coverage},
      {"checks", setup.checks.settings()},
      {"notes", workloads::to_json(stats.notes)},
      {"steps_per_s", stats.seconds > 0 ? static_cast<double>(stats.steps) / stats.seconds : 0.0}};
  if (result.finding) {
    const Finding& finding = *result.finding;
    json["violation"] = workloads::to_json(finding.violation);
    json["notes_before_violation"] = workloads::to_json(finding.notes);
    json["found_after_schedules"] = finding.found_after;
    json["found_seed"] = seed ? nlohmann::json(finding.schedule.seed) : nlohmann::json(nullptr);
    json["schedule_steps"] = finding.schedule.steps.size();
    json["schedule_switches"] = finding.switches;
    json["event_hash"] = finding.hash;
    json["stale_span"] = finding.stale;
    json["chosen_of"] = finding.chosen_of;
    add_harm(json, *finding.aftermath);
  }
  return json;
}

void print_search(const Setup& setup, const SearchResult& result, const std::string& strategy,
                  std::optional<uint64_t> seed) {
  const SearchStats& stats = result.stats;
  fmt::print("{}: policy {}, fault {}, {}, {}, {}{}\n", setup.scenario->name, setup.policy,
             setup.fault ? engine::name(*setup.fault) : "none", counted(setup.size.procs, "P"),
             counted(setup.size.spans, "span"), strategy, seed ? fmt::format(" from seed {}", *seed) : "");
  const std::string speed =
      fmt::format("in {:.2f} s ({:.2f} M steps/s)", stats.seconds,
                  stats.seconds > 0 ? static_cast<double>(stats.steps) / stats.seconds / 1e6 : 0.0);
  if (stats.states > 0)
    fmt::print("  {} visited, {}, {}, {}\n", counted(stats.states, "state"), counted(stats.schedules, "end"),
               counted(stats.steps, "step"), speed);
  else
    fmt::print("  {}, {}, {}, up to {}, {}\n", counted(stats.schedules, "schedule"),
               counted(stats.steps, "step"), counted(stats.switches, "switch", "switches"),
               counted(stats.most_fibers, "fiber"), speed);
  if (!result.finding)
    fmt::print("  no violation found; {}\n",
               result.coverage.empty() ? "random search is not a proof" : result.coverage);
  if (!result.finding) print(stats.notes);
}

void print_finding(const Finding& finding, std::optional<uint64_t> seed) {
  fmt::print("VIOLATION {}\n", describe(finding.violation));
  print(finding.notes);
  fmt::print("  found in schedule {}{}; {} with {}, shortened to {} with {}; replays exactly\n",
             finding.found_after, seed ? fmt::format(" (seed {})", finding.schedule.seed) : "",
             counted(finding.found_steps, "step"), counted(finding.found_switches, "switch", "switches"),
             finding.schedule.steps.size(), finding.switches);
  fmt::print("  harm: {}\n", describe(*finding.aftermath));
  if (finding.chosen_of > 1)
    fmt::print("  chosen of {}; {}\n", counted(finding.chosen_of, "counterexample"),
               finding.stale ? "a stale span existed" : "no stale span existed");
}

}  // namespace

std::optional<uint32_t> preemption_bound(const ExploreOptions& options) {
  const std::string text = options.preemptions.value_or(kDefaultPreemptions);
  uint32_t bound = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, bound);
  if (error != std::errc() || stop != end || bound > 1000) return std::nullopt;
  return bound;
}

int explore_command(const ExploreOptions& options) {
  if (const std::string problem = problem_with(options); !problem.empty()) return bad_input(problem);
  if (options.matrix) return matrix_command(options);
  const std::vector<const Scenario*> wanted = wanted_scenarios(options);
  for (const Scenario* scenario : wanted)
    if (const std::string problem = laboratory::problem_with(setup_for(options, *scenario)); !problem.empty())
      return bad_input(problem);

  const laboratory::Method method = *laboratory::find_method(options.strategy);
  std::optional<uint64_t> seed = options.seed;
  if (!seed && method != laboratory::Method::kDfs)
    seed = static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) % 1'000'000'000;
  laboratory::SearchLimits limits;
  limits.schedules = options.schedules == 0 && options.seconds == 0 ? kDefaultSchedules : options.schedules;
  limits.seconds = options.seconds / static_cast<double>(wanted.size());
  limits.preemptions = preemption_bound(options);
  limits.interrupted = options.interrupted;
  limits.further = options.first ? 0 : laboratory::kFurther;

  nlohmann::json searches = nlohmann::json::array();
  nlohmann::json json{{"schema_version", 1},
                      {"command", "explore"},
                      {"flush_policy", options.flush.value_or(kDefaultFlush)},
                      {"fault", options.fault},
                      {"strategy", options.strategy},
                      {"outcome", "no violation"}};
  const bool summary = !options.quiet && options.json != "-";  // standard output is for the JSON only
  bool violated = false;
  for (const Scenario* scenario : wanted) {
    Experiment experiment(setup_for(options, *scenario));
    SearchResult result;
    {
      Progress progress(options.quiet, scenario->name);
      limits.progress = [&](const SearchStats& stats) { progress.draw(stats, options); };
      result = laboratory::search(experiment, method, seed.value_or(0), limits);
    }
    if (!result.nondeterminism.empty())
      return bad_input("the laboratory is not deterministic: " + result.nondeterminism);
    if (result.finding && !result.finding->aftermath)
      laboratory::examine(experiment, *result.finding);  // it was not chosen: the first one
    searches.push_back(to_json(experiment.setup(), result, seed));
    if (summary) print_search(experiment.setup(), result, options.strategy, seed);
    if (!result.finding) continue;

    violated = true;
    const Finding& finding = *result.finding;
    if (summary) print_finding(finding, seed);
    const std::string path = options.out.empty() ? "violation.schedule.txt" : options.out;
    if (const std::string error = write_file(path, laboratory::format_schedule(finding.schedule));
        !error.empty())
      return failed(error);
    if (summary) fmt::print("  schedule: {}\n", path);
    json["outcome"] = "violation";
    json["violation"] = to_json(finding.violation);
    add_harm(json, *finding.aftermath);
    json["schedule"] = path;
    if (!options.record.empty()) {
      if (const std::string error = record_replay(experiment, finding.schedule, options.record).error;
          !error.empty())
        return failed(error);
      if (summary) fmt::print("  recording: {}\n", options.record);
      json["recording"] = options.record;
    }
    break;
  }
  json["searches"] = std::move(searches);
  if (!options.json.empty())
    if (const std::string error = write_json(options.json, json); !error.empty()) return failed(error);
  return violated ? 1 : 0;
}

std::vector<LaboratoryItem> laboratory_scenarios() {
  std::vector<LaboratoryItem> items;
  for (const Scenario& scenario : laboratory::scenarios())
    items.push_back({std::string(scenario.name), std::string(scenario.text), {}});
  return items;
}

std::vector<LaboratoryItem> laboratory_faults() {
  std::vector<LaboratoryItem> items;
  for (const laboratory::FaultFit& fit : laboratory::fault_fits())
    items.push_back({std::string(engine::name(fit.fault)), std::string(engine::describe(fit.fault)),
                     std::vector<std::string>(fit.policies.begin(), fit.policies.end())});
  return items;
}

}  // namespace sweepscope::workloads
