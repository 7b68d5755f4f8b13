// A session in memory, made from a vector of events. It has no keyframes, so a seek is a fold from the start and
// serves as the oracle for every faster one.
#pragma once

#include <algorithm>
#include <vector>

#include "telemetry/store/event_log.h"
#include "telemetry/store/marks_builder.h"

namespace sweepscope::testing {

class MemoryLog : public telemetry::EventLog {
 public:
  explicit MemoryLog(std::vector<telemetry::Event> events, telemetry::SessionInfo info = {})
      : info_(std::move(info)), events_(std::move(events)) {
    telemetry::Replica replica;
    for (size_t i = 0; i < events_.size(); ++i) {
      marks_.add(events_[i], i);
      replica.apply(events_[i]);
      marks_.heap().add(replica.heap_changes());
    }
    marks_.show_heap();
  }

  const telemetry::SessionInfo& info() const override { return info_; }
  telemetry::Extent extent() const override {
    telemetry::Extent extent{0, events_.size(), 0, 0};
    for (const auto& event : events_) extent.last_ns = std::max(extent.last_ns, event.ns);
    if (!events_.empty()) extent.first_ns = events_.front().ns;
    return extent;
  }
  const telemetry::Marks& marks() const override { return marks_.marks(); }
  std::span<const telemetry::LossMark> losses() const override { return {}; }
  telemetry::Result<size_t> read(uint64_t seq, size_t max, std::vector<telemetry::Event>& out) override {
    const size_t from = std::min<size_t>(seq, events_.size()), count = std::min(max, events_.size() - from);
    out.insert(out.end(), events_.begin() + static_cast<std::ptrdiff_t>(from),
               events_.begin() + static_cast<std::ptrdiff_t>(from + count));
    return count;
  }
  telemetry::Result<> seek(uint64_t seq, telemetry::Replica& replica) override {
    replica = telemetry::Replica();
    for (size_t i = 0; i < std::min<size_t>(seq, events_.size()); ++i) replica.apply(events_[i]);
    return {};
  }
  uint64_t seq_at(int64_t ns) override {
    const auto it = std::find_if(events_.begin(), events_.end(), [&](const auto& e) { return e.ns >= ns; });
    return static_cast<uint64_t>(it - events_.begin());
  }

 private:
  telemetry::SessionInfo info_;
  std::vector<telemetry::Event> events_;
  telemetry::MarksBuilder marks_;
};

}  // namespace sweepscope::testing
