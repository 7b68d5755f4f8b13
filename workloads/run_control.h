// The run around a program: how long it goes on, who interrupts it, how far it is, how long its gaps are.
//
// One per run. The runner makes it and interrupts it (from the thread that watches signals); every mutator
// asks it. It never touches the heap.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/engine.h"
#include "workloads/gap_meter.h"

namespace sweepscope::workloads {

struct RunLimits {
  double seconds = 0;   // 0: no limit
  uint64_t cycles = 0;  // collections; 0: no limit
};

class RunControl {
 public:
  using Clock = std::chrono::steady_clock;

  // `first_sweepgen`: the engine's when the run begins; each complete mark adds 2 to it.
  RunControl(engine::Engine& engine, RunLimits limits, uint32_t first_sweepgen, uint32_t threads)
      : engine_(engine),
        limits_(limits),
        first_sweepgen_(first_sweepgen),
        begin_(Clock::now()),
        gaps_(threads) {}

  engine::Engine& engine() { return engine_; }
  const RunLimits& limits() const { return limits_; }

  // Relaxed: the flag carries no data, and a late look costs only latency.
  void interrupt() { interrupted_.store(true, std::memory_order_relaxed); }
  bool interrupted() const { return interrupted_.load(std::memory_order_relaxed); }

  // True from the moment on when the program should end; never false again. Reads the clock: for every few
  // dozen microseconds, not for every object.
  bool finished(const engine::Mutator& mutator) const {
    if (interrupted() || mutator.stopping()) return true;
    if (limits_.cycles > 0 && cycles(mutator) >= limits_.cycles) return true;
    return time_limit_reached();
  }
  bool time_limit_reached() const { return limits_.seconds > 0 && elapsed() >= limits_.seconds; }
  // After a whole round: whether the limits leave room for one more. Without limits one round is the run.
  bool another_round(const engine::Mutator& mutator) const {
    return (limits_.cycles > 0 || limits_.seconds > 0) && !finished(mutator);
  }

  uint64_t cycles(const engine::Mutator& mutator) const { return (mutator.sweepgen() - first_sweepgen_) / 2; }
  double elapsed() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }

  // How far the whole run is, 0..1, for the progress bar. Programs without limits say it themselves; a run
  // limited by time or cycles is told by those.
  void report_progress(double part) { progress_.store(part, std::memory_order_relaxed); }
  void report_cycles(const engine::Mutator& mutator) {
    if (limits_.cycles > 0) report_progress(double(cycles(mutator)) / double(limits_.cycles));
  }
  double progress() const {
    return limits_.seconds > 0 ? elapsed() / limits_.seconds : progress_.load(std::memory_order_relaxed);
  }

  GapMeter& gaps(uint32_t thread) { return gaps_[thread]; }
  const std::vector<GapMeter>& gaps() const { return gaps_; }

 private:
  engine::Engine& engine_;
  const RunLimits limits_;
  const uint32_t first_sweepgen_;
  const Clock::time_point begin_;
  std::atomic<bool> interrupted_{false};
  std::atomic<double> progress_{0};
  std::vector<GapMeter> gaps_;  // one per mutator, touched by it alone until it is joined
};

}  // namespace sweepscope::workloads
