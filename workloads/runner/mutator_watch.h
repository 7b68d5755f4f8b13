// MutatorWatch: waits for the mutators of a run, and reports those that do not stop after an interrupt or
// after the time limit.
//
// mutator_returned() is called by each mutator's thread, interrupt() by the thread that watches signals, the
// waits by the runner's thread. mutex_ guards everything.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace sweepscope::workloads {

class MutatorWatch {
 public:
  explicit MutatorWatch(uint32_t mutators) : running_(mutators) {}

  void mutator_returned() {
    std::lock_guard lock(mutex_);
    --running_;
    changed_.notify_all();
  }
  void interrupt() {
    std::lock_guard lock(mutex_);
    interrupted_ = true;
    changed_.notify_all();
  }
  // Waits until all have returned, the run is interrupted, or `seconds` have passed (0: no limit).
  enum class End : uint8_t { kReturned, kInterrupted, kTimeLimit };
  End wait(std::chrono::duration<double> seconds) {
    std::unique_lock lock(mutex_);
    const auto ended = [this] { return running_ == 0 || interrupted_; };
    if (seconds.count() == 0)
      changed_.wait(lock, ended);
    else
      changed_.wait_for(lock, seconds, ended);
    return running_ == 0 ? End::kReturned : interrupted_ ? End::kInterrupted : End::kTimeLimit;
  }
  // Waits until all have returned, or `patience` has passed. Returns how many still run.
  uint32_t wait_for_remaining(std::chrono::duration<double> patience) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [this] { return running_ == 0; });
    return running_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  uint32_t running_;
  bool interrupted_ = false;
};

}  // namespace sweepscope::workloads
