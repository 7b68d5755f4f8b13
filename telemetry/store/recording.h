// A recorded session (an MCAP file) as an EventLog. Opening by index takes positions and marks from the Index
// messages and decodes only the chunks that they do not cover (the end, if the recorder was killed); a check
// opens by reading everything. Reading and seeking unpack the chunks they need; the last chunk and the
// last few batches are kept. One thread at a time.
//
// The index is trusted until a read contradicts it: a damaged chunk then fails the read, and is_damaged() is
// true from there on. Opened again by reading everything, the file plays without its damaged chunks.
//
// `seq` counts the readable events, without holes. Missing events (a damaged chunk, a loss declared to the
// recorder) are in losses(), before the event that follows them, and in lost(), with their time and cycles.
// The contents of a damaged chunk are taken from the index, if that is readable.
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
// Called between two chunks with the share opened so far, 0 to 1; false cancels.
using OpenProgress = std::function<bool(double)>;

class Recording final : public EventLog {
 public:
  static Result<std::unique_ptr<Recording>> open(const std::string& path, OpenBy by = OpenBy::kReadingAll,
                                                 const OpenProgress& progress = {});
  // Checks whether the file is a recording without opening it; reads only the ends of a finished file.
  static Result<> probe(const std::string& path);

  const SessionInfo& info() const override { return info_; }
  Extent extent() const override { return extent_; }
  const Marks& marks() const override { return marks_.marks(); }
  std::span<const LossMark> losses() const override { return losses_; }
  // Also at the end of a finished file, unless its last events are lost.
  bool settles_at(uint64_t seq) const override;
  Result<size_t> read(uint64_t seq, size_t max, std::vector<Event>& out) override;
  Result<> seek(uint64_t seq, Replica& replica) override;
  uint64_t seq_at(int64_t ns) override;

  const std::vector<LostStretch>& lost() const { return lost_.all(); }
  const LostStretches& lost_stretches() const { return lost_; }

  bool complete() const { return reader_.has_summary(); }  // false: the recorder did not finish it
  uint64_t dropped_bytes() const { return reader_.dropped_bytes(); }
  uint64_t trailing_bytes() const { return reader_.trailing_bytes(); }  // after a finished recording
  uint32_t damaged_chunks() const { return damaged_chunks_; }
  uint32_t damaged_messages() const { return damaged_messages_; }
  // Detected by a read after opening by index; any thread.
  bool is_damaged() const {
    return damaged_.load(std::memory_order_relaxed);  // a flag alone: it publishes no other data
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
  std::optional<IndexPart> index_part(size_t chunk);  // none: not a part, or not readable
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
  uint64_t next_written_seq_ = 0;   // the writer's count, to detect holes
  bool written_seq_known_ = false;  // next_written_seq_ was set by a batch, read or lost
  bool batch_seen_ = false, hello_read_ = false;
  bool end_known_ = false;        // extent_ is that of the whole file
  const char* damage_ = nullptr;  // damage since the last batch without an index part
  struct {
    size_t from = 0, to = 0;  // the range of chunks whose part is cached
    std::optional<IndexPart> part;
  } covering_;
  std::atomic<bool> damaged_ = false;  // also read by threads other than the reader
  size_t unpacked_ = ~size_t{0};       // the chunk whose messages are unpacked
  std::string unpacked_bytes_;
  std::vector<McapMessage> unpacked_messages_;
  uint32_t damaged_chunks_ = 0, damaged_messages_ = 0;
  std::optional<Replica> folded_;  // the state after all events so far, while opening reads them
  size_t folded_losses_ = 0;       // the first losses_, which are declared to it
  std::list<Decoded> decoded_;     // most recently used first
};

}  // namespace sweepscope::telemetry
