// PartialResult: collects the result of a run, and writes it if the run cannot end in order: a check of the
// engine failed, or a mutator does not stop.
//
// update() is called by the runner's thread, cycle_ended() by the engine thread that ran the cycle, write()
// by the thread whose check failed or by the runner's thread when it stops waiting. mutex_ guards everything.
// It is never held during a call of the engine, and no check can fail under it, so a thread that holds locks
// of the engine may acquire it.
//
// write() does not call the engine: the engine's counters stay unknown (null in the JSON), as do the figures
// and gaps, which mutators may still be changing. It finishes the recording first.
#pragma once

#include <mutex>

#include "workloads/runner/run_options.h"
#include "workloads/runner/run_result.h"
#include "workloads/runner/telemetry_session.h"

namespace sweepscope::workloads {

class PartialResult {
 public:
  // `telemetry` may be null.
  PartialResult(const RunOptions& options, RunResult initial, TelemetrySession* telemetry)
      : options_(options), telemetry_(telemetry), result_(std::move(initial)) {}

  template <class F>
  void update(F change) {
    std::lock_guard lock(mutex_);
    change(result_);
  }
  void cycle_ended(const engine::CycleRecord& cycle) {
    update([&](RunResult& result) { result.cycles.push_back(cycle); });
  }
  RunResult take() {
    std::lock_guard lock(mutex_);
    return std::move(result_);
  }

  // Finishes the recording and writes the JSON, once; prints failures on standard error. The caller ends the
  // process.
  void write(Outcome outcome, std::string complaint, std::optional<CheckFailure> check) noexcept;

 private:
  const RunOptions& options_;
  TelemetrySession* const telemetry_;
  std::mutex mutex_;
  RunResult result_;
  bool written_ = false;
};

CheckFailure check_failure(const engine::FatalReport& report);

}  // namespace sweepscope::workloads
