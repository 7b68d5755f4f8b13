#include "telemetry/wire/utf8.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace sweepscope::telemetry::wire {

std::string as_utf8(std::string_view text) {
  std::string out(text);
  for (size_t i = 0; i < out.size();) {
    const int length = std::max(1, std::countl_one(static_cast<uint8_t>(out[i])));
    const auto follows = [&](size_t j) { return j < out.size() && (out[j] & 0xC0) == 0x80; };
    uint32_t code = static_cast<uint8_t>(out[i]) & (0xFFu >> (length + (length > 1)));
    bool good = length == 1 ? static_cast<uint8_t>(out[i]) < 0x80 : length <= 4;
    for (size_t j = i + 1; good && j < i + static_cast<size_t>(length); ++j) {
      good = follows(j);
      if (good) code = code << 6 | (static_cast<uint8_t>(out[j]) & 0x3F);
    }
    constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};  // a longer form than needed is no UTF-8
    good = good && code >= kLeast[length] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
    if (!good) out[i] = '?';
    i += good ? static_cast<size_t>(length) : 1;
  }
  return out;
}

}  // namespace sweepscope::telemetry::wire
