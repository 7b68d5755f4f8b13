// Map, ruler, timeline and the protocol board for fixed input, pixel by pixel. How to regenerate the pictures: README.md.
#include <gtest/gtest.h>
#include <QApplication>
#include <QImage>
#include <QPainter>
#include <QSignalSpy>
#include <QTest>
#include <tuple>

#include "gui/views/board_picture.h"
#include "gui/views/map_raster.h"
#include "gui/views/ruler_widget.h"
#include "gui/views/timeline_picture.h"
#include "tests/gui/support/bench_fixture.h"
#include "tests/gui/support/memory_log.h"
#include "tests/gui/support/recordings.h"
#include "tests/gui/support/sessions.h"

namespace sweepscope::gui {
namespace {

constexpr int kPatienceMs = 20'000;

QString pathOf(const QString& name) { return QStringLiteral(SWEEPSCOPE_GOLDENS "/%1.png").arg(name); }

// Number of pixels that differ; -1: the sizes differ.
int differing(const QImage& a, const QImage& b) {
  if (a.size() != b.size()) return -1;
  int count = 0;
  for (int y = 0; y < a.height(); ++y)
    for (int x = 0; x < a.width(); ++x) count += (a.pixel(x, y) ^ b.pixel(x, y)) & 0xffffff ? 1 : 0;
  return count;
}

void compare(const QString& name, const QImage& drawn) {
  if (qEnvironmentVariableIsSet("SWEEPSCOPE_REWRITE_GOLDENS")) {
    ASSERT_TRUE(drawn.save(pathOf(name))) << qPrintable(pathOf(name));
    return;
  }
  const int differ = differing(drawn, QImage(pathOf(name)));
  if (differ == 0) return;
  const QString out = QStringLiteral(SWEEPSCOPE_GOLDEN_OUT "/%1.png").arg(name);
  drawn.save(out);
  FAIL() << differ << " pixels differ (-1: the sizes differ); drawn picture: " << qPrintable(out);
}

QImage blank(int width, int height) {
  QImage image(width, height, QImage::Format_RGB32);
  image.fill(Qt::black);
  return image;
}

QImage textSample(const Theme& theme) {
  QImage image = blank(220, 48);
  QPainter painter(&image);
  painter.setPen(Qt::white);
  painter.setFont(theme.small());
  painter.drawText(QPointF(4, 14), QStringLiteral("stale cached 1,278, 10.0 MiB"));
  painter.setFont(theme.strong());
  painter.drawText(QPointF(4, 30), QStringLiteral("-2 -1 0 +1 +3 sg 42"));
  painter.setFont(theme.mono());
  painter.drawText(QPointF(4, 44), QStringLiteral("abdgistxz"));
  return image;
}

bool lettersDiffer(const Theme& theme) {
  return !qEnvironmentVariableIsSet("SWEEPSCOPE_REWRITE_GOLDENS") &&
         differing(textSample(theme), QImage(pathOf(QStringLiteral("text")))) != 0;
}

// Every state, a large object and a stack span, at a size that shows glyphs and letters.
QImage mapOf(ThemeKind theme, int cellPx, StateMask filter = kEveryState) {
  telemetry::Replica replica;
  const auto allocate = [&](telemetry::SpanId span, uint32_t page, uint32_t pages, uint32_t gen,
                            uint8_t spanClass) {
    replica.apply({0, 1, telemetry::SpanAllocated{span, 1, page, pages, gen, 0, spanClass}});
  };
  replica.apply({0, 1, telemetry::Turn{1, 10, 12, 0, 4}});
  const uint32_t gens[] = {10, 11, 12, 13, 15, 14};  // -2 -1 0 +1 +3 and one that no run produces
  uint32_t page = 0;
  telemetry::SpanId id = 0;
  for (int round = 0; round < 4; ++round)
    for (const uint32_t gen : gens) {
      allocate(id++, page, round == 3 ? 3 : 1, gen, 16);
      page += round == 3 ? 4 : 1;  // with a free page between
    }
  allocate(id++, page, 9, 12, 0);
  allocate(id++, page + 9, 4, 0, telemetry::kManualSpanClass);
  PageCodes codes;
  codes.rebuild(replica);
  MapView view;
  view.layout = MapLayout(16, codes.pages());
  view.layout.setScale(cellPx, 0);
  view.originX = view.originY = -4;
  view.width = 16 * cellPx + 8, view.height = 5 * cellPx + 8;
  view.theme = theme;
  view.filter = filter;
  MapRaster raster;
  raster.setView(view, codes);
  return raster.image();
}

TEST(Golden, MapWithLettersAndGlyphsAndWithoutRoomForThem) {
  compare(QStringLiteral("map_letters"), mapOf(ThemeKind::kDark, 24));
  compare(QStringLiteral("map_glyphs"), mapOf(ThemeKind::kDark, 10));
  compare(QStringLiteral("map_small"), mapOf(ThemeKind::kDark, 4));
  compare(QStringLiteral("map_projector"), mapOf(ThemeKind::kProjector, 16));
  compare(QStringLiteral("map_filtered"), mapOf(ThemeKind::kDark, 10, maskOf(CellState::kStale)));
}

TEST(Golden, TimelineOfAFixedSession) {
  for (const ThemeKind kind : {ThemeKind::kDark, ThemeKind::kLight, ThemeKind::kProjector}) {
    const Theme theme(kind);
    if (kind == ThemeKind::kDark) {
      if (lettersDiffer(theme)) GTEST_SKIP() << "text renders differently on this machine";
      compare(QStringLiteral("text"), textSample(theme));
    }
    const testing::MemoryLog log(testing::session(3));
    const telemetry::Extent extent = log.extent();
    TimelineView view{640,
                      150,
                      static_cast<double>(extent.first_ns),
                      static_cast<double>(extent.last_ns),
                      (extent.first_ns + extent.last_ns) / 2,
                      false,
                      {}};
    if (log.marks().cycles.size() > 2) view.plan = {log.marks().cycles[1].ns, log.marks().cycles[2].ns};
    QImage image = blank(640, 150);
    QPainter painter(&image);
    TimelinePicture(log.marks(), extent, view, theme).paint(painter);
    painter.end();
    compare(QStringLiteral("timeline_") + themeName(kind), image);
  }
}

TEST(Golden, RulerOfAFixedMoment) {
  const QTemporaryDir directory;
  SessionController session;
  QSignalSpy opened(&session, &SessionController::opened);
  session.openRecording(testing::record(directory, testing::session(3)), {});
  ASSERT_TRUE(opened.wait(kPatienceMs));
  session.setPlaying(false);
  session.seekSeq(session.log()->marks().cycles[1].seq + 40);
  ASSERT_TRUE(QTest::qWaitFor([&] { return !session.seeking(); }, kPatienceMs));
  for (const ThemeKind kind : {ThemeKind::kDark, ThemeKind::kProjector}) {
    Theme theme(kind);
    theme.setReducedMotion(true);
    if (lettersDiffer(Theme(ThemeKind::kDark))) GTEST_SKIP() << "text renders differently on this machine";
    RulerWidget ruler(session, theme);
    ruler.resize(860, 64);
    ruler.onPicture();
    QImage image = blank(860, 64);
    ruler.render(&image);
    compare(QStringLiteral("ruler_") + themeName(kind), image);
  }
}

// A board with every kind of card of its story, at the size of its cards with slots and at a small one.
TEST(Golden, ProtocolBoardOfAFixedSession) {
  if (lettersDiffer(Theme(ThemeKind::kDark))) GTEST_SKIP() << "text renders differently on this machine";
  for (const ThemeKind kind : {ThemeKind::kDark, ThemeKind::kProjector}) {
    const Theme theme(kind);
    for (const auto& [story, node, size] : {std::tuple(testing::Story::kCachedIsPlusTwo, 3u, QSize(780, 440)),
                                            std::tuple(testing::Story::kCorrect, 4u, QSize(480, 260))}) {
      const testing::BenchFixture fixture = testing::benchFixture(story);
      BenchScene scene = testing::benchScene(fixture);
      scene.show(node);
      const BoardPicture picture(*scene.shownView(), scene.viewBefore(), scene.changedSpans(), theme);
      QImage image = blank(size.width(), size.height());
      image.fill(toColor(theme.canvas().canvas));
      QPainter painter(&image);
      picture.paintHead(painter, QRect(0, 0, size.width(), kBoardHead));
      painter.translate(0, kBoardHead);
      const QRect body(0, 0, size.width(), size.height() - kBoardHead);
      picture.paintBody(painter, layOutBoard(scene.shownView()->board, body.width(), body.height()), body, 1,
                        kEveryState);
      painter.end();
      compare(QStringLiteral("board_%1_%2").arg(themeName(kind)).arg(node), image);
    }
  }
}

}  // namespace
}  // namespace sweepscope::gui

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  const QApplication app(argc, argv);
  sweepscope::gui::Theme().apply(*qApp);
  return RUN_ALL_TESTS();
}
