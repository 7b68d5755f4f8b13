// The picture of the heap as of the last batch: the first Snapshot of a viewer that attaches.
//
// A sink, registered before the server, so that inside Collector::hold it includes all batches that the
// server has consumed. No lock of its own: consume() and snapshot() are called under the collector's consume
// lock.
#pragma once

#include <string>

#include "telemetry/replica/replica.h"
#include "telemetry/wire/batch_sink.h"
#include "telemetry/wire/messages.h"

namespace sweepscope::telemetry {

class LivePicture final : public BatchSink {
 public:
  using Encode = std::string (*)(const Replica&);

  // `encode` is encode_keyframe of telemetry/store, passed in so that the server links no recording code.
  explicit LivePicture(Encode encode) : encode_(encode) {}

  // Ignores refusals of the replica: `sweepctl check` and the viewer's own replica report them.
  void consume(const Batch& batch) override;
  void drain() noexcept override {}

  Snapshot snapshot(uint64_t next_seq, int64_t ns) const { return {next_seq, ns, encode_(replica_)}; }
  const Replica& replica() const { return replica_; }

 private:
  const Encode encode_;
  Replica replica_;
};

}  // namespace sweepscope::telemetry
