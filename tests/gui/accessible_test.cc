// The map as a screen reader reads it.
#include <gtest/gtest.h>
#include <QAccessible>
#include <QSignalSpy>
#include <QTest>

#include "gui/views/map_accessible.h"
#include "gui/views/map_widget.h"
#include "tests/gui/support/recordings.h"
#include "tests/gui/support/sessions.h"

namespace sweepscope::gui {
namespace {

constexpr int kPatienceMs = 20'000;

struct Map {
  QTemporaryDir directory;
  SessionController session;
  Theme theme;
  MapWidget map{session, theme};
  QAccessibleInterface* table = nullptr;

  Map() {
    QSignalSpy opened(&session, &SessionController::opened);
    session.openRecording(testing::record(directory, testing::chunkedSession(31)), {});
    EXPECT_TRUE(opened.wait(kPatienceMs));
    session.setPlaying(false);
    // A moment with spans in caches.
    session.seekSeq(session.log()->extent().end_seq / 2);
    EXPECT_TRUE(QTest::qWaitFor([&] { return !session.seeking(); }, kPatienceMs));
    map.resize(800, 500);
    map.show();
    map.zoomToFit();
    table = QAccessible::queryAccessibleInterface(&map);
  }
};

TEST(MapAccessible, IsATableWithARowForEachSpanInAddressOrder) {
  Map m;
  ASSERT_NE(m.table, nullptr);
  EXPECT_EQ(m.table->role(), QAccessible::Table);
  auto* rows = m.table->tableInterface();
  ASSERT_NE(rows, nullptr);
  ASSERT_GT(rows->rowCount(), 10);
  EXPECT_EQ(rows->columnCount(), kSpanColumns);
  EXPECT_EQ(m.table->childCount(), rows->rowCount() * rows->columnCount());
  uint32_t page = 0;
  for (int row = 0; row < rows->rowCount(); ++row) {
    QAccessibleInterface* cell = m.table->child(row * kSpanColumns);
    ASSERT_NE(cell, nullptr);
    EXPECT_EQ(cell->parent(), m.table);
    EXPECT_EQ(m.table->indexOfChild(cell), row * kSpanColumns);
    // "span 41, ..." names the span of the row.
    const QString name = cell->text(QAccessible::Name);
    const auto* span = m.session.replica().span(name.section(',', 0, 0).section(' ', 1, 1).toUInt());
    ASSERT_NE(span, nullptr) << qPrintable(name);
    EXPECT_TRUE(row == 0 || span->first_page > page) << qPrintable(name);
    page = span->first_page;
    EXPECT_EQ(name, spanText(*span, m.session.replica().sweepgen(), SpanColumn::kSentence));
  }
}

TEST(MapAccessible, EveryCellHasANameAColumnAndAPlaceOnTheMap) {
  Map m;
  auto* rows = m.table->tableInterface();
  for (int i = 0; i < m.table->childCount(); ++i) {
    QAccessibleInterface* cell = m.table->child(i);
    ASSERT_TRUE(cell && cell->isValid());
    EXPECT_FALSE(cell->text(QAccessible::Name).isEmpty());
    EXPECT_FALSE(rows->columnDescription(i % kSpanColumns).isEmpty());
    EXPECT_EQ(cell->rect().intersected(m.table->rect()), cell->rect());
  }
}

TEST(MapAccessible, DescribesASpanAsItsSquareShowsIt) {
  telemetry::SpanPicture span;
  span.id = 41;
  span.status = telemetry::SpanStatus::kInUse;
  span.span_class = 8 << 1;
  span.pages = 1;
  span.sweepgen = 13;
  span.owner = 3;
  EXPECT_EQ(spanText(span, 12, SpanColumn::kSentence), "span 41, size class 8, stale cached, in P3's cache");
  span.owner = telemetry::kNoP;
  span.sweepgen = 10;
  EXPECT_EQ(spanText(span, 12, SpanColumn::kSentence), "span 41, size class 8, needs sweep");
  span.span_class = 0;
  span.pages = 12;
  EXPECT_EQ(spanText(span, 12, SpanColumn::kSentence), "span 41, large object of 12 pages, needs sweep");
  span.status = telemetry::SpanStatus::kManual;
  EXPECT_EQ(spanText(span, 12, SpanColumn::kSentence), "span 41, stack");
}

TEST(MapAccessible, TheKeyboardsCursorIsTheFocusedCellAndTheSelectedRow) {
  Map m;
  auto* rows = m.table->tableInterface();
  EXPECT_EQ(m.table->focusChild(), nullptr);
  QTest::keyClick(&m.map, Qt::Key_Right);
  QTest::keyClick(&m.map, Qt::Key_Right);
  ASSERT_EQ(rows->selectedRows(), QList<int>{1});
  ASSERT_NE(m.table->focusChild(), nullptr);
  EXPECT_EQ(m.table->indexOfChild(m.table->focusChild()), kSpanColumns);
  EXPECT_TRUE(m.table->focusChild()->state().selected);
  EXPECT_TRUE(rows->selectRow(5));
  EXPECT_EQ(m.map.selected(), m.session.replica().span(m.map.selected())->id);
  EXPECT_EQ(rows->selectedRows(), QList<int>{5});
  EXPECT_TRUE(rows->unselectRow(5));
  EXPECT_EQ(m.map.selected(), telemetry::kNoId);
}

TEST(MapAccessible, FollowsTheHeapToAnotherMoment) {
  Map m;
  auto* rows = m.table->tableInterface();
  const int before = rows->rowCount();
  QAccessibleInterface* last = m.table->child((before - 1) * kSpanColumns);
  ASSERT_TRUE(last->isValid());
  m.session.seekEnd(false);
  ASSERT_TRUE(QTest::qWaitFor([&] { return !m.session.seeking(); }, kPatienceMs));
  EXPECT_EQ(rows->rowCount(), 0);
  EXPECT_FALSE(last->isValid());
  EXPECT_EQ(last->text(QAccessible::Name), QString());
}

}  // namespace
}  // namespace sweepscope::gui
