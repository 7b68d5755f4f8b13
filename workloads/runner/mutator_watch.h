// MutatorWatch: waits for the mutators of a run, and gives up on those that do not stop when it is
// interrupted or its time is up.
//
// The mutators count themselves out on their own threads, interrupt() comes from the thread that watches
// signals, wait() is the runner's. mutex_ guards everything.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace sweepscope::workloads {

class MutatorWatch {
 public:
  explicit MutatorWatch(uint32_t mutators) : running_(mutators) {}

  void one_returned() {
    std::lock_guard lock(mutex_);
    --running_;
    changed_.notify_all();
  }
  void interrupt() {
    std::lock_guard lock(mutex_);
    interrupted_ = true;
    changed_.notify_all();
  }
  // Until all have returned, the run was interrupted, or `seconds` are over (0: no limit).
  enum class End : uint8_t { kReturned, kInterrupted, kTimeIsUp };
  End wait(std::chrono::duration<double> seconds) {
    std::unique_lock lock(mutex_);
    const auto ended = [this] { return running_ == 0 || interrupted_; };
    if (seconds.count() == 0)
      changed_.wait(lock, ended);
    else
      changed_.wait_for(lock, seconds, ended);
    return running_ == 0 ? End::kReturned : interrupted_ ? End::kInterrupted : End::kTimeIsUp;
  }
  // Until all have returned, or `patience` is over. How many still run.
  uint32_t wait_for_the_rest(std::chrono::duration<double> patience) {
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
