// The place of each page on the map: address order, a fixed number of columns until the widget is resized or the
// heap outgrows it; each arena (8,192 pages) begins on a new row. Pure arithmetic.
//
// A cell is `cellPx` pixels wide and high (1 or more), or 2^shrink x 2^shrink cells share a pixel (shrink >
// 0, cellPx 1).
#pragma once

#include <cstdint>

namespace sweepscope::gui {

inline constexpr uint32_t kArenaPages = 8192;
inline constexpr uint32_t kNoPage = ~0u;
inline constexpr int kMaxShrink = 6;
inline constexpr int kMaxCellPx = 48;

struct GridCell {
  int column = 0, row = 0;
  bool operator==(const GridCell&) const = default;
};

class MapLayout {
 public:
  MapLayout() = default;
  MapLayout(int columns, uint32_t pages);
  // The largest cells (at most `maxCellPx`) with which `pages` fit into width x height pixels.
  static MapLayout fit(uint32_t pages, int width, int height, int maxCellPx);
  // The same with room for the heap to grow, unless that halves the scale; pages() includes the room.
  static MapLayout fitGrowing(uint32_t pages, int width, int height, int maxCellPx);

  int columns() const { return columns_; }
  int rowsPerArena() const { return rowsPerArena_; }
  int rows() const;  // of the extent; the last arena may be partial
  uint32_t pages() const { return pages_; }
  void setPages(uint32_t pages) { pages_ = pages; }
  int cellPx() const { return cellPx_; }
  int shrink() const { return shrink_; }
  void setScale(int cellPx, int shrink) { cellPx_ = cellPx, shrink_ = shrink; }

  GridCell cellOf(uint32_t page) const;
  uint32_t pageAt(GridCell cell) const;  // kNoPage: outside the heap
  // First page of the row and how many of the row's cells are pages of the extent (0: none).
  uint32_t rowFirstPage(int row) const;
  int rowPages(int row) const;
  // Pixels to cells and back; arenas are separated by a gap while cells have at least 3 px.
  int arenaGapPx() const { return cellPx_ >= 3 && shrink_ == 0 ? 4 : 0; }
  int rowTopPx(int row) const;
  int rowAtPx(int y) const;  // the row whose cells begin at or above y
  int columnAtPx(int x) const { return shrink_ > 0 ? x << shrink_ : x / cellPx_; }
  int columnLeftPx(int column) const { return shrink_ > 0 ? column >> shrink_ : column * cellPx_; }
  int widthPx() const { return columnLeftPx(columns_); }
  int heightPx() const { return rowTopPx(rows()); }

  bool operator==(const MapLayout&) const = default;

 private:
  int columns_ = 1, rowsPerArena_ = static_cast<int>(kArenaPages);
  int cellPx_ = 8, shrink_ = 0;
  uint32_t pages_ = 0;
};

}  // namespace sweepscope::gui
