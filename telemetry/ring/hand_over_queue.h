// A queue from many producers to one consumer, in the order of the calls: chunks from the engine to the drain
// thread.
//
// It uses a lock because a push happens once per chunk: per event it costs a small part of a nanosecond
// (telemetry_bench, EmitAndHandOver), and the replica depends on the order of pushes. A push wakes the
// consumer only when the queue reaches the threshold: a wake-up for each chunk would cost the engine's
// threads a system call, and the consumer's timeout is short.
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
  explicit HandOverQueue(size_t wake_threshold) : wake_threshold_(wake_threshold) {}

  // Calls `stamp` with the lock held, so that stamps are in the order of the queue.
  template <class Stamp>
  void push(T item, Stamp&& stamp) {
    bool wake;
    {
      std::lock_guard lock(mutex_);
      stamp(item);
      items_.push_back(std::move(item));
      wake = items_.size() == wake_threshold_;
    }
    if (wake) ready_.notify_one();
  }

  // Waits for the threshold, for wake(), or for the timeout; then swaps the queue into `out`, which must be
  // empty.
  void take_all(std::vector<T>& out, std::chrono::nanoseconds timeout) {
    std::unique_lock lock(mutex_);
    ready_.wait_for(lock, timeout, [this] { return items_.size() >= wake_threshold_ || woken_; });
    woken_ = false;
    items_.swap(out);
  }

  // Makes take_all() return at once. Any thread.
  void wake() {
    {
      std::lock_guard lock(mutex_);
      woken_ = true;
    }
    ready_.notify_one();
  }

 private:
  const size_t wake_threshold_;
  std::mutex mutex_;
  std::condition_variable ready_;
  // Guarded by mutex_:
  std::vector<T> items_;
  bool woken_ = false;
};

}  // namespace sweepscope::telemetry
