#include "telemetry/probe/translate.h"

#include <gtest/gtest.h>

#include "tests/telemetry/support/random_events.h"

namespace sweepscope::telemetry {
namespace {

namespace obs = observe;
using testing::tie;

obs::Header header(obs::EventKind kind, uint8_t code, uint16_t p, uint32_t subject) {
  return {1234, kind, code, p, subject};
}
template <class Ours, class Theirs>
void expect_becomes(const Theirs& record, const Ours& event) {
  const auto body = translate(obs::erase(record));
  ASSERT_TRUE(body);
  ASSERT_TRUE(std::holds_alternative<Ours>(*body));
  EXPECT_TRUE(tie(std::get<Ours>(*body)) == tie(event));
}

TEST(Translate, EveryKindKeepsEveryField) {
  using K = obs::EventKind;
  expect_becomes(obs::Transition{header(K::kTransition, 18, 3, 77), 9, 10, 11, 12, obs::Cause::kFlush,
                                 obs::ListMembership::kNonempty},
                 Transition{77, 9, 10, 11, 12, 3, Arc::kT8b, Cause::kFlush, ListMembership::kNonempty});
  expect_becomes(obs::SpanAllocated{header(K::kSpanAllocated, 133, 3, 77), 9, 10, 11, 12},
                 SpanAllocated{77, 9, 10, 11, 12, 3, 133});
  expect_becomes(
      obs::SpanAllocated{header(K::kSpanAllocated, obs::kManualSpanClass, obs::kNoP, 77), 9, 10, 11, 12},
      SpanAllocated{77, 9, 10, 11, 12, kNoP, kManualSpanClass});
  expect_becomes(obs::SpanFreed{header(K::kSpanFreed, 0, 3, 77), 9, 10, 11, 12},
                 SpanFreed{77, 9, 10, 11, 12, 3});
  expect_becomes(obs::Turn{header(K::kTurn, 0, 0, 5), 8, 10, 11, 12}, Turn{5, 8, 10, 11, 12});
  expect_becomes(obs::Flush{header(K::kFlush, 3, 4, 5), 10, 6, 7, 8, 9},
                 Flush{4, FlushCause::kForEachP, 10, 6, 7, 8, 9, 5});
  expect_becomes(obs::PhaseChange{header(K::kPhase, 2, 0, 5), 1ull << 40, 7},
                 PhaseChange{5, Phase::kMark, 1ull << 40, 7});
  expect_becomes(obs::Stw{header(K::kStw, 2, 0, 5), obs::StwReason::kStats, {}, 6, 7, 8},
                 Stw{5, StwEdge::kStopped, StwReason::kStats, 6, 7, 8});
  expect_becomes(obs::Stw{header(K::kStw, 3, 0, 5), obs::StwReason::kStats, {}, 6, 7, 8},
                 Stw{5, StwEdge::kReleased, StwReason::kStats, 6, 0, 8, 7, 0});
  expect_becomes(obs::Stw{header(K::kStw, 4, 0, 5), obs::StwReason::kStats, {}, 6, 7, 0},
                 Stw{5, StwEdge::kStarted, StwReason::kStats, 6, 0, 0, 0, 7});
  expect_becomes(obs::MarkProgress{header(K::kMarkProgress, 0, 0, 5), 6, 7, 8}, MarkProgress{5, 8, 7, 6});
  expect_becomes(obs::SweepCredit{header(K::kSweepCredit, 0, 4, 5), 6, 7}, SweepCredit{4, 5, 6, 7});
  expect_becomes(obs::Pacer{header(K::kPacer, 0, 0, 5), 6, ~0ull}, Pacer{5, 6, ~0ull});
  expect_becomes(obs::Procresize{header(K::kProcresize, 0, 0, 5), 6, 7, 0}, Procresize{6, 5, 7});
  expect_becomes(obs::PStatusChange{header(K::kPStatus, 2, 4, 5), obs::PStatus::kReady, {}, 6, 7, 8},
                 PStatusChange{4, PStatus::kReady, PStatus::kRunning, 5, 6, 7, 8});
  expect_becomes(obs::CheckFired{header(K::kCheckFired, 200, 4, 5), 6, 7, 8, 9},
                 CheckFired{200, 4, 5, 6, 7, 8, 9});
  expect_becomes(obs::Log{header(K::kLog, 3, 0, 5), 6, 7}, Log{3, 5, 6, 7});
  expect_becomes(obs::StepTaken{header(K::kStep, 9, 4, 5), 6, 7, 8, 9, {}},
                 StepTaken{4, StepOp::kChoice, 9, 5, 6, 7, 8});
  expect_becomes(obs::MarkWork{header(K::kMarkWork, 2, obs::kNoP, 5), 1ull << 40, 7},
                 MarkWork{5, MarkedBy::kIdle, 1ull << 40, 7});
  expect_becomes(obs::MarkShare{header(K::kMarkShare, 0, obs::kNoP, 5), 1ull << 40, 6, 7},
                 MarkShare{5, 6, 7, 1ull << 40});
  expect_becomes(obs::AllocLatency{header(K::kAllocLatency, 6, obs::kNoP, 5), 1ull << 60,
                                   obs::AllocLatency::kMostCount, obs::AllocLatency::kMostMaxNs},
                 AllocLatency{5, AllocPath::kCollect, (1ull << 28) - 1, 1ull << 60, (1ull << 36) - 1});
}

TEST(Translate, RejectsUnknownKindsAndEnumerators) {
  using K = obs::EventKind;
  EXPECT_FALSE(translate(obs::Record{header(static_cast<K>(0), 0, 0, 0), {}}));
  EXPECT_FALSE(translate(obs::Record{header(static_cast<K>(19), 0, 0, 0), {}}));
  EXPECT_FALSE(translate(obs::Record{header(K::kTransition, 5, 0, 0), {}}));
  EXPECT_FALSE(translate(obs::Record{header(K::kSpanAllocated, kSpanClasses, 0, 0), {}}));
  EXPECT_FALSE(translate(obs::Record{header(K::kFlush, 0, 0, 0), {}}));
  EXPECT_FALSE(translate(obs::Record{header(K::kPhase, 4, 0, 0), {}}));
  EXPECT_FALSE(translate(obs::Record{header(K::kStw, 1, 0, 0), {}}));  // no reason
  EXPECT_FALSE(translate(obs::Record{header(K::kPStatus, 7, 0, 0), {}}));
  EXPECT_FALSE(translate(obs::Record{header(K::kStep, 10, 0, 0), {}}));
  EXPECT_FALSE(translate(obs::Record{header(K::kMarkWork, 4, 0, 0), {}}));
  EXPECT_FALSE(translate(obs::Record{header(K::kAllocLatency, 7, 0, 0), {}}));
}

}  // namespace
}  // namespace sweepscope::telemetry
