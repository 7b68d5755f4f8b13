// Writes a flight ring into a recording: its contents, from its first state on, and later events until
// finish(). The engine is not involved.
//
// Two steps, so that encoding and writing block no other thread: take() copies a bounded stretch of the ring
// under the ring's lock, write() needs no lock. One thread at a time calls either. Events that the ring drops
// before they are taken (the disk is slower than the engine) are a loss in the file, followed by a keyframe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "telemetry/store/history.h"
#include "telemetry/store/recorder.h"
#include "telemetry/wire/batch.h"

namespace sweepscope::telemetry {

class HistoryRecorder {
 public:
  // Makes the ring keep the events that are not yet taken, until the last take().
  static Result<std::unique_ptr<HistoryRecorder>> create(const std::string& path, History& history);

  // Copies at most `max` events up to `end_seq`; false: there are none.
  bool take(History& history, size_t max, uint64_t end_seq);
  void write();
  Result<> finish() { return recorder_->finish(); }

  std::optional<Error> error() const { return recorder_->error(); }
  uint64_t next_seq() const { return next_seq_; }  // the first event not yet taken
  uint64_t events() const { return recorder_->events(); }
  uint64_t bytes() const { return recorder_->bytes(); }

 private:
  HistoryRecorder() = default;

  std::unique_ptr<Recorder> recorder_;
  BatchEncoder encoder_;
  uint64_t next_seq_ = 0;
  // Taken, not yet written:
  std::optional<Replica> resume_;  // the state they begin in, if events before them are missing
  uint64_t first_seq_ = 0, lost_before_ = 0;
  std::vector<Event> events_;
};

}  // namespace sweepscope::telemetry
