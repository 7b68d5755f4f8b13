// Colours of the heap, one table for map, ruler and processors. Numbers only, no Qt type: the
// models, the rasterisers and the distance test (tests/gui/palette_test.cc) read the same constants.
//
// Invariant 1: the first seven colours are at least CIEDE2000 16.4 apart for normal, protan, deutan and
// tritan vision. Invariant 2: each but `free` has a contrast of at least 3:1 to the canvas it is drawn on.
// Reading rule: cool is clean, warm is dirty, yellow is being swept, a dot is cached by a P.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sweepscope::gui {

using Rgb = uint32_t;  // 0xffRRGGBB, as QImage::Format_RGB32 stores it

enum class CellState : uint8_t {
  kNeeds,
  kSweeping,
  kSwept,
  kStale,
  kCached,
  kStack,
  kFree,
  kIllegal,
  kUnknown
};
inline constexpr int kCellStates = 9;

enum class ThemeKind : uint8_t { kDark, kLight, kProjector };

struct CanvasPalette {
  Rgb canvas, text, dim, grid,
      outline;  // outline: around each cell (projector); equals canvas where there is none
  std::array<Rgb, kCellStates> state;
  Rgb operator[](CellState s) const { return state[static_cast<size_t>(s)]; }
};

// The dark and the light theme share the dark canvas, so that the colours of states do not change with the
// theme of the frame.
inline constexpr CanvasPalette kDarkCanvas = {0xff14171A,
                                              0xffE8ECF0,
                                              0xff98A3AE,
                                              0xff20252A,
                                              0xff14171A,
                                              {0xffCD9F25, 0xffFAEE29, 0xff3870AD, 0xffC95B57, 0xff9FBDD6,
                                               0xff5E646B, 0xff2B3138, 0xffFFFFFF, 0xff8A7FA8}};
inline constexpr CanvasPalette kProjectorCanvas = {
    0xffFFFFFF,
    0xff14171A,
    0xff4A535C,
    0xffE3E7EB,
    0xff14171A,
    {0xffCD9F25, 0xffFAEE29, 0xff3870AD, 0xffC95B57, 0xff9FBDD6, 0xff5E646B, 0xffEEF1F4, 0xffFFFFFF,
     0xff8A7FA8}};

inline const CanvasPalette& canvasPalette(ThemeKind theme) {
  return theme == ThemeKind::kProjector ? kProjectorCanvas : kDarkCanvas;
}

constexpr Rgb mix(Rgb a, Rgb b, int percentOfB) {
  const auto channel = [&](int shift) {
    const int x = static_cast<int>((a >> shift) & 255), y = static_cast<int>((b >> shift) & 255);
    return static_cast<Rgb>(x + (y - x) * percentOfB / 100) << shift;
  };
  return 0xff000000u | channel(16) | channel(8) | channel(0);
}

struct StateWords {
  const char* distance;  // to sg, as the ruler prints it; empty for the tray
  const char* name;
  char letter;  // drawn from 24 px on; 0: none
  const char* meaning;
  const char* absent;  // the sentence if a filter for this state matches nothing: "No span needs sweeping"
};
const StateWords& words(CellState state);

}  // namespace sweepscope::gui
