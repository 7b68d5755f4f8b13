// One Index message of a recording: the positions of the batches and keyframes in a range of chunks, and the
// events that a timeline shows. Built by the recorder under its lock, read when a recording is opened.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/model/event.h"
#include "telemetry/model/result.h"
#include "telemetry/store/heap_curve.h"

namespace sweepscope::telemetry {

struct IndexPart {
  struct BatchRow {
    uint32_t chunk, message, events;
    uint64_t first_seq, lost_before;  // from the header of the batch
    int64_t first_ns, reach_ns;       // of its first and of its latest event
  };
  struct KeyframeRow {
    uint32_t chunk, message;
    uint32_t batches;  // rows before it
  };
  uint32_t first_chunk = 0, chunks = 0;
  std::vector<BatchRow> batches;
  std::vector<KeyframeRow> keyframes;
  std::vector<Event> marks;
  std::vector<uint64_t> mark_places;    // of each mark among the events of `batches`
  std::optional<HeapCurve::Part> heap;  // nothing: written by an older version
};

std::string encode_index(const IndexPart& part);

// Untrusted bytes: refuses columns of unequal length, chunks out of order or outside the part, and events
// that do not exist. Whether the chunks match the part is checked when they are read.
Result<IndexPart> decode_index(std::string_view bytes);

}  // namespace sweepscope::telemetry
