// The schema's version, and its descriptors for readers without the .proto file. Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace sweepscope::telemetry {

// Raised when a reader of the old schema would misread the new one, or this one the old; not for new fields.
//   2: stopped marking is one stop of the world, not a second one requested inside the first; flushes carry their
//      black bytes. The replica would refuse every cycle of schema 1.
//   3: event kinds from 16 on, which take two values of Batch.kind_runs. Schema 2 has none, and reads the same.
inline constexpr uint32_t kSchemaVersion = 3;
inline constexpr uint32_t kOldestSchemaVersion = 2;  // that this program reads

// A serialized google.protobuf.FileDescriptorSet of sweepscope.proto: for Hello and for MCAP schemas, whose
// message types are "sweepscope.v1.Batch" and so on.
const std::string& schema_descriptors();

}  // namespace sweepscope::telemetry
