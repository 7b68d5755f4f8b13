// How many background workers mark, and for how long.
#include <gtest/gtest.h>

#include "engine/gc/pacer.h"

namespace sweepscope::engine::pacer {
namespace {

struct BudgetRow {
  uint32_t procs, dedicated;
  double fractional;
  uint32_t workers;
};

TEST(PacerWorkers, AQuarterOfThePsIsWholeWorkersOrFractions) {
  for (const BudgetRow& row : {
           BudgetRow{1, 0, 0.25, 1},
           BudgetRow{2, 0, 0.25, 2},
           BudgetRow{3, 0, 0.25, 3},
           BudgetRow{4, 1, 0, 1},
           BudgetRow{5, 1, 0, 1},
           BudgetRow{6, 1, 0.5 / 6, 6},
           BudgetRow{7, 2, 0, 2},
           BudgetRow{8, 2, 0, 2},
           BudgetRow{9, 2, 0, 2},
           BudgetRow{10, 3, 0, 3},
           BudgetRow{13, 3, 0, 3},
           BudgetRow{14, 4, 0, 4},
           BudgetRow{64, 16, 0, 16},
           BudgetRow{4095, 1024, 0, 1024},
           BudgetRow{4096, 1024, 0, 1024},
       }) {
    const WorkerBudget budget = worker_budget(Marking::kConcurrent, row.procs);
    EXPECT_EQ(budget.dedicated, row.dedicated) << row.procs;
    EXPECT_DOUBLE_EQ(budget.fractional, row.fractional) << row.procs;
    EXPECT_EQ(budget.workers, row.workers) << row.procs;
  }
}

TEST(PacerWorkers, BudgetIsWithinThirtyPercentOfAQuarterForEveryP) {
  for (uint32_t procs = 1; procs <= kMaxProcs; ++procs) {
    const WorkerBudget budget = worker_budget(Marking::kConcurrent, procs);
    ASSERT_NEAR((budget.dedicated + budget.fractional * procs) / (0.25 * procs), 1, 0.3) << procs;
    ASSERT_EQ(budget.fractional > 0, procs <= 3 || procs == 6) << procs;
    ASSERT_LE(budget.fractional, 0.25) << procs;
    ASSERT_GE(budget.workers, 1u) << procs;
    ASSERT_LE(budget.workers, procs) << procs;
    const WorkerBudget stopped = worker_budget(Marking::kStopped, procs);
    ASSERT_EQ(stopped.dedicated, procs);
    ASSERT_EQ(stopped.fractional, 0);
    ASSERT_EQ(stopped.workers, procs);
  }
}

TEST(PacerWorkers, BudgetCountsNoMorePsThanPermits) {
  EXPECT_EQ(budget_procs(64, 2), 2u);
  EXPECT_EQ(budget_procs(2, 64), 2u);
  EXPECT_EQ(budget_procs(4, 0), 1u);
  EXPECT_EQ(budget_procs(100000, 100000), kMaxProcs);
}

TEST(PacerWorkers, FractionalWorkerRunsFromItsShareToAFifthMore) {
  EXPECT_TRUE(fractional_due(0.25, 0, 0)) << "marking starts";
  EXPECT_TRUE(fractional_due(0.25, 250, 1000));
  EXPECT_FALSE(fractional_due(0.25, 251, 1000));
  EXPECT_FALSE(fractional_due(0, 0, 1000)) << "no fractional workers";
  EXPECT_FALSE(fractional_done(0.25, 300, 1000));
  EXPECT_TRUE(fractional_done(0.25, 301, 1000));
  EXPECT_FALSE(fractional_done(0.25, 0, 0));
}

}  // namespace
}  // namespace sweepscope::engine::pacer
