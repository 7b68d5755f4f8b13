// The replica against a correct model: it accepts every session the protocol allows, in any order of the
// chunks, and its derived figures equal a slow recount.
#include "telemetry/replica/replica.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/session_model.h"
#include "tests/telemetry/replica/fold.h"

namespace sweepscope::telemetry {
namespace {

using testing::fold_all;
using testing::Folded;
using testing::generate_session;
using testing::Handover;
using testing::ModelPolicy;
using testing::SessionOptions;

uint64_t first_seed() {
  const char* set = std::getenv("SWEEPSCOPE_TEST_SEED");
  return set != nullptr ? std::strtoull(set, nullptr, 10) : 1;
}

Census slow_census(const Replica& replica) {
  Census census;
  census.free_pages = replica.page_extent();
  for (const SpanPicture& span : replica.spans()) {
    if (span.status == SpanStatus::kFree) continue;
    census.free_pages -= span.pages;
    if (span.status == SpanStatus::kManual) {
      census.manual_pages += span.pages;
    } else {
      const auto state = static_cast<size_t>(decode(span.sweepgen, replica.sweepgen()));
      ++census.spans[state];
      census.pages[state] += span.pages;
    }
  }
  return census;
}

TEST(Replica, AcceptsEverySessionOfTheModel) {
  for (uint64_t seed = first_seed(); seed < first_seed() + 60; ++seed) {
    for (ModelPolicy policy : {ModelPolicy::kLazy, ModelPolicy::kEager}) {
      for (Handover handover : {Handover::kInOrder, Handover::kChunked}) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const SessionOptions options{.seed = seed,
                                     .procs = 1 + static_cast<uint32_t>(seed % 9),
                                     .cycles = 5,
                                     .policy = policy,
                                     .handover = handover,
                                     .stw_mark = seed % 2 == 0};
        const Folded folded = fold_all(generate_session(options));
        ASSERT_EQ(folded.text(), "");
        EXPECT_EQ(folded.replica.sweepgen(), 10u);
        EXPECT_EQ(folded.replica.cycle(), 5u);
      }
    }
  }
}

TEST(Replica, ReachesTheSamePictureInAnyOrderOfChunks) {
  for (uint64_t seed = first_seed(); seed < first_seed() + 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SessionOptions options{.seed = seed};
    const auto ordered = generate_session(options);
    options.handover = Handover::kChunked;
    const auto chunked = generate_session(options);
    ASSERT_EQ(ordered.size(), chunked.size());
    EXPECT_EQ(fold_all(ordered).replica.hash(), fold_all(chunked).replica.hash());
  }
}

TEST(Replica, KeepsItsCensusEqualToASlowRecount) {
  Replica replica;
  size_t i = 0;
  for (const Event& event : generate_session({.seed = first_seed(), .procs = 6})) {
    replica.apply(event);
    if (++i % 7 != 0 && !std::holds_alternative<Turn>(event.body)) continue;
    const Census expected = slow_census(replica);
    ASSERT_EQ(replica.census().spans, expected.spans) << "after event " << i;
    ASSERT_EQ(replica.census().pages, expected.pages) << "after event " << i;
    ASSERT_EQ(replica.census().free_pages, expected.free_pages) << "after event " << i;
    ASSERT_EQ(replica.census().manual_pages, expected.manual_pages) << "after event " << i;
  }
}

TEST(Replica, MapsPagesToSpansAndSpansToCaches) {
  Replica replica;
  for (const Event& event : generate_session({.seed = first_seed()})) replica.apply(event);
  std::vector<SpanId> owner(replica.page_extent(), kNoId);
  uint32_t cached = 0;
  for (const SpanPicture& span : replica.spans()) {
    if (span.status == SpanStatus::kFree) continue;
    for (uint32_t page = span.first_page; page < span.first_page + span.pages; ++page) owner[page] = span.id;
    if (span.owner == kNoP) continue;
    ++cached;
    EXPECT_EQ(replica.ps()[span.owner].cache[span.span_class], span.id);
  }
  for (uint32_t page = 0; page < replica.page_extent(); ++page) {
    const SpanPicture* span = replica.span_at_page(page);
    EXPECT_EQ(span == nullptr ? kNoId : span->id, owner[page]) << "page " << page;
  }
  uint32_t counted = 0;
  for (const PPicture& p : replica.ps()) counted += p.cached;
  EXPECT_EQ(counted, cached);
  EXPECT_EQ(replica.span_at_page(replica.page_extent()), nullptr);
  EXPECT_EQ(replica.span_at_page(~0u), nullptr);
  EXPECT_EQ(replica.span(kNoId), nullptr);
}

TEST(Replica, MarksEveryChangedPageAsDirtyAndNoneAtATurn) {
  Replica replica;
  struct Cell {
    SpanId id = kNoId;
    uint32_t sweepgen = 0;
    uint16_t owner = kNoP;
    uint16_t alloc = 0;
    bool operator==(const Cell&) const = default;
  };
  std::vector<Cell> before;
  for (const Event& event : generate_session({.seed = first_seed(), .span_limit = 60})) {
    replica.apply(event);
    std::vector<Cell> after(replica.page_extent());
    for (uint32_t page = 0; page < replica.page_extent(); ++page)
      if (const SpanPicture* span = replica.span_at_page(page))
        after[page] = {span->id, span->sweepgen, span->owner, span->alloc_count};
    std::vector<bool> dirty(replica.page_extent());
    uint32_t end_of_last = 0;
    for (const auto& [first, last] : replica.take_dirty()) {
      ASSERT_LT(first, last);
      ASSERT_TRUE(first > end_of_last || end_of_last == 0) << "runs overlap or touch";
      end_of_last = last;
      std::fill(dirty.begin() + first, dirty.begin() + last, true);
    }
    before.resize(after.size());
    for (uint32_t page = 0; page < after.size(); ++page)
      if (!(after[page] == before[page])) {
        ASSERT_TRUE(dirty[page]) << "page " << page;
      }
    if (std::holds_alternative<Turn>(event.body)) {
      ASSERT_EQ(end_of_last, 0u);
    }
    before = std::move(after);
  }
}

TEST(Replica, BoundsItsDirtyRunsWithoutAConsumer) {
  const auto events =
      generate_session({.seed = first_seed(), .span_limit = 40000, .cycles = 1, .ops = 200000});
  Replica replica;
  for (const Event& event : events) replica.apply(event);
  EXPECT_LE(replica.take_dirty().size(), 16384u);
  EXPECT_TRUE(replica.take_dirty().empty());
}

TEST(Replica, HashDiffersBetweenStates) {
  const auto events = generate_session({.seed = first_seed(), .cycles = 1});
  Replica replica;
  uint64_t last = replica.hash();
  for (const Event& event : events) {
    replica.apply(event);
    const uint64_t now = replica.hash();
    if (std::holds_alternative<Transition>(event.body)) {
      EXPECT_NE(now, last);
    }
    if (std::holds_alternative<Log>(event.body) || std::holds_alternative<SweepCredit>(event.body)) {
      EXPECT_EQ(now, last);
    }
    last = now;
  }
  const Replica copy = replica;
  EXPECT_EQ(copy.hash(), last);
}

TEST(Replica, FollowsPhasesStopsPacerAndMarks) {
  const auto events = generate_session({.seed = first_seed(), .cycles = 2});
  Replica replica;
  bool stopped = false;
  for (const Event& event : events) {
    replica.apply(event);
    if (const auto* stw = std::get_if<Stw>(&event.body)) {
      if (stw->edge == StwEdge::kStopped) stopped = true;
      if (stw->edge == StwEdge::kReleased) stopped = false;
    }
    EXPECT_EQ(replica.world_stopped(), stopped);
    if (const auto* phase = std::get_if<PhaseChange>(&event.body)) {
      EXPECT_EQ(replica.phase(), phase->phase);
      EXPECT_EQ(replica.heap_live(), phase->heap_live);
      if (phase->phase == Phase::kMark) {
        EXPECT_EQ(replica.marked_now(), 0u);
      }
    }
    if (const auto* pacer = std::get_if<Pacer>(&event.body)) {
      EXPECT_EQ(replica.goal(), pacer->goal);
    }
  }
  EXPECT_EQ(replica.events(), events.size());
}

// What a panel shows in addition to the state of a span or a P.
TEST(Replica, RecordsLastChangeAndContentsOfSpansAndPs) {
  Replica replica;
  const auto fold = [&](int64_t ns, Body body) { ASSERT_FALSE(replica.apply({ns, 1, body})); };
  fold(1, Procresize{0, 2, 0});
  fold(10, SpanAllocated{0, 1, 0, 4, 0, 0, 4});
  fold(20, Transition{0, 2, 0, 3, 5, 1, Arc::kT2, Cause::kRefill, ListMembership::kEmpty});
  EXPECT_EQ(replica.span(0)->changed_ns, 20);
  EXPECT_EQ(replica.span(0)->alloc_count, 5u);
  EXPECT_EQ(replica.span(0)->list, ListMembership::kEmpty);
  fold(30, Transition{0, 3, 3, 0, 7, 1, Arc::kT4, Cause::kRelease, ListMembership::kNonempty});
  EXPECT_EQ(replica.span(0)->alloc_count, 7u);
  EXPECT_EQ(replica.ps()[1].cached, 0u);
  fold(40, Flush{1, FlushCause::kStats, 1, 0, 0, 0, 0});
  EXPECT_EQ(replica.ps()[1].flushed_ns, 40);
  EXPECT_EQ(replica.ps()[0].flushed_ns, PPicture{}.flushed_ns);
  fold(50, SpanFreed{0, 4, 0, 4, 0, 0});
  EXPECT_EQ(replica.span(0)->changed_ns, 50);
  EXPECT_EQ(replica.span(0)->alloc_count, 0u);
  EXPECT_EQ(replica.span(0)->list, ListMembership::kNone);
}

TEST(Replica, SurvivesHostileEvents) {
  std::mt19937_64 random(first_seed());
  const auto events = generate_session({.seed = first_seed(), .cycles = 2});
  for (int round = 0; round < 40; ++round) {
    Replica replica;
    for (Event event : events) {
      if (random() % 20 == 0) {
        std::visit(
            [&](auto& body) {
              static_assert(std::is_trivially_copyable_v<std::decay_t<decltype(body)>>);
              auto* bytes = reinterpret_cast<unsigned char*>(&body);
              const size_t at = random() % sizeof(body);
              // The highest byte of a span id would only exercise the allocator with its 300 MB cap.
              bytes[at] = static_cast<unsigned char>(at % 4 == 2 ? random() % 2 : random());
            },
            event.body);
      }
      replica.apply(event);
    }
    replica.finish();
    const Census expected = slow_census(replica);
    EXPECT_EQ(replica.census().spans, expected.spans);
    EXPECT_EQ(replica.census().free_pages, expected.free_pages);
  }
}

TEST(Replica, RefusesPlacesOutOfRangeWithoutAllocating) {
  Replica replica;
  EXPECT_EQ(replica.apply({1, 0, SpanAllocated{~0u, 1, 0, 1, 0, 0, 4}})->rule, "bounds");
  EXPECT_EQ(replica.apply({1, 0, SpanAllocated{0, 1, ~0u, 1, 0, 0, 4}})->rule, "bounds");
  EXPECT_EQ(replica.apply({1, 0, SpanAllocated{1, 1, 0, ~0u, 0, 0, 4}})->rule, "bounds");
  EXPECT_EQ(replica.apply({1, 0, SpanAllocated{2, 1, 0, 0, 0, 0, 4}})->rule, "bounds");
  EXPECT_EQ(replica.apply({1, 0, SpanAllocated{3, 1, 0, 1, 0, 0, 200}})->rule, "bounds");
  EXPECT_EQ(replica.apply({1, 0, Procresize{0, 1u << 30, 0}})->rule, "procresize");
  EXPECT_EQ(replica.page_extent(), 0u);
}

// The word of `sweepctl info` and of the dashboard (gui/models: phaseName).
TEST(Phase, HasOneWordForEveryReader) {
  EXPECT_STREQ(name(Phase::kOff), "off");
  EXPECT_STREQ(name(Phase::kSweepTermination), "sweep termination");
  EXPECT_STREQ(name(Phase::kMark), "mark");
  EXPECT_STREQ(name(Phase::kMarkTermination), "mark termination");
  EXPECT_STREQ(name(static_cast<Phase>(9)), "unknown");
}

}  // namespace
}  // namespace sweepscope::telemetry
