// Events to bytes and back: the Batch message of sweepscope.proto, written and read without protobuf's
// objects because this is the hot path of the drain thread and of every reader. One encoding serves the
// socket and the recording.
//
// Called by the drain thread (encoding) and by readers (decoding). An encoder or decoder belongs to one
// thread.
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

inline constexpr uint32_t kMaxBatchEvents = 1u << 20;  // a reader refuses more
inline constexpr uint32_t kBatchEvents = 1u << 16;     // a writer makes no more

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

// Appends the batch's events to `out`. On an error `out` is as it was, and the message says what was wrong.
// The count is checked against the cap and against the runs before any memory is taken.
Result<BatchHeader> decode_batch(std::string_view bytes, std::vector<Event>& out);

// The header alone: its numbers are checked for themselves, the columns are not looked at.
Result<BatchHeader> peek_batch(std::string_view bytes);

}  // namespace sweepscope::telemetry
