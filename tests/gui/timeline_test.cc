// Cases of the timeline that its goldens do not cover: empty lanes, hover texts, an unfinished cycle, the visible
// interval.
#include <gtest/gtest.h>
#include <QImage>
#include <QPainter>
#include <QSignalSpy>
#include <QTest>

#include "gui/views/timeline_picture.h"
#include "gui/views/timeline_widget.h"
#include "tests/gui/support/recordings.h"

namespace sweepscope::gui {
namespace {

using telemetry::Marks;
using telemetry::Phase;

constexpr int kPatienceMs = 20'000;
constexpr int kWidth = 640, kHeight = 180;

struct Timeline {
  Theme theme;
  Marks marks;
  TimelineView view{kWidth, kHeight, 0, 1000, 0, false, {}};

  TimelinePicture picture() const { return {marks, {0, 100, 0, 1000}, view, theme}; }
  QImage draw() const {
    QImage image(kWidth, kHeight, QImage::Format_RGB32);
    QPainter painter(&image);
    picture().paint(painter);
    return image;
  }
  // The middle of each lane, from the top.
  std::vector<int> lanes() const {
    std::vector<int> middles;
    QString before;
    int top = 0;
    for (int y = static_cast<int>(TimelinePicture::kAxisHeight); y <= kHeight; ++y) {
      const QString now = y < kHeight ? picture().describeAt(QPointF(4, y)) : QString();
      if (now == before) continue;
      if (!before.isEmpty()) middles.push_back((top + y) / 2);
      before = now, top = y;
    }
    return middles;
  }
};

TEST(Timeline, HoverOverALaneNameDescribesTheLane) {
  const Timeline timeline;
  const auto lanes = timeline.lanes();
  const char* const words[] = {"What the collector does", "A bar for each stop", "Bytes of the heap",
                               "A letter for each flush"};
  ASSERT_GE(lanes.size(), std::size(words));
  for (size_t i = 0; i < std::size(words); ++i)
    EXPECT_TRUE(timeline.picture().describeAt(QPointF(4, lanes[i])).startsWith(QLatin1String(words[i])))
        << qPrintable(timeline.picture().describeAt(QPointF(4, lanes[i])));
}

TEST(Timeline, AnEmptyLaneShowsWhy) {
  Timeline timeline;
  timeline.view.headNs = -1000;
  const QImage image = timeline.draw();
  const auto lanes = timeline.lanes();
  ASSERT_GE(lanes.size(), 4u);
  for (int lane = 0; lane < 4; ++lane) {
    int written = 0;
    for (int y = lanes[static_cast<size_t>(lane)] - 6; y < lanes[static_cast<size_t>(lane)] + 6; ++y)
      for (int x = static_cast<int>(TimelinePicture::kPlotLeft) + 6; x < 130; ++x)
        written += image.pixel(x, y) != timeline.theme.ui().panel.rgb();
    EXPECT_GT(written, 60) << "lane " << lane;
  }
}

TEST(Timeline, AHeapThatFallsWithinAPixelIsDrawnFalling) {
  Timeline timeline;
  timeline.marks.heap = {{0, 50}, {400, 100}, {500, 10}, {900, 100}};
  const QImage image = timeline.draw();
  const auto lanes = timeline.lanes();
  ASSERT_GE(lanes.size(), 4u);
  const auto under_the_line_at = [&](int ns) {  // at half the lane's height, about 50 bytes
    const double plot = kWidth - TimelinePicture::kPlotLeft;
    const int x = static_cast<int>(TimelinePicture::kPlotLeft + plot * ns / 1000);
    return image.pixel(x, lanes[2]) != timeline.theme.ui().panel.rgb();
  };
  EXPECT_TRUE(under_the_line_at(450));
  EXPECT_FALSE(under_the_line_at(550));
  EXPECT_TRUE(under_the_line_at(950));
}

TEST(Timeline, AHeapHoldsUntilItsNextPoint) {
  Timeline timeline;
  timeline.marks.heap = {{0, 10}, {800, 100}};
  const QImage image = timeline.draw();
  const int middle = timeline.lanes()[2];
  const auto painted_at = [&](int ns) {
    return image.pixel(static_cast<int>(timeline.picture().xAt(ns)), middle) !=
           timeline.theme.ui().panel.rgb();
  };
  for (const int ns : {100, 400, 700, 780}) EXPECT_FALSE(painted_at(ns)) << "no ramp, at " << ns;
  EXPECT_TRUE(painted_at(820));
  EXPECT_TRUE(painted_at(990)) << "to the end of the session";
}

TEST(Timeline, AnUnknownHeapIsHatchedAndLabelled) {
  Timeline timeline;
  timeline.marks.heap = {{0, 10}, {300, std::nullopt}, {700, 10}, {999, 100}};
  const QImage image = timeline.draw();
  const int y = timeline.lanes()[2] - 12;  // above the heap line, next to the label
  const auto painted_between = [&](int from, int to) {
    int painted = 0;
    for (auto x = static_cast<int>(timeline.picture().xAt(from)); x < timeline.picture().xAt(to); ++x)
      painted += image.pixel(x, y) != timeline.theme.ui().panel.rgb();
    return painted;
  };
  EXPECT_EQ(painted_between(10, 290), 0);
  EXPECT_GT(painted_between(310, 690), 10);
  EXPECT_EQ(painted_between(710, 990), 0);
  const auto hover_at = [&](int ns) {
    return timeline.picture().describeAt(QPointF(timeline.picture().xAt(ns), timeline.lanes()[2]));
  };
  EXPECT_TRUE(hover_at(200).startsWith(QLatin1String("heap live 10 B")));
  EXPECT_TRUE(hover_at(500).startsWith(QLatin1String("heap live not known"))) << qPrintable(hover_at(500));
}

// The world was stopped from 200 to 700, of which 400 were marking.
telemetry::PauseMark wholeCollection() {
  telemetry::PauseMark stop{};
  stop.begin_ns = 200, stop.stopped_ns = 210;
  stop.mark_begin_ns = 220, stop.mark_end_ns = 620;
  stop.released_ns = 690, stop.started_ns = 700;
  stop.flush_ns = 30, stop.spans_flushed = 5, stop.cycle = 3;
  stop.reason = telemetry::StwReason::kMarkTermination;
  return stop;
}

TEST(Timeline, HoveringAnyPartOfAStopDescribesItsParts) {
  Timeline timeline;
  timeline.marks.pauses = {wholeCollection()};
  const int middle = timeline.lanes()[1];
  for (const int64_t ns : {205, 450, 695}) {
    const QString words = timeline.picture().describeAt(QPointF(timeline.picture().xAt(ns), middle));
    EXPECT_EQ(words.toStdString(),
              "stop for whole collection, cycle 3, 500 ns: time to stop 10 ns, marking 400 ns, flushes of 5 "
              "spans: 30 ns, other work 50 ns, start of the world 10 ns")
        << ns;
  }
  for (const int64_t ns : {150, 750}) {
    const QString words = timeline.picture().describeAt(QPointF(timeline.picture().xAt(ns), middle));
    EXPECT_FALSE(words.startsWith(QLatin1String("stop for"))) << ns;
  }
  timeline.marks.pauses[0].mark_end_ns = timeline.marks.pauses[0].mark_begin_ns;
  const QString words = timeline.picture().describeAt(QPointF(timeline.picture().xAt(205), middle));
  EXPECT_TRUE(words.startsWith(QLatin1String("stop for mark termination, cycle 3, 500 ns")))
      << words.toStdString();
}

TEST(Timeline, AStopIsDrawnAsLongAsItWas) {
  Timeline timeline;
  const QImage empty = timeline.draw();
  timeline.marks.pauses = {wholeCollection()};
  const QImage image = timeline.draw();
  const int lane = timeline.lanes()[1];
  const auto drawn_at = [&](int64_t ns) {  // somewhere in the lane, its grid left out
    const int x = static_cast<int>(timeline.picture().xAt(ns));
    const int neighbour = static_cast<int>(timeline.picture().xAt(900));
    for (int y = lane - 25; y < lane + 35; ++y)
      if (image.pixel(x, y) != image.pixel(neighbour, y)) return true;
    return false;
  };
  EXPECT_TRUE(drawn_at(210) && drawn_at(450) && drawn_at(680));
  EXPECT_FALSE(drawn_at(150) || drawn_at(760));
  EXPECT_NE(image, empty);
}

TEST(Timeline, ACycleIsLabelledOnlyOutsideItsMarkPhase) {
  Timeline timeline;
  timeline.marks.phases = {{0, 0, 1, Phase::kMark}, {1, 300, 1, Phase::kOff}, {2, 600, 2, Phase::kMark}};
  const QImage unnamed = timeline.draw();
  timeline.marks.cycles = {{0, 0, 1, 4}, {2, 600, 2, 6}};
  const QImage named = timeline.draw();
  const int middle = timeline.lanes()[0];
  const auto differs = [&](int64_t from, int64_t to) {
    bool differ = false;
    for (int y = middle - 8; y < middle + 8; ++y)
      for (int x = static_cast<int>(timeline.picture().xAt(from));
           x < static_cast<int>(timeline.picture().xAt(to)); ++x)
        differ |= named.pixel(x, y) != unnamed.pixel(x, y);
    return differ;
  };
  EXPECT_TRUE(differs(300, 600)) << "of the first cycle";
  EXPECT_FALSE(differs(600, 1000)) << "over the mark of the second";
}

// A widget with a recording of `events`, at its start.
struct Shown {
  QTemporaryDir directory;
  SessionController session;
  Theme theme;
  TimelineWidget timeline{session, theme};

  Shown(const std::vector<telemetry::Event>& events, const telemetry::SessionInfo& info) {
    QSignalSpy opened(&session, &SessionController::opened);
    session.openRecording(testing::record(directory, events, info), {});
    EXPECT_TRUE(opened.wait(kPatienceMs));
    session.seekEnd(false);
    EXPECT_TRUE(QTest::qWaitFor([&] { return !session.seeking(); }, kPatienceMs));
    timeline.resize(kWidth, kHeight);
    timeline.onPicture();
  }
  // The time to which a click on the axis seeks.
  int64_t timeAt(int x) {
    QSignalSpy wanted(&timeline, &TimelineWidget::seekRequested);
    QTest::mouseClick(&timeline, Qt::LeftButton, {}, QPoint(x, 5));
    return wanted.isEmpty() ? -1 : wanted[0][0].toLongLong();
  }
};

TEST(Timeline, ThePlayHeadIsVisibleBeforeTheFirstCycle) {
  std::vector<telemetry::Event> events{{1000, 0, telemetry::Log{}}};
  for (uint32_t cycle = 1; cycle <= 40; ++cycle)  // more than are shown at once
    events.push_back(
        {int64_t{cycle} * 1'000'000, 0, telemetry::PhaseChange{cycle, Phase::kSweepTermination, 0, 0}});
  Shown shown(events, {});
  ASSERT_EQ(shown.session.ns(), 1000);
  EXPECT_LE(shown.timeAt(static_cast<int>(TimelinePicture::kPlotLeft)), 1000);
}

TEST(Timeline, AFewStepsOfTheLaboratoryFillTheTimeline) {
  std::vector<telemetry::Event> events;
  telemetry::StepTaken taken{};
  taken.op = telemetry::StepOp::kLoad;
  for (int step = 0; step <= 20; ++step) events.push_back({step, 0, taken});
  telemetry::SessionInfo info;
  info.engine_build = "laboratory";
  Shown shown(events, info);
  EXPECT_NEAR(static_cast<double>(shown.timeAt(kWidth - 12)), 20, 1);
}

}  // namespace
}  // namespace sweepscope::gui
