// Work in a process of its own: whatever it does, the caller continues and knows how it ended.
#include "engine/laboratory/search/contained.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace sweepscope::laboratory {
namespace {

constexpr double kPatient = 60;

TEST(Contained, WhatItSendsArrivesInOrderAndNothingElseChanges) {
  int changed = 0;
  const Contained run = run_contained(
      [&changed](const Send& send) {
        changed = 1;
        send("one, ");
        send("two");
      },
      kPatient);
  EXPECT_EQ(run.end, Contained::End::kDone) << run.how;
  EXPECT_EQ(run.sent, "one, two");
  EXPECT_EQ(changed, 0);
}

TEST(Contained, WorkThatDiesNamesItsSignalAndWhatItSentIsKept) {
  const Contained run = run_contained(
      [](const Send& send) {
        send("so far");
        raise(SIGKILL);
      },
      kPatient);
  EXPECT_EQ(run.end, Contained::End::kDied);
  EXPECT_EQ(run.sent, "so far");
  EXPECT_EQ(run.how, "signal 9, Killed");
}

// The handlers of this process are not run in the copy: they would save its recording a second time.
TEST(Contained, TheHandlersOfThisProcessAreForgotten) {
  int written[2];
  ASSERT_EQ(pipe(written), 0);
  static int to;
  to = written[1];
  const auto before = signal(SIGABRT, [](int) { (void)!write(to, "x", 1); });
  const Contained run = run_contained([](const Send&) { abort(); }, kPatient);
  signal(SIGABRT, before);
  close(written[1]);
  EXPECT_EQ(run.end, Contained::End::kDied);
  char byte;
  EXPECT_EQ(read(written[0], &byte, 1), 0) << "the handler ran";
  close(written[0]);
}

TEST(Contained, WorkThatSendsNothingIsEnded) {
  const Contained run = run_contained(
      [](const Send&) {
        for (;;) pause();
      },
      0.05);
  EXPECT_EQ(run.end, Contained::End::kSilent);
}

TEST(Contained, WorkThatSendsTooMuchIsEnded) {
  const std::string much(1u << 16, 'x');
  const Contained run = run_contained(
      [&much](const Send& send) {
        for (;;) send(much);
      },
      kPatient);
  EXPECT_NE(run.end, Contained::End::kDone);
  EXPECT_LT(run.sent.size(), size_t{2} << 20);
}

TEST(Contained, WithoutAPipeItSaysWhy) {
  // Every descriptor below the limit is taken.
  std::vector<int> taken;
  for (int file; (file = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) taken.push_back(file);
  const Contained run = run_contained([](const Send&) {}, kPatient);
  for (const int file : taken) close(file);
  EXPECT_EQ(run.end, Contained::End::kNotBegun);
  EXPECT_EQ(run.how, "pipe: Too many open files");
}

}  // namespace
}  // namespace sweepscope::laboratory
