// Encodes and decodes the Batch message of sweepscope.proto, without protobuf's objects because this is the
// hot path of the drain thread and of every reader. The socket and the recording use the same bytes.
//
// Called by the drain thread (encoding) and by readers (decoding). An encoder belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/model/event.h"
#include "telemetry/model/result.h"

namespace sweepscope::telemetry {

inline constexpr uint32_t kMaxBatchEvents = 1u << 20;  // a reader rejects more
inline constexpr uint32_t kBatchEvents = 1u << 16;     // a writer emits no more

struct BatchHeader {
  uint64_t first_seq = 0;
  uint32_t count = 0;
  uint64_t lost_before = 0;
  int64_t base_ns = 0;
};

// Keeps its scratch memory between batches.
class BatchEncoder {
 public:
  BatchEncoder();
  ~BatchEncoder();
  BatchEncoder(BatchEncoder&&) noexcept;
  BatchEncoder& operator=(BatchEncoder&&) noexcept;

  // At most kMaxBatchEvents events. Equal events give equal bytes.
  std::string encode(std::span<const Event> events, uint64_t first_seq, uint64_t lost_before);

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

std::string encode_batch(std::span<const Event> events, uint64_t first_seq, uint64_t lost_before);

// Appends the batch's events to `out`; leaves `out` unchanged on an error. Checks the count against the cap
// and the runs before it allocates memory for the events.
Result<BatchHeader> decode_batch(std::string_view bytes, std::vector<Event>& out);

// Decodes the header only and checks its numbers; does not read the columns.
Result<BatchHeader> peek_batch(std::string_view bytes);

}  // namespace sweepscope::telemetry
