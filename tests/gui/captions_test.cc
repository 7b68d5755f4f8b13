// A caption is shown only while its subject is on screen. The test supplies the clock.
#include "gui/app/captions.h"

#include <gtest/gtest.h>
#include <QSignalSpy>
#include <QTest>

#include "gui/views/overlays.h"
#include "tests/gui/support/recordings.h"
#include "tests/gui/support/sessions.h"

namespace sweepscope::gui {
namespace {

constexpr int kPatienceMs = 20'000;
const QString kSquares = QStringLiteral("Each square is 8 KiB of memory.");
const QString kAmber = QStringLiteral(
    "Marking has just finished. Amber squares may hold garbage and need sweeping: sg changed, their spans did not.");

// A session with moments that have amber squares, and moments that have none.
struct Stage {
  QTemporaryDir directory;
  SessionController session;
  Theme theme;
  QWidget map;
  Caption caption{theme, &map};
  Captions captions{caption};
  uint64_t amber = 0, none = 0;  // seqs: none comes after amber

  explicit Stage(const std::vector<telemetry::Event>& events = testing::chunkedSession(33)) {
    map.resize(800, 500);
    map.show();
    telemetry::Replica replica;
    const size_t needs = static_cast<size_t>(telemetry::SweepState::kNeeds);
    for (size_t i = 0; i < events.size(); ++i) {
      // Events are played in the order of time within a cycle: all is swept, in either order, at its end.
      const auto* stop = std::get_if<telemetry::Stw>(&events[i].body);
      if (none > 0 && stop != nullptr && stop->edge == telemetry::StwEdge::kRequested) break;
      replica.apply(events[i]);
      const uint32_t now = replica.census().spans[needs];
      if (amber == 0 && now > 0) amber = i + 1;
      if (amber > 0 && now == 0) none = i + 1;
      if (amber > 0 && now > 0) none = 0;
    }
    QSignalSpy opened(&session, &SessionController::opened);
    session.openRecording(testing::record(directory, events), {});
    EXPECT_TRUE(opened.wait(kPatienceMs));
    captions.begin();
  }
  void seek(uint64_t seq) {
    session.setPlaying(false);
    session.seekSeq(seq);
    EXPECT_TRUE(QTest::qWaitFor([&] { return !session.seeking(); }, kPatienceMs));
  }
  void tick(qint64 ms) { captions.tick(session, true, ms); }
};

TEST(Captions, TheCaptionAboutAmberSquaresIsHiddenWhenNoneIsLeft) {
  Stage s;
  ASSERT_GT(s.none, s.amber);
  s.seek(s.amber);
  s.tick(0);
  EXPECT_TRUE(s.caption.displays(kSquares));
  s.tick(5000);
  ASSERT_TRUE(s.caption.displays(kAmber));
  s.seek(s.none);
  s.tick(5016);
  EXPECT_FALSE(s.caption.isVisible()) << "the picture contradicts it";
}

TEST(Captions, TheCaptionAboutSquaresIsShownOnlyWhileTheMapHasThem) {
  Stage s;
  s.seek(s.amber);
  s.captions.tick(s.session, false, 0);
  EXPECT_FALSE(s.caption.isVisible());
  s.tick(100);
  ASSERT_TRUE(s.caption.displays(kSquares));
  s.captions.tick(s.session, false, 200);
  EXPECT_FALSE(s.caption.isVisible());
}

TEST(Captions, TheCaptionAboutMarkingIsHiddenWhenTheNextCycleStarts) {
  using namespace telemetry;
  const std::vector<Event> events = {{0, 0, Turn{1, 10, 12, 0, 1}},
                                     {0, 0, SpanAllocated{0, 1, 0, 1, 12, 0, 20}},
                                     {1, 0, PhaseChange{1, Phase::kMark, 0, 0}},
                                     {2, 0, PhaseChange{1, Phase::kMarkTermination, 0, 0}},
                                     {3, 0, Turn{1, 12, 14, 1, 1}},
                                     {4, 0, PhaseChange{1, Phase::kOff, 0, 0}},
                                     {5, 0, PhaseChange{2, Phase::kSweepTermination, 0, 0}}};
  Stage s(events);
  s.seek(6);
  s.tick(0);
  s.tick(5000);
  ASSERT_TRUE(s.caption.displays(kAmber));
  s.seek(7);
  s.tick(5016);
  EXPECT_FALSE(s.caption.isVisible());
}

TEST(Captions, ACaptionHiddenTooEarlyToBeReadIsShownOnceMore) {
  Stage s;
  s.seek(s.amber);
  s.tick(0);
  s.tick(5000);
  s.seek(s.none);
  s.tick(7000);
  ASSERT_FALSE(s.caption.isVisible());
  s.seek(s.amber);
  s.tick(10'000);
  EXPECT_TRUE(s.caption.displays(kAmber));
  s.seek(s.none);
  s.tick(13'000);
  ASSERT_FALSE(s.caption.isVisible());
  s.seek(s.amber);
  s.tick(20'000);
  EXPECT_FALSE(s.caption.displays(kAmber)) << "it was visible for five seconds";
}

TEST(Captions, ADismissedCaptionStaysHidden) {
  Stage s;
  s.seek(s.amber);
  s.tick(0);
  s.tick(5000);
  ASSERT_TRUE(s.caption.displays(kAmber));
  QTest::mouseClick(&s.caption, Qt::LeftButton);
  s.tick(5100);
  s.tick(30'000);
  EXPECT_FALSE(s.caption.displays(kAmber));
}

TEST(Captions, TheEndOfTheDemoHidesTheCaption) {
  Stage s;
  s.seek(s.amber);
  s.tick(0);
  ASSERT_TRUE(s.caption.isVisible());
  s.captions.end();
  EXPECT_FALSE(s.caption.isVisible());
}

}  // namespace
}  // namespace sweepscope::gui
