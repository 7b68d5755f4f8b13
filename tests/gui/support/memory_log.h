// A session in memory, straight from a vector of events: what the tests of the dashboard play. No keyframes,
// so that a seek is a fold from the start and can serve as the oracle of every faster one.
#pragma once

#include <algorithm>
#include <vector>

#include "telemetry/store/event_log.h"

namespace sweepscope::testing {

class MemoryLog : public telemetry::EventLog {
 public:
  explicit MemoryLog(std::vector<telemetry::Event> events, telemetry::SessionInfo info = {})
      : info_(std::move(info)), events_(std::move(events)) {
    using namespace telemetry;
    for (size_t i = 0; i < events_.size(); ++i) mark(i, events_[i]);
  }

  const telemetry::SessionInfo& info() const override { return info_; }
  telemetry::Extent extent() const override {
    telemetry::Extent extent{0, events_.size(), 0, 0};
    for (const auto& event : events_) extent.last_ns = std::max(extent.last_ns, event.ns);
    if (!events_.empty()) extent.first_ns = events_.front().ns;
    return extent;
  }
  const telemetry::Marks& marks() const override { return marks_; }
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
  void mark(uint64_t seq, const telemetry::Event& event) {
    using namespace telemetry;
    if (const auto* phase = std::get_if<PhaseChange>(&event.body)) {
      if (phase->phase == Phase::kSweepTermination)
        marks_.cycles.push_back({seq, event.ns, phase->cycle, sweepgen_});
      marks_.phases.push_back({seq, event.ns, phase->cycle, phase->phase});
      heap(event.ns, phase->heap_live);
    } else if (const auto* turn = std::get_if<Turn>(&event.body)) {
      sweepgen_ = turn->to;
    } else if (const auto* flush = std::get_if<Flush>(&event.body)) {
      marks_.flushes.push_back(
          {seq, event.ns, flush->p, flush->cause, flush->spans, flush->swept, flush->ns});
    } else if (const auto* pacer = std::get_if<Pacer>(&event.body)) {
      trigger_ = pacer->trigger, goal_ = pacer->goal;
    } else if (const auto* stw = std::get_if<Stw>(&event.body)) {
      if (stw->edge == StwEdge::kRequested) {
        marks_.pauses.push_back(
            {seq, event.ns, event.ns, event.ns, event.ns, event.ns, event.ns, 0, stw->cycle, 0, stw->reason});
      } else if (!marks_.pauses.empty()) {
        PauseMark& pause = marks_.pauses.back();
        if (stw->edge == StwEdge::kStopped) pause.stopped_ns = event.ns;
        if (stw->edge == StwEdge::kReleased)
          pause.released_ns = event.ns, pause.spans_flushed = stw->spans_flushed;
        if (stw->edge == StwEdge::kStarted) pause.started_ns = event.ns;
      }
    }
  }
  void heap(int64_t ns, uint64_t live) { marks_.heap.push_back({ns, live, trigger_, goal_}); }

  telemetry::SessionInfo info_;
  std::vector<telemetry::Event> events_;
  telemetry::Marks marks_;
  uint32_t sweepgen_ = 0;
  uint64_t trigger_ = ~uint64_t{0}, goal_ = 0;
};

}  // namespace sweepscope::testing
