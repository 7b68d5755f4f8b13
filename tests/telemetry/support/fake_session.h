// A session without an engine: numbers events, encodes batches, and blocks its sinks for a snapshot as the
// collector does. Its "keyframe" is the text of the next seq, so that a test can check where it begins.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "telemetry/wire/batch.h"
#include "telemetry/wire/batch_sink.h"
#include "telemetry/wire/messages.h"

namespace sweepscope::telemetry::testing {

class FakeSession {
 public:
  void give(BatchSink& sink, std::vector<Event> events, uint64_t lost_before = 0) {
    std::lock_guard lock(mutex_);
    const Batch batch{next_seq_, static_cast<uint32_t>(events.size()), lost_before,
                      encode_batch(events, next_seq_, lost_before), events};
    next_seq_ += batch.count;
    sink.consume(batch);
  }
  void with_snapshot(const std::function<void(Snapshot)>& use) {
    std::lock_guard lock(mutex_);
    ++snapshots_;
    use({next_seq_, 0, std::to_string(next_seq_)});
  }
  uint64_t next_seq() const {
    std::lock_guard lock(mutex_);
    return next_seq_;
  }
  int snapshots() const {
    std::lock_guard lock(mutex_);
    return snapshots_;
  }

 private:
  mutable std::mutex mutex_;
  uint64_t next_seq_ = 0;
  int snapshots_ = 0;
};

// Log events whose `a` counts up from `first`.
inline std::vector<Event> numbered_events(uint64_t first, size_t count) {
  std::vector<Event> events;
  for (size_t i = 0; i < count; ++i)
    events.push_back({static_cast<int64_t>(first + i), 1, Log{1, 0, first + i, 0}});
  return events;
}

}  // namespace sweepscope::telemetry::testing
