// Work in a process of its own: whatever it does, the caller goes on and knows how it ended.
#include "engine/laboratory/search/contained.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace sweepscope::laboratory {
namespace {

constexpr double kPatient = 60;

TEST(Contained, WhatItTellsArrivesInOrderAndNothingElseChanges) {
  int changed = 0;
  const Contained run = run_contained(
      [&changed](const Tell& tell) {
        changed = 1;
        tell("one, ");
        tell("two");
      },
      kPatient);
  EXPECT_EQ(run.end, Contained::End::kDone) << run.how;
  EXPECT_EQ(run.told, "one, two");
  EXPECT_EQ(changed, 0);
}

TEST(Contained, WorkThatDiesNamesItsSignalAndWhatItToldIsKept) {
  const Contained run = run_contained(
      [](const Tell& tell) {
        tell("so far");
        raise(SIGKILL);
      },
      kPatient);
  EXPECT_EQ(run.end, Contained::End::kDied);
  EXPECT_EQ(run.told, "so far");
  EXPECT_EQ(run.how, "signal 9, Killed");
}

// The handlers of this process are not run in the copy: they would save its recording a second time.
TEST(Contained, TheHandlersOfThisProcessAreForgotten) {
  int written[2];
  ASSERT_EQ(pipe(written), 0);
  static int to;
  to = written[1];
  const auto before = signal(SIGABRT, [](int) { (void)!write(to, "x", 1); });
  const Contained run = run_contained([](const Tell&) { abort(); }, kPatient);
  signal(SIGABRT, before);
  close(written[1]);
  EXPECT_EQ(run.end, Contained::End::kDied);
  char byte;
  EXPECT_EQ(read(written[0], &byte, 1), 0) << "the handler ran";
  close(written[0]);
}

TEST(Contained, WorkThatTellsNothingIsEnded) {
  const Contained run = run_contained(
      [](const Tell&) {
        for (;;) pause();
      },
      0.05);
  EXPECT_EQ(run.end, Contained::End::kSilent);
}

TEST(Contained, WorkThatTellsTooMuchIsEnded) {
  const std::string much(1u << 16, 'x');
  const Contained run = run_contained(
      [&much](const Tell& tell) {
        for (;;) tell(much);
      },
      kPatient);
  EXPECT_NE(run.end, Contained::End::kDone);
  EXPECT_LT(run.told.size(), size_t{2} << 20);
}

TEST(Contained, WithoutAPipeItSaysWhy) {
  // Every descriptor below the limit is taken.
  std::vector<int> taken;
  for (int file; (file = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) taken.push_back(file);
  const Contained run = run_contained([](const Tell&) {}, kPatient);
  for (const int file : taken) close(file);
  EXPECT_EQ(run.end, Contained::End::kNotBegun);
  EXPECT_EQ(run.how, "pipe: Too many open files");
}

}  // namespace
}  // namespace sweepscope::laboratory
