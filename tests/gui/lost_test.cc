// A recording that is damaged in the middle: where it leads, and what is said of what is missing.
#include <QFile>
#include <QImage>
#include <QPainter>
#include <QSignalSpy>

#include "gui/models/formats.h"
#include "gui/views/timeline_picture.h"
#include "tests/gui/support/live.h"
#include "tests/gui/support/sessions.h"

namespace sweepscope::gui {
namespace {

using telemetry::LostStretch;
using telemetry::OpenBy;
using telemetry::Recording;

constexpr int kPatienceMs = testing::kPatienceMs;
constexpr int kWidth = 640, kHeight = 180;

class LostInAFile : public ::testing::Test {
 protected:
  // One byte is wrong, so that a chunk cannot be read: one that held at least a whole cycle.
  void SetUp() override {
    const QString whole = testing::record(directory_, testing::chunkedSession(61, 12));
    QFile file(whole);
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    for (qsizetype at = bytes.size() / 3; at < bytes.size() * 2 / 3 && lost_.first_cycle == 0;
         at += bytes.size() / 50) {
      path_ = directory_.filePath(QStringLiteral("damaged%1.mcap").arg(at));
      QByteArray damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
      QFile out(path_);
      ASSERT_TRUE(out.open(QIODevice::WriteOnly));
      out.write(damaged);
      out.close();
      const auto recording = Recording::open(path_.toStdString(), OpenBy::kReadingAll);
      if (!recording || (*recording)->lost().size() != 1) continue;
      lost_ = (*recording)->lost().front();
      marks_ = (*recording)->marks();
    }
    ASSERT_NE(lost_.first_cycle, 0u) << "no chunk with a whole cycle in it was found";
  }
  bool openAt(const Anchor& anchor) {
    session_.openRecording(path_, anchor);
    // By its index first, which cannot know; then once more.
    return QTest::qWaitFor(
        [&] { return session_.lost().size() == 1 && !session_.opening() && !session_.seeking(); },
        kPatienceMs);
  }

  QTemporaryDir directory_;
  QString path_;
  LostStretch lost_;
  telemetry::Marks marks_;
  SessionController session_;
};

TEST_F(LostInAFile, AnAnchorBehindTheDamageIsWhereTheFileOpens) {
  const telemetry::CycleMark last = marks_.cycles.back();
  ASSERT_GT(static_cast<uint64_t>(last.ns), lost_.to_ns);
  ASSERT_TRUE(openAt({Anchor::Kind::kCycle, last.cycle}));
  EXPECT_EQ(session_.player().seq(), telemetry::seq_of_cycle(marks_, last.cycle));
  EXPECT_EQ(session_.ns(), last.ns);
  EXPECT_FALSE(session_.playing());
}

TEST_F(LostInAFile, AnEventsNumberMeansTheSameEventBeforeAndAfterTheFileIsReadAnew) {
  // Numbers of the index: the lost events are counted.
  const telemetry::CycleMark last = marks_.cycles.back();
  ASSERT_TRUE(openAt({Anchor::Kind::kSeq, last.seq + lost_.events}));
  EXPECT_EQ(session_.ns(), last.ns);
}

TEST_F(LostInAFile, ACycleThatIsLostIsSaidToBeWithItsInterval) {
  QSignalSpy noticed(&session_, &SessionController::noticed), failed(&session_, &SessionController::failed);
  ASSERT_TRUE(openAt({Anchor::Kind::kCycle, lost_.first_cycle}));
  ASSERT_GE(noticed.count(), 1);
  const QString words = noticed.last()[0].toString();
  EXPECT_TRUE(words.contains(QStringLiteral("Cycle %1 is lost").arg(lost_.first_cycle))) << qPrintable(words);
  EXPECT_TRUE(words.contains(QString::fromStdString(lost_.why))) << qPrintable(words);
  EXPECT_TRUE(words.contains(formatMoment(static_cast<int64_t>(lost_.from_ns)))) << qPrintable(words);
  EXPECT_TRUE(words.contains(formatMoment(static_cast<int64_t>(lost_.to_ns)))) << qPrintable(words);
  EXPECT_EQ(session_.ns(), static_cast<int64_t>(lost_.to_ns)) << "shown is what comes after it";
  EXPECT_EQ(failed.count(), 0);
}

TEST_F(LostInAFile, TheTimelineHatchesItAndSaysWhatItWas) {
  ASSERT_TRUE(openAt({Anchor::Kind::kCycle, marks_.cycles.back().cycle}));
  const Theme theme;
  TimelineView view{kWidth, kHeight, 0,  static_cast<double>(session_.log()->extent().last_ns),
                    0,      false,   {}, {}};
  const auto draw = [&](const TimelineView& with) {
    QImage image(kWidth, kHeight, QImage::Format_RGB32);
    QPainter painter(&image);
    TimelinePicture(session_.log()->marks(), session_.log()->extent(), with, theme).paint(painter);
    return image;
  };
  const QImage plain = draw(view);
  view.lost = session_.lost();
  const QImage hatched = draw(view);
  const TimelinePicture picture(session_.log()->marks(), session_.log()->extent(), view, theme);
  const auto left = static_cast<int>(picture.xAt(static_cast<int64_t>(lost_.from_ns)));
  const auto right = static_cast<int>(picture.xAt(static_cast<int64_t>(lost_.to_ns)));
  ASSERT_GT(right - left, 8);
  int inside = 0;
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const bool differs = plain.pixel(x, y) != hatched.pixel(x, y);
      if (x >= left - 1 && x <= right + 1)
        inside += differs;
      else
        ASSERT_FALSE(differs) << x << ", " << y;
    }
  }
  EXPECT_GT(inside, (right - left) * kHeight / 10);
  const QString words = picture.describeAt(QPointF((left + right) / 2.0, kHeight / 2.0));
  EXPECT_TRUE(words.contains(QStringLiteral("cycle"))) << qPrintable(words);
  EXPECT_TRUE(words.contains(QString::fromStdString(lost_.why))) << qPrintable(words);
}

}  // namespace
}  // namespace sweepscope::gui
