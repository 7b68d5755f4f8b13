// The pacer's figures in words and as a bar on the board.
#include <gtest/gtest.h>
#include <QImage>
#include <QPainter>

#include "gui/models/pacing_words.h"
#include "gui/views/board_picture.h"
#include "gui/views/board_widget.h"
#include "gui/views/pacing_picture.h"
#include "gui/views/threads_panel.h"
#include "tests/gui/support/bench_fixture.h"

namespace sweepscope::gui {
namespace {

using telemetry::BoardPacing;

constexpr uint64_t kKiB = 1024;
const BoardPacing kFull{true, 24 * kKiB, 100, 32 * kKiB, 40 * kKiB, 16 * kKiB, -512, 3, 2};

TEST(PacingWords, SizesAreInKiBAndSignedOnesHaveASign) {
  EXPECT_EQ(sizeWords(0), "0 KiB");
  EXPECT_EQ(sizeWords(100), "100 B");
  EXPECT_EQ(sizeWords(24 * kKiB), "24 KiB");
  EXPECT_EQ(sizeWords(25 * kKiB + 512), "25.5 KiB");
  EXPECT_EQ(sizeWords(3 * kKiB * kKiB), "3.0 MiB");
  EXPECT_EQ(signedSizeWords(4096), "+4 KiB");
  EXPECT_EQ(signedSizeWords(-4096), QStringLiteral("\u22124 KiB"));
  EXPECT_EQ(signedSizeWords(std::numeric_limits<int64_t>::min()).front(), QChar(0x2212));
}

TEST(PacingWords, AFigureThatIsOffOrUnknownIsNotZero) {
  telemetry::Board board;
  board.known = true;
  EXPECT_EQ(pacingSentence(board), "") << "not known";
  board.pacing = BoardPacing{};
  EXPECT_EQ(pacingSentence(board), "") << "nothing is decided by heap_live";
  board.pacing->concurrent = true;
  EXPECT_EQ(pacingSentence(board), "heap live 0 KiB, GOGC off");
  board.pacing = kFull;
  EXPECT_EQ(pacingSentence(board),
            QStringLiteral("heap live 24 KiB, trigger 32 KiB, goal 40 KiB, GOGC 100, workers' credit "
                           "\u2212512 B, 3 pages to sweep, 2 before the next refill"));
  board.known = false;
  EXPECT_EQ(pacingSentence(board), "");
}

TEST(PacingWords, OnlyAThreadWithCreditOrDebtHasWordsForIt) {
  telemetry::BenchThread thread;
  EXPECT_EQ(creditWords(thread), "");
  thread.assist_credit = 0;
  EXPECT_EQ(creditWords(thread), "");
  thread.assist_credit = -4096;
  EXPECT_EQ(creditWords(thread), QStringLiteral("credit \u22124 KiB"));
  thread.assist_credit = int64_t{1} << 60;
  EXPECT_EQ(creditWords(thread), "credit without limit");
}

// The bar ends at its largest figure, here the goal: heap_live fills 24 of 40 parts.
TEST(PacingPicture, TheBarHasHeapLiveAndTheMarks) {
  const Theme theme;
  QImage image(600, kPacingLine, QImage::Format_RGB32);
  image.fill(toColor(theme.canvas().canvas));
  QPainter painter(&image);
  paintPacing(painter, image.rect(), kFull, theme);
  painter.end();
  const int y = kPacingLine / 2;
  const auto at = [&](int x) { return image.pixel(5 + x, y) & 0xffffff; };
  const auto rgb = [](Rgb colour) { return colour & 0xffffff; };
  EXPECT_EQ(at(170 * 24 / 40 - 2), rgb(theme.canvas().dim));
  EXPECT_NE(at(170 * 24 / 40 + 2), rgb(theme.canvas().dim));
  EXPECT_EQ(at(170 * 32 / 40), rgb(theme.canvas().text)) << "the trigger";
  EXPECT_EQ(at(168), rgb(theme.canvas().text)) << "the goal";
}

TEST(PacingPicture, TheBoardAndItsThreadsShowTheFigures) {
  testing::BenchFixture fixture = testing::benchFixture(testing::Story::kCorrect);
  const int plain = heightOfHead(fixture.state.view.board);
  fixture.views.back().board.pacing = kFull;
  fixture.views.back().threads[1].assist_credit = -4096;
  fixture.state.view = fixture.views.back();
  EXPECT_EQ(heightOfHead(fixture.state.view.board), plain + kPacingLine);
  const BenchScene scene = testing::benchScene(fixture);
  const Theme theme;
  BoardWidget board(scene, theme);
  board.resize(700, 500);
  board.onScene();
  EXPECT_TRUE(board.accessibleDescription().contains("heap live 24 KiB, trigger 32 KiB, goal 40 KiB"));
  ThreadListModel threads(scene, nullptr);
  threads.refresh();
  EXPECT_TRUE(threads.index(1)
                  .data(Qt::AccessibleTextRole)
                  .toString()
                  .contains(QStringLiteral("credit \u22124 KiB")));
  EXPECT_FALSE(threads.index(2).data(Qt::AccessibleTextRole).toString().contains("credit"));
}

}  // namespace
}  // namespace sweepscope::gui
