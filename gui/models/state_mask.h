// A filter: the states to show; the others are dimmed. The illegal state can also be filtered by distance, as far
// as a page's code distinguishes them (models/cell_code.h): +2, -3, 4 either way, farther. Pure.
#pragma once

#include <cstdint>

#include "gui/models/cell_code.h"

namespace sweepscope::gui {

using StateMask = uint16_t;  // a bit per CellState; above them a bit per kind of illegal distance
inline constexpr StateMask kEveryState = (1u << kCellStates) - 1;
constexpr StateMask maskOf(CellState state) { return static_cast<StateMask>(1u << static_cast<int>(state)); }

constexpr StateMask maskOfIllegal(int32_t distance) {
  const int kind = distance == 2 ? 0 : distance == -3 ? 1 : distance == 4 || distance == -4 ? 2 : 3;
  return static_cast<StateMask>(1u << (kCellStates + kind));
}

constexpr bool passes(StateMask filter, CellState state, int32_t distance) {
  const bool single = state == CellState::kIllegal && (filter & maskOfIllegal(distance)) != 0;
  return single || (filter & maskOf(state)) != 0;
}

// The same of a page's code while the heap's sweepgen is `sg`.
constexpr bool codePasses(StateMask filter, CellCode code, uint32_t sg) {
  const CellCode kind = code & kKindMask;
  const CellState state = stateTable(sg)[kind];
  const auto distance = static_cast<int32_t>((kind - sg) & 7);  // -3 is 5, -4 is 4
  return passes(filter, state, kind >= kFarCode ? 1 << 30 : distance == 5 ? -3 : distance);
}

}  // namespace sweepscope::gui
