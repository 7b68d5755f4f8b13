// Who takes batches: the recorder, the server, a counter. Told in order, each batch once, never by two
// threads at a time (the drain thread; in the laboratory the engine's one thread; at the end of a run the
// thread that finishes it).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "telemetry/model/event.h"

namespace sweepscope::telemetry {

struct Batch {
  uint64_t first_seq = 0;
  uint32_t count = 0;             // 0 only to tell a loss behind the last event of a run
  uint64_t lost_before = 0;       // events lost just before the first one; they have no seq
  std::string bytes;              // encode_batch of `events`: written and sent as it is
  std::span<const Event> events;  // valid during consume()
};

class BatchSink {
 public:
  virtual ~BatchSink() = default;
  // May take as long as it wants under loss policy `block`; otherwise the engine loses events meanwhile.
  virtual void consume(const Batch& batch) = 0;
  // Makes what was consumed safe (written, sent), within about a second: the process may be about to die.
  virtual void drain() noexcept = 0;
};

}  // namespace sweepscope::telemetry
