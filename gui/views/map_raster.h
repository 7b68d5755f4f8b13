// Draws page codes into an image: the map without a widget. Pure: needs no QApplication, so goldens and
// benchmarks run anywhere.
//
// Invariant: redraw(runs) leaves the same image as redrawAll() with the same codes
// (tests/gui/map_test.cc). A cell is a copy of a tile from a small set drawn once per scale: a frame costs a
// memcpy per pixel row of a cell, and no painter.
#pragma once

#include <QImage>
#include <QRect>
#include <span>
#include <vector>

#include "gui/models/block_pyramid.h"
#include "gui/models/map_layout.h"
#include "gui/models/page_codes.h"
#include "gui/models/state_mask.h"
#include "gui/theme/palette.h"

namespace sweepscope::gui {

struct MapView {
  MapLayout layout;
  int originX = 0, originY = 0;  // pixel of the layout at the viewport's top left
  int width = 0, height = 0;
  ThemeKind theme = ThemeKind::kDark;
  StateMask filter = kEveryState;  // states outside are dimmed
  ZoomPolicy policy = ZoomPolicy::kAuto;
  int motion = 0;  // offset of the diagonals of spans being swept; constant with reduced motion
  bool operator==(const MapView&) const = default;
};

class MapRaster {
 public:
  // Redraws all.
  void setView(const MapView& view, const PageCodes& codes);
  const MapView& view() const { return view_; }
  const QImage& image() const { return image_; }

  void redrawAll(const PageCodes& codes);
  // Redraws the pages of `runs`, or everything if that is cheaper or the sweepgen has turned. Returns the changed
  // rectangle.
  QRect redraw(const PageCodes& codes, std::span<const PageRun> runs);

 private:
  void buildTiles();
  void drawTile(CellState state, bool passes, CellCode flags, Rgb* out) const;
  Rgb shown(CellState state, bool passes) const;
  void chooseLooks();
  void drawRow(const PageCodes& codes, int row, int firstColumn, int lastColumn);
  void drawBlocks(std::span<const uint32_t> blocks);
  void rebuildPyramid(const PageCodes& codes);

  MapView view_;
  QImage image_;
  StateTable states_{};
  std::array<uint8_t, kCodes> looks_{};  // by code: its state, plus kCellStates if the filter dims it
  uint32_t sweepgen_ = 0;
  std::vector<Rgb> tiles_;  // [look][start, end, large][y][x]
  BlockPyramid pyramid_;
  std::vector<uint32_t> touched_;
};

}  // namespace sweepscope::gui
