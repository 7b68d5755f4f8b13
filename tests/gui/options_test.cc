// The command line: option names are fixed; each error is one line and exit code 2.
#include "gui/app/options.h"

#include <gtest/gtest.h>
#include <QDir>
#include <QTemporaryFile>

namespace sweepscope::gui {
namespace {

ParsedCommandLine parse(QStringList arguments) {
  arguments.prepend(QStringLiteral("sweepscope"));
  return parseCommandLine(arguments);
}

TEST(Options, EveryMistakeIsOneLineAndExitCode2) {
  const QList<QStringList> mistakes = {{"--frobnicate"},
                                       {"/nowhere/at.mcap"},
                                       {"/tmp"},
                                       {"a", "b"},
                                       {"--theme", "pink"},
                                       {"--mode", "compare"},
                                       {"--mode", "step", "--demo", "x"},
                                       {"--mode", "step", "--seed", "1"},
                                       {"--mode", "step", "/tmp"},
                                       {"--lesson", ""},
                                       {"--lesson", "1", "--lesson", "2"},
                                       {"--lesson", "1", "--mode", "step"},
                                       {"--lesson", "1", "--mode", "watch"},
                                       {"--lesson", "1", "--demo", "x"},
                                       {"--mode", "lesson", "--record", "f"},
                                       {"--mode", "lesson", "x.lesson"},
                                       {"--size", "12"},
                                       {"--size", "99999x99999"},
                                       {"--scale", "9"},
                                       {"--size", "640x480", "--scale", "2"},
                                       {"--seed", "x"},
                                       {"--after", "-1"},
                                       {"--at", "noon"},
                                       {"--at", "cycle=3"},
                                       {"--connect"},
                                       {"--demo", ""},
                                       {"--demo", "x", "--connect", "y"},
                                       {"--screenshot", ""},
                                       {"--record", "f", "--connect", "y"},
                                       {"--after", "1", "--at", "seq=1"},
                                       {""},
                                       {"/dev/null"},
                                       {"--theme", ""},
                                       {"--mode", ""},
                                       {"--size", ""},
                                       {"--size", "0x0"},
                                       {"--size", "-640x-480"},
                                       {"--size", "nanxnan"},
                                       {"--scale", ""},
                                       {"--scale", "0"},
                                       {"--scale", "-1"},
                                       {"--scale", "nan"},
                                       {"--scale", "inf"},
                                       {"--seed", ""},
                                       {"--seed", "-1"},
                                       {"--seed", "nan"},
                                       {"--seed", "99999999999999999999"},
                                       {"--after", ""},
                                       {"--after", "nan"},
                                       {"--after", "inf"},
                                       {"--after", "3601"},
                                       {"--connect", ""},
                                       {"--record", ""},
                                       {"--record", "-"},
                                       {"--record", "/tmp"},
                                       {"--record", "/nowhere/at.mcap"},
                                       {"--screenshot", "-"},
                                       {"--screenshot", "/tmp"},
                                       {"--screenshot", "/nowhere/at.png"},
                                       {"--seed", "1", "--seed", "2"},
                                       {"--theme", "dark", "--theme", "light"}};
  for (const QStringList& arguments : mistakes) {
    const ParsedCommandLine parsed = parse(arguments);
    ASSERT_TRUE(parsed.exitCode.has_value()) << qPrintable(arguments.join(' '));
    EXPECT_EQ(*parsed.exitCode, 2) << qPrintable(arguments.join(' '));
    EXPECT_FALSE(parsed.output.contains('\n')) << qPrintable(parsed.output);
    EXPECT_TRUE(parsed.output.startsWith("sweepscope: ")) << qPrintable(parsed.output);
  }
}

TEST(Options, ALessonImpliesItsMode) {
  EXPECT_TRUE(parse({"--mode", "lesson"}).options.lesson);
  const Options options = parse({"--lesson", "2"}).options;
  EXPECT_TRUE(options.lesson);
  EXPECT_FALSE(options.step);
  EXPECT_EQ(options.lessonName, "2");
}

TEST(Options, TheStepModeTakesAScheduleOrAnAddress) {
  EXPECT_FALSE(parse({}).options.step);
  EXPECT_FALSE(parse({"--mode", "watch"}).options.step);
  const ParsedCommandLine empty = parse({"--mode", "step", "--theme", "light"});
  EXPECT_FALSE(empty.exitCode.has_value());
  EXPECT_TRUE(empty.options.step);
  QTemporaryFile schedule(QDir::tempPath() + QStringLiteral("/s#cycle=3-XXXXXX"));  // no anchor in it
  ASSERT_TRUE(schedule.open());
  const ParsedCommandLine file = parse({"--mode", "step", schedule.fileName()});
  EXPECT_FALSE(file.exitCode.has_value()) << qPrintable(file.output);
  EXPECT_EQ(file.options.file, schedule.fileName());
  EXPECT_EQ(parse({"--mode", "step", "--connect", "fd:3"}).options.connectAddress, "fd:3");
}

TEST(Options, HelpNamesEveryOptionAndVersionIsPrinted) {
  const ParsedCommandLine help = parse({"--help"});
  EXPECT_EQ(help.exitCode, 0);
  EXPECT_TRUE(help.output.startsWith("Usage: sweepscope [")) << qPrintable(help.output.left(40));
  for (const char* name : {"--connect", "--demo", "--record", "--seed", "--mode", "--theme", "--scale",
                           "--size", "--screenshot", "--after", "--at", "--version"}) {
    EXPECT_TRUE(help.output.contains(QLatin1String(name))) << name;
  }
  EXPECT_EQ(parse({"--version"}).exitCode, 0);
}

TEST(Options, AnAnchorIsSplitFromTheFileName) {
  QTemporaryFile file;
  ASSERT_TRUE(file.open());
  const ParsedCommandLine parsed = parse({file.fileName() + "#cycle=12"});
  ASSERT_FALSE(parsed.exitCode.has_value()) << qPrintable(parsed.output);
  EXPECT_EQ(parsed.options.file, file.fileName());
  ASSERT_TRUE(parsed.options.anchor.has_value());
  EXPECT_EQ(parsed.options.anchor->kind, Anchor::Kind::kCycle);
  EXPECT_EQ(parsed.options.anchor->value, 12u);
  EXPECT_EQ(parse({file.fileName() + "#cycle=x"}).exitCode, 2);
  EXPECT_EQ(parse({file.fileName() + "#cycle=1", "--at", "cycle=2"}).exitCode, 2) << "two places";
}

TEST(Options, ASizeIsInPixelsAtAnyScale) {
  const ParsedCommandLine parsed = parse({"--size", "1440x900", "--scale", "2"});
  ASSERT_FALSE(parsed.exitCode.has_value()) << qPrintable(parsed.output);
  EXPECT_EQ(parsed.options.size, QSize(1440, 900));
  EXPECT_TRUE(parse({"--size", "640x480", "--scale", "2"}).output.contains("at least 1280x840"));
  EXPECT_TRUE(parse({"--help"}).output.contains("in pixels at any --scale"));
}

TEST(Options, AValidCommandLineIsParsed) {
  const ParsedCommandLine parsed = parse({"--demo", "lru_cache", "--theme", "light", "--size", "1280x720",
                                          "--seed", "7", "--after", "1.5", "--screenshot", "x.png"});
  ASSERT_FALSE(parsed.exitCode.has_value());
  EXPECT_EQ(parsed.options.demo, "lru_cache");
  EXPECT_EQ(parsed.options.theme, ThemeKind::kLight);
  EXPECT_EQ(parsed.options.size, QSize(1280, 720));
  EXPECT_EQ(parsed.options.seed, 7u);
  EXPECT_DOUBLE_EQ(parsed.options.afterSeconds, 1.5);
}

}  // namespace
}  // namespace sweepscope::gui
