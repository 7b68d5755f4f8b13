#include "workloads/runner/compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atomic>

#include "workloads/runner/child_process.h"
#include "workloads/runner/progress_bar.h"

namespace sweepscope::workloads {

std::vector<CompareJob> plan(const CompareOptions& options, const std::string& executable) {
  const std::vector<std::string> only_default{""};
  const auto& all_procs = options.procs.empty() ? only_default : options.procs;
  const auto& all_gogc = options.gogc.empty() ? only_default : options.gogc;
  std::vector<CompareJob> jobs;
  for (uint32_t repeat = 0; repeat < options.repeat; ++repeat) {
    for (const std::string& procs : all_procs) {
      for (const std::string& gogc : all_gogc) {
        for (size_t i = 0; i < options.flush.size(); ++i) {
          const std::string& flush = options.flush[(i + repeat) % options.flush.size()];
          CompareJob job{flush, procs, gogc, repeat, {executable, "run", options.workload, "--flush", flush}};
          if (!procs.empty()) job.arguments.insert(job.arguments.end(), {"--procs", procs});
          if (!gogc.empty()) job.arguments.insert(job.arguments.end(), {"--gogc", gogc});
          job.arguments.insert(job.arguments.end(), options.passed_on.begin(), options.passed_on.end());
          job.arguments.insert(job.arguments.end(), {"--quiet", "--json", "-"});
          jobs.push_back(std::move(job));
        }
      }
    }
  }
  return jobs;
}

Expected<CompareResult> compare(const CompareOptions& options, Interrupts& interrupts) {
  const std::vector<CompareJob> jobs = plan(options, own_executable());
  CompareResult result;
  std::atomic<size_t> done = 0;  // relaxed: read by the progress bar only
  const ProgressBar bar(
      "compare", [&] { return double(done.load(std::memory_order_relaxed)) / double(jobs.size()); },
      options.quiet ? ProgressBar::Show::kNever : ProgressBar::Show::kOnTerminal);
  for (const CompareJob& job : jobs) {
    const Expected<ChildResult> child = run_child(job.arguments, interrupts);
    if (!child) return wrong(child.error());
    if (interrupts.happened().load(std::memory_order_relaxed)) {
      result.interrupted = true;
      break;
    }
    if (child->exit_code == 2)
      return wrong(fmt::format("sweepctl refused the arguments of a run: {}", fmt::join(job.arguments, " ")));
    auto parsed = nlohmann::ordered_json::parse(child->output, nullptr, false);
    const bool whole = parsed.is_object() && parsed.contains("outcome");
    const std::string outcome = whole ? parsed["outcome"].get<std::string>() : "no result";
    if (child->exit_code != 0 || outcome != "ok") {
      result.failures.push_back(
          fmt::format("{} (exit code {}): {}", outcome, child->exit_code, fmt::join(job.arguments, " ")));
    }
    if (whole) result.runs.push_back(std::move(parsed));
    done.fetch_add(1, std::memory_order_relaxed);
  }
  result.rows = medians(result.runs);
  return result;
}

}  // namespace sweepscope::workloads
