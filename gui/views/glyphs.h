// The second channel in addition to colour: a mark per state from 8 px, a letter from 24 px. Writes pixels into a
// square tile, so that the rasterisers need neither a painter nor a font.
#pragma once

#include <algorithm>

#include "gui/models/cell_code.h"
#include "gui/theme/palette.h"

namespace sweepscope::gui {

inline constexpr int kGlyphFromPx = 8;
inline constexpr int kLetterFromPx = 24;

struct TileCanvas {  // px x px, rows contiguous
  Rgb* out;
  int px;
  void set(int x, int y, Rgb c) const {
    if (x >= 0 && y >= 0 && x < px && y < px) out[y * px + x] = c;
  }
  void fill(int x, int y, int w, int h, Rgb c) const {
    for (int j = std::max(y, 0); j < std::min(y + h, px); ++j) {
      for (int i = std::max(x, 0); i < std::min(x + w, px); ++i) out[j * px + i] = c;
    }
  }
};

// `spanStart`: dots and letters are drawn once per span, patterns on all of its cells.
void drawStateGlyph(const TileCanvas& tile, CellState state, Rgb ground, const CanvasPalette& palette,
                    bool spanStart, int motion);
void drawBracket(const TileCanvas& tile, Rgb ink, CellCode flags);

}  // namespace sweepscope::gui
