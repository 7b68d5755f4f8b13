#include "telemetry/wire/schema.h"

#include <google/protobuf/descriptor.pb.h>

#include "telemetry/proto/sweepscope.pb.h"

namespace sweepscope::telemetry {

const std::string& schema_descriptors() {
  static const std::string bytes = [] {
    google::protobuf::FileDescriptorSet set;
    v1::Batch::descriptor()->file()->CopyTo(set.add_file());
    return set.SerializeAsString();
  }();
  return bytes;
}

}  // namespace sweepscope::telemetry
