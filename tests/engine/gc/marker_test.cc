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

// Spans of several pages: an object's mark is found from whichever page it lies on.
TEST_P(MarkerTest, ObjectsOnEveryPageOfASpanAreMarked) {
  for (uint8_t size_class = 1; size_class < kNumSizeClasses; ++size_class) {
    if (class_pages(size_class) == 1) continue;
    const size_t n = 2 * class_objects(size_class);
    Local<Ref<std::byte>> array(mutator, make_refs<std::byte>(mutator, n));
    std::set<uint32_t> spans;
    for (size_t i = 0; i < n; ++i) {
      array[i].set(mutator, static_cast<std::byte*>(allocate(mutator, class_size(size_class), i % 2)));
      spans.insert(box.heap().find(reinterpret_cast<uintptr_t>(array[i].get()))->id);
    }
    EXPECT_EQ(marked_objects(), n + 1) << class_size(size_class) << " bytes";
    size_t kept = 0;
    for (const uint32_t id : spans) kept += box.heap().span(id).allocated();
    EXPECT_EQ(kept, n) << class_size(size_class) << " bytes";
  }
}

INSTANTIATE_TEST_SUITE_P(Program, MarkerTest, ::testing::Bool(),
                         [](const auto& p) { return p.param ? "Running" : "Stopped"; });

// A marker that gives up its work gives up what it had prefetched, too.
TEST(MarkerRing, WhatIsArrivingIsPublished) {
  WhiteBox box;
  Mutator mutator(box.m(), box.runtime());
  constexpr uint32_t kObjects = 100;
  Local<Ref<std::byte>> objects(mutator, make_refs<std::byte>(mutator, kObjects));
  WorkBuffers buffers(size_t{1} << 20);
  MarkPool pool(buffers);
  Marker first(box.heap(), pool, box.m(), 0, 1, Program::kStopped);
  for (uint32_t i = 0; i < kObjects; ++i) {
    objects[i].set(mutator, make_bytes(mutator, 16));
    first.mark_root(reinterpret_cast<uintptr_t>(objects[i].get()));
  }
  EXPECT_TRUE(first.scan_some(1));
  EXPECT_EQ(box.m().marked.objects, 1u);
  first.publish();
  Marker second(box.heap(), pool, box.m(), 1, 1, Program::kStopped);
  while (second.take_from_pool())
    while (second.scan_some(8)) {
    }
  EXPECT_EQ(box.m().marked.objects, kObjects);
}

// A hungry worker must not end while another one still works, because that may share its work.
TEST(MarkPool, GivesWorkToAHungryWorkerUntilAllAreHungry) {
  WhiteBox box;
  WorkBuffers buffers(size_t{1} << 20);
  MarkPool pool(buffers);
  pool.begin(2);
  std::vector<GreyEntry> taken;
  std::atomic<bool> ended{false};
  std::thread other([&] {
    while (WorkBuffer* buffer = pool.take()) {
      taken.insert(taken.end(), buffer->entries, buffer->entries + buffer->used);
      buffer->used = 0;
      buffers.give_back(*buffer);
    }
    ended = true;
  });
  for (uintptr_t work = 1; work <= 3; ++work) {
    while (!pool.wants_work() && !ended) std::this_thread::yield();
    GreyWork(pool, box.m()).push(GreyEntry::reference(work));
    while (!pool.empty() && !ended) std::this_thread::yield();
  }
  EXPECT_FALSE(ended) << "ended while another worker had work";
  if (!ended) {
    EXPECT_EQ(pool.take(), nullptr);
  }
  other.join();
  ASSERT_EQ(taken.size(), 3u);
  for (uintptr_t work = 1; work <= 3; ++work) EXPECT_EQ(taken[work - 1], GreyEntry::reference(work));
  pool.end(box.m());
}

}  // namespace
}  // namespace sweepscope::engine
