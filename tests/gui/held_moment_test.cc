// A moment shown in a live session is never lost, however many events the flight ring receives after it.
#include <QMouseEvent>
#include <QSignalSpy>

#include "gui/views/timeline_widget.h"
#include "tests/gui/support/live.h"
#include "tests/gui/support/sessions.h"

namespace sweepscope::gui {
namespace {

using telemetry::Event;
using telemetry::History;
using testing::Live;

constexpr int kWidth = 640, kHeight = 180;

// Paused in the middle of a cycle, after which many times the ring's size arrives.
class HeldMoment : public ::testing::Test {
 protected:
  static constexpr size_t kRing = 2 << 20;

  void SetUp() override {
    ASSERT_GT(events_.size() * sizeof(Event), 8 * kRing) << "the session must be longer";
    ASSERT_TRUE(live_.feedTo(std::span(events_).first(kBefore), 0));
    const auto& cycles = live_.session.log()->marks().cycles;
    ASSERT_GT(cycles.size(), 5u);
    cycle_ = cycles[3];
    session_.setPlaying(false);
    session_.seekNs((cycles[3].ns + cycles[4].ns) / 2);
    ASSERT_TRUE(live_.waitFor([&] { return !session_.seeking(); }));
    hash_ = session_.replica().hash();
    seq_ = session_.player().seq();
    ns_ = session_.ns();
    // In pieces, so that the viewer keeps up.
    for (size_t at = kBefore; at < events_.size(); at += kPiece)
      ASSERT_TRUE(live_.feedTo(std::span(events_).subspan(at, std::min(kPiece, events_.size() - at)), at));
  }
  const History& ring() const { return dynamic_cast<const History&>(*session_.log()); }

  static constexpr size_t kBefore = 20'000, kPiece = 10'000;
  std::vector<Event> events_ = testing::chunkedSession(41, 200, 6000);
  Live live_{kRing};
  SessionController& session_ = live_.session;
  telemetry::CycleMark cycle_{};
  uint64_t hash_ = 0, seq_ = 0;
  int64_t ns_ = 0;
};

TEST_F(HeldMoment, KeepsPictureEventsAndTimelineInBoundedMemory) {
  EXPECT_EQ(session_.replica().hash(), hash_);
  ASSERT_TRUE(session_.log()->gap());
  EXPECT_GT(ring().ring_first_seq(), seq_) << "the ring itself has dropped it";
  EXPECT_LE(ring().bytes(), kRing);
  EXPECT_LE(ring().held_bytes(), telemetry::kHeldBytes);
  EXPECT_FALSE(session_.player().window().empty());
  const auto& cycles = session_.log()->marks().cycles;
  const auto shown = std::find_if(cycles.begin(), cycles.end(),
                                  [&](const auto& mark) { return mark.cycle == cycle_.cycle; });
  ASSERT_NE(shown, cycles.end());
  EXPECT_EQ((shown + 1)->cycle, cycle_.cycle + 1);
  // The moment can also be left and reached again.
  session_.seekNs(cycle_.ns);
  ASSERT_TRUE(live_.waitFor([&] { return !session_.seeking(); }));
  EXPECT_NE(session_.replica().hash(), hash_);
  session_.seekNs(ns_);
  ASSERT_TRUE(live_.waitFor([&] { return !session_.seeking(); }));
  EXPECT_EQ(session_.replica().hash(), hash_);
  EXPECT_EQ(session_.player().seq(), seq_);
}

TEST_F(HeldMoment, HatchesTheGapNextToItAndDescribesItOnHover) {
  const Theme theme;
  TimelineWidget timeline(session_, theme);
  timeline.resize(kWidth, kHeight);
  timeline.onPicture();
  QSignalSpy hovered(&timeline, &TimelineWidget::hovered);
  int lost = 0, known = 0;
  QString words;
  for (int x = static_cast<int>(TimelinePicture::kPlotLeft) + 1; x < kWidth - 10; ++x) {
    QMouseEvent move(QEvent::MouseMove, QPointF(x, kHeight - 30), QPointF(x, kHeight - 30), Qt::NoButton,
                     Qt::NoButton, {});
    QCoreApplication::sendEvent(&timeline, &move);
    const QString text = hovered.takeLast()[0].toString();
    text.startsWith(QLatin1String("Lost")) ? ++lost : ++known;
    if (text.startsWith(QLatin1String("Lost"))) words = text;
  }
  EXPECT_GT(lost, 20) << "the gap must be visible";
  EXPECT_GT(known, lost) << "the gap must leave room for the held cycles";
  EXPECT_TRUE(words.contains(QLatin1String("cycles "))) << qPrintable(words);
  EXPECT_TRUE(words.contains(QLatin1String("held"))) << qPrintable(words);
}

TEST_F(HeldMoment, BackToLiveReleasesIt) {
  ASSERT_TRUE(session_.log()->gap());
  session_.setLive(true);
  ASSERT_TRUE(live_.waitFor([&] { return !session_.log()->gap(); }));
  EXPECT_EQ(ring().held_bytes(), 0u);
  EXPECT_TRUE(session_.lost().empty());
  EXPECT_GE(session_.log()->marks().cycles.front().seq, ring().ring_first_seq());
}

TEST_F(HeldMoment, PlaybackContinuesAfterTheGap) {
  ASSERT_TRUE(session_.log()->gap());
  session_.setSpeed({Speed::Kind::kCycleIn, 2});
  session_.setPlaying(true);
  const uint64_t behind = session_.log()->gap()->end_seq;
  ASSERT_TRUE(QTest::qWaitFor([&] { return session_.tick(0.25), session_.player().seq() >= behind; },
                              testing::kPatienceMs));
  EXPECT_TRUE(session_.playing());
  session_.setPlaying(false);
  ASSERT_TRUE(live_.waitFor([&] { return !session_.seeking(); }));
}

}  // namespace
}  // namespace sweepscope::gui
