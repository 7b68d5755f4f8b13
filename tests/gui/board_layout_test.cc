// Where the spans of a protocol board lie: each once, none over another, at every size; and the lanes of a branch.
#include <gtest/gtest.h>
#include <algorithm>
#include <random>

#include "gui/models/board_census.h"
#include "gui/models/board_layout.h"
#include "gui/models/lane_layout.h"
#include "tests/gui/support/bench_fixture.h"

namespace sweepscope::gui {
namespace {

using testing::BenchFixture;
using testing::Story;

// Of the board in a window of 1440x840 and of 1280x660, and two that are too small for anything.
constexpr QSize kBoards[] = {{778, 386}, {1038, 272}, {360, 200}, {1, 1}};

void expectProper(const telemetry::Board& board, QSize size) {
  const BoardLayout layout = layOutBoard(board, size.width(), size.height());
  std::vector<int> drawn(board.spans.size());
  ASSERT_EQ(layout.cards.size(), board.spans.size());
  for (const BoardCard& card : layout.cards) {
    ++drawn[card.span];
    const BoardRegion& region = layout.regions[card.region];
    EXPECT_TRUE(region.rect.contains(card.rect)) << "span " << card.span;
    EXPECT_EQ(region.place, board.spans[card.span].place) << "span " << card.span;
    if (region.p != telemetry::kNoP) {
      EXPECT_EQ(region.p, board.spans[card.span].p) << "span " << card.span;
    }
    EXPECT_GE(card.rect.top(), region.rect.top() + kRegionTitle) << "span " << card.span << " covers a title";
  }
  EXPECT_TRUE(std::all_of(drawn.begin(), drawn.end(), [](int n) { return n == 1; }));
  for (size_t i = 0; i < layout.regions.size(); ++i)
    for (size_t j = i + 1; j < layout.regions.size(); ++j)
      EXPECT_FALSE(layout.regions[i].rect.intersects(layout.regions[j].rect)) << i << " and " << j;
  // Cards of one region: compared in reading order, which is enough for a grid.
  for (size_t i = 1; i < layout.cards.size(); ++i) {
    const BoardCard &a = layout.cards[i - 1], &b = layout.cards[i];
    EXPECT_FALSE(a.rect.intersects(b.rect)) << a.span << " and " << b.span;
    if (a.region != b.region) continue;
    EXPECT_TRUE(b.rect.top() > a.rect.bottom() || b.rect.left() > a.rect.right());
  }
  const int right = std::max(size.width(), 184);
  for (const BoardRegion& region : layout.regions) {
    EXPECT_LE(region.rect.right(), right);
    EXPECT_LT(region.rect.bottom(), layout.height);
  }
}

TEST(BoardLayout, EverySpanHasOneCardInItsPlaceAndNoTwoOverlap) {
  for (const Story story : {Story::kCorrect, Story::kCachedIsPlusTwo})
    for (const auto& view : testing::benchFixture(story).views)
      for (const QSize size : kBoards) expectProper(view.board, size);
}

TEST(BoardLayout, HoldsForRandomBoards) {
  constexpr uint32_t kSeed = 20260711;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  for (int round = 0; round < 60; ++round) {
    telemetry::Board board;
    const uint32_t spans = random() % 300, ps = 1 + random() % 48;
    for (uint16_t p = 0; p < ps; ++p) board.ps.push_back({p, {}, telemetry::kNoThread, 0, 0, {}});
    for (uint32_t i = 0; i < spans; ++i) {
      telemetry::BoardSpan span;
      span.id = i;
      span.place = static_cast<telemetry::BoardPlace>(random() % 7);
      if (span.place == telemetry::BoardPlace::kCache) span.p = static_cast<uint16_t>(random() % (ps + 2));
      board.spans.push_back(span);
    }
    expectProper(board,
                 QSize(200 + static_cast<int>(random() % 1400), 100 + static_cast<int>(random() % 900)));
  }
}

TEST(BoardLayout, AFewSpansGetCardsWithTheirSlotsAndFitWithoutScrolling) {
  const BenchFixture fixture = testing::benchFixture(Story::kCorrect);
  for (const QSize size : {kBoards[0], kBoards[1]}) {
    const BoardLayout layout = layOutBoard(fixture.state.view.board, size.width(), size.height());
    EXPECT_LE(layout.height, size.height());
    EXPECT_TRUE(layout.detail == CardDetail::kFull || layout.detail == CardDetail::kMedium);
  }
}

TEST(BoardLayout, ThousandsOfSpansAndPsStayBounded) {
  const BenchFixture fixture = testing::hostileFixture(4096, 1024);
  for (const QSize size : kBoards) expectProper(fixture.state.view.board, size);
  const BoardLayout layout = layOutBoard(fixture.state.view.board, 778, 386);
  EXPECT_LE(layout.regions.size(), 40u);
  EXPECT_LT(layout.height, 2000);
}

TEST(BoardCensus, CountsEachSpanAtItsDistanceAndIllegalOnesWithTheirNumber) {
  const BenchFixture fixture = testing::benchFixture(Story::kCachedIsPlusTwo);
  const HeapCensus census = boardCensus(fixture.views[3].board);  // both caches hold a span at +2
  EXPECT_EQ(census[CellState::kIllegal].spans, 2u);
  EXPECT_EQ(census.illegalAt(2).spans, 2u);
  EXPECT_EQ(census[CellState::kSwept].spans, 1u);
  EXPECT_EQ(census[CellState::kFree].pages, 1u);
  EXPECT_EQ(pagesOf(fixture.views[3].board), 4u);
}

TEST(LaneLayout, AMarkPerArcInTheLaneOfItsThreadAndTimeToTheRight) {
  const BenchFixture fixture = testing::benchFixture(Story::kCorrect);
  const BenchScene scene = testing::benchScene(fixture);
  const LaneDiagram diagram = layOutLanes(scene, {}, 1, 160);
  ASSERT_EQ(diagram.lanes, (std::vector<uint32_t>{0, 1, 2, 3}));
  EXPECT_EQ(diagram.hiddenLanes, 0u);
  ASSERT_EQ(diagram.columns.size(), fixture.state.nodes.size() - 1);
  std::vector<std::pair<uint32_t, QString>> arcs;
  for (const LaneMark& mark : diagram.marks)
    if (mark.arc) arcs.emplace_back(diagram.lanes[mark.lane], mark.label);
  const std::vector<std::pair<uint32_t, QString>> expected = {{1, "T2 caches 0"}, {2, "T2 caches 1"},
                                                              {0, "T5 sg 10"},    {3, "T6 claims 2"},
                                                              {3, "T8 swept 2"},  {2, "T7 claims 1"}};
  EXPECT_EQ(arcs, expected);
  for (size_t i = 1; i < diagram.columns.size(); ++i)
    EXPECT_GE(diagram.columns[i].left, diagram.columns[i - 1].left + diagram.columns[i - 1].width);
}

TEST(LaneLayout, AQuietStepIsSubduedAndAChoiceOrAnArcIsNot) {
  BenchFixture fixture = testing::benchFixture(Story::kCorrect);
  const auto subdued = [&](uint32_t node) {
    const LaneDiagram diagram = layOutLanes(testing::benchScene(fixture), {}, 1, 160);
    return std::any_of(diagram.marks.begin(), diagram.marks.end(),
                       [&](const LaneMark& mark) { return mark.node == node && mark.quiet; });
  };
  EXPECT_FALSE(subdued(1));
  for (telemetry::BenchNode& node : fixture.state.nodes) node.quiet = true;
  EXPECT_TRUE(subdued(1));
  EXPECT_FALSE(subdued(3)) << "an arc";
  fixture.state.nodes[1].kind = telemetry::BenchStepKind::kChoice;
  EXPECT_FALSE(subdued(1)) << "a choice";
}

TEST(LaneLayout, FoldedAccessesAreCountedAndOpenInTheirOrder) {
  const BenchFixture fixture = testing::benchFixture(Story::kCorrect);
  const BenchScene scene = testing::benchScene(fixture);
  const LaneDiagram folded = layOutLanes(scene, {}, 1, 160), open = layOutLanes(scene, {3}, 1, 160);
  EXPECT_EQ(folded.columns[2].folded, 2u);
  EXPECT_EQ(open.columns[2].folded, 0u);
  EXPECT_EQ(open.marks.size(), folded.marks.size() + 2);
  EXPECT_GT(open.width, folded.width);
}

TEST(LaneLayout, AnArrowWhereASpanPassesFromOneThreadToAnother) {
  const BenchFixture fixture = testing::benchFixture(Story::kCorrect);
  BenchFixture passed = fixture;  // span 0, cached by mutator 1, is claimed by the sweeper
  passed.views[5].rows[1].object = 0;
  const BenchScene scene = testing::benchScene(passed);
  const LaneDiagram diagram = layOutLanes(scene, {}, 1, 160);
  ASSERT_EQ(diagram.arrows.size(), 1u);
  EXPECT_EQ(diagram.arrows[0].span, 0u);
  EXPECT_EQ(diagram.lanes[diagram.marks[diagram.arrows[0].from].lane], 1u);
  EXPECT_EQ(diagram.lanes[diagram.marks[diagram.arrows[0].to].lane], 3u);
  EXPECT_LT(diagram.marks[diagram.arrows[0].from].rect.right(),
            diagram.marks[diagram.arrows[0].to].rect.left());
  EXPECT_TRUE(layOutLanes(testing::benchScene(fixture), {}, 1, 160).arrows.empty());
}

TEST(LaneLayout, ManyThreadsShareTheStripAndTheChosenOneKeepsItsLane) {
  const BenchFixture fixture = testing::hostileFixture(16, 1024);
  const BenchScene scene = testing::benchScene(fixture);
  const LaneDiagram diagram = layOutLanes(scene, {}, 900, 160);
  EXPECT_LE(diagram.lanes.size(), 11u);
  EXPECT_GE(diagram.laneHeight, kLeastLane);
  EXPECT_EQ(diagram.lanes.size() + diagram.hiddenLanes, 1024u);
  EXPECT_NE(std::find(diagram.lanes.begin(), diagram.lanes.end(), 900u), diagram.lanes.end());
}

}  // namespace
}  // namespace sweepscope::gui
