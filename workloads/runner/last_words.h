// LastWords: the result of a run while it grows, and what is done with it when the run cannot end in order:
// a check of the engine failed, or a mutator does not stop.
//
// know() comes from the thread that runs, cycle_ended() from whichever engine thread ran the cycle, write()
// from the thread whose check failed or from the one that gave up waiting. mutex_ guards everything; it is
// never held over a call of the engine, and no check can fail under it, so even a thread that holds locks of
// the engine may take it.
//
// write() asks the engine nothing: what only the engine could count stays unknown (null in the JSON), as do
// the figures and gaps that the mutators may still be changing. The recording is finished first.
#pragma once

#include <mutex>

#include "workloads/runner/run_options.h"
#include "workloads/runner/run_result.h"
#include "workloads/runner/telemetry_session.h"

namespace sweepscope::workloads {

class LastWords {
 public:
  // `telemetry` may be null.
  LastWords(const RunOptions& options, RunResult so_far, TelemetrySession* telemetry)
      : options_(options), telemetry_(telemetry), known_(std::move(so_far)) {}

  template <class F>
  void know(F more) {
    std::lock_guard lock(mutex_);
    more(known_);
  }
  void cycle_ended(const engine::CycleRecord& cycle) {
    know([&](RunResult& known) { known.cycles.push_back(cycle); });
  }
  RunResult take() {
    std::lock_guard lock(mutex_);
    return std::move(known_);
  }

  // Finishes the recording and writes the JSON, once; reports failures on standard error. The caller
  // ends the process.
  void write(Outcome outcome, std::string complaint, std::optional<CheckFailure> check) noexcept;

 private:
  const RunOptions& options_;
  TelemetrySession* const telemetry_;
  std::mutex mutex_;
  RunResult known_;
  bool written_ = false;
};

CheckFailure check_failure(const engine::FatalReport& report);

}  // namespace sweepscope::workloads
