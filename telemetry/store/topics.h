// The channels of a recording: topic and message type of each.
#pragma once

namespace sweepscope::telemetry::topics {

inline constexpr const char kHello[] = "/sweepscope/hello";
inline constexpr const char kBatch[] = "/sweepscope/batch";
inline constexpr const char kKeyframe[] = "/sweepscope/keyframe";
inline constexpr const char kIndex[] = "/sweepscope/index";
inline constexpr const char kMetrics[] = "/gc/metrics";

}  // namespace sweepscope::telemetry::topics
