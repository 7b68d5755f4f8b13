// The value of --gogc: "off" or a percentage.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>

#include "engine/options.h"
#include "workloads/expected.h"

namespace sweepscope::workloads {

inline Expected<uint32_t> parse_gogc(const std::string& text) {
  if (text == "off") return engine::kGcOff;
  uint32_t percent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (error != std::errc() || end != text.data() + text.size() || percent == engine::kGcOff)
    return wrong("--gogc " + text + ": expected 'off' or a percentage from 0 to 4294967294");
  return percent;
}

}  // namespace sweepscope::workloads
