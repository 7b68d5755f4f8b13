#include "telemetry/ring/loss_ledger.h"

#include <gtest/gtest.h>

namespace sweepscope::telemetry {
namespace {

TEST(LossLedger, AGapInAStreamIsALoss) {
  LossLedger ledger;
  EXPECT_EQ(ledger.note(7, 0, 100), 0u);
  EXPECT_EQ(ledger.note(7, 100, 1), 0u);
  EXPECT_EQ(ledger.note(7, 111, 5), 10u);
  EXPECT_EQ(ledger.lost(), 10u);
}

TEST(LossLedger, StreamsAreIndependent) {
  LossLedger ledger;
  ledger.note(1, 0, 100);
  EXPECT_EQ(ledger.note(2, 0, 3), 0u);
  EXPECT_EQ(ledger.note(1, 100, 3), 0u);
  EXPECT_EQ(ledger.note(2, 3, 3), 0u);
}

TEST(LossLedger, AStreamMayLoseItsFirstRecords) {
  LossLedger ledger;
  EXPECT_EQ(ledger.note(3, 4, 1), 4u);
}

TEST(LossLedger, AReusedStreamNumberRestartsTheStream) {
  LossLedger ledger;
  ledger.note(3, 0, 1000);
  EXPECT_EQ(ledger.note(3, 0, 5), 0u);
  EXPECT_EQ(ledger.note(3, 6, 1), 1u);
}

}  // namespace
}  // namespace sweepscope::telemetry
