// Does every recorded event obey the protocol? What `sweepctl check` prints. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "telemetry/model/result.h"
#include "telemetry/replica/replica.h"
#include "telemetry/store/recording.h"

namespace sweepscope::telemetry {

struct RefusalAt {
  uint64_t seq;  // of the event that was refused, or with which a missing one was noticed; as anchors count
  int64_t ns;
  Refusal refusal;
};

struct CheckReport {
  uint64_t events = 0;
  uint32_t spans = 0;  // span ids ever seen
  uint32_t cycles = 0;
  uint64_t lost = 0;  // events that are missing; after each loss checking resumes at the next keyframe
  std::vector<LostStretch> lost_stretches;  // where they are missing, and those of unknown number
  uint32_t damaged_chunks = 0, damaged_messages = 0;
  uint64_t dropped_bytes = 0;   // at the end of an unfinished recording
  uint64_t trailing_bytes = 0;  // behind a finished one
  bool complete = false;        // it has its summary
  uint64_t refusal_count = 0;
  std::vector<RefusalAt> refusals;  // the first kMaxListed
  uint64_t final_hash = 0;

  static constexpr size_t kMaxListed = 1000;
  bool sound() const { return refusal_count == 0 && damaged_chunks == 0 && damaged_messages == 0; }
};

// `progress` as for Recording::open, over the opening and the check.
Result<CheckReport> check_recording(const std::string& path, const OpenProgress& progress = {});

}  // namespace sweepscope::telemetry
