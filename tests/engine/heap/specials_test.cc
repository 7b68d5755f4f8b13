// Specials: their order, how a sweep processes them, and that a span is swept before one is linked.
#include "engine/heap/specials.h"

#include <gtest/gtest.h>

#include <map>

#include "engine/base/random.h"
#include "tests/engine/support/white_box.h"
#include "tests/support/seed.h"

namespace sweepscope::engine {
namespace {

using observe::Cause;
using enum SpecialKind;

struct SpecialsTest : ::testing::Test {
  WhiteBox box;
  M& m = box.m();
  MHeap& heap = box.heap();
  Specials& specials = box.heap().specials;
  NonPreemptible region{m};

  std::optional<SweepState> state(const MSpan& span) { return decode(span.sweepgen.peek(), box.h()); }
  bool add(uintptr_t address, SpecialKind kind, uint64_t token = 0) {
    return specials.add(m, heap, address, kind, token);
  }
  static std::vector<std::pair<uint32_t, SpecialKind>> records(const MSpan& span) {
    std::vector<std::pair<uint32_t, SpecialKind>> found;
    for (const Special* record = span.specials.peek(); record != nullptr; record = record->next)
      found.emplace_back(record->offset, record->kind);
    return found;
  }
  std::vector<uint64_t> take_all() {
    std::vector<uint64_t> tokens;
    while (const auto queued = specials.take(m)) tokens.push_back(queued->token);
    return tokens;
  }
};

TEST_F(SpecialsTest, AreSortedByOffsetThenKind) {
  MSpan& span = box.cached(8);
  const uintptr_t b = span.base;
  for (auto [offset, kind] : {std::pair{2048u, kProfile},
                              {0u, kProfile},
                              {2048u, kFinalizer},
                              {4096u, kFinalizer},
                              {2056u, kFinalizer}})
    EXPECT_TRUE(add(b + offset, kind));
  const std::vector<std::pair<uint32_t, SpecialKind>> sorted{
      {0, kProfile}, {2048, kFinalizer}, {2048, kProfile}, {2056, kFinalizer}, {4096, kFinalizer}};
  EXPECT_EQ(records(span), sorted);
  EXPECT_EQ(specials.records(), 5u);
}

TEST_F(SpecialsTest, AnAddressHasOneRecordOfAKind) {
  MSpan& span = box.cached(2);
  EXPECT_TRUE(add(span.base, kFinalizer, 1));
  EXPECT_FALSE(add(span.base, kFinalizer, 2));
  EXPECT_EQ(specials.records(), 1u);
  EXPECT_EQ(specials.remove(m, heap, span.base, kProfile), std::nullopt);
  EXPECT_EQ(specials.remove(m, heap, span.base, kFinalizer), 1u);
  EXPECT_EQ(specials.remove(m, heap, span.base, kFinalizer), std::nullopt);
  EXPECT_EQ(specials.records(), 0u);
  EXPECT_EQ(span.specials.peek(), nullptr);
}

TEST_F(SpecialsTest, DeadObjectWithAFinalizerLivesOneMoreCycleAndItsTokenIsQueued) {
  MSpan& span = box.cached(3);
  add(span.base + 1024, kFinalizer, 77);
  box.release();
  box.turn();
  box.sweep_all();
  EXPECT_EQ(span.alloc_count, 1u);
  EXPECT_EQ(span.alloc_word_at(0), 0b010u);
  EXPECT_EQ(span.specials.peek(), nullptr);
  ASSERT_EQ(specials.queue().size(), 1u);
  EXPECT_EQ(specials.queue().front().object, span.base + 1024);
  EXPECT_EQ(take_all(), std::vector<uint64_t>{77});
  box.turn();
  box.sweep_all();
  EXPECT_EQ(span.state.peek(), SpanState::kFree);
}

TEST_F(SpecialsTest, LiveObjectKeepsItsRecords) {
  MSpan& span = box.cached(3);
  add(span.base, kFinalizer);
  add(span.base, kProfile);
  box.release();
  box.turn();
  WhiteBox::mark(span, 0);
  box.sweep_all();
  EXPECT_EQ(records(span).size(), 2u);
  EXPECT_TRUE(specials.queue().empty());
}

TEST_F(SpecialsTest, RecordsOfADeadObjectWithoutFinalizerAreDropped) {
  MSpan& span = box.cached(3);
  add(span.base, kProfile);
  add(span.base + 2048, kProfile);
  box.release();
  box.turn();
  WhiteBox::mark(span, 2);
  box.sweep_all();
  EXPECT_EQ(records(span), (std::vector<std::pair<uint32_t, SpecialKind>>{{2048, kProfile}}));
  EXPECT_EQ(specials.records(), 1u);
  EXPECT_EQ(span.alloc_word_at(0), 0b100u);
}

TEST_F(SpecialsTest, AllFinalizersOfADeadObjectAreQueuedAndItsOtherRecordsStay) {
  MSpan& span = box.cached(2);
  add(span.base + 8, kFinalizer, 1);
  add(span.base + 16, kProfile, 2);
  add(span.base + 24, kFinalizer, 3);
  add(span.base + 1024, kProfile, 4);  // the next object has no finalizer
  box.release();
  box.turn();
  box.sweep_all();
  EXPECT_EQ(take_all(), (std::vector<uint64_t>{1, 3}));
  EXPECT_EQ(records(span), (std::vector<std::pair<uint32_t, SpecialKind>>{{16, kProfile}}));
  EXPECT_EQ(span.alloc_word_at(0), 0b01u);
}

TEST_F(SpecialsTest, LargeObjectIsFinalizedLikeASmallOne) {
  MSpan& span = *heap.alloc_span(m, 10, SpanClass(0, true), 80000);
  add(span.base + 50000, kFinalizer, 5);
  box.turn();
  box.sweep_all();
  EXPECT_EQ(span.state.peek(), SpanState::kInUse);
  EXPECT_EQ(take_all(), std::vector<uint64_t>{5});
  box.turn();
  box.sweep_all();
  EXPECT_EQ(span.state.peek(), SpanState::kFree);
}

TEST_F(SpecialsTest, SpanThatNeedsItIsSweptBeforeARecordIsLinked) {
  MSpan& span = box.cached(3);
  box.release();
  box.turn();
  WhiteBox::mark(span, 1);
  add(span.base + 1024, kFinalizer);
  EXPECT_EQ(state(span), SweepState::kSwept);
  EXPECT_EQ(m.swept_spans[static_cast<size_t>(Cause::kEnsureSwept)], 1u);
  box.sweep_all();
  EXPECT_EQ(specials.records(), 1u) << "the object was marked when the span was swept";
}

TEST_F(SpecialsTest, EnsureSweptLeavesACachedSpanCached) {
  MSpan& span = box.cached(3);
  ensure_swept(m, heap, span);
  EXPECT_EQ(state(span), SweepState::kCached);
}

TEST_F(SpecialsTest, RandomHistoryAgreesWithAPlainMap) {
  const uint64_t seed = testing::seed_or(11);
  SWEEPSCOPE_TRACE_SEED(seed);
  Random random(seed);
  MSpan& span = box.cached(7);  // never full: it stays on one list
  std::map<std::pair<uint32_t, SpecialKind>, uint64_t> expected;
  std::vector<uint64_t> queued;
  box.release();
  for (uint64_t step = 0; step < 4000; ++step) {
    const uint32_t offset = 1024 * random.below(7) + 8 * random.below(3);
    const SpecialKind kind = random.below(2) == 0 ? kFinalizer : kProfile;
    const uint32_t what = random.below(100);
    if (what < 60) {
      const bool fresh = expected.emplace(std::pair{offset, kind}, step).second;
      ASSERT_EQ(add(span.base + offset, kind, step), fresh);
    } else if (what < 90) {
      const auto found = expected.find({offset, kind});
      const auto token = specials.remove(m, heap, span.base + offset, kind);
      ASSERT_EQ(token.has_value(), found != expected.end());
      if (token) {
        ASSERT_EQ(*token, found->second);
        expected.erase(found);
      }
    } else {
      // A cycle in which one object is dead. Afterwards its bit is set again: a new object in the slot.
      const uint32_t dead = random.below(7);
      box.turn();
      for (uint32_t slot = 0; slot < 7; ++slot)
        if (slot != dead) WhiteBox::mark(span, slot);
      bool finalizer = false;
      for (const auto& [key, token] : expected)
        finalizer |= key.first / 1024 == dead && key.second == kFinalizer;
      std::erase_if(expected, [&](const auto& entry) {
        const auto& [key, token] = entry;
        if (key.first / 1024 != dead || (finalizer && key.second == kProfile)) return false;
        if (key.second == kFinalizer) queued.push_back(token);
        return true;
      });
      box.sweep_all();
      ASSERT_EQ(span.alloc_count, finalizer ? 7u : 6u) << step;
      ASSERT_EQ(take_all(), queued);
      queued.clear();
      if (!finalizer) {
        span.alloc_word_at(0) = 0x7F;
        span.alloc_count = 7;
      }
    }
    ASSERT_EQ(specials.records(), expected.size());
    auto entry = expected.begin();
    for (const auto& record : records(span)) ASSERT_EQ(record, (entry++)->first);
  }
}

}  // namespace
}  // namespace sweepscope::engine
