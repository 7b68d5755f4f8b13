// Markers follow every reference of an object of any length.
#include "engine/gc/mark/marker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

constexpr size_t kObletWords = (128 << 10) / 8;  // long objects are scanned in pieces of this length

EngineOptions options_of(bool concurrent) {
  EngineOptions options = quiet_options(1);
  options.cores = 2;
  options.markers = 1;
  options.concurrent_mark = concurrent;
  return options;
}

class MarkerTest : public ::testing::TestWithParam<bool> {
 protected:
  WhiteBox box{options_of(GetParam())};
  Mutator mutator{box.m(), box.runtime()};

  uint64_t marked_objects() {
    mutator.collect();
    return box.runtime().collector().records().back().marked_objects;
  }
};

// The words at both sides of each border between two pieces, and both ends.
std::set<size_t> places_in(size_t words) {
  std::set<size_t> places{0, words - 1};
  for (size_t border = kObletWords; border < words; border += kObletWords)
    for (size_t place : {border - 1, border, border + 1})
      if (place < words) places.insert(place);
  return places;
}

TEST_P(MarkerTest, FollowsEveryPieceOfALongArray) {
  for (const size_t words : {kObletWords - 1, kObletWords, kObletWords + 1, 2 * kObletWords - 1,
                             2 * kObletWords, 2 * kObletWords + 1, 5 * kObletWords / 2, 3 * kObletWords}) {
    Local<Ref<std::byte>> array(mutator, make_refs<std::byte>(mutator, words));
    const std::set<size_t> places = places_in(words);
    for (const size_t place : places) array[place].set(mutator, make_bytes(mutator, 16));
    EXPECT_EQ(marked_objects(), places.size() + 1) << words << " words";
  }
}

TEST_P(MarkerTest, FollowsAWholeArrayFromAReferenceIntoItsMiddle) {
  constexpr size_t kWords = 3 * kObletWords + 7;
  Ref<std::byte>* const array = make_refs<std::byte>(mutator, kWords);
  Local<Ref<std::byte>> middle(mutator, array + 2 * kObletWords + 5);
  const std::set<size_t> places = places_in(kWords);
  for (const size_t place : places) array[place].set(mutator, make_bytes(mutator, 16));
  EXPECT_EQ(marked_objects(), places.size() + 1);
}

INSTANTIATE_TEST_SUITE_P(Program, MarkerTest, ::testing::Bool(),
                         [](const auto& p) { return p.param ? "Running" : "Stopped"; });

// A hungry worker must not end while another one still works, because that may share its work.
TEST(MarkPool, GivesWorkToAHungryWorkerUntilAllAreHungry) {
  WhiteBox box;
  MarkPool pool;
  pool.begin(2);
  M& hungry = box.runtime().threads().add();
  std::vector<MarkPool::Batch> taken;
  std::atomic<bool> ended{false};
  std::thread other([&] {
    do taken.push_back(pool.take(hungry));
    while (!taken.back().empty());
    ended = true;
  });
  for (uintptr_t work = 1; work <= 3; ++work) {
    while (!pool.wants_work() && !ended) std::this_thread::yield();
    pool.put(box.m(), {work});
    while (!pool.empty() && !ended) std::this_thread::yield();
  }
  EXPECT_FALSE(ended) << "ended while another worker had work";
  if (!ended) {
    EXPECT_TRUE(pool.take(box.m()).empty());
  }
  other.join();
  ASSERT_EQ(taken.size(), 4u);
  for (uintptr_t work = 1; work <= 3; ++work) EXPECT_EQ(taken[work - 1], MarkPool::Batch{work});
  pool.end(box.m());
}

}  // namespace
}  // namespace sweepscope::engine
