// Page codes in, pixels out: the map without a widget. Pure: needs no QApplication, so goldens and timing run
// anywhere.
//
// Invariant: redraw(runs) leaves the same image as redrawAll() with the same codes
// (tests/gui/map_raster_test.cc). A cell is a tile copied from a small set drawn once a scale: a frame costs
// a memcpy per cell row, no painter.
#pragma once

#include <QImage>
#include <QRect>
#include <span>
#include <vector>

#include "gui/models/block_pyramid.h"
#include "gui/models/map_layout.h"
#include "gui/models/page_codes.h"
#include "gui/theme/palette.h"

namespace sweepscope::gui {

using StateMask = uint16_t;  // bit per CellState
inline constexpr StateMask kEveryState = (1u << kCellStates) - 1;
constexpr StateMask maskOf(CellState state) { return static_cast<StateMask>(1u << static_cast<int>(state)); }

struct MapView {
  MapLayout layout;
  int originX = 0, originY = 0;  // pixel of the layout at the viewport's top left
  int width = 0, height = 0;
  ThemeKind theme = ThemeKind::kDark;
  StateMask filter = kEveryState;  // states outside are dimmed
  ZoomPolicy policy = ZoomPolicy::kAuto;
  int motion = 0;  // moves the diagonal of spans being swept; constant with reduced motion
  bool operator==(const MapView&) const = default;
};

class MapRaster {
 public:
  // A new view is drawn whole.
  void setView(const MapView& view, const PageCodes& codes);
  const MapView& view() const { return view_; }
  const QImage& image() const { return image_; }

  void redrawAll(const PageCodes& codes);
  // Draws the pages of `runs` again, or everything if that is cheaper or the sweepgen has turned. Returns
  // what changed.
  QRect redraw(const PageCodes& codes, std::span<const PageRun> runs);

 private:
  void buildTiles();
  void drawTile(CellState state, CellCode flags, Rgb* out) const;
  Rgb shown(CellState state) const;
  void drawRow(const PageCodes& codes, int row, int firstColumn, int lastColumn);
  void drawBlocks(std::span<const uint32_t> blocks);
  void rebuildPyramid(const PageCodes& codes);

  MapView view_;
  QImage image_;
  StateTable states_{};
  uint32_t sweepgen_ = 0;
  std::vector<Rgb> tiles_;  // [state][start, end, large][y][x]
  BlockPyramid pyramid_;
  std::vector<uint32_t> touched_;
};

}  // namespace sweepscope::gui
