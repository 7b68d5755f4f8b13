#include "workloads/laboratory/matrix.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "engine/laboratory/explorer.h"
#include "workloads/laboratory/report.h"

namespace sweepscope::workloads {
namespace {

using laboratory::Experiment;
using laboratory::Scenario;
using laboratory::SearchLimits;
using laboratory::SearchResult;
using laboratory::Setup;

struct Cell {  // one fault (or none) under one policy, over all scenarios
  std::string fault, policy, detector = "-", scenario = "-";
  uint64_t schedules = 0, steps = 0;  // until it was found
  double seconds = 0;
  size_t shortest = 0;  // steps of the shortened schedule
  bool good = false;
  std::string nondeterminism;
};

Cell explore_cell(std::optional<engine::Fault> fault, const std::string& policy, laboratory::Method method,
                  uint64_t seed, const SearchLimits& limits) {
  Cell cell;
  cell.fault = fault ? std::string(engine::name(*fault)) : "none";
  cell.policy = policy;
  for (const Scenario& scenario : laboratory::scenarios()) {
    Experiment experiment(
        Setup{.scenario = &scenario, .policy = policy, .fault = fault, .size = scenario.defaults});
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
    cell.scenario = scenario.name;
    cell.shortest = result.finding->schedule.steps.size();
    break;
  }
  const bool found = cell.detector != "-";
  const bool defective = policy == "lazy-seed";  // keeps the seed's defects: whatever is found is a result
  cell.good = fault ? found != laboratory::fit_of(*fault).rules.empty() : !found || defective;
  return cell;
}

std::string row(const Cell& cell) {
  char text[512];
  std::snprintf(text, sizeof text, "| %s%s | %s | %s | %s | %llu | %llu | %.2f | %s |\n", cell.fault.c_str(),
                cell.good ? "" : " (!)", cell.policy.c_str(), cell.detector.c_str(), cell.scenario.c_str(),
                static_cast<unsigned long long>(cell.schedules), static_cast<unsigned long long>(cell.steps),
                cell.seconds, cell.shortest == 0 ? "-" : std::to_string(cell.shortest).c_str());
  return text;
}

std::string replace_between_markers(const std::string& path, const std::string& table) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return "cannot read '" + path + "'";
  std::ostringstream whole;
  whole << in.rdbuf();
  std::string text = whole.str();
  const size_t begin = text.find(kMatrixBegin), end = text.find(kMatrixEnd);
  if (begin == std::string::npos || end == std::string::npos || end < begin)
    return "'" + path + "' lacks the marker lines of the kill matrix";
  const size_t first = begin + std::string_view(kMatrixBegin).size();
  text.replace(first, end - first, "\n" + table);
  return write_file(path, text);
}

}  // namespace

int matrix_command(const ExploreOptions& options) {
  const std::optional<laboratory::Method> method = laboratory::find_method(options.strategy);
  const uint64_t seed = options.seed.value_or(1);
  SearchLimits limits;
  limits.schedules = options.schedules == 0 && options.seconds == 0 ? kMatrixSchedules : options.schedules;
  limits.seconds = options.seconds;
  limits.interrupted = options.interrupted;

  std::vector<std::optional<engine::Fault>> faults{std::nullopt};
  for (const laboratory::FaultFit& fit : laboratory::fault_fits()) faults.push_back(fit.fault);

  char heading[400];
  std::snprintf(
      heading, sizeof heading,
      "Strategy %s, seed %llu, %llu schedules of each scenario at most; (!) marks a row that is not as it "
      "should be.\n\n| fault | policy | detector | scenario | schedules | steps | seconds | shortened to |\n"
      "|---|---|---|---|---:|---:|---:|---:|\n",
      options.strategy.c_str(), static_cast<unsigned long long>(seed),
      static_cast<unsigned long long>(limits.schedules));
  std::string table = heading;
  if (!options.quiet) std::fputs(heading, stdout);
  bool good = true;
  for (const std::optional<engine::Fault>& fault : faults)
    for (const std::string& policy : engine::flush_policy_names()) {
      if (fault && !laboratory::fits(*fault, policy)) continue;
      if (options.interrupted != nullptr && options.interrupted->load(std::memory_order_relaxed)) return 1;
      const Cell cell = explore_cell(fault, policy, *method, seed, limits);
      if (!cell.nondeterminism.empty())
        return bad_input("the laboratory is not deterministic: " + cell.nondeterminism);
      good = good && cell.good;
      table += row(cell);
      if (!options.quiet) {
        std::fputs(row(cell).c_str(), stdout);
        std::fflush(stdout);
      }
    }
  if (!options.out.empty())
    if (const std::string error = replace_between_markers(options.out, table); !error.empty())
      return bad_input(error);
  return good ? 0 : 1;
}

}  // namespace sweepscope::workloads
