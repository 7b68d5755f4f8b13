// RunControl: the limits, interrupts, progress and mutator gaps of a run.
//
// One per run. The runner creates it; the thread that watches signals interrupts it; every mutator polls it.
// It never accesses the heap.
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

  // `first_sweepgen`: of the engine at the start of the run; each cycle adds 2.
  RunControl(engine::Engine& engine, RunLimits limits, uint32_t first_sweepgen, uint32_t threads)
      : engine_(engine),
        limits_(limits),
        first_sweepgen_(first_sweepgen),
        begin_(Clock::now()),
        gaps_(threads) {}

  engine::Engine& engine() { return engine_; }
  const RunLimits& limits() const { return limits_; }

  // Relaxed: the flag publishes no data, and a late load costs only latency.
  void interrupt() { interrupted_.store(true, std::memory_order_relaxed); }
  bool interrupted() const { return interrupted_.load(std::memory_order_relaxed); }

  // Whether the program should end; once true, it stays true. Reads the clock: call it every few dozen
  // microseconds, not for every object.
  bool finished(const engine::Mutator& mutator) const {
    if (interrupted() || mutator.stopping()) return true;
    if (limits_.cycles > 0 && cycles(mutator) >= limits_.cycles) return true;
    return time_limit_reached();
  }
  bool time_limit_reached() const { return limits_.seconds > 0 && elapsed() >= limits_.seconds; }
  // Called after a whole round: whether another one follows. Without limits a run is one round.
  bool another_round(const engine::Mutator& mutator) const {
    return (limits_.cycles > 0 || limits_.seconds > 0) && !finished(mutator);
  }

  uint64_t cycles(const engine::Mutator& mutator) const { return (mutator.sweepgen() - first_sweepgen_) / 2; }
  double elapsed() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }

  // The progress of the run, 0..1, for the progress bar. A run limited by time or cycles derives it from
  // those; a run without limits reports it.
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
  std::vector<GapMeter> gaps_;  // one per mutator, accessed only by it until it is joined
};

}  // namespace sweepscope::workloads
