// The Now bar, mainly its lamps: from a fired check to the painted lamp and its tooltip.
#include "gui/views/now_bar.h"

#include <gtest/gtest.h>
#include <QHelpEvent>
#include <QSignalSpy>
#include <QTest>
#include <QToolTip>

#include "gui/models/formats.h"
#include "gui/models/marked_words.h"
#include "tests/gui/support/fired_check.h"
#include "tests/gui/support/recordings.h"
#include "tests/gui/support/sessions.h"

namespace sweepscope::gui {
namespace {

using sweepscope::testing::firedCheck;

using State = CheckLamp::State;

constexpr int kPatienceMs = 20'000;

Watched laboratory(std::vector<telemetry::CheckFired> fired) {
  Watched watched;
  watched.laboratory = true;
  watched.fired = std::move(fired);
  watched.checkNames = {{testing::kCheckCode, "bad flushGen"}, {testing::kVerifierCode, "heap verifier"}};
  return watched;
}

// In each phase of two cycles: the figure belongs to the cycle that the caption names.
TEST(MarkedWords, NameTheCycleThatMarkedTheBytes) {
  telemetry::Replica replica;
  uint64_t ended = 0;  // bytes, of the last marking that has ended
  int before = 0, during = 0, after = 0;
  for (const telemetry::Event& event : testing::session(7)) {
    replica.apply(event);
    const auto* phase = std::get_if<telemetry::PhaseChange>(&event.body);
    if (phase == nullptr || phase->cycle < 2 || phase->cycle > 3) continue;
    const MarkedWords words = markedWords(replica);
    switch (phase->phase) {
      case telemetry::Phase::kSweepTermination:
        ++before;
        EXPECT_EQ(words.caption, "marked in the last cycle");
        EXPECT_EQ(words.value, formatBytes(replica.heap_marked().value()));
        ended = replica.heap_marked().value();
        break;
      case telemetry::Phase::kMark:
        ++during;
        EXPECT_EQ(words.caption, "marked / last cycle");
        EXPECT_EQ(words.value, formatBytes(0) + " / " + formatBytes(ended));
        break;
      default:
        ++after;
        EXPECT_EQ(words.caption, "marked in this cycle");
        EXPECT_EQ(words.value, formatBytes(phase->heap_marked));
    }
  }
  EXPECT_EQ(before, 2);
  EXPECT_EQ(during, 2);
  EXPECT_GE(after, 2);
  EXPECT_EQ(markedWords(telemetry::Replica()).value, "nothing yet");
}

TEST(CheckLamps, WithoutALaboratoryThereIsNoOracle) {
  const auto lamps = checkLamps({});
  ASSERT_EQ(lamps.size(), 2u);
  EXPECT_EQ(lamps[0].text, "engine");
  EXPECT_EQ(lamps[1].text, "protocol");
  for (const CheckLamp& lamp : lamps) {
    EXPECT_EQ(lamp.state, State::kQuiet);
    EXPECT_FALSE(lamp.tip.isEmpty());
  }
}

TEST(CheckLamps, AnOracleThatFiresLightsItsOwnLampAndNotTheEngines) {
  const auto lamps = checkLamps(laboratory({firedCheck(1)}));
  ASSERT_EQ(lamps.size(), 3u);
  EXPECT_EQ(lamps[0].state, State::kQuiet);
  EXPECT_EQ(lamps[0].text, "engine");
  EXPECT_EQ(lamps[1].state, State::kFired);
  EXPECT_EQ(lamps[1].text, "oracle: fired");
  EXPECT_TRUE(lamps[1].tip.startsWith(QLatin1String("Oracle I1 fired, span 3"))) << qPrintable(lamps[1].tip);
  EXPECT_TRUE(lamps[1].tip.contains(QLatin1String("a P allocates only from a cached span")));
  EXPECT_EQ(lamps[2].state, State::kQuiet);
}

TEST(CheckLamps, ACheckOfTheEngineLeavesTheOracleQuiet) {
  const auto lamps = checkLamps(laboratory({firedCheck(0)}));
  ASSERT_EQ(lamps.size(), 3u);
  EXPECT_EQ(lamps[0].text, "engine: fired");
  EXPECT_TRUE(lamps[0].tip.contains(QLatin1String("\"bad flushGen\""))) << qPrintable(lamps[0].tip);
  EXPECT_EQ(lamps[1].state, State::kQuiet);
  EXPECT_EQ(lamps[1].text, "oracle");
}

TEST(CheckLamps, TheHeapVerifierLightsTheEngineLampThoughItNamesAnInvariant) {
  for (const bool inLaboratory : {true, false}) {
    Watched watched = laboratory({testing::verifierFired(7)});
    watched.laboratory = inLaboratory;
    const auto lamps = checkLamps(watched);
    ASSERT_EQ(lamps.size(), inLaboratory ? 3u : 2u);
    EXPECT_EQ(lamps[0].state, State::kFired);
    EXPECT_TRUE(lamps[0].tip.startsWith(QLatin1String("Engine check \"heap verifier\" found I7 broken")))
        << qPrintable(lamps[0].tip);
    EXPECT_TRUE(lamps[0].tip.contains(QLatin1String("Broken rule: when a cycle begins")));
    for (size_t i = 1; i < lamps.size(); ++i) EXPECT_EQ(lamps[i].state, State::kQuiet) << i;
  }
}

TEST(CheckLamps, BothLampsAreLitWhenACheckWasNotedBeforeTheOracleFired) {
  const auto lamps = checkLamps(laboratory({firedCheck(0), firedCheck(0), firedCheck(3)}));
  EXPECT_EQ(lamps[0].state, State::kFired);
  EXPECT_EQ(lamps[0].tip.count(QLatin1String("bad flushGen")), 1) << "the same sentence once";
  EXPECT_EQ(lamps[1].state, State::kFired);
  EXPECT_TRUE(lamps[1].tip.startsWith(QLatin1String("Oracle I3 fired")));
}

TEST(CheckLamps, ACheckLaterInTheRecordingIsAnnouncedAndNotFired) {
  Watched watched = laboratory({});
  watched.ahead = firedCheck(1);
  auto lamps = checkLamps(watched);
  EXPECT_EQ(lamps[0].state, State::kQuiet);
  EXPECT_EQ(lamps[1].state, State::kAhead);
  EXPECT_EQ(lamps[1].text, "oracle: will fire");
  watched.ahead = firedCheck(0);
  lamps = checkLamps(watched);
  EXPECT_EQ(lamps[0].text, "engine: will fire");
  EXPECT_EQ(lamps[1].state, State::kQuiet);
}

TEST(CheckLamps, AFiredCheckAndALaterOneEachLightTheirLamp) {
  Watched watched = laboratory({firedCheck(0)});
  watched.ahead = firedCheck(1);
  const auto lamps = checkLamps(watched);
  EXPECT_EQ(lamps[0].state, State::kFired);
  EXPECT_EQ(lamps[1].state, State::kAhead);
}

TEST(CheckLamps, ARefusedEventLightsTheProtocolsLampWithItsReason) {
  Watched watched;
  watched.refusals = 2;
  watched.refusal = QStringLiteral("span 3 is not cached");
  const CheckLamp lamp = checkLamps(watched).back();
  EXPECT_EQ(lamp.state, State::kFired);
  EXPECT_EQ(lamp.text, "protocol: 2 refused");
  EXPECT_TRUE(lamp.tip.contains(watched.refusal));
}

enum class Gogc { kOff, kOn };

// A recording of the laboratory that ends with a fired oracle, and its Now bar.
struct Bar {
  QTemporaryDir directory;
  SessionController session;
  Theme theme;
  NowBar bar{session, theme};

  explicit Bar(ThemeKind kind = ThemeKind::kDark) : Bar(std::vector<telemetry::CheckFired>{}, kind) {}
  // `noted`: checks that fire earlier, at the 200th event.
  explicit Bar(const std::vector<telemetry::CheckFired>& noted, ThemeKind kind = ThemeKind::kDark,
               Gogc gogc = Gogc::kOn)
      : theme(kind) {
    auto events = testing::session(41);
    events.resize(300);
    for (telemetry::Event& event : events)
      if (auto* pacer = std::get_if<telemetry::Pacer>(&event.body); pacer && gogc == Gogc::kOff)
        pacer->trigger = pacer->goal = ~uint64_t{0};
    for (const telemetry::CheckFired& check : noted)
      events.insert(events.begin() + 200, {events[199].ns, 0, check});
    events.push_back({events.back().ns + 1, 0, firedCheck(1)});
    telemetry::SessionInfo info;
    info.engine_build = "laboratory";
    QSignalSpy opened(&session, &SessionController::opened);
    session.openRecording(testing::record(directory, events, info), {});
    EXPECT_TRUE(opened.wait(kPatienceMs));
    bar.resize(1280, 44);
    bar.show();
  }

  void goTo(uint64_t seq) {
    session.setPlaying(false);
    session.seekSeq(seq);
    EXPECT_TRUE(QTest::qWaitFor([&] { return !session.seeking(); }, kPatienceMs));
  }
  QImage picture() { return bar.grab().toImage(); }
  // The first pixel column whose tooltip contains `words`, or -1.
  int columnOf(const char* words) {
    picture();
    for (int x = 0; x < bar.width(); ++x) {
      if (tipAt(x).contains(QLatin1String(words))) return x;
    }
    return -1;
  }
  QString tipAt(int x) {
    QHelpEvent ask(QEvent::ToolTip, {x, 20}, bar.mapToGlobal(QPoint(x, 20)));
    QApplication::sendEvent(&bar, &ask);
    return ask.isAccepted() ? QToolTip::text() : QString();
  }
  // White pixels of the lamp at `x`: a fired lamp has a white ground.
  int whiteAt(int x) {
    const QImage image = picture();
    int white = 0;
    for (int y = 20; y < 40; ++y) {
      for (int i = x; i < x + 14; ++i) white += image.pixel(i, y) == 0xffffffffu;
    }
    return white;
  }
};

TEST(NowBar, TheOraclesLampIsQuietBeforeItsStepAndLitFromThenOn) {
  Bar b;
  b.goTo(10);
  ASSERT_EQ(b.bar.lamps().size(), 3u);
  EXPECT_EQ(b.bar.lamps()[1].state, State::kAhead);
  const int ahead = b.columnOf("The laboratory's oracle");
  ASSERT_GE(ahead, 0);
  EXPECT_EQ(b.whiteAt(ahead), 0);
  b.goTo(301);
  EXPECT_EQ(b.bar.lamps()[0].state, State::kQuiet);
  EXPECT_EQ(b.bar.lamps()[1].state, State::kFired);
  const int lit = b.columnOf("Oracle I1 fired");
  ASSERT_GE(lit, 0);
  EXPECT_GT(b.whiteAt(lit), 40);
}

TEST(NowBar, ANotedCheckLightsTheEngineLampFromItsStepOn) {
  Bar b({firedCheck(0)});
  b.goTo(100);
  EXPECT_EQ(b.bar.lamps()[0].state, State::kQuiet);
  b.goTo(201);
  EXPECT_EQ(b.bar.lamps()[0].state, State::kFired);
  EXPECT_EQ(b.bar.lamps()[1].state, State::kAhead);
  b.goTo(302);
  EXPECT_EQ(b.bar.lamps()[0].state, State::kFired);
  EXPECT_EQ(b.bar.lamps()[1].state, State::kFired);
  b.goTo(100);
  EXPECT_EQ(b.bar.lamps()[0].state, State::kQuiet);
}

TEST(NowBar, TheLampsFitAtEveryWidthAndDoNotOverlapTheMode) {
  Bar b;
  b.goTo(301);
  for (const int width : {640, 720, 900, 1280, 1440}) {
    b.bar.resize(width, 40);
    const int oracle = b.columnOf("Oracle I1 fired"), protocol = b.columnOf("the sweepgen protocol allows"),
              mode = b.columnOf("Where the picture comes from");
    ASSERT_GE(oracle, 0) << width;
    ASSERT_GT(protocol, oracle) << width;
    ASSERT_GT(mode, protocol) << width;
    const QFontMetrics metrics(b.theme.body());
    EXPECT_LE(protocol + 18 + metrics.horizontalAdvance(QStringLiteral("protocol")), mode) << width;
    const int phase = b.columnOf("What the collector does");
    EXPECT_GE(oracle - phase,
              14 + QFontMetrics(b.theme.strong()).horizontalAdvance(QStringLiteral("mark termination")))
        << width;
  }
}

TEST(NowBar, EachPartHasATooltipInOrderFromLeftToRight) {
  Bar b;
  b.goTo(301);
  int before = -1;
  for (const char* words : {"sg: the heap's generation", "What the collector does", "found reachable",
                            "Bytes allocated", "The engine's own checks", "Where the picture comes from"}) {
    const int column = b.columnOf(words);
    EXPECT_GT(column, before) << words;
    before = column;
  }
}

TEST(NowBar, TheHeapIsHatchedAndNotZeroBeforeItIsKnown) {
  Bar b;
  b.goTo(0);
  ASSERT_FALSE(b.session.replica().heap_live());
  EXPECT_GE(b.columnOf("trigger and goal not known"), 0);
  const QImage unknown = b.picture();
  b.goTo(4);
  ASSERT_TRUE(b.session.replica().heap_live());
  EXPECT_EQ(b.columnOf("not known"), -1);
  EXPECT_GE(b.columnOf("trigger 4.0 MiB, goal 4.0 MiB"), 0);
  EXPECT_NE(unknown, b.picture());
}

TEST(NowBar, TheHeapHasABarOnlyWithATrigger) {
  for (const Gogc gogc : {Gogc::kOn, Gogc::kOff}) {
    Bar b({}, ThemeKind::kDark, gogc);
    b.goTo(300);
    ASSERT_GT(b.session.replica().heap_live().value_or(0), 0u);
    EXPECT_EQ(b.columnOf("no trigger (GOGC off)") >= 0, gogc == Gogc::kOff);
    const int left = b.columnOf("Bytes allocated") + 76, right = b.columnOf("The engine's own checks") - 24;
    const QImage image = b.picture();
    const QRgb ground = image.pixel(left, 42);
    int painted = 0;
    for (int x = left; x < right; ++x) painted += image.pixel(x, 30) != ground;
    EXPECT_EQ(painted > 0, gogc == Gogc::kOn);
  }
}

TEST(NowBar, TheLongestPhaseNameDoesNotOverlapTheNextPart) {
  Bar b(ThemeKind::kProjector);  // has the largest letters
  b.goTo(301);
  const int phase = b.columnOf("What the collector does"), marked = b.columnOf("found reachable");
  const QFontMetrics metrics(b.theme.strong());
  EXPECT_GT(marked - phase,
            14 + metrics.horizontalAdvance(QStringLiteral("mark termination  world stopped")));
}

TEST(NowBar, EachLampHasATooltipThatDescribesIt) {
  Bar b;
  b.goTo(301);
  const int engine = b.columnOf("The engine's own checks"),
            oracle = b.columnOf("Broken rule: a P allocates only"),
            protocol = b.columnOf("the sweepgen protocol allows");
  EXPECT_GE(engine, 0);
  EXPECT_GT(oracle, engine);
  EXPECT_GT(protocol, oracle);
}

}  // namespace
}  // namespace sweepscope::gui
