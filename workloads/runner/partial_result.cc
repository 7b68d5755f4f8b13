#include "workloads/runner/partial_result.h"

#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "workloads/runner/output_file.h"
#include "workloads/runner/process_usage.h"
#include "workloads/runner/run_json.h"

namespace sweepscope::workloads {

void PartialResult::write(Outcome outcome, std::string complaint, std::optional<CheckFailure> check) noexcept
    try {
  std::lock_guard lock(mutex_);
  if (written_) return;
  written_ = true;
  result_.outcome = outcome;
  result_.complaint = std::move(complaint);
  result_.check = std::move(check);
  result_.peak_rss_bytes = peak_rss_bytes();
  if (result_.interval.begin_ns != 0 && result_.interval.end_ns == 0) {
    result_.interval.end_ns = monotonic_ns();
    result_.wall_s = double(result_.interval.end_ns - result_.interval.begin_ns) / 1e9;
    result_.cpu_s = cpu_seconds() - result_.cpu_s_before;
  }
  if (telemetry_ != nullptr) result_.telemetry = telemetry_->abandon();
  if (options_.json.empty()) return;
  if (const Expected<> written = write_text(options_.json, to_json(result_).dump(2) + "\n"); !written)
    fmt::print(stderr, "sweepctl: {}\n", written.error());
} catch (const std::exception& error) {  // most likely out of memory
  std::fprintf(stderr, "sweepctl: the result is lost: %s\n", error.what());
}

CheckFailure check_failure(const engine::FatalReport& report) {
  const auto known = [](uint32_t number) {
    return number == engine::FatalReport::kNone ? std::optional<uint32_t>() : number;
  };
  CheckFailure check{report.code,     report.words,       report.meaning,  report.thread,
                     known(report.p), known(report.span), report.sweepgen, {}};
  for (size_t i = 0; i < report.value_count; ++i)
    check.values.emplace_back(report.values[i].name, report.values[i].value);
  return check;
}

}  // namespace sweepscope::workloads
