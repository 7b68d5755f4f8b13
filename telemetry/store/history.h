// The live flight ring: the last events of a running session in memory, bounded in bytes, with a copy of the
// replica at the start of each segment. Played through EventLog like a recording.
//
// One thread appends and reads (the dashboard's session thread); nothing here locks.
//
// Invariants: segments are contiguous in seq; a segment's replica is the state before its first event;
// bytes() stays at or under the limit (twice the limit while something is kept) unless a single segment
// exceeds it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "telemetry/store/event_log.h"
#include "telemetry/store/marks_builder.h"

namespace sweepscope::telemetry {

inline constexpr size_t kFlightRingBytes = size_t{512} << 20;

class History final : public EventLog {
 public:
  explicit History(size_t limit_bytes = kFlightRingBytes) : limit_(limit_bytes) {}

  // What the server's Hello told.
  void set_info(SessionInfo info) { info_ = std::move(info); }
  // Starts over at `seq` with the state of a Snapshot; what was before is forgotten.
  void restart(uint64_t seq, const Replica& state);
  // `lost` events are missing just before the first of `events`.
  void append(std::span<const Event> events, uint64_t lost = 0, std::string why = {});

  // From this event on nothing is forgotten for now: somebody is writing it to a file. Nothing: no such wish.
  void keep_from(std::optional<uint64_t> seq) { kept_from_ = seq; }

  const SessionInfo& info() const override { return info_; }
  Extent extent() const override;
  const Marks& marks() const override { return marks_.marks(); }
  std::span<const LossMark> losses() const override { return losses_; }
  Result<size_t> read(uint64_t seq, size_t max, std::vector<Event>& out) override;
  Result<> seek(uint64_t seq, Replica& replica) override;
  uint64_t seq_at(int64_t ns) override;

  const Replica& now() const { return now_; }  // after the last event
  size_t bytes() const;

 private:
  struct Segment {
    uint64_t first_seq;
    Replica before;
    size_t replica_bytes;
    int64_t max_ns;  // of this and all segments before
    std::vector<Event> events;
  };

  void open_segment();
  void forget();
  size_t segment_of(uint64_t seq) const;

  size_t limit_;
  std::optional<uint64_t> kept_from_;
  SessionInfo info_;
  std::deque<Segment> segments_;
  Replica now_;
  uint64_t end_seq_ = 0;
  int64_t last_ns_ = 0;
  MarksBuilder marks_;
  std::vector<LossMark> losses_;
};

}  // namespace sweepscope::telemetry
