// Text from outside for protobuf, whose readers reject a whole message for one byte that is not UTF-8.
// For telemetry/wire only; any thread.
#pragma once

#include <string>
#include <string_view>

namespace sweepscope::telemetry::wire {

// Replaces every byte that is not UTF-8 by '?'.
std::string as_utf8(std::string_view text);

}  // namespace sweepscope::telemetry::wire
