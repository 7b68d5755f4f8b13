#include "telemetry/probe/stamp_clock.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sweepscope::telemetry {
namespace {

// A machine with `rate` ticks a nanosecond; ticks and time do not start at 0.
struct Machine {
  uint64_t ticks = 0xffff'0000'0000'0000;
  int64_t ns = 5'000'000'000;
  double rate = 2.5;

  StampClock::Source source() {
    return [this] { return StampClock::Reading{ticks, ns}; };
  }
  void pass(int64_t more_ns) {
    ns += more_ns;
    ticks += static_cast<uint64_t>(static_cast<double>(more_ns) * rate);
  }
};

TEST(StampClock, ConvertsTicksToNanosecondsSinceItsCreation) {
  Machine machine;
  StampClock clock(machine.source());
  machine.pass(1'000'000);
  clock.tick();
  const uint64_t then = machine.ticks;
  machine.pass(4'000'000);
  EXPECT_NEAR(static_cast<double>(clock.ns(then)), 1e6, 2);
  EXPECT_NEAR(static_cast<double>(clock.ns(machine.ticks)), 5e6, 10);
}

TEST(StampClock, DoesNotJumpWhenTheRateIsMeasuredAgain) {
  Machine machine;
  StampClock clock(machine.source());
  machine.pass(1'000'000);
  clock.tick();
  machine.rate = 2.6;  // the first measurement was off
  for (int i = 0; i < 500; ++i) {
    machine.pass(16'000'000);
    const int64_t before = clock.ns(machine.ticks);
    clock.tick();
    ASSERT_NEAR(static_cast<double>(clock.ns(machine.ticks)), static_cast<double>(before), 2);
  }
  // The error of the first measurement was corrected.
  EXPECT_NEAR(static_cast<double>(clock.ns(machine.ticks)), 1e6 + 500 * 16e6, 2e5);
}

TEST(StampClock, AStampFromTheFutureBreaksTheClock) {
  Machine machine;
  StampClock clock(machine.source());
  machine.pass(10'000'000);
  clock.tick();
  EXPECT_TRUE(clock.trusts(machine.ticks - 100, machine.ticks, 10'000'000));
  EXPECT_FALSE(clock.trusts(machine.ticks, machine.ticks + 25'000'000, 10'000'000));
  EXPECT_FALSE(clock.trusts(machine.ticks - 100, machine.ticks, 10'000'000));
  EXPECT_TRUE(clock.broken());
}

TEST(StampClock, AStampFromBeforeTheStartBreaksTheClock) {
  Machine machine;
  StampClock clock(machine.source());
  machine.pass(10'000'000);
  clock.tick();
  EXPECT_FALSE(clock.trusts(machine.ticks - 100'000'000, machine.ticks, 10'000'000));
}

TEST(StampClock, StoppedTicksBreakTheClock) {
  Machine machine;
  StampClock clock(machine.source());
  machine.ns += 10'000'000;
  clock.tick();
  EXPECT_TRUE(clock.broken());
}

TEST(StampClock, AgreesWithTheMonotonicClockOfThisMachine) {
  StampClock clock;
  clock.tick();
  EXPECT_FALSE(clock.broken());
  EXPECT_GE(clock.monotonic_ns(), 1'000'000);
}

}  // namespace
}  // namespace sweepscope::telemetry
