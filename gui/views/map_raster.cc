#include "gui/views/map_raster.h"

#include <algorithm>
#include <cstring>

#include "gui/views/glyphs.h"

namespace sweepscope::gui {

namespace {

constexpr int kGapFromPx = 5;     // smaller cells have no gaps, which would dominate the colours
constexpr int kFlagVariants = 8;  // start, end, large

constexpr int kLooks = 2 * kCellStates;

size_t tileIndex(int look, CellCode code) {
  return static_cast<size_t>(look) * kFlagVariants + (code >> 4 & 7u);
}

}  // namespace

Rgb MapRaster::shown(CellState state, bool passes) const {
  const CanvasPalette& palette = canvasPalette(view_.theme);
  return passes ? palette[state] : mix(palette[state], palette.canvas, 84);
}

void MapRaster::chooseLooks() {
  for (size_t code = 0; code < kCodes; ++code) {
    const bool lit = codePasses(view_.filter, static_cast<CellCode>(code), sweepgen_);
    looks_[code] = static_cast<uint8_t>(static_cast<int>(states_[code]) + (lit ? 0 : kCellStates));
  }
}

void MapRaster::setView(const MapView& view, const PageCodes& codes) {
  const bool sameTiles = !tiles_.empty() && view.layout.cellPx() == view_.layout.cellPx() &&
                         view.theme == view_.theme && view.motion == view_.motion;
  const bool samePyramid = view.layout == view_.layout && pyramid_.width() > 0;
  view_ = view;
  if (image_.size() != QSize(view.width, view.height)) {
    image_ = QImage(std::max(view.width, 1), std::max(view.height, 1), QImage::Format_RGB32);
  }
  if (!sameTiles) buildTiles();
  if (view.layout.shrink() > 0 && !samePyramid) rebuildPyramid(codes);
  redrawAll(codes);
}

void MapRaster::rebuildPyramid(const PageCodes& codes) {
  view_.layout.setPages(codes.pages());
  pyramid_.rebuild(view_.layout, codes.bytes());
}

void MapRaster::buildTiles() {
  const int px = view_.layout.cellPx();
  const auto size = static_cast<size_t>(px * px);
  tiles_.resize(size * kLooks * kFlagVariants);
  for (int look = 0; look < kLooks; ++look) {
    for (int flags = 0; flags < kFlagVariants; ++flags) {
      const auto code = static_cast<CellCode>(flags << 4);
      drawTile(static_cast<CellState>(look % kCellStates), look < kCellStates, code,
               &tiles_[tileIndex(look, code) * size]);
    }
  }
}

void MapRaster::drawTile(CellState state, bool passes, CellCode flags, Rgb* out) const {
  const CanvasPalette& palette = canvasPalette(view_.theme);
  const int px = view_.layout.cellPx();
  const bool gaps = px >= kGapFromPx;
  const bool alone = state == CellState::kFree;
  TileCanvas tile{out, px};
  const Rgb ground = shown(state, passes);
  tile.fill(0, 0, px, px, ground);
  if (gaps) {
    tile.fill(0, px - 1, px, 1, palette.outline);
    if (alone || flags & kSpanEnd) tile.fill(px - 1, 0, 1, px, palette.outline);
  }
  if (px >= kGlyphFromPx) {
    drawStateGlyph(tile, state, ground, palette, (flags & kSpanStart) != 0, view_.motion);
    if (flags & kLargeObject) drawBracket(tile, mix(ground, palette.outline, 75), flags);
  }
}

void MapRaster::drawRow(const PageCodes& codes, int row, int firstColumn, int lastColumn) {
  const MapLayout& layout = view_.layout;
  const int px = layout.cellPx();
  const int top = layout.rowTopPx(row) - view_.originY;
  const int y0 = std::max(top, 0), y1 = std::min(top + px, view_.height);
  lastColumn = std::min(lastColumn, layout.rowPages(row));
  if (y0 >= y1 || firstColumn >= lastColumn) return;
  const CellCode* code = codes.bytes().data() + layout.rowFirstPage(row);
  const auto size = static_cast<size_t>(px * px);
  const auto stride = static_cast<size_t>(image_.bytesPerLine() / 4);
  Rgb* pixels = reinterpret_cast<Rgb*>(image_.bits());
  for (int column = firstColumn; column < lastColumn; ++column) {
    const int left = column * px - view_.originX;
    const int x0 = std::max(left, 0), x1 = std::min(left + px, view_.width);
    if (x0 >= x1) continue;
    const Rgb* tile = &tiles_[tileIndex(looks_[code[column] & kKindMask], code[column]) * size];
    if (px == 1) {
      pixels[static_cast<size_t>(y0) * stride + static_cast<size_t>(x0)] = *tile;
      continue;
    }
    for (int y = y0; y < y1; ++y) {
      std::memcpy(pixels + static_cast<size_t>(y) * stride + x0, tile + (y - top) * px + (x0 - left),
                  static_cast<size_t>(x1 - x0) * sizeof(Rgb));
    }
  }
}

void MapRaster::drawBlocks(std::span<const uint32_t> blocks) {
  const BlockPyramid::Chooser chooser(pyramid_, states_, view_.policy);
  std::array<Rgb, kCodes> colours{};
  for (size_t code = 0; code < kCodes; ++code)
    colours[code] = shown(states_[code], looks_[code] < kCellStates);
  const auto draw = [&](int x, int y, uint32_t block) {
    const int px = x - view_.originX, py = y - view_.originY;
    if (px < 0 || py < 0 || px >= view_.width || py >= view_.height) return;
    reinterpret_cast<Rgb*>(image_.scanLine(py))[px] = colours[chooser.codeOf(block)];
  };
  for (const uint32_t block : blocks) {
    draw(static_cast<int>(block) % pyramid_.width(), static_cast<int>(block) / pyramid_.width(), block);
  }
}

void MapRaster::redrawAll(const PageCodes& codes) {
  sweepgen_ = codes.sweepgen();
  states_ = stateTable(sweepgen_);
  chooseLooks();
  view_.layout.setPages(codes.pages());
  image_.fill(canvasPalette(view_.theme).canvas);
  const MapLayout& layout = view_.layout;
  if (layout.shrink() > 0) {
    const BlockPyramid::Chooser chooser(pyramid_, states_, view_.policy);
    std::array<Rgb, kCodes> colours{};
    for (size_t code = 0; code < kCodes; ++code)
      colours[code] = shown(states_[code], looks_[code] < kCellStates);
    for (int y = 0; y < view_.height; ++y) {
      const int by = y + view_.originY;
      if (by < 0 || by >= pyramid_.height()) continue;
      Rgb* line = reinterpret_cast<Rgb*>(image_.scanLine(y));
      const int from = std::max(0, -view_.originX);
      const int to = std::min(view_.width, pyramid_.width() - view_.originX);
      // Next to the last arena there are no pages, not even free ones.
      const int rowCells = layout.rowPages(by << layout.shrink());
      const int used = ((rowCells + (1 << layout.shrink()) - 1) >> layout.shrink()) - view_.originX;
      for (int x = from; x < std::min(to, used); ++x) {
        line[x] = colours[chooser.codeOf(static_cast<uint32_t>(by * pyramid_.width() + x + view_.originX))];
      }
    }
    return;
  }
  const int firstRow = std::max(0, layout.rowAtPx(std::max(view_.originY, 0)));
  const int firstColumn = std::max(0, view_.originX / layout.cellPx());
  const int lastColumn = (view_.originX + view_.width) / layout.cellPx() + 1;
  for (int row = firstRow; row < layout.rows(); ++row) {
    if (layout.rowTopPx(row) - view_.originY >= view_.height) break;
    drawRow(codes, row, firstColumn, lastColumn);
  }
}

QRect MapRaster::redraw(const PageCodes& codes, std::span<const PageRun> runs) {
  const QRect everything(0, 0, view_.width, view_.height);
  uint64_t dirty = 0;
  for (const PageRun& run : runs) dirty += run.second - run.first;
  const bool grew = codes.pages() != view_.layout.pages();
  const MapLayout& layout = view_.layout;
  if (layout.shrink() > 0) {
    // A changed count can change what Auto raises anywhere, so all pixels are chosen again; the counts are updated
    // incrementally.
    if (grew || dirty * 4 > codes.pages()) {
      rebuildPyramid(codes);
    } else {
      touched_.clear();
      pyramid_.refresh(codes.bytes(), runs, touched_);
      if (view_.policy != ZoomPolicy::kAuto && codes.sweepgen() == sweepgen_) {
        drawBlocks(touched_);
        return touched_.empty() ? QRect() : everything;
      }
    }
    redrawAll(codes);
    return everything;
  }
  if (grew || codes.sweepgen() != sweepgen_) {
    redrawAll(codes);
    return everything;
  }
  QRect changed;
  const int firstVisible = std::max(0, view_.originX / layout.cellPx());
  const int lastVisible = (view_.originX + view_.width) / layout.cellPx() + 1;
  for (const PageRun& run : runs) {
    if (run.first >= run.second) continue;
    const GridCell first = layout.cellOf(run.first), last = layout.cellOf(run.second - 1);
    for (int row = first.row; row <= last.row; ++row) {
      const int top = layout.rowTopPx(row) - view_.originY;
      if (top >= view_.height) break;
      if (top + layout.cellPx() <= 0) continue;
      const int from = std::max(row == first.row ? first.column : 0, firstVisible);
      const int to = std::min(row == last.row ? last.column + 1 : layout.columns(), lastVisible);
      if (from >= to) continue;
      drawRow(codes, row, from, to);
      changed |=
          QRect(from * layout.cellPx() - view_.originX, top, (to - from) * layout.cellPx(), layout.cellPx());
    }
  }
  return changed & everything;
}

}  // namespace sweepscope::gui
