// Checks whether every recorded event obeys the protocol; `sweepctl check` prints the report. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "telemetry/model/result.h"
#include "telemetry/replica/replica.h"
#include "telemetry/store/recording.h"

namespace sweepscope::telemetry {

struct RefusalAt {
  uint64_t seq;  // of the refused event, or of the one that revealed a missing one; numbered as in anchors
  int64_t ns;
  Refusal refusal;
};

struct CheckReport {
  uint64_t events = 0;
  uint32_t spans = 0;  // span ids ever seen
  uint32_t cycles = 0;
  uint64_t lost = 0;  // missing events; after each loss checking resumes at the next keyframe
  std::vector<LostStretch> lost_stretches;  // including those with an unknown number of events
  uint32_t damaged_chunks = 0, damaged_messages = 0;
  uint64_t dropped_bytes = 0;   // at the end of an unfinished recording
  uint64_t trailing_bytes = 0;  // after a finished one
  bool complete = false;        // the file has a summary
  uint64_t refusal_count = 0;
  std::vector<RefusalAt> refusals;  // the first kMaxListed
  uint64_t final_hash = 0;

  static constexpr size_t kMaxListed = 1000;
  bool sound() const { return refusal_count == 0 && damaged_chunks == 0 && damaged_messages == 0; }
};

// `progress` as for Recording::open; covers the opening and the check.
Result<CheckReport> check_recording(const std::string& path, const OpenProgress& progress = {});

}  // namespace sweepscope::telemetry
