// Counts lost records: the records of a stream are numbered, so a gap between two chunks is a loss. One
// thread.
#pragma once

#include <cstdint>
#include <unordered_map>

namespace sweepscope::telemetry {

class LossLedger {
 public:
  // Notes the records [first, first + used) of the stream; returns how many are missing just before them.
  // A chunk that begins before the last one ended restarts the stream: its number was reused.
  uint64_t note(uint32_t stream, uint64_t first, uint64_t used) {
    uint64_t& expected = next_[stream];
    const uint64_t missing = first > expected ? first - expected : 0;
    expected = first + used;
    lost_ += missing;
    return missing;
  }

  uint64_t lost() const { return lost_; }

 private:
  std::unordered_map<uint32_t, uint64_t> next_;  // stream -> number of its next record
  uint64_t lost_ = 0;
};

}  // namespace sweepscope::telemetry
