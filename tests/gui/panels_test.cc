// Cases that the goldens of ruler and map do not cover: many Ps, a narrow ruler, letters on every state.
#include <gtest/gtest.h>
#include <QSignalSpy>
#include <QTest>
#include <set>

#include "gui/models/ruler_geometry.h"
#include "gui/views/glyphs.h"
#include "gui/views/map_widget.h"
#include "gui/views/processors_panel.h"
#include "gui/views/ruler_widget.h"
#include "tests/gui/colour_science.h"
#include "tests/gui/support/recordings.h"
#include "tests/gui/support/sessions.h"

namespace sweepscope::gui {
namespace {

constexpr int kPatienceMs = 20'000;

struct Session {
  QTemporaryDir directory;
  SessionController session;

  explicit Session(const std::vector<telemetry::Event>& events, const telemetry::SessionInfo& info = {}) {
    QSignalSpy opened(&session, &SessionController::opened);
    session.openRecording(testing::record(directory, events, info), {});
    EXPECT_TRUE(opened.wait(kPatienceMs));
    session.setPlaying(false);
    session.seekEnd(true);
    EXPECT_TRUE(QTest::qWaitFor([&] { return !session.seeking(); }, kPatienceMs));
  }
};

TEST(ProcessorsPanel, AProcessorWithoutSpansIsAVisibleTileInEveryTheme) {
  Session s({{0, 0, telemetry::Procresize{0, 100, 0}}});
  ASSERT_EQ(s.session.replica().ps().size(), 100u);
  for (const ThemeKind kind : {ThemeKind::kDark, ThemeKind::kLight, ThemeKind::kProjector}) {
    const Theme theme(kind);
    ProcessorsPanel panel(s.session, theme);
    panel.resize(248, 600);
    const QImage image = panel.grab().toImage();
    // A line through the first row crosses ten tiles, on a ground of another colour.
    const QRgb tile = image.pixel(20, 20), ground = toColor(theme.canvas().canvas).rgb();
    int tiles = 0;
    for (int x = 1; x < image.width(); ++x)
      tiles += image.pixel(x, 20) == tile && image.pixel(x - 1, 20) != tile;
    EXPECT_EQ(tiles, 10) << themeName(kind).toStdString();
    EXPECT_GE(testing::contrast(tile, ground), 1.2) << themeName(kind).toStdString();
  }
}

TEST(MapWidget, LaboratoryHeapsAreDrawnWithLargeCells) {
  telemetry::SessionInfo info;
  info.engine_build = "laboratory";
  for (const uint32_t spans : {1u, 20u, 200u}) {
    std::vector<telemetry::Event> events;
    for (uint32_t span = 0; span < spans; ++span)
      events.push_back({span, 0, telemetry::SpanAllocated{span, 1, span, 1, 0, 0, 20}});
    Session s(events, info);
    ASSERT_EQ(s.session.codes().pages(), spans);
    const Theme theme;
    MapWidget map(s.session, theme);
    map.resize(750, 290);  // next to an open Inspector, under a banner
    map.zoomToFit();
    EXPECT_GE(map.cellRect(0).width(), spans <= 64 ? 48 : 24) << spans;
    EXPECT_TRUE(map.rect().contains(map.cellRect(spans - 1))) << spans;
  }
}

TEST(RulerWidget, FiguresStayInTheirColumnAtAnyWidth) {
  auto events = testing::session(3);
  events.resize(events.size() / 2);
  Session s(events);
  Theme theme;
  theme.setReducedMotion(true);
  RulerWidget ruler(s.session, theme);
  ruler.resize(600, 64);
  ruler.onPicture();
  const QImage image = ruler.grab().toImage();
  // Between two columns there is only their line: letters would be brighter.
  const double left = 8, width = ruler.width() - 3 * 82 - 4 - left - 12;
  const RulerGeometry axis(left, width, s.session.replica().sweepgen(), 2);
  const QRgb line = toColor(theme.canvas().grid).rgb(), ground = toColor(theme.canvas().canvas).rgb();
  for (const int distance : {-1, 0, 1}) {
    const int x = static_cast<int>(axis.columnLeft(distance));
    std::set<QRgb> seen;
    for (int y = 38; y < 62; ++y)
      for (int i = x - 1; i < x + 2; ++i) seen.insert(image.pixel(i, y));
    for (const QRgb colour : seen)
      EXPECT_LE(testing::contrast(colour, ground), testing::contrast(line, ground) + 0.01)
          << "left of " << distance;
  }
}

TEST(Glyphs, EveryLetterIsReadableOnTheColourOfItsState) {
  constexpr int kPx = 25;
  for (const CanvasPalette* palette : {&kDarkCanvas, &kProjectorCanvas}) {
    for (int i = 0; i < kCellStates; ++i) {
      const auto state = static_cast<CellState>(i);
      if (words(state).letter == 0 || state == CellState::kIllegal) continue;
      const Rgb ground = (*palette)[state];
      std::array<Rgb, kPx * kPx> pixels;
      pixels.fill(ground);
      drawStateGlyph({pixels.data(), kPx}, state, ground, *palette, true, 0);
      double most = 0;  // in the centre, where the letter is
      for (int y = 8; y < 17; ++y)
        for (int x = 9; x < 16; ++x)
          most = std::max(most, testing::contrast(pixels[static_cast<size_t>(y * kPx + x)], ground));
      EXPECT_GE(most, 3.9) << words(state).name;
    }
  }
}

}  // namespace
}  // namespace sweepscope::gui
