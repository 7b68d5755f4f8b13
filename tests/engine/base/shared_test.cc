// Shared words behave as atomics; random streams are reproducible.
#include "engine/base/shared.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <thread>
#include <type_traits>

#include "engine/base/random.h"

namespace sweepscope::engine {
namespace {

TEST(Shared, ModifiesAndReturnsTheOldValue) {
  constexpr std::memory_order kOrder = std::memory_order_seq_cst;
  Shared<uint32_t> word(5);
  EXPECT_EQ(word.load(kOrder, "test"), 5u);
  EXPECT_EQ(word.fetch_add(3, kOrder, "test"), 5u);
  EXPECT_EQ(word.fetch_sub(1, kOrder, "test"), 8u);
  EXPECT_EQ(word.fetch_or(8, kOrder, "test"), 7u);
  EXPECT_EQ(word.fetch_and(12, kOrder, "test"), 15u);
  EXPECT_EQ(word.exchange(40, kOrder, "test"), 12u);
  word.store(41, kOrder, "test");
  EXPECT_EQ(word.peek(), 41u);
  word.init(42);
  EXPECT_EQ(word.peek(), 42u);
}

TEST(Shared, CompareExchangeReturnsTheFoundValue) {
  Shared<uint32_t> word(1);
  uint32_t expected = 2;
  EXPECT_FALSE(
      word.compare_exchange(expected, 9, std::memory_order_acq_rel, std::memory_order_relaxed, "test"));
  EXPECT_EQ(expected, 1u);
  EXPECT_TRUE(
      word.compare_exchange(expected, 9, std::memory_order_acq_rel, std::memory_order_relaxed, "test"));
  EXPECT_EQ(word.peek(), 9u);
}

TEST(Shared, HasTheSizeOfTheAtomicInProduction) {
  static_assert(!kLaboratory);
  static_assert(sizeof(Shared<uint32_t>) == sizeof(uint32_t) && sizeof(Shared<uint64_t>) == sizeof(uint64_t));
}

TEST(Shared, ConcurrentAdditionsAreAllCounted) {
  Shared<uint64_t> word;
  auto add = [&] {
    for (int i = 0; i < 50000; ++i) word.fetch_add(1, std::memory_order_relaxed, "test: add");
  };
  std::thread one(add), two(add);
  one.join();
  two.join();
  EXPECT_EQ(word.peek(), 100000u);
}

static_assert(std::is_empty_v<Step>, "in production a step has no members");

TEST(Word, EveryWordHasAUniqueName) {
  std::set<std::string> names;
  for (int word = 0; word <= static_cast<int>(Word::kOther); ++word) {
    const char* text = name(static_cast<Word>(word));
    EXPECT_STRNE(text, "?");
    EXPECT_TRUE(names.insert(text).second) << text;
  }
}

TEST(Random, SameSeedGivesTheSameStream) {
  Random one(7), two(7), other(8);
  bool differs = false;
  for (int i = 0; i < 1000; ++i) {
    const uint64_t value = one.next();
    ASSERT_EQ(value, two.next());
    differs |= value != other.next();
  }
  EXPECT_TRUE(differs);
}

TEST(Random, BelowStaysInItsRangeAndReachesAllOfIt) {
  Random random(1);
  std::array<int, 10> hits{};
  for (int i = 0; i < 10000; ++i) ++hits.at(random.below(10));
  for (int count : hits) EXPECT_GT(count, 800);  // expected 1000, standard deviation 30
  for (int i = 0; i < 100; ++i) EXPECT_EQ(random.below(1), 0u);
}

TEST(Random, ChooseIsBelowInProduction) {
  Random one(3), two(3);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(one.choose("test: choice", 1000), two.below(1000));
}

}  // namespace
}  // namespace sweepscope::engine
