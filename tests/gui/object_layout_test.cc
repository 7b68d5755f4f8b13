// Where the objects of a protocol board lie, at every size and for any message; and their words.
#include <gtest/gtest.h>
#include <algorithm>
#include <random>

#include "gui/models/object_layout.h"
#include "gui/models/object_words.h"
#include "gui/views/board_table.h"

namespace sweepscope::gui {
namespace {

using namespace telemetry;

// Globals hold two cells; the first refers to the third object, which the mover's stack holds, too.
Board threeObjects() {
  Board board;
  board.known = true;
  board.objects = {{1, 3, 0, ObjectColour::kBlack, true, {3}},
                   {2, 3, 1, ObjectColour::kGrey, false, {0}},
                   {3, 4, 0, ObjectColour::kWhite, false, {0}}};
  board.roots = {{RootKind::kGlobals, kNoThread, RootScan::kScanned, {1, 2}},
                 {RootKind::kStack, 2, RootScan::kWaiting, {3}},
                 {RootKind::kBarrier, 2, RootScan::kNone, {3}}};
  return board;
}

BenchView viewOf(Board board) {
  BenchView view;
  view.board = std::move(board);
  BenchThread mover;
  mover.thread = 2, mover.name = "mover";
  view.threads = {mover};
  return view;
}

TEST(ObjectWords, AStepTellsWhatHappenedToObjectsAndRoots) {
  const Board before = threeObjects();
  EXPECT_TRUE(objectDeeds(before, viewOf(before)).isEmpty());
  Board after = before;
  after.objects[2].colour = ObjectColour::kGrey;
  after.objects[0].refs = {0};
  after.objects[1].refs = {3};
  after.objects.push_back({4, 4, 1, ObjectColour::kBlack, true, {}});
  after.roots[1].scan = RootScan::kScanned;
  after.roots[1].objects = {3, 4};
  after.roots[2].objects = {3, 1};
  const QStringList told{"object 1 refers to nothing",     "object 2 refers to object 3",
                         "object 3 becomes grey",          "object 4 is new, and black",
                         "mover's stack is scanned",       "mover's stack holds object 4",
                         "mover's barrier shades object 1"};
  EXPECT_EQ(objectDeeds(before, viewOf(after)), told)
      << objectDeeds(before, viewOf(after)).join("; ").toStdString();
  after = before;
  after.objects[2].colour = ObjectColour::kFreed;
  after.objects[2].refs.clear();
  EXPECT_EQ(objectDeeds(before, viewOf(after)), QStringList("object 3 is freed"));
  after = before;
  after.objects[2].colour = ObjectColour::kNone;  // the marking is over
  EXPECT_TRUE(objectDeeds(before, viewOf(after)).isEmpty());
}

bool crosses(const std::vector<QPoint>& points, const QRect& box) {
  const QRect inner = box.adjusted(1, 1, -1, -1);
  for (size_t i = 1; i < points.size(); ++i)
    if (QRect(points[i - 1], points[i]).normalized().intersects(inner)) return true;
  return false;
}

void expectProper(const Board& board, QSize size) {
  const ObjectLayout layout = layOutObjects(board, size.width(), size.height());
  ASSERT_FALSE(layout.empty());
  EXPECT_EQ(layout.cards.size() + layout.hidden, board.objects.size());
  std::vector<QRect> all;
  for (const ObjectCard& card : layout.cards) all.push_back(card.rect);
  for (const RootBox& box : layout.roots) all.push_back(box.rect);
  for (size_t i = 0; i < all.size(); ++i)
    for (size_t j = i + 1; j < all.size(); ++j) EXPECT_FALSE(all[i].intersects(all[j])) << i << " and " << j;
  for (const ObjectCard& card : layout.cards)
    EXPECT_TRUE(layout.frame.contains(card.rect) || size.width() < 400);
  for (const ObjectLine& line : layout.lines) {
    const QRect& target = layout.cards[line.to].rect;
    const QPoint end = line.points.back();
    EXPECT_TRUE(end.x() > target.left() && end.x() < target.right());
    EXPECT_TRUE(end.y() == target.top() - 1 || end.y() == target.bottom() + 1);
    for (const QRect& box : all) EXPECT_FALSE(crosses(line.points, box));
  }
  for (const std::vector<QPoint>& trunk : layout.trunks)
    for (const QRect& box : all) EXPECT_FALSE(crosses(trunk, box));
}

constexpr QSize kBoards[] = {{980, 418}, {740, 418}, {900, 348}, {700, 300}, {340, 200}, {1, 1}};

TEST(ObjectLayout, NothingOverlapsAndEveryLineEndsAtItsCard) {
  for (const QSize size : kBoards) expectProper(threeObjects(), size);
}

TEST(ObjectLayout, HoldsForRandomAndForHostileBoards) {
  constexpr uint32_t kSeed = 20261130;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  for (int round = 0; round < 60; ++round) {
    Board board;
    const uint32_t objects = 1 + random() % (round % 2 == 0 ? 6 : 64);
    const auto numbers = [&] {
      std::vector<uint32_t> some(random() % 6);
      for (uint32_t& one : some) one = random() % (objects + 3);  // also objects that are not there
      return some;
    };
    for (uint32_t i = 0; i < objects; ++i)
      board.objects.push_back({random() % 50 == 0 ? i : i + 1, 3, 0, static_cast<ObjectColour>(random() % 5),
                               random() % 2 == 0, numbers()});
    for (uint32_t i = random() % 12; i > 0; --i)
      board.roots.push_back(
          {static_cast<RootKind>(random() % 3), i, static_cast<RootScan>(random() % 3), numbers()});
    for (const QSize size : kBoards) expectProper(board, size);
  }
}

TEST(ObjectLayout, ThreeObjectsHaveWordsAndLeaveRoomForSpans) {
  for (const QSize size : {kBoards[0], kBoards[1], kBoards[2], kBoards[3]}) {
    const ObjectLayout layout = layOutObjects(threeObjects(), size.width(), size.height());
    EXPECT_NE(layout.detail, ObjectDetail::kLetter);
    EXPECT_EQ(layout.hidden, 0u);
    EXPECT_LT(layout.frame.height(), size.height() * 55 / 100);
    EXPECT_EQ(layout.trunks.size(), 3u);
    EXPECT_EQ(layout.lines.size(),
              5u);  // 1 and 2 from Globals, 3 from the stack and from the barrier, 3 from 1
  }
}

TEST(ObjectLayout, ABoardWithoutObjectsHasNone) { EXPECT_TRUE(layOutObjects(Board{}, 900, 400).empty()); }

TEST(ObjectWords, NameColoursRootsAndWhatTheProgramCanReach) {
  const BenchView view = viewOf(threeObjects());
  const Board& board = view.board;
  EXPECT_EQ(colourWords(board.objects[0], true), "black");
  EXPECT_EQ(colourWords(board.objects[2], false), "white, garbage");
  EXPECT_EQ(rootName(board.roots[0], view), "Globals");
  EXPECT_EQ(rootName(board.roots[1], view), "mover's stack");
  EXPECT_EQ(scanWords(board.roots[0]), "scanned");
  EXPECT_EQ(scanWords(board.roots[1]), "not scanned");
  EXPECT_EQ(scanWords(board.roots[2]), "1 shaded");
  EXPECT_EQ(
      objectSentence(board.objects[0], board),
      "Object 1 is black (marked, and its references were read); span 3, slot 0; refers to object 3. The "
      "program can reach it.");
  EXPECT_TRUE(objectSentence(board.objects[1], board).contains("its mark bit is still to be set"));
  EXPECT_EQ(objectsSummary(board), "3 objects: 1 white, 1 grey, 1 black.");
  Board lost = board;
  lost.objects[0].refs = {0}, lost.roots[1].objects.clear();
  EXPECT_TRUE(objectSentence(lost.objects[2], lost).endsWith("cannot reach it: garbage."));
}

TEST(ObjectWords, TheTableTwinHasARowForEachObjectAndRoot) {
  BenchState state;
  state.nodes.emplace_back();
  state.view = viewOf(threeObjects());
  state.view.board.spans.emplace_back();
  BenchScene scene;
  scene.setState(state);
  BoardTable table(scene);
  table.onScene();
  ASSERT_EQ(table.rowCount(), 1 + 3 + 3);
  const auto text = [&](int row, int column) {
    return table.data(table.index(row, column), Qt::DisplayRole).toString();
  };
  EXPECT_EQ(text(1, BoardTable::kSpan), "object 1");
  EXPECT_EQ(text(1, BoardTable::kState), "black");
  EXPECT_EQ(text(5, BoardTable::kSpan), "mover's stack");
  EXPECT_EQ(text(5, BoardTable::kState), "not scanned");
  EXPECT_TRUE(text(3, BoardTable::kChanged).startsWith("Object 3 is white"));
}

}  // namespace
}  // namespace sweepscope::gui
