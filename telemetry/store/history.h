// The live flight ring: the last events of a running session in memory, bounded in bytes, with a copy of the
// replica at the start of each segment. Played through EventLog like a recording.
//
// One thread appends and reads (the dashboard's session thread); nothing here locks.
//
// A moment can be held: when the ring would drop the cycle of that moment or one of its neighbours, their
// segments are moved out of the ring and pinned. The ring continues; the events that it drops between the two
// are the gap().
//
//       pinned_                 gap()                  segments_ (the ring)
//   [ c7 | c8 | c9 ]   dropped with its marks     [ c412 | c413 | ... ] end_seq_
//           ^ held_
//
// Invariants: the segments of the ring are contiguous in seq, so are the pinned ones, and there is at most
// one gap; a segment's replica is the state before its first event. bytes() stays at or under the limit
// (twice the limit while something is kept) unless a single segment exceeds it; held_bytes() stays at or
// under its limit unless the state before the held moment alone exceeds it.
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
inline constexpr size_t kHeldBytes = size_t{64} << 20;

class History final : public EventLog {
 public:
  explicit History(size_t limit_bytes = kFlightRingBytes, size_t held_limit_bytes = kHeldBytes)
      : limit_(limit_bytes), held_limit_(held_limit_bytes) {}

  // From the server's Hello.
  void set_info(SessionInfo info) { info_ = std::move(info); }
  // Restarts at `seq` with the state of a Snapshot; earlier events are dropped, except a held moment.
  void restart(uint64_t seq, const Replica& state);
  // `lost` events are missing just before the first of `events`.
  void append(std::span<const Event> events, uint64_t lost = 0, std::string why = {});

  // Keeps the events from `seq` on, for a writer to a file, up to twice the limit. Nothing: no such request.
  void keep_from(std::optional<uint64_t> seq) { kept_from_ = seq; }

  // Holds the moment before event `seq`: its cycle and the cycles before and after stay in memory, if they
  // are still there and within the limit. Nothing: releases it.
  void hold(std::optional<uint64_t> seq);

  const SessionInfo& info() const override { return info_; }
  Extent extent() const override;
  const Marks& marks() const override { return marks_.marks(); }
  std::span<const LossMark> losses() const override { return losses_; }
  std::optional<Gap> gap() const override;
  Result<size_t> read(uint64_t seq, size_t max, std::vector<Event>& out) override;
  Result<> seek(uint64_t seq, Replica& replica) override;
  uint64_t seq_at(int64_t ns) override;

  const Replica& now() const { return now_; }  // after the last event
  // The first event at or after `seq` that is in memory, or the end.
  uint64_t next_in_memory(uint64_t seq) const;
  uint64_t ring_first_seq() const { return segments_.empty() ? end_seq_ : segments_.front().first_seq; }
  size_t bytes() const;       // of the ring
  size_t held_bytes() const;  // of the pinned segments

 private:
  struct Segment {
    uint64_t first_seq;
    Replica before;
    size_t replica_bytes;
    int64_t max_ns;  // of this and all segments before
    std::vector<Event> events;
    uint64_t end_seq() const { return first_seq + events.size(); }
    size_t bytes() const { return replica_bytes + events.size() * sizeof(Event); }
  };
  struct Range {
    uint64_t first, end;
  };
  enum class Reach : uint8_t {
    kNeighbours,
    kCycle,
    kAround
  };  // how much around the held moment, in descending order

  void open_segment();
  void drop_oldest();
  void drop_marks();
  void pin_oldest();
  void bound_pinned();
  void trim_pinned(Range range);
  void unpin_unneeded();
  Range held_range(Reach reach) const;
  uint64_t pinned_end() const { return pinned_.back().end_seq(); }
  // The pinned segments, then those of the ring.
  size_t segments() const { return pinned_.size() + segments_.size(); }
  const Segment& segment(size_t i) const {
    return i < pinned_.size() ? pinned_[i] : segments_[i - pinned_.size()];
  }
  size_t segment_of(uint64_t seq) const;
  Error not_in_memory(uint64_t seq) const;

  size_t limit_, held_limit_;
  std::optional<uint64_t> kept_from_, held_;
  SessionInfo info_;
  std::deque<Segment> segments_, pinned_;
  Replica now_;
  uint64_t end_seq_ = 0;
  int64_t last_ns_ = 0;
  bool resumes_ = false;  // the next events follow a snapshot, after a gap
  MarksBuilder marks_;
  std::vector<LossMark> losses_;
};

}  // namespace sweepscope::telemetry
