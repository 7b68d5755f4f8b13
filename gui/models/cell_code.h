// One byte per page: the input of the map, its pyramid and the rasterisers.
//
// The low nibble of a page in use is its span's raw sweepgen mod 8, never the state itself. A turn (sg += 2)
// therefore writes no page, just as it writes no span: only the table from code to state rotates. Distances
// that differ by a multiple of 8 would be equal, so a gen further than 4 from sg gets a separate code when it
// is written.
#pragma once

#include <array>
#include <cstdint>

#include "gui/theme/palette.h"

namespace sweepscope::gui {

using CellCode = uint8_t;

inline constexpr CellCode kFreeCode = 8;
inline constexpr CellCode kStackCode = 9;
inline constexpr CellCode kUnknownCode = 10;
inline constexpr CellCode kFarCode = 11;  // illegal whatever sg becomes
inline constexpr CellCode kKindMask = 0x0F;
inline constexpr CellCode kSpanStart = 0x10;  // first page of its span
inline constexpr CellCode kSpanEnd = 0x20;    // last page of its span
inline constexpr CellCode kLargeObject = 0x40;
inline constexpr int kCodes = 16;

using StateTable = std::array<CellState, kCodes>;

constexpr CellState stateAtDistance(uint32_t distanceMod8) {
  switch (distanceMod8 & 7) {
    case 0: return CellState::kSwept;
    case 1: return CellState::kStale;
    case 3: return CellState::kCached;
    case 6: return CellState::kNeeds;
    case 7: return CellState::kSweeping;
    default: return CellState::kIllegal;
  }
}

// What each code means while the heap's sweepgen is `sg`.
constexpr StateTable stateTable(uint32_t sg) {
  StateTable table{};
  for (uint32_t code = 0; code < 8; ++code) table[code] = stateAtDistance(code - sg);
  table[kFreeCode] = CellState::kFree;
  table[kStackCode] = CellState::kStack;
  table[kUnknownCode] = CellState::kUnknown;
  for (int code = kFarCode; code < kCodes; ++code) table[static_cast<size_t>(code)] = CellState::kIllegal;
  return table;
}

constexpr CellCode genCode(uint32_t raw, uint32_t sg) {
  const int32_t distance = static_cast<int32_t>(raw - sg);
  return distance < -4 || distance > 4 ? kFarCode : static_cast<CellCode>(raw & 7);
}

}  // namespace sweepscope::gui
