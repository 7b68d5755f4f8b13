#include "workloads/runner/gctrace.h"

#include <gtest/gtest.h>

#include <regex>

namespace sweepscope::workloads {
namespace {

engine::CycleRecord cycle() {
  engine::CycleRecord record{};
  record.cycle = 12;
  record.start_ns = 2'500'000'000;
  record.end_ns = 2'600'000'000;
  record.heap_before = 40 << 20;
  record.heap_marked = 20 << 20;
  record.goal = 41 << 20;
  record.mark_ns = 3'000'000;
  record.sweep_termination.pause_go_ns = 18'000;
  record.mark_termination.pause_go_ns = 70'000;
  return record;
}

TEST(Gctrace, LineHasGosFieldsInGosOrder) {
  EXPECT_EQ(gctrace_line(cycle(), 500'000'000, 84'000'000, 4, 2),
            "gc 12 @2.000s 1%: 0.018+3.0+0.070 ms clock, 0.072+0/6.0/0+0.28 ms cpu, 40->40->20 MB, 41 MB goal, 4 P");
}

TEST(Gctrace, ForcedCyclesSaySo) {
  engine::CycleRecord record = cycle();
  record.forced = true;
  EXPECT_TRUE(gctrace_line(record, 0, 0, 1, 1).ends_with("1 P (forced)"));
}

// The expression that tools made for Go's output use.
TEST(Gctrace, LineMatchesGosPattern) {
  const std::regex pattern(
      R"(gc \d+ @[\d.]+s \d+%: [\d.]+\+[\d.]+\+[\d.]+ ms clock, [\d.]+\+[\d.]+/[\d.]+/[\d.]+\+[\d.]+ ms cpu, )"
      R"(\d+->\d+->\d+ MB, \d+ MB goal, \d+ P( \(forced\))?)");
  for (const uint64_t ns : {0ull, 1ull, 999ull, 50'000ull, 1'500'000ull, 12'345'678'901ull}) {
    engine::CycleRecord record = cycle();
    record.mark_ns = record.mark_termination.pause_go_ns = ns;
    const std::string line = gctrace_line(record, 0, ns, 3, 2);
    EXPECT_TRUE(std::regex_match(line, pattern)) << line;
  }
}

TEST(Gctrace, CpuOfAStopIsItsLengthTimesThePs) {
  EXPECT_EQ(gc_cpu_ns(cycle(), 4, 2), (18'000u + 70'000u) * 4 + 3'000'000u * 2);
}

}  // namespace
}  // namespace sweepscope::workloads
