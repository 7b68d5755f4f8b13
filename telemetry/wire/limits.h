// Limits on the parts of an untrusted message, checked on its bytes before protobuf allocates anything for them.
// For telemetry/wire only; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "telemetry/wire/varint.h"

namespace sweepscope::telemetry::wire {

// At most `most` fields of number `field`; each, if `inside` is not empty, a message within these limits.
struct Part {
  uint32_t field;
  uint32_t most;
  std::span<const Part> inside = {};
};

inline bool within(std::string_view bytes, std::span<const Part> parts) {
  uint32_t counts[16] = {};
  FieldReader fields(bytes);
  while (fields.next())
    for (size_t i = 0; i < parts.size() && i < 16; ++i) {
      const Part& part = parts[i];
      if (!fields.is(part.field, WireType::kBytes)) continue;
      if (++counts[i] > part.most) return false;
      if (!part.inside.empty() && !within(fields.bytes(), part.inside)) return false;
    }
  return fields.ok();
}

}  // namespace sweepscope::telemetry::wire
