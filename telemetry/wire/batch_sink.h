// The interface of the consumers of batches: the recorder, the server, a counter. Each batch is consumed
// once, in order, by one thread at a time (the drain thread; in the laboratory the engine's one thread; at
// the end of a run the thread that finishes it).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "telemetry/model/event.h"

namespace sweepscope::telemetry {

struct Batch {
  uint64_t first_seq = 0;
  uint32_t count = 0;             // 0 only to report a loss after the last event of a run
  uint64_t lost_before = 0;       // events lost just before the first one; they have no seq
  std::string bytes;              // encode_batch of `events`, to write and send unchanged
  std::span<const Event> events;  // valid during consume()
};

class BatchSink {
 public:
  virtual ~BatchSink() = default;
  // While it runs, the chunk pool fills up: then loss policy `drop` loses events and `block` stops the
  // engine.
  virtual void consume(const Batch& batch) = 0;
  // Writes or sends all that was consumed, within about a second: the process may be about to abort.
  virtual void drain() noexcept = 0;
};

}  // namespace sweepscope::telemetry
