// A lost part of a recording as text and as JSON, for info and check.
#pragma once

#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "telemetry/store/lost_stretch.h"
#include "workloads/counted.h"

namespace sweepscope::workloads {

// "lost: 0.120000 s to 0.240000 s, 5123 events, all of cycles 3 to 4 (damaged chunk)"
inline std::string lost_text(const telemetry::LostStretch& lost) {
  std::string text = fmt::format("lost: {:.6f} s ", double(lost.from_ns) / 1e9);
  text += lost.to_ns > lost.from_ns ? fmt::format("to {:.6f} s", double(lost.to_ns) / 1e9) : "on";
  text += lost.events == telemetry::kUnknownCount ? ", an unknown number of events"
                                                  : ", " + counted(lost.events, "event");
  if (lost.first_cycle != 0) {
    text +=
        fmt::format(", all of cycle{} {}", lost.first_cycle == lost.last_cycle ? "" : "s", lost.first_cycle);
    if (lost.last_cycle != lost.first_cycle) text += fmt::format(" to {}", lost.last_cycle);
  }
  return text + fmt::format(" ({})", lost.why);
}

inline nlohmann::ordered_json lost_json(const telemetry::LostStretch& lost) {
  using Json = nlohmann::ordered_json;
  const auto or_null = [](uint64_t number, uint64_t none) {
    return number == none ? Json(nullptr) : Json(number);
  };
  return {{"from_ns", lost.from_ns},
          {"to_ns", lost.to_ns},
          {"events", or_null(lost.events, telemetry::kUnknownCount)},
          {"first_cycle", or_null(lost.first_cycle, 0)},
          {"last_cycle", or_null(lost.last_cycle, 0)},
          {"why", lost.why}};
}

}  // namespace sweepscope::workloads
