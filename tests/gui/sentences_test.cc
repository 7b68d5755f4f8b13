// A sentence reports the event's values, also where a fault makes them differ from the arc's.
#include "gui/models/sentences.h"

#include <gtest/gtest.h>

#include "gui/models/heap_census.h"
#include "gui/models/page_codes.h"
#include "gui/models/span_story.h"
#include "tests/gui/support/fired_check.h"
#include "tests/gui/support/memory_log.h"

namespace sweepscope::gui {
namespace {

using namespace telemetry;

Sentence of(const Body& body, std::optional<uint32_t> sg = {}) { return describe(Event{0, 0, body}, {}, sg); }

Transition transition(Arc arc, uint32_t from, uint32_t to) {
  return {3, 2, from, to, 5, 1, arc, Cause::kNone, ListMembership::kNonempty};
}

TEST(Sentences, AnArcWhoseValuesMatchIsNamedWithItsDistances) {
  const Sentence refill = of(transition(Arc::kT2, 12, 15), 12);
  EXPECT_EQ(refill.text, "P1 puts it into its cache and may now allocate from it");
  EXPECT_EQ(refill.rule, "T2");
  EXPECT_EQ(refill.step, QStringLiteral("0 \u2192 +3"));
  EXPECT_EQ(refill.after, CellState::kCached);
  EXPECT_EQ(of(transition(Arc::kT7, 13, 11), 12).step, QStringLiteral("+1 \u2192 -1"));
}

TEST(Sentences, AnArcWhoseValuesDifferIsNotClaimed) {
  for (const std::optional<uint32_t> sg : {std::optional<uint32_t>(12), std::optional<uint32_t>()}) {
    const Sentence cached = of(transition(Arc::kT2, 12, 14), sg);  // cached-is-plus-two
    EXPECT_EQ(cached.text, "P1 moves it from 0 to +2 (illegal), but T2 leads from 0 to +3");
    EXPECT_EQ(cached.rule, "not T2");
    EXPECT_EQ(cached.step, QStringLiteral("0 \u2192 +2"));
    EXPECT_EQ(cached.after, CellState::kIllegal);
  }
  const Sentence swept = of(transition(Arc::kT8a, 12, 12), 12);
  EXPECT_FALSE(swept.text.contains(QLatin1String("Swept"))) << qPrintable(swept.text);
  EXPECT_EQ(swept.after, CellState::kSwept);
  // The arc's own difference, but in another generation.
  const Sentence late = of(transition(Arc::kT2, 10, 13), 12);
  EXPECT_EQ(late.step, QStringLiteral("-2 \u2192 +1"));
  EXPECT_EQ(late.after, CellState::kStale);
}

TEST(Sentences, EveryArcIsNamedAtItsOwnDistancesAndAtNoOther) {
  const std::pair<Arc, std::pair<int, int>> arcs[] = {
      {Arc::kT2, {0, 3}},  {Arc::kT3, {3, 0}},   {Arc::kT4, {3, 0}},  {Arc::kT6, {-2, -1}},
      {Arc::kT7, {1, -1}}, {Arc::kT8a, {-1, 0}}, {Arc::kT8b, {-1, 0}}};
  constexpr uint32_t kSg = 12;
  for (const auto& [arc, own] : arcs)
    for (int from = -4; from <= 4; ++from)
      for (int to = -4; to <= 4; ++to) {
        const Sentence s =
            of(transition(arc, kSg + static_cast<uint32_t>(from), kSg + static_cast<uint32_t>(to)), kSg);
        EXPECT_EQ(s.rule.startsWith(QLatin1String("not ")), std::pair(from, to) != own)
            << s.rule.toStdString();
        EXPECT_EQ(s.after, stateAtDistance(static_cast<uint32_t>(to))) << s.step.toStdString();
      }
}

TEST(Sentences, ASweptSpanIsOnTheListOfItsEvent) {
  Transition t = transition(Arc::kT8b, 11, 12);
  EXPECT_EQ(of(t, 12).text, "Swept with slots freed, 5 objects live; on its mcentral's nonempty list");
  t.list = ListMembership::kNone;
  t.alloc_count = 1;
  EXPECT_EQ(of(t, 12).text, "Swept with slots freed, 1 object live; on no list");
}

TEST(Sentences, ANewSpanIsClaimedSweptOnlyAtZero) {
  SpanAllocated span{3, 1, 0, 1, 12, 0, 20};
  EXPECT_EQ(of(span, 12).after, CellState::kSwept);
  EXPECT_EQ(of(span, 12).step, QStringLiteral("free \u2192 0"));
  span.sweepgen = 10;
  EXPECT_EQ(of(span, 12).after, CellState::kNeeds);
  EXPECT_TRUE(of(span, 12).text.endsWith(QLatin1String("at -2 (needs sweep), but T1 leads to 0")))
      << qPrintable(of(span, 12).text);
  span.span_class = kManualSpanClass;  // its sweepgen has no meaning
  EXPECT_EQ(of(span, 12).step, QStringLiteral("free \u2192 stack"));
  EXPECT_EQ(of(span, 12).after, CellState::kStack);
}

TEST(Sentences, AFreedSpanShowsTheDistanceOfItsSweepgen) {
  EXPECT_EQ(of(SpanFreed{3, 2, 0, 1, 12, 0}, 12).step, QStringLiteral("0 \u2192 free"));
  EXPECT_EQ(of(SpanFreed{3, 2, 0, 1, 15, 0}, 12).step, QStringLiteral("sweepgen 15 \u2192 free"));
}

TEST(Sentences, ATurnByOtherThanTwoIsNotT5) {
  EXPECT_EQ(of(Turn{1, 10, 12, 1, 4}).text,
            QStringLiteral(
                "The turn: sg 10 \u2192 12. It changes the state of 1 span without a write to any span"));
  EXPECT_EQ(of(Turn{1, 10, 12, 1, 4}).rule, "T5");
  EXPECT_EQ(of(Turn{1, 10, 11, 7, 4}).rule, "not T5");
}

TEST(Sentences, AStepNamesTheValueWrittenAndTheProtocolsValue) {
  SessionInfo info;
  info.step_names = {{7, "refill: mark cached, sweepgen := h+3"},
                     {8, "claim: CAS sweepgen h-2 -> h-1"},
                     {9, "flush: flush_gen := h before the flush"}};
  info.stream_names = {{2, "mutator"}};
  const auto text = [&](uint32_t step, StepOp op, uint32_t after) {
    StepTaken taken{};
    taken.fiber = 2, taken.step = step, taken.op = op, taken.after = after;
    return describe(Event{0, 0, taken}, info, 12).text;
  };
  EXPECT_EQ(text(7, StepOp::kStore, 15), "mutator: refill: mark cached, sweepgen := sg+3");
  EXPECT_EQ(text(7, StepOp::kStore, 14),
            "mutator: refill: mark cached, sweepgen := sg+2 where the protocol writes sg+3");
  EXPECT_EQ(text(8, StepOp::kCasWon, 11), "mutator: claim: CAS sweepgen sg-2 -> sg-1");
  EXPECT_EQ(text(8, StepOp::kCasWon, 9),
            "mutator: claim: CAS sweepgen sg-2 -> sg-3 where the protocol writes sg-1");
  EXPECT_EQ(text(8, StepOp::kCasLost, 9), "mutator: claim: CAS sweepgen sg-2 -> sg-1")
      << "nothing was written";
  EXPECT_EQ(text(9, StepOp::kStore, 12), "mutator: flush: flush_gen := sg before the flush");
  EXPECT_EQ(text(9, StepOp::kStore, 10),
            "mutator: flush: flush_gen := sg-2 before the flush where the protocol writes sg");
}

TEST(Sentences, ACheckWithoutASweepgenClaimsNoDistance) {
  CheckFired check = testing::firedCheck(0);
  check.sweepgen = 12;
  EXPECT_EQ(describe(check), "Engine check 4 fired, span 3");
}

TEST(Sentences, CountsAgreeWithTheirNouns) {
  EXPECT_TRUE(of(Flush{1, FlushCause::kAcquireP, 1, 0, 5, 12, 0}).text.contains(QLatin1String(": 1 span,")));
  EXPECT_EQ(of(SweepCredit{1, 1, 8192, 0}).text, "P1 swept 1 page before allocating 8.0 KiB");
  EXPECT_TRUE(of(MarkProgress{1, 0, 1, 64}).text.endsWith(QLatin1String("in 1 object")));
  EXPECT_EQ(of(Procresize{4, 4, 0}).text, "The number of Ps stays 4");
  EXPECT_EQ(of(SpanFreed{3, 2, 0, 1, 12, 0}, 12).text, "1 page is free again");
}

TEST(Sentences, TheFiguresOfACycleNameItAndTheirUnits) {
  EXPECT_EQ(of(MarkWork{3, MarkedBy::kDedicated, 2'140'000, 40 << 20}).text,
            "Cycle 3: dedicated workers marked for 2.14 ms and scanned 40.0 MiB");
  EXPECT_EQ(of(MarkWork{3, MarkedBy::kAssist, 900, 100}).text,
            "Cycle 3: assists marked for 900 ns and scanned 100 B");
  EXPECT_EQ(
      of(MarkShare{3, 271'400, 875'000, 3 << 20}).text,
      "Cycle 3: marking used 27.1 % of the Ps, workers scanned 3.0 MiB in place of assists; its trigger "
      "was 87.5 % above the marked heap");
  EXPECT_EQ(of(AllocLatency{3, AllocPath::kFast, 12'345, 0, 0}).text,
            "Cycle 3: 12,345 allocations took a free slot of a cached span");
  EXPECT_EQ(of(AllocLatency{3, AllocPath::kGrow, 2, 3'000, 2'500}).text,
            "Cycle 3: 2 allocations made a span of free pages; 1.50 us on average, 2.50 us at most");
  EXPECT_EQ(of(AllocLatency{3, AllocPath::kCollect, 1, 7, 7}).text,
            "Cycle 3: 1 allocation began a collection, or waited for one; 7 ns on average, 7 ns at most");
}

TEST(Sentences, ThoseOfTheLaboratoryCountSteps) {
  SessionInfo info;
  info.engine_build = "laboratory";
  EXPECT_EQ(describe(Event{0, 0, MarkWork{1, MarkedBy::kIdle, 12, 64}}, info, {}).text,
            "Cycle 1: idle workers marked for 12 steps and scanned 64 B");
}

TEST(Sentences, TheStoryOfASpanHasTheGenerationOfEachOfItsEvents) {
  testing::MemoryLog log(
      {{0, 0, Turn{1, 10, 12, 0, 1}},
       {1, 0, SpanAllocated{0, 1, 0, 1, 12, 0, 20}},
       {2, 0, Turn{2, 12, 14, 1, 1}},
       {3, 0, Transition{0, 2, 12, 13, 0, 0, Arc::kT6, Cause::kBackground, ListMembership::kNone}}});
  const SpanStory story = readStory(log, 0, 4, 14);
  ASSERT_EQ(story.events.size(), 2u);
  EXPECT_EQ(story.events[0].sweepgen, 12u);
  EXPECT_EQ(story.events[1].sweepgen, 14u);
}

TEST(HeapCensus, KeepsTheDistanceOfTheIllegalAndCountsTheUnknownAsTheMapPaintsThem) {
  Replica replica;
  replica.apply({0, 1, Turn{1, 10, 12, 0, 4}});
  const uint32_t gens[] = {12, 14, 14, 9, 8, 200};
  for (SpanId id = 0; id < std::size(gens); ++id)
    replica.apply({0, 1, SpanAllocated{id, 1, id * 2, 2, gens[id], 0, 20}});
  HeapCensus census = heapCensus(replica);
  EXPECT_EQ(census.illegalAt(2).spans, 2u);
  EXPECT_EQ(census.illegalAt(2).pages, 4u);
  EXPECT_EQ(census.illegalAt(-3).spans, 1u);
  EXPECT_EQ(census.illegalAt(-4).spans, 1u);
  EXPECT_EQ(census.illegalAt(188).spans, 1u);
  EXPECT_EQ(census[CellState::kIllegal].spans, 5u);
  EXPECT_EQ(census[CellState::kSwept].spans, 1u);
  // A lost event of span 0: from its next event the map paints it unknown.
  replica.declare_loss(1);
  replica.apply({1, 1, Transition{0, 7, 12, 15, 0, 0, Arc::kT2, Cause::kRefill, ListMembership::kNone}});
  ASSERT_TRUE(replica.span(0)->unknown);
  census = heapCensus(replica);
  EXPECT_EQ(census[CellState::kUnknown].spans, 1u);
  EXPECT_EQ(census[CellState::kSwept].spans + census[CellState::kCached].spans, 0u);
  uint64_t pages = 0;
  for (const SpanCount& count : census.states) pages += count.pages;
  EXPECT_EQ(pages, replica.page_extent());
}

TEST(PhaseName, IsTheWordOfSweepctlInfo) {
  for (int phase = 0; phase < 5; ++phase)
    EXPECT_EQ(phaseName(telemetry::Phase(phase)), QLatin1String(telemetry::name(telemetry::Phase(phase))));
}

}  // namespace
}  // namespace sweepscope::gui
