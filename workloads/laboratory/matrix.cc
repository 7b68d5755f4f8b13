#include "workloads/laboratory/matrix.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "engine/laboratory/search/explorer.h"
#include "engine/laboratory/search/fault_fits.h"
#include "telemetry/model/result.h"
#include "workloads/laboratory/report.h"

namespace sweepscope::workloads {
namespace {

using laboratory::Experiment;
using laboratory::Scenario;
using laboratory::SearchLimits;
using laboratory::SearchResult;
using laboratory::Setup;

struct Cell {  // one fault (or none) under one policy, over the scenarios in which it can cause a violation
  std::string fault, policy, detector = "-", scenario = "-";
  uint64_t schedules = 0, steps = 0;  // until the violation
  double seconds = 0;
  size_t shortest = 0;  // steps of the shortened schedule
  bool as_expected = false;
  std::string nondeterminism;
};

// lazy-seed keeps the defects D2 and D3 on purpose, so a violation without a fault is expected.
bool defective(std::string_view policy) { return policy == "lazy-seed"; }

bool is_expected(const Cell& cell, std::optional<engine::Fault> fault) {
  const bool found = cell.detector != "-";
  if (!fault) return !found || defective(cell.policy);
  const auto rules = laboratory::fit_of(*fault).rules;
  if (rules.empty()) return !found;
  return found && std::find(rules.begin(), rules.end(), cell.detector) != rules.end();
}

std::vector<Setup> setups_of(std::optional<engine::Fault> fault, const std::string& policy) {
  std::vector<Setup> setups;
  if (fault) {
    for (const std::string_view name : laboratory::fit_of(*fault).scenarios)
      setups.push_back(laboratory::planted(*fault, policy, *laboratory::find_scenario(name)));
  } else {
    for (const Scenario& scenario : laboratory::scenarios())
      setups.push_back(Setup{.scenario = &scenario,
                             .policy = policy,
                             .fault = std::nullopt,
                             .size = scenario.defaults,
                             .checks = {}});
  }
  return setups;
}

Cell explore_cell(std::optional<engine::Fault> fault, const std::string& policy, laboratory::Method method,
                  uint64_t seed, const SearchLimits& limits) {
  Cell cell;
  cell.fault = fault ? std::string(engine::name(*fault)) : "none";
  cell.policy = policy;
  for (const Setup& setup : setups_of(fault, policy)) {
    Experiment experiment(setup);
    const SearchResult result = laboratory::search(experiment, method, seed, limits);
    cell.nondeterminism = result.nondeterminism;
    if (!result.nondeterminism.empty()) return cell;
    if (!result.finding) {
      cell.schedules += result.stats.schedules;
      cell.steps += result.stats.steps;
      cell.seconds += result.stats.seconds;
      continue;
    }
    cell.schedules += result.finding->found_after;
    cell.steps += result.finding->found_total_steps;
    cell.seconds += result.finding->found_seconds;
    cell.detector = result.finding->violation.rule;
    cell.scenario = setup.scenario->name;
    cell.shortest = result.finding->schedule.steps.size();
    break;
  }
  cell.as_expected = is_expected(cell, fault);
  return cell;
}

// A fault that only another detector finds.
std::string outside_row(const laboratory::FaultFit& fit) {
  return "| " + std::string(engine::name(fit.fault)) + " | - | `" + std::string(fit.outside) +
         "` | tests/litmus/relacy | - | - | - | - |\n";
}

class Progress {  // a bar on a terminal, updated in place
 public:
  Progress(bool quiet, size_t cells) : shown_(!quiet && isatty(STDERR_FILENO) != 0), cells_(cells) {}
  ~Progress() { wipe(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void draw(size_t done, const std::string& what, double seconds) {
    if (!shown_) return;
    constexpr size_t kWidth = 30;
    const size_t full = cells_ == 0 ? kWidth : done * kWidth / cells_;
    std::fprintf(stderr, "\r\033[K[%s%s] %zu of %zu, %s, %.0f s", std::string(full, '#').c_str(),
                 std::string(kWidth - full, '.').c_str(), done, cells_, what.c_str(), seconds);
  }
  void wipe() {
    if (shown_) std::fputs("\r\033[K", stderr);
  }

 private:
  const bool shown_;
  const size_t cells_;
};

std::string row(const Cell& cell) {
  char text[512];
  std::snprintf(text, sizeof text, "| %s%s | %s | %s | %s | %llu | %llu | %.2f | %s |\n", cell.fault.c_str(),
                cell.as_expected ? "" : " (!)", cell.policy.c_str(), cell.detector.c_str(),
                cell.scenario.c_str(), static_cast<unsigned long long>(cell.schedules),
                static_cast<unsigned long long>(cell.steps), cell.seconds,
                cell.shortest == 0 ? "-" : std::to_string(cell.shortest).c_str());
  return text;
}

struct Target {               // of --out
  std::string text;           // the whole file
  std::string before, after;  // its text up to and from the marker lines
  std::string error;
};

Target read_target(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return {{}, {}, {}, telemetry::file_error("open", path, std::strerror(errno))};
  std::ostringstream whole;
  whole << in.rdbuf();
  const std::string text = whole.str();
  const size_t begin = text.find(kMatrixBegin), end = text.find(kMatrixEnd);
  if (begin == std::string::npos || end == std::string::npos || end < begin)
    return {{}, {}, {}, "--out " + path + ": the file lacks the marker lines of the kill matrix"};
  return {text, text.substr(0, begin + std::string_view(kMatrixBegin).size()) + "\n", text.substr(end), {}};
}

}  // namespace

int matrix_command(const ExploreOptions& options) {
  const std::optional<laboratory::Method> method = laboratory::find_method(options.strategy);
  const bool dfs = method == laboratory::Method::kDfs;
  Target target;
  if (!options.out.empty()) target = read_target(options.out);
  if (!target.error.empty()) return bad_input(target.error);
  // A file that cannot be written is reported before minutes of searches, not after.
  if (!options.out.empty())
    if (const std::string error = write_file(options.out, target.text); !error.empty()) return failed(error);
  const uint64_t seed = options.seed.value_or(dfs ? 0 : 1);
  SearchLimits limits;
  const bool default_limits = options.schedules == 0;
  limits.schedules = default_limits ? kMatrixSchedules : options.schedules;
  limits.preemptions = preemption_bound(options);
  limits.interrupted = options.interrupted;

  std::vector<std::pair<std::optional<engine::Fault>, std::string>> cells;
  for (const std::string& policy : engine::flush_policy_names()) cells.emplace_back(std::nullopt, policy);
  for (const laboratory::FaultFit& fit : laboratory::fault_fits())
    for (const std::string& policy : engine::flush_policy_names())
      if (fit.outside.empty() && laboratory::fits(fit.fault, policy)) cells.emplace_back(fit.fault, policy);

  std::string heading = "Strategy " + options.strategy + (dfs ? "" : ", seed " + std::to_string(seed)) + ", ";
  if (default_limits)
    heading += std::to_string(kMatrixSchedules) + " schedules of each scenario (" + "at most " +
               std::to_string(kMatrixFaultSchedules) + " to find a fault)";
  else
    heading += "limits from the command line";
  heading +=
      "; (!) marks an unexpected result.\n\n| fault | policy | detector | scenario | schedules | steps | "
      "seconds | shortened to |\n|---|---|---|---|---:|---:|---:|---:|\n";
  std::string table = heading;
  if (!options.quiet) std::fputs(heading.c_str(), stdout);
  bool all_expected = true;
  Progress progress(options.quiet, cells.size());
  auto add = [&](const std::string& line) {
    table += line;
    if (options.quiet) return;
    progress.wipe();
    std::fputs(line.c_str(), stdout);
    std::fflush(stdout);
  };
  for (size_t i = 0; i < cells.size(); ++i) {
    const auto& [fault, policy] = cells[i];
    const std::string what = (fault ? std::string(engine::name(*fault)) : "no fault") + " under " + policy;
    limits.progress = [&](const laboratory::SearchStats& stats) { progress.draw(i, what, stats.seconds); };
    progress.draw(i, what, 0);
    if (default_limits) {
      const bool findable = fault && !laboratory::fit_of(*fault).rules.empty();
      limits.schedules = findable ? kMatrixFaultSchedules : kMatrixSchedules;
    }
    const Cell cell = explore_cell(fault, policy, *method, seed, limits);
    // relaxed: a flag alone, it publishes no other data. The search of this cell may be cut: no row.
    if (options.interrupted != nullptr && options.interrupted->load(std::memory_order_relaxed)) {
      progress.wipe();
      std::fputs("sweepctl: the matrix was interrupted before its end\n", stderr);
      return kInterruptedMatrix;
    }
    if (!cell.nondeterminism.empty())
      return bad_input("the laboratory is not deterministic: " + cell.nondeterminism);
    all_expected = all_expected && cell.as_expected;
    add(row(cell));
  }
  for (const laboratory::FaultFit& fit : laboratory::fault_fits())
    if (!fit.outside.empty()) add(outside_row(fit));
  if (!options.out.empty())
    if (const std::string error = write_file(options.out, target.before + table + target.after);
        !error.empty())
      return failed(error);
  return all_expected ? 0 : 1;
}

}  // namespace sweepscope::workloads
