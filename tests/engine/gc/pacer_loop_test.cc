// The pacer in a closed loop: a program in its steady state, cycle after cycle, on a clock of the test's own.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "engine/gc/pacer.h"
#include "tests/support/seed.h"

namespace sweepscope::engine::pacer {
namespace {

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kSpan = 8192;

// `live` bytes stay reachable, all else dies before the next cycle. Rates are of one P.
struct Program {
  uint64_t live;              // bytes
  double scannable;           // share of the bytes
  double bytes_per_us;        // allocated
  double work_per_us = 1000;  // marked: 1 GB/s
};

struct Outcome {
  Pace pace;
  uint64_t goal;       // bytes, as goal_at_start() left it
  uint64_t end;        // bytes, when marking ended
  double utilisation;  // share of P * time, see pacer::utilisation
  double miss() const { return static_cast<double>(end) / static_cast<double>(goal) - 1; }
};

// One engine: P mutators, the background workers of the budget, and what the collector keeps between cycles.
class Loop {
 public:
  Loop(const Program& program, uint32_t gogc, uint32_t procs)
      : program_(program), gogc_(gogc), procs_(procs), marked_(program.live), ratio_(kFirstRatio) {}

  void set_program(const Program& program) { program_ = program; }
  void set_gogc(uint32_t gogc) { gogc_ = gogc; }

  Outcome cycle(Start start = Start::kTriggered) {
    const Pace now = pace(Marking::kConcurrent, {marked_, marked_, Sweep::kUnderWay}, gogc_, ratio_);
    begin(start == Start::kForced ? marked_ : now.trigger, now.goal);
    while (scan_done_ < reachable_) step();
    // The last assists are longer than the last step.
    us_ += std::max(0.0, -std::ranges::min(threads_, {}, &Thread::us).us);
    const uint64_t assist_ns = static_cast<uint64_t>(assist_us_ * 1000),
                   mark_ns = static_cast<uint64_t>(us_ * 1000);
    ratio_ = next_ratio({start,
                         Marking::kConcurrent,
                         {now.ratio, now.trigger, goal_},
                         marked_,
                         live_,
                         assist_ns,
                         mark_ns,
                         procs_});
    marked_ = program_.live + live_ - at_start_;  // allocated black
    return {now, goal_, live_, utilisation(assist_ns, mark_ns, procs_)};
  }
  bool at_lowest_ratio() const { return clamp_ratio(ratio_, gogc_) == clamp_ratio(0, gogc_); }

 private:
  struct Thread {
    int64_t balance = 0;  // bytes
    double us = 0;        // of CPU to spend; < 0 after a long assist
  };

  void begin(uint64_t live, uint64_t goal) {
    live_ = at_start_ = live;
    goal_ = goal_at_start(goal, live);
    scan_done_ = credit_ = 0;
    reachable_ = work_in(program_.live);
    assist_us_ = us_ = unflushed_ = 0;
    threads_.assign(procs_, {});
    const WorkerBudget budget = worker_budget(Marking::kConcurrent, procs_);
    background_ = budget.dedicated + budget.fractional * (procs_ - budget.dedicated);
  }

  // A thousandth of the time that the background workers alone would take.
  void step() {
    const double us = static_cast<double>(work_in(program_.live)) / program_.work_per_us / background_ / 1000;
    us_ += us;
    ratio_now_ = revise({work_in(live_), scan_done_, live_, goal_}, gogc_);
    unflushed_ += us * background_ * program_.work_per_us;
    const uint64_t work = to_flush(static_cast<uint64_t>(unflushed_), kCreditSlack);
    unflushed_ -= static_cast<double>(work);
    scan_done_ += work;
    credit_ += static_cast<int64_t>(work);
    for (Thread& thread : threads_) {
      thread.us += us * (procs_ - background_) / procs_;
      while (thread.us > 0 && scan_done_ < reachable_) allocate(thread);
    }
  }

  void allocate(Thread& thread) {
    live_ += kSpan;
    scan_done_ += work_in(kSpan);
    reachable_ += work_in(kSpan);
    thread.us -= kSpan / program_.bytes_per_us;
    thread.balance -= kSpan;
    if (thread.balance >= 0) return;
    const Steal steal =
        steal_credit(assist_for(static_cast<uint64_t>(-thread.balance), ratio_now_), credit_, ratio_now_);
    credit_ -= static_cast<int64_t>(steal.stolen);
    thread.balance += static_cast<int64_t>(steal.bytes);
    const uint64_t work = std::min(steal.work_left, reachable_ - std::min(reachable_, scan_done_));
    if (work == 0) return;
    scan_done_ += work;
    thread.balance += static_cast<int64_t>(bytes_for_work(work, ratio_now_));
    thread.us -= static_cast<double>(work) / program_.work_per_us;
    assist_us_ += static_cast<double>(work) / program_.work_per_us;
  }

  uint64_t work_in(uint64_t bytes) const {
    return static_cast<uint64_t>(static_cast<double>(bytes) * program_.scannable);
  }

  Program program_;
  uint32_t gogc_;
  const uint32_t procs_;
  uint64_t marked_;
  double ratio_;
  // Of the current cycle.
  uint64_t live_ = 0, at_start_ = 0, goal_ = 0, scan_done_ = 0, reachable_ = 0;
  int64_t credit_ = 0;
  double assist_us_ = 0, us_ = 0, unflushed_ = 0, background_ = 0;
  AssistRatio ratio_now_{};
  std::vector<Thread> threads_;
};

// Cycles that the controller may take to find the ratio, from any ratio.
constexpr int kSettling = 12;
constexpr int kSettled = 8;

TEST(PacerLoop, MarkingOfASteadyProgramEndsNearTheGoal) {
  struct Row {
    double bytes_per_us, miss, least_use, most_use;
  };
  for (
      const Row& row : {
          // Marking takes less than the highest ratio leaves: it ends early, without assists if GOGC is high.
          Row{20, 0.045, 0.25, 0.41},
          Row{100, 0.034, 0.25, 0.32},
          // The controller chooses the ratio: 25 % background and 5 % assists.
          Row{400, 0.010, 0.26, 0.34},
      })
    for (const uint32_t gogc : {50u, 100u, 200u, 400u, 800u})
      for (const uint32_t procs : {1u, 2u, 3u, 6u, 16u, 64u}) {
        Loop loop({64 * kMiB, 0.5, row.bytes_per_us}, gogc, procs);
        for (int i = 0; i < kSettling; ++i) loop.cycle();
        for (int i = 0; i < kSettled; ++i) {
          const Outcome cycle = loop.cycle();
          const auto where = ::testing::Message()
                             << row.bytes_per_us << " B/us, GOGC " << gogc << ", P " << procs;
          EXPECT_NEAR(cycle.miss(), 0, row.miss) << where;
          EXPECT_GE(cycle.utilisation, row.least_use) << where;
          // At the lower end of the ratio's range the assists carry the rest.
          EXPECT_LE(cycle.utilisation, loop.at_lowest_ratio() ? 0.55 : row.most_use) << where;
        }
      }
}

// Twice as fast as one P marks: the ratio is at its end or the assists carry most of the marking.
TEST(PacerLoop, ProgramThatOutrunsTheMarkersIsHeldByAssists) {
  for (const uint32_t gogc : {25u, 50u, 100u, 200u, 400u, 800u})
    for (const uint32_t procs : {1u, 2u, 6u, 64u}) {
      Loop loop({64 * kMiB, 0.5, 2000}, gogc, procs);
      for (int i = 0; i < kSettling; ++i)
        EXPECT_LT(loop.cycle().miss(), 0.08) << "GOGC " << gogc << ", P " << procs;
      for (int i = 0; i < kSettled; ++i)
        EXPECT_NEAR(loop.cycle().miss(), 0, 0.10) << "GOGC " << gogc << ", P " << procs;
    }
}

TEST(PacerLoop, ForcedCycleLeavesTheRatioOfTheNext) {
  Loop loop({64 * kMiB, 0.5, 400}, 100, 4);
  for (int i = 0; i < kSettling; ++i) loop.cycle();
  const double ratio = loop.cycle().pace.ratio;
  loop.cycle(Start::kForced);
  EXPECT_NEAR(loop.cycle().pace.ratio, ratio, 0.01);
}

// The heap minimum is many times what such a program marks. Measured against that, the growth of one cycle would
// move the ratio from one end to the other.
TEST(PacerLoop, SmallHeapKeepsARatioThatServesALargeOne) {
  Loop loop({64 << 10, 0.5, 400}, 100, 4);
  for (int i = 0; i < kSettling; ++i) {
    const Outcome cycle = loop.cycle();
    EXPECT_EQ(cycle.pace.trigger, 4 * kMiB);
    EXPECT_GE(cycle.pace.ratio, kFirstRatio);
    EXPECT_LE(cycle.end, cycle.goal);
  }
  loop.set_program({64 * kMiB, 0.5, 400});
  loop.cycle();
  for (int i = 0; i < 4; ++i) EXPECT_LT(loop.cycle().miss(), 0.04);
}

TEST(PacerLoop, ControllerSettlesAgainAfterGogcChanges) {
  Loop loop({64 * kMiB, 0.5, 400}, 100, 4);
  for (const uint32_t gogc : {100u, 400u, 50u, 800u, 100u}) {
    loop.set_gogc(gogc);
    for (int i = 0; i < kSettling; ++i) loop.cycle();
    for (int i = 0; i < kSettled; ++i) EXPECT_NEAR(loop.cycle().miss(), 0, 0.01) << "GOGC " << gogc;
  }
}

TEST(PacerLoop, RandomProgramsStayBelowTheHardGoal) {
  const uint64_t seed = sweepscope::testing::seed_or(41);
  SWEEPSCOPE_TRACE_SEED(seed);
  std::mt19937_64 random(seed);
  const auto between = [&](double low, double high) {
    return low * std::pow(high / low, std::uniform_real_distribution<double>(0, 1)(random));
  };
  for (int program = 0; program < 40; ++program) {
    const Program p{static_cast<uint64_t>(between(1e4, 2e8)), between(0.05, 1), between(1, 1500)};
    const uint32_t gogc = static_cast<uint32_t>(between(20, 1000)),
                   procs = static_cast<uint32_t>(between(1, 65));
    Loop loop(p, gogc, procs);
    // Counts change once a step, and each P is in the middle of a span.
    const uint64_t slack = 2 * procs * kSpan;
    for (int i = 0; i < kSettling; ++i) {
      const Outcome cycle = loop.cycle();
      EXPECT_LE(cycle.end, cycle.goal + cycle.goal / 10 + slack)
          << p.live << " bytes, " << p.scannable << " scannable, " << p.bytes_per_us << " B/us, GOGC " << gogc
          << ", P " << procs << ", cycle " << i;
    }
  }
}

}  // namespace
}  // namespace sweepscope::engine::pacer
