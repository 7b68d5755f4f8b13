// A recorded session (an MCAP file) as an EventLog. Opening takes index and marks from the file's Index
// messages and decodes only what these do not cover (the end of a recording whose recorder was killed), or
// reads everything, as a check must. Reading and seeking unpack what they need; the last chunk and the last
// few batches are kept. One thread at a time.
//
// An index is believed until a read contradicts it: a damaged chunk then fails the read and is_damaged() is
// true from there on. Opened again by reading everything, the file plays as far as it is sound.
//
// `seq` counts the events that can be read, without holes. What is missing (a damaged chunk, events the
// recorder was told were lost) is in losses(), before the event that follows it, and in lost(), with its
// time and its cycles. What a damaged chunk held is taken from the index, where that can be read.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "telemetry/store/event_log.h"
#include "telemetry/store/index_part.h"
#include "telemetry/store/lost_stretches.h"
#include "telemetry/store/marks_builder.h"
#include "telemetry/store/mcap_reader.h"
#include "telemetry/wire/batch.h"

namespace sweepscope::telemetry {

enum class OpenBy : uint8_t { kReadingAll, kIndex };
// Told how much of the file has been opened, 0 to 1, between two chunks; false gives up.
using OpenProgress = std::function<bool(double)>;

class Recording final : public EventLog {
 public:
  static Result<std::unique_ptr<Recording>> open(const std::string& path, OpenBy by = OpenBy::kReadingAll,
                                                 const OpenProgress& progress = {});
  // Whether the file is a recording at all, without opening it: looks at its ends only, if it was finished.
  static Result<> probe(const std::string& path);

  const SessionInfo& info() const override { return info_; }
  Extent extent() const override { return extent_; }
  const Marks& marks() const override { return marks_.marks(); }
  std::span<const LossMark> losses() const override { return losses_; }
  Result<size_t> read(uint64_t seq, size_t max, std::vector<Event>& out) override;
  Result<> seek(uint64_t seq, Replica& replica) override;
  uint64_t seq_at(int64_t ns) override;

  const std::vector<LostStretch>& lost() const { return lost_.all(); }
  const LostStretches& lost_stretches() const { return lost_; }

  bool complete() const { return reader_.has_summary(); }  // false: the recorder did not finish it
  uint64_t dropped_bytes() const { return reader_.dropped_bytes(); }
  uint64_t trailing_bytes() const { return reader_.trailing_bytes(); }  // behind a finished recording
  uint32_t damaged_chunks() const { return damaged_chunks_; }
  uint32_t damaged_messages() const { return damaged_messages_; }
  bool is_damaged() const {  // found out while reading what the index told; any thread
    return damaged_.load(std::memory_order_relaxed);  // a flag alone: nothing is read on its strength
  }

  // Keyframes by place: the state before event keyframe_seq(i), after the first keyframe_losses(i) of
  // losses().
  size_t keyframes() const { return keyframes_.size(); }
  uint64_t keyframe_seq(size_t i) const { return keyframes_[i].seq; }
  size_t keyframe_losses(size_t i) const { return keyframes_[i].losses; }
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
    size_t losses;
  };
  struct Decoded {
    size_t batch;
    std::vector<Event> events;
  };

  Recording() = default;
  Result<> index(OpenBy by, const OpenProgress& progress);
  Result<> scan_chunk(size_t chunk);
  void scan_batch(std::string_view data, Place place);
  void scan_keyframe(std::string_view data);
  std::optional<IndexPart> index_part(size_t chunk);  // none: not one, or not to be read
  void take_part(const IndexPart& part);
  void lose_chunk(size_t chunk);
  const IndexPart* part_covering(size_t chunk);
  void lose(uint64_t damaged, uint64_t never_written, int64_t to_ns, const std::string& why);
  void end();
  bool take_batch(Place place, const BatchHeader& header, uint32_t events, int64_t first_ns,
                  int64_t reach_ns);
  Result<std::string_view> load(Place place);
  Result<> decode(const BatchEntry& batch, std::vector<Event>& events);
  Result<const std::vector<Event>*> events_of(size_t batch);
  size_t batch_of(uint64_t seq) const;

  McapReader reader_;
  SessionInfo info_;
  Extent extent_;
  MarksBuilder marks_;
  std::vector<LossMark> losses_;
  LostStretches lost_;
  std::vector<BatchEntry> batches_;
  std::vector<KeyframeEntry> keyframes_;
  uint64_t next_written_seq_ = 0;  // the writer's count, to see holes
  bool counted_ = false;           // a batch, read or lost, has set it
  bool batch_seen_ = false, greeted_ = false;
  const char* damage_ = nullptr;  // since the last batch, and no index showed what it held
  struct {
    size_t from = 0, to = 0;  // damaged chunks that were looked up
    std::optional<IndexPart> part;
  } covering_;
  std::atomic<bool> damaged_ = false;  // asked for also by a thread that does not read
  size_t unpacked_ = ~size_t{0};       // the chunk whose messages are here
  std::string unpacked_bytes_;
  std::vector<McapMessage> unpacked_messages_;
  uint32_t damaged_chunks_ = 0, damaged_messages_ = 0;
  std::optional<Replica> folded_;  // the state after all events so far, while opening reads them
  size_t folded_losses_ = 0;       // losses_ up to here are declared to it
  std::list<Decoded> decoded_;     // most recently used first
};

}  // namespace sweepscope::telemetry
