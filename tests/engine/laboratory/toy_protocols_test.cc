// Small protocols with known answers: violations that the search must find, and correct protocols.
#include <gtest/gtest.h>

#include <cstdlib>

#include "engine/laboratory/search/random_walk.h"
#include "tests/engine/laboratory/toys.h"

namespace sweepscope::laboratory {
namespace {

using toys::Protection;

#ifdef SWEEPSCOPE_FIBER_UCONTEXT
constexpr uint64_t kMany = 500;  // switches are a hundred times slower there
#else
constexpr uint64_t kMany = 20'000;
#endif

uint64_t base_seed() {
  const char* text = std::getenv("SWEEPSCOPE_TEST_SEED");
  const uint64_t value = text != nullptr ? std::strtoull(text, nullptr, 10) : 1;
  std::printf("SWEEPSCOPE_TEST_SEED=%llu\n", static_cast<unsigned long long>(value));
  return value;
}

// Runs up to `schedules` walks; the first violation, or none.
std::optional<Violation> search(const std::function<void()>& program, uint64_t schedules,
                                RunSettings settings = {}) {
  Scheduler scheduler;
  for (uint64_t seed = base_seed(), end = seed + schedules; seed < end; ++seed) {
    RandomWalk strategy(seed);
    RunReport report = scheduler.run("main", program, strategy, settings);
    if (report.outcome == Outcome::kViolation) return report.violation;
  }
  return std::nullopt;
}

TEST(ToyProtocols, RacyCounterLosesAnIncrement) {
  const auto found = search([] { toys::counter(Protection::kNone); }, 100);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, ViolationKind::kCheck);
  EXPECT_EQ(found->rule, "misuse of the API");
  EXPECT_EQ(found->fiber_name, "main");
  EXPECT_NE(found->sentence.find("counter = "), std::string::npos) << found->sentence;
  EXPECT_GT(found->step, 8u);
}

TEST(ToyProtocols, LockedCounterHasNoViolation) {
  const auto found = search([] { toys::counter(Protection::kLock, 3, 3); }, kMany);
  EXPECT_FALSE(found) << found->rule << ": " << found->sentence;
}

TEST(ToyProtocols, DeadlockNamesTheWaiters) {
  const auto found = search(toys::embrace, 100);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->rule, "deadlock");
  EXPECT_NE(found->sentence.find("one waits at 'wait for the fork'"), std::string::npos) << found->sentence;
  EXPECT_NE(found->sentence.find("two waits at 'wait for the fork'"), std::string::npos) << found->sentence;
  EXPECT_NE(found->sentence.find("main waits at 'join' for thread 1"), std::string::npos) << found->sentence;
}

// The condition comes true and no wake-up follows: found only if waiting threads sleep.
TEST(ToyProtocols, WakeUpThatIsMissingIsADeadlockOfSleepers) {
  for (const bool wakes : {false, true}) {
    const auto program = [wakes] { toys::raise_flag(wakes); };
    EXPECT_FALSE(search(program, 100));
    const auto found = search(program, 100, {.sleepers = true});
    ASSERT_EQ(found.has_value(), !wakes);
    if (wakes) continue;
    EXPECT_EQ(found->rule, "deadlock");
    EXPECT_NE(found->sentence.find("asleep although its condition holds"), std::string::npos)
        << found->sentence;
  }
}

// Two wait, each for its own condition; one wake-up for the first of them is not one for both.
TEST(ToyProtocols, WakeUpOfOneDoesNotWakeAnother) {
  EXPECT_TRUE(search([] { toys::raise_two_flags(engine::Driver::Wake::kOne); }, 500, {.sleepers = true}));
  EXPECT_FALSE(search([] { toys::raise_two_flags(engine::Driver::Wake::kAll); }, 500, {.sleepers = true}));
}

TEST(ToyProtocols, EndlessSpinIsALivelockAfterAFairTail) {
  const auto found = search(toys::spin, 1, {.fair_after = 1000, .max_steps = 2000});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->rule, "livelock");
  EXPECT_EQ(found->step, 2000u);
  EXPECT_NE(found->sentence.find("main at 'spin'"), std::string::npos) << found->sentence;
}

TEST(ToyProtocols, FairTailLetsTheSpinnersPartnerRun) {
  // A strategy that never picks the partner: only the fair tail does.
  class Starve final : public Strategy {
   public:
    uint32_t pick(std::span<const Candidate>) override { return 0; }
    uint32_t choose(uint32_t, engine::Step, uint32_t) override { return 0; }
  } starve;
  Scheduler scheduler;
  const RunReport report = scheduler.run(
      "main",
      [] {
        toys::Shared<uint32_t> flag;
        toys::Thread partner("partner", [&flag] { flag.store(1, std::memory_order_release, "raise"); });
        while (flag.load(std::memory_order_acquire, "spin") == 0) {
        }
        partner.join();
      },
      starve, {.fair_after = 1000, .max_steps = 2000});
  EXPECT_EQ(report.outcome, Outcome::kFinished);
  EXPECT_LT(report.steps, 1010u);
  EXPECT_GT(report.steps, 1000u);
}

}  // namespace
}  // namespace sweepscope::laboratory
