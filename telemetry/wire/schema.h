// The schema's version, and its descriptors for readers without the .proto file. Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace sweepscope::telemetry {

// Raised when a reader of the old schema would misread the new one, not for new fields.
inline constexpr uint32_t kSchemaVersion = 1;

// A serialized google.protobuf.FileDescriptorSet of sweepscope.proto: for Hello and for MCAP schemas, whose
// message types are "sweepscope.v1.Batch" and so on.
const std::string& schema_descriptors();

}  // namespace sweepscope::telemetry
