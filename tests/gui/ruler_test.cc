// The ruler follows the play head and has a column for every distance that spans have.
#include "gui/views/ruler_widget.h"

#include <gtest/gtest.h>
#include <QProcess>
#include <QSignalSpy>
#include <QTest>
#include <set>

#include "gui/models/sentences.h"
#include "gui/session/playback.h"
#include "telemetry/store/recording.h"
#include "tests/gui/support/memory_log.h"
#include "tests/gui/support/recordings.h"
#include "tests/gui/support/sessions.h"

namespace sweepscope::gui {
namespace {

constexpr int kPatienceMs = 20'000;

int64_t turnOf(const std::vector<telemetry::Event>& events, int number) {
  for (const telemetry::Event& event : events) {
    if (std::holds_alternative<telemetry::Turn>(event.body) && number-- == 0) return event.ns;
  }
  return 0;
}

struct Ruler {
  QTemporaryDir directory;
  SessionController session;
  Theme theme;
  RulerWidget ruler{session, theme};

  explicit Ruler(const std::vector<telemetry::Event>& events, const telemetry::SessionInfo& info = {}) {
    ruler.resize(860, 64);
    QObject::connect(&session, &SessionController::pictureChanged, &ruler, [this] { ruler.onPicture(); });
    QSignalSpy opened(&session, &SessionController::opened);
    session.openRecording(testing::record(directory, events, info), {});
    EXPECT_TRUE(opened.wait(kPatienceMs));
    session.setPlaying(false);
    arrive();
  }
  void arrive() {
    EXPECT_TRUE(QTest::qWaitFor([&] { return !session.seeking(); }, kPatienceMs));
  }
  void seekNs(int64_t ns) {
    session.seekNs(ns);
    arrive();
  }
  QImage picture() { return ruler.grab().toImage(); }
  // The picture of a newly created ruler.
  QImage fresh() const {
    RulerWidget other(session, theme);
    other.resize(ruler.size());
    other.onPicture();
    return other.grab().toImage();
  }
  QString hoverAt(double x) {
    QSignalSpy hovered(&ruler, &RulerWidget::hovered);
    QMouseEvent move(QEvent::MouseMove, QPointF(x, 20), ruler.mapToGlobal(QPointF(x, 20)), Qt::NoButton,
                     Qt::NoButton, Qt::NoModifier);
    QApplication::sendEvent(&ruler, &move);
    return hovered.isEmpty() ? QString() : hovered.last()[0].toString();
  }
  // The columns of the axis from the left, one per distance of the range.
  double columnCentre(int distance, RulerRange range) const {
    const RulerGeometry axis(8, ruler.width() - 3 * 82 - 4 - 8 - 12, session.replica().sweepgen(), 2, range);
    return axis.columnLeft(distance) + axis.columnWidth() / 2;
  }
};

TEST(RulerWidget, DependsOnThePlayHeadAndNotOnWallTime) {
  const auto events = testing::session(41);
  Ruler r(events);
  const int64_t turn = turnOf(events, 2);
  r.seekNs(turn - 1);
  (void)r.picture();
  r.seekNs(turn);
  EXPECT_EQ(r.session.turnShare(), 0);
  const QImage begun = r.picture();
  EXPECT_EQ(begun, r.fresh()) << "a new ruler must show the same";
  int64_t middle = turn;
  while (r.session.turnShare() < 0.2) r.seekNs(middle += 200);
  ASSERT_LT(r.session.turnShare(), 0.56) << "the interval is too coarse for this test";
  EXPECT_NE(r.picture(), begun);
  EXPECT_EQ(r.picture(), r.fresh());
  r.seekNs(turn - 1);
  (void)r.picture();
  while (r.session.turnShare() < 1) r.seekNs(middle += 2000);
  const QImage settled = r.picture();  // a step past the whole slide
  r.theme.setReducedMotion(true);
  EXPECT_EQ(settled, r.picture());
  r.seekNs(turn);
  EXPECT_EQ(r.picture(), r.fresh());
  const QImage instant = r.picture();
  r.theme.setReducedMotion(false);
  EXPECT_NE(instant, r.picture());
}

TEST(RulerWidget, AColumnHasTheColourOfTheMapFromTheTurnOn) {
  const auto events = testing::session(41);
  Ruler r(events);
  r.seekNs(turnOf(events, 2));
  ASSERT_EQ(r.session.turnShare(), 0);
  const uint64_t needs = heapCensus(r.session.replica())[CellState::kNeeds].spans;
  ASSERT_GT(needs, 0u);
  // Before the view re-centres, the column of -2 is two columns to the right of its place.
  const QImage image = r.picture();
  int amber = 0;
  for (int x = static_cast<int>(r.columnCentre(0, {}) - 45); x < static_cast<int>(r.columnCentre(0, {})); ++x)
    amber += image.pixel(x, 23) == kDarkCanvas[CellState::kNeeds];
  EXPECT_GT(amber, 0);
}

// Spans that were swept since the turn are at distance 0, over which the label +2 slides.
TEST(RulerWidget, NoColumnIsCalledNeverWhileTheLabelsSlide) {
  const auto events = testing::session(41);
  Ruler r(events);
  const CanvasPalette& palette = r.theme.canvas();
  const QRgb hatch = toColor(mix(palette.canvas, palette.dim, 34)).rgb();
  const auto hatched = [&] {
    const QImage image = r.picture();
    int pixels = 0;
    for (int y = 0; y < image.height(); ++y)
      for (int x = 0; x < image.width(); ++x) pixels += image.pixel(x, y) == hatch;
    return pixels;
  };
  int64_t ns = turnOf(events, 2);
  r.seekNs(ns);
  while (heapCensus(r.session.replica())[CellState::kSwept].spans == 0) r.seekNs(ns += 50);
  ASSERT_LT(turnAt(r.session.turnShare()), 1);
  EXPECT_EQ(hatched(), 0);
  r.theme.setReducedMotion(true);
  EXPECT_GT(hatched(), 0);
}

TEST(Playback, TheTurnAnimationFollowsSessionTime) {
  testing::MemoryLog log(testing::session(41));
  const auto events = testing::session(41);
  const int64_t turn = turnOf(events, 2);
  Player player;
  Playback playback;
  playback.setPlaying(true);
  ASSERT_TRUE(player.seekNs(log, turn - 1));
  while (!player.turnNs() || playback.turnShare(log, turn, player.ns()) < 0.3)
    playback.advance(log, player, 0.02);
  const double share = playback.turnShare(log, turn, player.ns());
  ASSERT_LT(share, 0.6);
  playback.setPlaying(false);
  EXPECT_DOUBLE_EQ(playback.turnShare(log, turn, player.ns()), share) << "a pause must not move it";
  double last = 0;
  for (int64_t ns = turn; last < 1; ns += 500) {
    EXPECT_GE(playback.turnShare(log, turn, ns), last);
    last = playback.turnShare(log, turn, ns);
  }
}

TEST(Playback, TheTurnAnimationEndsBeforeTheNextTurnAtAnySpeed) {
  testing::MemoryLog log(testing::session(41));
  const auto& cycles = log.marks().cycles;
  const int64_t turn = turnOf(testing::session(41), 2);
  const int64_t quarter = (cycles[2].ns - cycles[1].ns) / 4;
  Playback playback;
  for (const double factor : {1.0, 1e-2, 1e-4}) {
    playback.setSpeed({Speed::Kind::kFactor, factor});
    EXPECT_EQ(playback.turnShare(log, turn, turn + 2 * quarter), 1) << factor;
  }
}

TEST(Playback, InTheLaboratoryTheLabelsSlideWithTheStepOfTheTurn) {
  telemetry::SessionInfo info;
  info.engine_build = "laboratory";
  testing::MemoryLog log({{0, 0, telemetry::StepTaken{}}, {1, 0, telemetry::Turn{1, 10, 12, 0, 1}}}, info);
  const Playback playback;
  EXPECT_DOUBLE_EQ(turnAt(playback.turnShare(log, 1, 1)), 1);
  EXPECT_DOUBLE_EQ(turnAt(playback.turnShare(log, 1, 2)), 2);
}

std::vector<telemetry::Event> illegalSpans(const std::vector<uint32_t>& gens) {
  std::vector<telemetry::Event> events{{0, 0, telemetry::Turn{1, 10, 12, 0, 1}}};
  for (telemetry::SpanId id = 0; id < gens.size(); ++id)
    events.push_back(
        {static_cast<int64_t>(id) + 1, 0, telemetry::SpanAllocated{id, 1, id, 1, gens[id], 0, 20}});
  return events;
}

TEST(RulerWidget, AnIllegalDistanceHasAColumnOfItsOwnWithItsNumberAndItsCount) {
  Ruler r(illegalSpans({12, 14, 14, 9, 8}));
  r.session.seekEnd(true);
  r.arrive();
  r.theme.setReducedMotion(true);
  const RulerRange range{-4, 3};
  EXPECT_TRUE(r.hoverAt(r.columnCentre(2, range)).startsWith(QLatin1String("illegal (+2):")))
      << qPrintable(r.hoverAt(r.columnCentre(2, range)));
  EXPECT_TRUE(r.hoverAt(r.columnCentre(2, range)).contains(QLatin1String("Now 2 spans, 16.0 KiB.")));
  EXPECT_TRUE(r.hoverAt(r.columnCentre(-3, range)).startsWith(QLatin1String("illegal (-3):")));
  EXPECT_TRUE(r.hoverAt(r.columnCentre(-3, range)).contains(QLatin1String("Now 1 span,")));
  EXPECT_TRUE(r.hoverAt(r.columnCentre(-4, range)).startsWith(QLatin1String("illegal (-4):")));
  EXPECT_TRUE(r.hoverAt(r.columnCentre(0, range)).startsWith(QLatin1String("swept, ready:")));
  EXPECT_TRUE(
      r.hoverAt(r.ruler.width() - 40).startsWith(QLatin1String("illegal (1 at -4, 1 at -3, 2 at +2):")));
  QTest::mouseClick(&r.ruler, Qt::LeftButton, {}, QPoint(static_cast<int>(r.columnCentre(2, range)), 20));
  EXPECT_EQ(r.ruler.filter(), maskOfIllegal(2));
  QTest::mouseClick(&r.ruler, Qt::LeftButton, {}, QPoint(static_cast<int>(r.columnCentre(2, range)), 20));
  EXPECT_EQ(r.ruler.filter(), kEveryState);
}

TEST(RulerWidget, AnIllegalColumnIsHatchedWithABarInTheIllegalColour) {
  for (const ThemeKind kind : {ThemeKind::kDark, ThemeKind::kLight, ThemeKind::kProjector}) {
    Ruler r(illegalSpans({12, 14, 14}));
    r.session.seekEnd(true);
    r.arrive();
    r.theme = Theme(kind);
    r.theme.setReducedMotion(true);
    const QImage image = r.picture();
    const int left = static_cast<int>(r.columnCentre(2, {}) - 49);
    std::set<QRgb> edge, bar;
    for (int y = 8; y < 58; ++y) edge.insert(image.pixel(left + 6, y));
    for (int x = left + 8; x < left + 90; ++x) bar.insert(image.pixel(x, 23));
    EXPECT_GT(edge.size(), 1u) << "hatching at the edge";
    EXPECT_TRUE(bar.contains(r.theme.canvas()[CellState::kIllegal])) << themeName(kind).toStdString();
  }
}

TEST(RulerWidget, ADistanceBeyondTheAxisIsCountedInTheTray) {
  Ruler r(illegalSpans({12, 200}));
  r.session.seekEnd(true);
  r.arrive();
  EXPECT_TRUE(r.hoverAt(r.ruler.width() - 40).startsWith(QLatin1String("illegal (1 at +188):")));
}

// The real engine with the fault cached-is-plus-two.
TEST(RulerWidget, ARecordingOfCachedIsPlusTwoHasItsSpansAtPlusTwoInCensusAndWords) {
  const QString sweepctl = qEnvironmentVariable("SWEEPCTL");
  if (sweepctl.isEmpty()) GTEST_SKIP() << "SWEEPCTL is not set";
  const QTemporaryDir directory;
  const QString path = directory.filePath(QStringLiteral("R.mcap"));
  QProcess explore;
  explore.start(sweepctl, {QStringLiteral("explore"), QStringLiteral("--fault"),
                           QStringLiteral("cached-is-plus-two"), QStringLiteral("--seed"),
                           QStringLiteral("1"), QStringLiteral("--quiet"), QStringLiteral("--out"),
                           directory.filePath(QStringLiteral("S.txt")), QStringLiteral("--record"), path});
  ASSERT_TRUE(explore.waitForFinished(kPatienceMs));
  SessionController session;
  QSignalSpy opened(&session, &SessionController::opened);
  session.openRecording(path, {});
  ASSERT_TRUE(opened.wait(kPatienceMs));
  const auto arrived = [&] { return QTest::qWaitFor([&] { return !session.seeking(); }, kPatienceMs); };
  ASSERT_TRUE(arrived());
  std::vector<telemetry::Event> all;
  uint64_t at = 0;
  auto log = telemetry::Recording::open(path.toStdString());
  ASSERT_TRUE(log);
  ASSERT_TRUE((*log)->read(0, 100'000, all));
  for (uint64_t seq = 0; seq < all.size() && at == 0; ++seq) {
    const auto* t = std::get_if<telemetry::Transition>(&all[seq].body);
    if (t && t->arc == telemetry::Arc::kT2) at = seq + 1;
  }
  ASSERT_GT(at, 0u) << "no span was cached";
  session.seekSeq(at);
  ASSERT_TRUE(arrived());
  const HeapCensus census = heapCensus(session.replica());
  EXPECT_EQ(census.illegalAt(2).spans, 1u);
  const PlayedEvent& now = session.player().window()[session.player().position() - 1];
  const Sentence sentence = describe(now.event, session.log()->info(), now.sweepgen);
  EXPECT_TRUE(sentence.text.contains(QLatin1String("from 0 to +2 (illegal), but T2 leads from 0 to +3")))
      << qPrintable(sentence.text);
  const telemetry::SpanPicture* span = session.replica().span(spanOf(now.event));
  ASSERT_NE(span, nullptr);
  EXPECT_EQ(stateWords(*span, session.replica().sweepgen()), "illegal (+2)");
}

}  // namespace
}  // namespace sweepscope::gui
