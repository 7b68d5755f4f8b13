// From many threads to one, in the order of the calls: chunks on their way from the engine to the drain
// thread.
//
// A lock, because it is taken once per chunk: per event a push costs a small part of a nanosecond
// (telemetry_bench, EmitAndHandOver), and the order of pushes is what the replica builds on. The taker is
// woken only when `enough` items wait: a wake-up for each chunk would cost the engine's threads a system
// call, and the taker looks by itself soon.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

namespace sweepscope::telemetry {

template <class T>
class HandOverQueue {
 public:
  explicit HandOverQueue(size_t enough) : enough_(enough) {}

  // Calls `stamp` with the lock held, so that what it says is in the order of the queue.
  template <class Stamp>
  void push(T item, Stamp&& stamp) {
    bool wake;
    {
      std::lock_guard lock(mutex_);
      stamp(item);
      items_.push_back(std::move(item));
      wake = items_.size() == enough_;
    }
    if (wake) ready_.notify_one();
  }

  // Swaps what waits into `out`, which must be empty; before that waits for enough, or for wake(), at most
  // that long.
  void take_all(std::vector<T>& out, std::chrono::nanoseconds timeout) {
    std::unique_lock lock(mutex_);
    ready_.wait_for(lock, timeout, [this] { return items_.size() >= enough_ || woken_; });
    woken_ = false;
    items_.swap(out);
  }

  // Makes the taker return at once. Any thread.
  void wake() {
    {
      std::lock_guard lock(mutex_);
      woken_ = true;
    }
    ready_.notify_one();
  }

 private:
  const size_t enough_;
  std::mutex mutex_;
  std::condition_variable ready_;
  // Guarded by mutex_:
  std::vector<T> items_;
  bool woken_ = false;
};

}  // namespace sweepscope::telemetry
