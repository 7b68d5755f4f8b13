// Slot sizes of the small size classes (Go's sizeclasses.go), for readers that do not link the engine.
#pragma once

#include <array>
#include <cstdint>

namespace sweepscope::telemetry {

inline constexpr std::array<uint16_t, 67> kSlotBytes = {  // by size class; class 0: large objects
    0,     8,     16,    32,    48,    64,    80,    96,    112,   128,   144,  160,   176,   192,
    208,   224,   240,   256,   288,   320,   352,   384,   416,   448,   480,  512,   576,   640,
    704,   768,   896,   1024,  1152,  1280,  1408,  1536,  1792,  2048,  2304, 2688,  3072,  3200,
    3456,  4096,  4864,  5376,  6144,  6528,  6784,  6912,  8192,  9472,  9728, 10240, 10880, 12288,
    13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768};
inline constexpr uint32_t kPageBytes = 8192;

// Of a small span class (size class << 1 | noscan, from 2 on).
constexpr uint32_t slot_bytes(uint8_t span_class) { return kSlotBytes[span_class >> 1]; }

// Bytes of the free slots of a small span.
constexpr uint64_t free_slot_bytes(uint8_t span_class, uint32_t pages, uint32_t alloc_count) {
  const uint64_t size = slot_bytes(span_class), all = uint64_t{pages} * kPageBytes / size;
  return alloc_count < all ? (all - alloc_count) * size : 0;
}

}  // namespace sweepscope::telemetry
