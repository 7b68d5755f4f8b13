#include "gui/models/map_layout.h"

#include <algorithm>
#include <bit>

namespace sweepscope::gui {

MapLayout::MapLayout(int columns, uint32_t pages)
    : columns_(std::max(columns, 1)),
      rowsPerArena_((static_cast<int>(kArenaPages) + columns_ - 1) / columns_),
      pages_(pages) {}

namespace {

// As many columns as fit, reduced so that an arena's last row is not nearly empty.
int evenColumns(int most) {
  const int arena = static_cast<int>(kArenaPages);
  const int rows = (arena + most - 1) / most;
  return (arena + rows - 1) / rows;
}

}  // namespace

MapLayout MapLayout::fit(uint32_t pages, int width, int height, int maxCellPx) {
  width = std::max(width, 16), height = std::max(height, 16), pages = std::max(pages, 1u);
  for (int px = std::clamp(maxCellPx, 1, kMaxCellPx); px >= 1; --px) {
    MapLayout layout(evenColumns(width / px), pages);
    layout.setScale(px, 0);
    if (layout.heightPx() <= height) return layout;
  }
  for (int shrink = 1; shrink <= kMaxShrink; ++shrink) {
    MapLayout layout(evenColumns(width << shrink), pages);
    layout.setScale(1, shrink);
    if (layout.heightPx() <= height || shrink == kMaxShrink) return layout;
  }
  return {};
}

// Reserves up to half as much again, in powers of two, so that the wrap width changes rarely.
MapLayout MapLayout::fitGrowing(uint32_t pages, int width, int height, int maxCellPx) {
  uint32_t room = std::max(std::bit_ceil(std::max(pages, 512u)), 1024u);
  if (room - room / 4 >= pages) room -= room / 4;
  const MapLayout roomy = fit(room, width, height, maxCellPx), tight = fit(pages, width, height, maxCellPx);
  const bool costly = tight.cellPx() >= 2 * roomy.cellPx() || tight.shrink() < roomy.shrink();
  return costly ? tight : roomy;
}

int MapLayout::rows() const {
  if (pages_ == 0) return 0;
  const GridCell last = cellOf(pages_ - 1);
  return last.row + 1;
}

GridCell MapLayout::cellOf(uint32_t page) const {
  const int arena = static_cast<int>(page / kArenaPages);
  const int local = static_cast<int>(page % kArenaPages);
  return {local % columns_, arena * rowsPerArena_ + local / columns_};
}

uint32_t MapLayout::pageAt(GridCell cell) const {
  if (cell.column < 0 || cell.row < 0 || cell.column >= rowPages(cell.row)) return kNoPage;
  return rowFirstPage(cell.row) + static_cast<uint32_t>(cell.column);
}

uint32_t MapLayout::rowFirstPage(int row) const {
  const auto arena = static_cast<uint32_t>(row / rowsPerArena_);
  const auto local = static_cast<uint32_t>(row % rowsPerArena_);
  return arena * kArenaPages + local * static_cast<uint32_t>(columns_);
}

int MapLayout::rowPages(int row) const {
  if (row < 0 || row >= rows()) return 0;
  const uint32_t first = rowFirstPage(row);
  const uint32_t arenaEnd = (first / kArenaPages + 1) * kArenaPages;
  const uint32_t end = std::min({first + static_cast<uint32_t>(columns_), arenaEnd, pages_});
  return end > first ? static_cast<int>(end - first) : 0;
}

int MapLayout::rowTopPx(int row) const {
  if (shrink_ > 0) return (row + (1 << shrink_) - 1) >> shrink_;
  return row * cellPx_ + row / rowsPerArena_ * arenaGapPx();
}

int MapLayout::rowAtPx(int y) const {
  if (y < 0) return -1;
  if (shrink_ > 0) return y << shrink_;
  const int arenaPx = rowsPerArena_ * cellPx_ + arenaGapPx();
  const int arena = y / arenaPx;
  return arena * rowsPerArena_ + std::min(y % arenaPx / cellPx_, rowsPerArena_ - 1);
}

}  // namespace sweepscope::gui
