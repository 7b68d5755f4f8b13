// Writes a session into an MCAP file: the batches unchanged, a keyframe of its own replica and an index part
// at least each second or 8 MiB, metrics at each keyframe and phase change. A sink of the collector.
//
// consume() and drain() come from the drain thread, finish() from the thread that ends the run; a small
// thread closes a chunk that is 100 ms old, so that a killed process loses no more than that. mutex_ guards
// all members.
//
// A write error (disk full) ends the writing: it is kept in error() and reported once. The run continues, and
// the chunks written before the error are readable.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "telemetry/model/result.h"
#include "telemetry/replica/replica.h"
#include "telemetry/store/event_log.h"
#include "telemetry/store/index_part.h"
#include "telemetry/store/mcap_writer.h"
#include "telemetry/wire/batch_sink.h"

namespace sweepscope::telemetry {

class Recorder final : public BatchSink {
 public:
  struct Kept {  // in whole chunks, which stay readable
    uint64_t bytes = 0, events = 0;
  };

  // How long events wait in an open chunk, which a kill would lose, before it is written to the file.
  static constexpr std::chrono::milliseconds kChunkAge{100};
  // `from`: the state in which the first batch begins, if that is not the start of the session. `chunk_age`: in
  // tests so long that the chunks depend on the batches alone.
  static Result<std::unique_ptr<Recorder>> create(const std::string& path, const SessionInfo& info,
                                                  const Replica* from = nullptr,
                                                  std::chrono::milliseconds chunk_age = kChunkAge);
  ~Recorder() override;  // without finish() the file stays without a summary, and readable

  void consume(const Batch& batch) override;
  void drain() noexcept override;
  // The next batch begins with event `next_seq` in `state`; the events between it and the last batch are
  // missing.
  void resume_from(const Replica& state, uint64_t next_seq);

  // Reports the first write error when it happens, on the writing thread and under the recorder's lock: the
  // callback must not call the recorder. Set it before the first batch.
  using OnError = std::function<void(const Error&, const Kept&)>;
  void on_error(OnError report);

  // The last keyframe and the summary. Later batches are ignored. Safe to call again.
  Result<> finish();
  std::optional<Error> error() const;
  uint64_t bytes() const;   // in the file so far
  uint64_t events() const;  // recorded so far
  Kept kept() const;

 private:
  Recorder() = default;
  void note(Result<> result);
  void close_chunk();
  void fold(const Batch& batch);
  void write_keyframe();
  void index_batch(const Batch& batch, uint32_t chunk, uint32_t message);
  void write_index();
  void write_metrics(int64_t ns);
  uint64_t log_time(int64_t ns) const;
  void close_old_chunks();

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;
  std::optional<Error> error_;
  OnError on_error_;
  McapWriter writer_;
  Replica replica_;
  int64_t started_unix_ns_ = 0, last_ns_ = 0;
  uint16_t hello_ = 0, batch_ = 0, keyframe_ = 0, index_ = 0, metrics_ = 0;
  uint64_t events_ = 0, kept_events_ = 0, bytes_since_keyframe_ = 0, keyframe_bytes_ = 0;
  int64_t keyframe_ns_ = 0;
  IndexPart part_;  // of the chunks since the last part
  uint64_t part_bytes_ = 0, part_events_ = 0;
  int64_t part_ns_ = 0;
  bool sweepgen_known_ = false;
  HeapCurve heap_;
  Stw last_stop_{};
  uint32_t last_ttsp_ns_ = 0;
  uint64_t last_pause_ns_ = 0;
  std::chrono::milliseconds chunk_age_ = kChunkAge;
  std::chrono::steady_clock::time_point chunk_opened_;
  std::thread closer_;
};

}  // namespace sweepscope::telemetry
