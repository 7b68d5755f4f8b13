// The map without a widget: codes, layout, pyramid, pixels.
#include <gtest/gtest.h>
#include <QImage>
#include <chrono>

#include "gui/views/map_raster.h"
#include "tests/gui/support/sessions.h"

namespace sweepscope::gui {
namespace {

using telemetry::Event;
using telemetry::Replica;

uint64_t hashOf(const QImage& image) {
  uint64_t hash = 1469598103934665603u;
  for (int y = 0; y < image.height(); ++y) {
    const auto* line = reinterpret_cast<const uint32_t*>(image.constScanLine(y));
    for (int x = 0; x < image.width(); ++x) hash = (hash ^ (line[x] & 0xffffff)) * 1099511628211u;
  }
  return hash;
}

MapView viewOf(const PageCodes& codes, int cellPx, int shrink = 0) {
  MapView view;
  view.layout = MapLayout(60 << shrink, codes.pages());
  view.layout.setScale(cellPx, shrink);
  view.width = 400, view.height = 300;
  return view;
}

TEST(CellCode, TheTurnRelabelsEveryDistanceWithoutTouchingACode) {
  for (uint32_t sg = 0; sg < 64; sg += 2) {
    EXPECT_EQ(stateTable(sg)[genCode(sg, sg)], CellState::kSwept);
    EXPECT_EQ(stateTable(sg + 2)[genCode(sg, sg)], CellState::kNeeds);
    EXPECT_EQ(stateTable(sg)[genCode(sg + 3, sg)], CellState::kCached);
    EXPECT_EQ(stateTable(sg + 2)[genCode(sg + 3, sg)], CellState::kStale);
    EXPECT_EQ(stateTable(sg)[genCode(sg - 1, sg)], CellState::kSweeping);
    EXPECT_EQ(stateTable(sg)[genCode(sg + 2, sg)], CellState::kIllegal);
    EXPECT_EQ(stateTable(sg)[genCode(sg - 3, sg)], CellState::kIllegal);
  }
}

TEST(CellCode, ADistantGenerationIsNotConfusedWithAnEqualOneModulo8) {
  EXPECT_EQ(stateTable(16)[genCode(8, 16)], CellState::kIllegal);
  EXPECT_EQ(stateTable(2)[genCode(2u - 10, 2)], CellState::kIllegal);
}

TEST(PageCodes, RefreshOfDirtyPagesEqualsARebuildAtEveryTurn) {
  Replica replica;
  PageCodes live, fresh;
  size_t i = 0, compared = 0;
  for (const Event& event : testing::session(3)) {
    replica.apply(event);
    if (++i % 97 != 0) continue;
    live.refresh(replica, replica.take_dirty());
    fresh.rebuild(replica);
    ASSERT_TRUE(
        std::equal(live.bytes().begin(), live.bytes().end(), fresh.bytes().begin(), fresh.bytes().end()))
        << "after event " << i;
    ++compared;
  }
  EXPECT_GT(compared, 10u);
}

TEST(PageCodes, ATurnDirtiesNoPageAndRotatesTheTable) {
  Replica replica;
  PageCodes codes;
  size_t turns = 0;
  for (const Event& event : testing::session(5)) {
    const bool turn = std::holds_alternative<telemetry::Turn>(event.body);
    if (turn) codes.refresh(replica, replica.take_dirty());
    const std::vector<CellCode> before(codes.bytes().begin(), codes.bytes().end());
    const uint32_t sg = replica.sweepgen();
    replica.apply(event);
    if (!turn) continue;
    const auto dirty = replica.take_dirty();
    EXPECT_TRUE(dirty.empty());
    codes.refresh(replica, dirty);
    EXPECT_TRUE(std::equal(before.begin(), before.end(), codes.bytes().begin(), codes.bytes().end()));
    EXPECT_EQ(codes.sweepgen(), sg + 2);
    ++turns;
  }
  EXPECT_GT(turns, 2u);
}

TEST(MapLayout, EveryPageHasOneCellAndEveryCellItsPage) {
  for (const int columns : {7, 116, 1000, 9000}) {
    const MapLayout layout(columns, 3 * kArenaPages + 17);
    for (uint32_t page = 0; page < layout.pages(); page += 13)
      ASSERT_EQ(layout.pageAt(layout.cellOf(page)), page) << columns;
    EXPECT_EQ(layout.pageAt({columns, 0}), kNoPage);
    EXPECT_EQ(layout.pageAt({0, layout.rows()}), kNoPage);
  }
}

TEST(MapLayout, AnArenaBeginsOnARowOfItsOwn) {
  const MapLayout layout(100, 2 * kArenaPages);
  EXPECT_EQ(layout.cellOf(kArenaPages).column, 0);
  EXPECT_EQ(layout.cellOf(kArenaPages).row, layout.rowsPerArena());
}

TEST(MapLayout, RoomToGrowDoesNotCostHalfTheScale) {
  // 1,024 Ps with 132 spans each, in the map of a small window: a pixel per page leaves little room.
  constexpr uint32_t kPages = 337'920;
  EXPECT_EQ(MapLayout::fit(kPages, 1036, 376, 24).shrink(), 0);
  EXPECT_EQ(MapLayout::fit(kPages * 7 / 6, 1036, 376, 24).shrink(), 1);
  const MapLayout large = MapLayout::fitGrowing(kPages, 1036, 376, 24);
  EXPECT_EQ(large.shrink(), 0);
  EXPECT_GE(large.pages(), kPages);
  const MapLayout small = MapLayout::fitGrowing(1100, 1036, 376, 24);
  EXPECT_GE(small.pages(), 1500u);
  EXPECT_GE(small.cellPx() * 2, MapLayout::fit(1100, 1036, 376, 24).cellPx());
}

TEST(MapLayout, FitsAMillionPagesIntoTheMapOfASmallWindow) {
  const MapLayout layout = MapLayout::fit(1u << 20, 1036, 380, 10);
  EXPECT_LE(layout.widthPx(), 1036);
  EXPECT_LE(layout.heightPx(), 380);
  EXPECT_GT(layout.shrink(), 0);
}

TEST(MapRaster, RedrawOfDirtyPagesEqualsAFullRedraw) {
  for (const auto& [px, shrink] :
       std::vector<std::pair<int, int>>{{1, 0}, {3, 0}, {8, 0}, {25, 0}, {1, 1}, {1, 2}}) {
    Replica replica;
    PageCodes codes;
    MapRaster incremental, full;
    size_t i = 0;
    for (const Event& event : testing::session(7)) {
      replica.apply(event);
      if (++i % 61 != 0) continue;
      const auto dirty = replica.take_dirty();
      codes.refresh(replica, dirty);
      if (incremental.image().isNull()) {
        incremental.setView(viewOf(codes, px, shrink), codes);
      } else {
        incremental.redraw(codes, dirty);
      }
      MapView view = incremental.view();
      full = MapRaster();
      full.setView(view, codes);
      ASSERT_EQ(hashOf(incremental.image()), hashOf(full.image()))
          << "cells of " << px << " px, shrink " << shrink << ", event " << i;
    }
  }
}

// A row with every state, one page each, small enough to check by eye.
TEST(MapRaster, DrawsEachStateInItsColourAtItsPlace) {
  Replica replica;
  PageCodes codes;
  for (const Event& event : testing::session(11)) replica.apply(event);
  codes.rebuild(replica);
  MapRaster raster;
  raster.setView(viewOf(codes, 4), codes);
  const StateTable table = stateTable(replica.sweepgen());
  for (uint32_t page = 0; page < std::min(codes.pages(), 60u * 70u); ++page) {
    const GridCell cell = raster.view().layout.cellOf(page);
    const QPoint at(cell.column * 4, raster.view().layout.rowTopPx(cell.row));
    if (!raster.image().rect().contains(at)) continue;
    ASSERT_EQ(raster.image().pixel(at), kDarkCanvas[table[codes.bytes()[page] & kKindMask]])
        << "page " << page;
  }
}

TEST(MapRaster, AFilterDimsTheOtherStates) {
  Replica replica;
  PageCodes codes;
  for (const Event& event : testing::session(11)) replica.apply(event);
  codes.rebuild(replica);
  MapRaster raster;
  MapView view = viewOf(codes, 4);
  view.filter = maskOf(CellState::kNeeds);
  raster.setView(view, codes);
  const StateTable table = stateTable(replica.sweepgen());
  for (uint32_t page = 0; page < 60; ++page) {
    const CellState state = table[codes.bytes()[page] & kKindMask];
    const Rgb pixel = raster.image().pixel(static_cast<int>(page) * 4, 0);
    EXPECT_EQ(pixel == kDarkCanvas[state], state == CellState::kNeeds) << "page " << page;
  }
}

TEST(StateMask, AFilterOfOneIllegalDistanceExcludesTheOthers) {
  for (uint32_t sg = 4; sg < 40; sg += 2) {
    const auto code = [&](int32_t distance) { return genCode(sg + static_cast<uint32_t>(distance), sg); };
    for (const int32_t shown : {2, -3, -4, 4, -7}) {
      const StateMask filter = maskOfIllegal(shown);
      for (int32_t distance = -6; distance <= 6; ++distance) {
        const bool same = distance == shown || (std::abs(distance) == 4 && std::abs(shown) == 4) ||
                          (std::abs(distance) > 4 && std::abs(shown) > 4);
        EXPECT_EQ(codePasses(filter, code(distance), sg), same)
            << shown << " shows " << distance << " at " << sg;
      }
      EXPECT_FALSE(codePasses(filter, kFreeCode, sg));
    }
    EXPECT_TRUE(codePasses(maskOf(CellState::kIllegal), code(2), sg));
    EXPECT_TRUE(codePasses(kEveryState, code(-3), sg));
  }
}

TEST(MapRaster, AFilterOfOneIllegalDistanceLightsOnlyItsPages) {
  Replica replica;
  replica.apply({0, 1, telemetry::Turn{1, 10, 12, 0, 1}});
  const uint32_t gens[] = {12, 14, 9};
  for (telemetry::SpanId id = 0; id < 3; ++id)
    replica.apply({0, 1, telemetry::SpanAllocated{id, 1, id, 1, gens[id], 0, 20}});
  PageCodes codes;
  codes.rebuild(replica);
  MapView view = viewOf(codes, 4);
  view.filter = maskOfIllegal(2);
  MapRaster raster;
  raster.setView(view, codes);
  EXPECT_NE(raster.image().pixel(0, 0), kDarkCanvas[CellState::kSwept]);
  EXPECT_EQ(raster.image().pixel(4, 0), kDarkCanvas[CellState::kIllegal]);
  EXPECT_NE(raster.image().pixel(8, 0), kDarkCanvas[CellState::kIllegal]);
}

TEST(BlockPyramid, AlarmShowsOneStalePageThatMajorityHidesAndAutoRaisesItWhileItIsRare) {
  std::vector<CellCode> pages(64 * 64, static_cast<CellCode>(4));  // all swept at sg 4
  pages[100] = 5;                                                  // one stale
  MapLayout layout(64, 64 * 64);
  layout.setScale(1, 2);
  BlockPyramid pyramid;
  pyramid.rebuild(layout, pages);
  const uint32_t block = static_cast<uint32_t>((1 >> 2) * pyramid.width() + (36 >> 2));
  const StateTable table = stateTable(4);
  EXPECT_EQ(BlockPyramid::Chooser(pyramid, table, ZoomPolicy::kMajority).codeOf(block), 4);
  EXPECT_EQ(BlockPyramid::Chooser(pyramid, table, ZoomPolicy::kAlarm).codeOf(block), 5);
  EXPECT_EQ(BlockPyramid::Chooser(pyramid, table, ZoomPolicy::kAuto).codeOf(block), 5);
  for (size_t i = 0; i < pages.size(); i += 8) pages[i] = 5;  // common: Auto no longer raises it
  pyramid.rebuild(layout, pages);
  EXPECT_EQ(BlockPyramid::Chooser(pyramid, table, ZoomPolicy::kAuto).codeOf(0), 4);
}

}  // namespace
}  // namespace sweepscope::gui
