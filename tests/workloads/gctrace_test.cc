#include "workloads/runner/gctrace.h"

#include <gtest/gtest.h>

#include <regex>

namespace sweepscope::workloads {
namespace {

engine::CycleRecord cycle() {
  engine::CycleRecord record{};
  record.cycle = 12;
  record.procs = 4;
  record.start_ns = 2'300'000'000;  // the sweep ends before the world is stopped, so this is not in the line
  record.mark_termination.request_ns = 2'500'000'000;
  record.end_ns = 2'600'000'000;
  record.heap_before = 40 << 20;
  record.heap_end = 42 << 20;
  record.heap_marked = 20 << 20;
  record.goal_at_start = 41 << 20;
  record.goal = 77 << 20;  // of the next cycle
  record.mark_ns = 3'000'000;
  record.sweep_term_ns = 18'000;
  record.mark_termination.pause_ns = 3'100'000;  // marking included
  record.mark_termination.pause_go_ns = 70'000;
  return record;
}

engine::EngineOptions on(uint32_t cores, uint32_t markers) {
  engine::EngineOptions options;
  options.cores = cores;
  options.markers = markers;
  return options;
}

TEST(Gctrace, LineHasGosFieldsInGosOrder) {
  Gctrace trace(500'000'000, on(4, 1), 99);
  EXPECT_EQ(trace.line(cycle()),
            "gc 12 @2.000s 0%: 0.018+3.0+0.070 ms clock, 0.072+0/6.0/0+0.28 ms cpu, 40->42->20 MB, 41 MB "
            "goal, 4 P");
}

// Assists, dedicated and fractional workers, idle workers.
TEST(Gctrace, ConcurrentMarkingHasItsCpuTimeByKind) {
  engine::CycleRecord record = cycle();
  record.sweep_termination.emplace().request_ns = 2'500'000'000;
  record.mark_work.assist_ns = 400'000;
  record.mark_work.dedicated_ns = 2'000'000;
  record.mark_work.fractional_ns = 500'000;
  record.mark_work.idle_ns = 90'000;
  EXPECT_EQ(
      Gctrace(500'000'000, on(4, 1), 99).line(record),
      "gc 12 @2.000s 0%: 0.018+3.0+0.070 ms clock, 0.072+0.40/2.5/0.090+0.28 ms cpu, 40->42->20 MB, 41 MB "
      "goal, 4 P");
}

TEST(Gctrace, NumbersAreTruncatedAsInGo) {
  engine::CycleRecord record = cycle();
  record.mark_termination.request_ns = 1'999'999'999;
  record.heap_before = (41 << 20) - 1;
  record.mark_ns = 1'999'999'999;
  record.mark_termination.pause_go_ns = 99'999;
  Gctrace trace(0, on(1, 0), 99);
  const std::string line = trace.line(record);
  EXPECT_TRUE(line.starts_with("gc 12 @1.999s 19%: 0.018+1999+0.099 ms clock, ")) << line;
  EXPECT_NE(line.find(" 40->42->20 MB"), std::string::npos) << line;
}

// With concurrent marking the cycle begins with the stop for sweep termination.
TEST(Gctrace, TimeIsThatOfTheFirstStopRequestOfTheCycle) {
  engine::CycleRecord record = cycle();
  record.sweep_termination.emplace().request_ns = 2'400'000'000;
  const std::string line = Gctrace(500'000'000, on(4, 1), 99).line(record);
  EXPECT_TRUE(line.starts_with("gc 12 @1.900s ")) << line;
}

TEST(Gctrace, ForcedCyclesAreMarked) {
  engine::CycleRecord record = cycle();
  record.forced = true;
  EXPECT_TRUE(Gctrace(0, on(1, 0), 1).line(record).ends_with(" 4 P (forced)"));
}

// The pattern that tools for Go's output use.
TEST(Gctrace, LineMatchesGosPattern) {
  const std::regex pattern(
      R"(gc \d+ @[\d.]+s \d+%: [\d.]+\+[\d.]+\+[\d.]+ ms clock, [\d.]+\+[\d.]+/[\d.]+/[\d.]+\+[\d.]+ ms cpu, )"
      R"(\d+->\d+->\d+ MB, \d+ MB goal, \d+ P( \(forced\))?)");
  for (const uint64_t ns : {0ull, 1ull, 999ull, 50'000ull, 1'500'000ull, 12'345'678'901ull}) {
    engine::CycleRecord record = cycle();
    record.mark_ns = record.mark_termination.pause_go_ns = ns;
    const std::string line = Gctrace(0, on(3, 1), 3).line(record);
    EXPECT_TRUE(std::regex_match(line, pattern)) << line;
  }
}

// Go's stwprocs: a stop of a thousand Ps on two cores uses at most two CPUs.
TEST(Gctrace, CpuOfAStopIsItsLengthTimesThePsAtMostTheCores) {
  const std::string line = Gctrace(0, on(0, 0), 2).line(cycle());
  EXPECT_NE(line.find("ms clock, 0.036+0/6.0/0+0.14 ms cpu"), std::string::npos) << line;
}

}  // namespace
}  // namespace sweepscope::workloads
