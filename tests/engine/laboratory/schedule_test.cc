#include "engine/laboratory/search/schedule.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "engine/base/random.h"
#include "engine/base/step.h"

namespace sweepscope::laboratory {
namespace {

Schedule example() {
  Schedule s;
  s.scenario = "sweep";
  s.policy = "lazy";
  s.fault = "acquirep-no-flush";
  s.procs = 2;
  s.spans = 3;
  s.seed = 18446744073709551615u;
  s.violation = "bad sweepgen in refill";
  s.fibers = {"main", "background sweeper"};
  s.steps = {{0, "start", {}}, {1, "a name with spaces", {}}, {1, "which object dies", 4}, {0, "x", 0}};
  return s;
}

uint64_t seed() {
  const char* text = std::getenv("SWEEPSCOPE_TEST_SEED");
  const uint64_t value = text != nullptr ? std::strtoull(text, nullptr, 10) : 20181119;
  std::printf("SWEEPSCOPE_TEST_SEED=%llu\n", static_cast<unsigned long long>(value));
  return value;
}

TEST(Schedule, RoundTripIsExact) {
  const Schedule s = example();
  const std::string text = format_schedule(s);
  const ParsedSchedule parsed = parse_schedule(text);
  ASSERT_TRUE(parsed.schedule) << parsed.error;
  EXPECT_EQ(*parsed.schedule, s);
  EXPECT_EQ(format_schedule(*parsed.schedule), text);
}

TEST(Schedule, AbsentFaultAndViolationStayAbsent) {
  Schedule s = example();
  s.fault.clear();
  s.violation.clear();
  const ParsedSchedule parsed = parse_schedule(format_schedule(s));
  ASSERT_TRUE(parsed.schedule) << parsed.error;
  EXPECT_EQ(*parsed.schedule, s);
}

TEST(Schedule, CommentsAndCarriageReturnsAreSkipped) {
  std::string text = format_schedule(example());
  text.insert(text.find("scenario"), "# why this one matters\r\n\r\n");
  const ParsedSchedule parsed = parse_schedule(text);
  ASSERT_TRUE(parsed.schedule) << parsed.error;
  EXPECT_EQ(*parsed.schedule, example());
}

TEST(Schedule, IdEqualsThatOfTheCompiledStep) {
  EXPECT_EQ(step_id("which object dies"), engine::Step("which object dies").id);
}

TEST(Schedule, ErrorsNameTheLine) {
  const std::string head = "sweepscope-schedule 1\nscenario s\npolicy lazy\nprocs 2\nspans 2\n";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "line 1: this is not a schedule"},
      {"sweepscope-schedule 2\n", "line 1: this is not a schedule"},
      {head + "colour blue\n", "line 6: unknown header 'colour'"},
      {head + "procs 3\n", "line 6: 'procs' is given twice"},
      {head + "seed -1\n", "line 6: expected a number, found '-1'"},
      {head + "seed\n", "line 6: 'seed' has no value"},
      {head + "fiber 1 late\n", "line 6: expected 'fiber 0 name'"},
      {head + "5000 step\n", "line 6: expected a fiber's number, found '5000'"},
      {head + "0\n", "line 6: the step has no name"},
      {head + "0 step [x]\n", "line 6: expected a choice '[value]'"},
      {head + "0 step [99999999999]\n", "line 6: expected a choice '[value]'"},
      {head + "steps 1\n0 step\nseed 1\n", "line 8: expected a step"},
      {head + "0 a\tb\n", "line 6: the line contains control characters"},
      {head + "0 " + std::string(600, 'a') + "\n", "line 6: the line is longer than 512 characters"},
      {head + "steps 2\n0 step\n", "the header has 'steps 2', the file contains 1"},
      {head, "the header 'steps' is missing"},
  };
  for (const auto& [text, error] : cases) {
    const ParsedSchedule parsed = parse_schedule(text);
    EXPECT_FALSE(parsed.schedule) << text;
    EXPECT_EQ(parsed.error.substr(0, error.size()), error) << text;
  }
}

TEST(Schedule, DamagedTextIsRefusedOrSurvivesARoundTrip) {
  engine::Random random(seed());
  const std::string good = format_schedule(example());
  const std::string_view alphabet = "0123456789 []\n\rabcfiber#-\t\x7f\xff";
  for (int round = 0; round < 100'000; ++round) {
    std::string text = good;
    for (uint32_t edits = 1 + random.below(4); edits > 0; --edits) {
      const uint32_t at = random.below(static_cast<uint32_t>(text.size()));
      const char c = alphabet[random.below(static_cast<uint32_t>(alphabet.size()))];
      switch (random.below(4)) {
        case 0: text[at] = c; break;
        case 1: text.insert(at, 1, c); break;
        case 2: text.erase(at, 1 + random.below(20)); break;
        case 3: text.resize(at + 1); break;
      }
    }
    const ParsedSchedule parsed = parse_schedule(text);
    ASSERT_NE(parsed.schedule.has_value(), !parsed.error.empty()) << text;
    if (!parsed.schedule) continue;
    const ParsedSchedule again = parse_schedule(format_schedule(*parsed.schedule));
    ASSERT_TRUE(again.schedule) << again.error << "\n" << text;
    ASSERT_EQ(*again.schedule, *parsed.schedule) << text;
  }
}

}  // namespace
}  // namespace sweepscope::laboratory
