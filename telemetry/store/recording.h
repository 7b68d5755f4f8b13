// A recorded session (an MCAP file) as an EventLog. Opening makes one pass over the file for the index and
// the marks; reading and seeking unpack what they need, the last few batches are kept decoded. One thread at
// a time.
//
// `seq` counts the events that can be read, without holes. What is missing (a damaged chunk, events the
// recorder was told were lost) is in losses(), before the event that follows it.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "telemetry/store/event_log.h"
#include "telemetry/store/marks_builder.h"
#include "telemetry/store/mcap_reader.h"

namespace sweepscope::telemetry {

class Recording final : public EventLog {
 public:
  static Result<std::unique_ptr<Recording>> open(const std::string& path);

  const SessionInfo& info() const override { return info_; }
  Extent extent() const override { return extent_; }
  const Marks& marks() const override { return marks_.marks(); }
  std::span<const LossMark> losses() const override { return losses_; }
  Result<size_t> read(uint64_t seq, size_t max, std::vector<Event>& out) override;
  Result<> seek(uint64_t seq, Replica& replica) override;
  uint64_t seq_at(int64_t ns) override;

  bool complete() const { return reader_.has_summary(); }  // false: the recorder did not finish it
  uint64_t dropped_bytes() const { return reader_.dropped_bytes(); }
  uint32_t damaged_chunks() const { return damaged_chunks_; }
  uint32_t damaged_messages() const { return damaged_messages_; }

  // Keyframes by place: the state before event keyframe_seq(i).
  size_t keyframes() const { return keyframes_.size(); }
  uint64_t keyframe_seq(size_t i) const { return keyframes_[i].seq; }
  Result<> read_keyframe(size_t i, Replica& replica);

 private:
  struct Place {
    uint32_t chunk;
    uint32_t message;  // in the chunk
  };
  struct BatchEntry {
    Place place;
    uint64_t first_seq;
    uint32_t count;
    int64_t first_ns, max_ns;  // max: of this and all batches before
  };
  struct KeyframeEntry {
    Place place;
    uint64_t seq;
  };
  struct Decoded {
    size_t batch;
    std::vector<Event> events;
  };

  Recording() = default;
  Result<> index();
  void index_batch(std::string_view data, Place place);
  Result<std::string> load(Place place);
  Result<const std::vector<Event>*> events_of(size_t batch);
  size_t batch_of(uint64_t seq) const;

  McapReader reader_;
  SessionInfo info_;
  Extent extent_;
  MarksBuilder marks_;
  std::vector<LossMark> losses_;
  std::vector<BatchEntry> batches_;
  std::vector<KeyframeEntry> keyframes_;
  uint64_t next_written_seq_ = 0;  // the writer's count, to see holes
  bool batch_seen_ = false;
  uint32_t damaged_chunks_ = 0, damaged_messages_ = 0;
  std::list<Decoded> decoded_;  // most recently used first
};

}  // namespace sweepscope::telemetry
