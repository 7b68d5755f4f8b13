// Work buffers: nothing pushed is lost or comes twice, whatever the borders of buffers and the threads.
#include "engine/gc/mark/mark_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

#include "tests/engine/support/white_box.h"
#include "tests/support/resident_bytes.h"

namespace sweepscope::engine {
namespace {

constexpr uint32_t kBuffer = WorkBuffer::kCapacity;

struct Work : ::testing::Test {
  WhiteBox box;
  WorkBuffers buffers{size_t{1} << 20};
  MarkPool pool{buffers};

  static std::vector<uintptr_t> drain(GreyWork& work) {
    std::vector<uintptr_t> popped;
    for (GreyEntry entry; work.pop(entry);) popped.push_back(entry.address());
    return popped;
  }
  std::vector<uintptr_t> drain_pool() {
    std::vector<uintptr_t> popped;
    while (WorkBuffer* buffer = pool.try_take()) {
      for (uint32_t i = 0; i < buffer->used; ++i) popped.push_back(buffer->entries[i].address());
      buffer->used = 0;
      buffers.give_back(*buffer);
    }
    return popped;
  }
};

std::vector<uintptr_t> numbers(uintptr_t n) {
  std::vector<uintptr_t> all(n);
  for (uintptr_t i = 0; i < n; ++i) all[i] = i + 1;
  return all;
}

TEST_F(Work, EntriesKeepTheirKindAndAddress) {
  for (const uintptr_t address : {uintptr_t{1}, uintptr_t{0xC0'0000'0008}, (uintptr_t{1} << 47) - 1}) {
    EXPECT_EQ(GreyEntry::reference(address).address(), address);
    EXPECT_FALSE(GreyEntry::reference(address).is_marked());
    EXPECT_EQ(GreyEntry::marked(address).address(), address);
    EXPECT_TRUE(GreyEntry::marked(address).is_marked());
  }
}

TEST_F(Work, GivesBackAllThatWasPushedWithinTwoBuffers) {
  for (const uint32_t n : {1u, kBuffer - 1, kBuffer, kBuffer + 1, 2 * kBuffer}) {
    GreyWork work(pool, box.m());
    for (uintptr_t i = 1; i <= n; ++i) work.push(GreyEntry::reference(i));
    EXPECT_EQ(work.size(), n);
    std::vector<uintptr_t> popped = drain(work);
    std::sort(popped.begin(), popped.end());
    EXPECT_EQ(popped, numbers(n));
    EXPECT_TRUE(pool.empty());
  }
}

TEST_F(Work, PutsWhatIsMoreThanTwoBuffersIntoThePool) {
  GreyWork work(pool, box.m());
  const uint32_t n = 5 * kBuffer + 3;
  for (uintptr_t i = 1; i <= n; ++i) work.push(GreyEntry::reference(i));
  EXPECT_LE(work.size(), 2 * kBuffer);
  std::vector<uintptr_t> popped = drain(work);
  for (const uintptr_t i : drain_pool()) popped.push_back(i);
  std::sort(popped.begin(), popped.end());
  EXPECT_EQ(popped, numbers(n));
}

TEST_F(Work, SharesHalfAndPublishesTheRest) {
  for (const uint32_t n : {2u, 3u, 100u, kBuffer, kBuffer + 2, 2 * kBuffer}) {
    GreyWork work(pool, box.m());
    for (uintptr_t i = 1; i <= n; ++i) work.push(GreyEntry::reference(i));
    work.share();
    EXPECT_FALSE(pool.empty());
    EXPECT_GT(work.size(), 0u);
    EXPECT_LT(work.size(), n);
    work.publish();
    EXPECT_EQ(work.size(), 0u);
    std::vector<uintptr_t> popped = drain_pool();
    std::sort(popped.begin(), popped.end());
    EXPECT_EQ(popped, numbers(n));
  }
}

// Threads push and take at once, each buffer many times: an entry that is lost or taken twice shows in the sum.
TEST_F(Work, NothingIsLostOrTakenTwiceBetweenThreads) {
  constexpr uint32_t kThreads = 4;
  constexpr uintptr_t kEach = 40'000;
  std::vector<std::vector<uintptr_t>> taken(kThreads);
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < kThreads; ++t) {
    M& m = box.runtime().threads().add();
    threads.emplace_back([&, t] {
      GreyWork work(pool, m);
      for (uintptr_t i = 1; i <= kEach; ++i) {
        work.push(GreyEntry::reference(t * kEach + i));
        if (i % 7 == 0) work.publish();
        if (i % 3 != 0) continue;
        GreyEntry entry;
        if (!work.pop(entry)) {
          WorkBuffer* const buffer = pool.try_take();
          if (buffer == nullptr) continue;
          work.receive(*buffer);
          ASSERT_TRUE(work.pop(entry));
        }
        taken[t].push_back(entry.address());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<uintptr_t> all = drain_pool();
  for (const auto& of_thread : taken) all.insert(all.end(), of_thread.begin(), of_thread.end());
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, numbers(kThreads * kEach));
}

// Takes so many at once, and gives them back in another order.
void use(WorkBuffers& buffers, Context& m, uint32_t n) {
  std::vector<WorkBuffer*> taken;
  for (uint32_t i = 0; i < n; ++i) taken.push_back(&buffers.take(m));
  std::set<WorkBuffer*> distinct(taken.begin(), taken.end());
  EXPECT_EQ(distinct.size(), n);
  for (uint32_t i = 0; i < n; ++i) {
    EXPECT_EQ(taken[i]->used, 0u);
    EXPECT_LT(taken[i]->index, buffers.made());
    buffers.give_back(*taken[(i * 7) % n]);
  }
}

TEST_F(Work, MemoryOfBuffersThatTwoMarkingsDidNotUseGoesBack) {
  constexpr uint32_t kChunk = 512, kMany = 10 * kChunk + 1;
  use(buffers, box.m(), kMany);
  EXPECT_EQ(buffers.made(), 11 * kChunk);
  buffers.shrink(box.m());
  EXPECT_EQ(buffers.made(), 11 * kChunk) << "the marking before used them";
  use(buffers, box.m(), kChunk + 1);
  buffers.shrink(box.m());
  EXPECT_EQ(buffers.made(), 11 * kChunk) << "the last but one used them";
  use(buffers, box.m(), 10);
  const auto* const memory = reinterpret_cast<std::byte*>(buffers.all());
  constexpr uint64_t kAll = 11 * kChunk * sizeof(WorkBuffer);
  EXPECT_GT(testing::resident_bytes(memory, kAll), kAll / 2);
  buffers.shrink(box.m());
  EXPECT_EQ(buffers.made(), 2 * kChunk);
  EXPECT_LE(testing::resident_bytes(memory, kAll), 2 * kChunk * sizeof(WorkBuffer));
  buffers.shrink(box.m());
  buffers.shrink(box.m());
  EXPECT_EQ(buffers.made(), kChunk) << "one chunk stays";
  use(buffers, box.m(), kMany);
  EXPECT_EQ(buffers.made(), 11 * kChunk);
}

TEST_F(Work, OneCallGivesBackABoundedNumberOfChunks) {
  constexpr uint32_t kChunk = 512;
  WorkBuffers many{size_t{1} << 30};
  use(many, box.m(), 100 * kChunk);
  many.shrink(box.m());
  many.shrink(box.m());
  EXPECT_EQ(many.made(), 100 * kChunk);
  many.shrink(box.m());
  EXPECT_EQ(many.made(), 36 * kChunk);
  many.shrink(box.m());
  EXPECT_EQ(many.made(), kChunk);
}

// Arrays that refer to a small object in each word but the last, which refers to the next array: the references of all
// are grey at once.
TEST(MarkBuffers, EngineGivesBackWhatAWideGraphNeeded) {
  constexpr uint32_t kArrays = 64, kLength = 16'000;
  EngineOptions options = quiet_options(2);
  options.cores = 2;
  options.concurrent_mark = true;
  const Engine::Created made = Engine::create(options);
  ASSERT_NE(made.engine, nullptr) << made.error;
  Engine& engine = *made.engine;
  const auto buffers_made = [&engine] { return engine.runtime().marking().buffers_made(); };
  uint32_t wide = 0;
  engine.start_mutator("main", [&](Mutator& m) {
    Local<Ref<std::byte>> first(m), next(m);
    Local<std::byte> leaf(m, make_bytes(m, 64));
    for (uint32_t i = 0; i < kArrays; ++i) {
      first = make_refs<std::byte>(m, kLength);
      for (uint32_t word = 0; word + 1 < kLength; ++word) first.get()[word].set(m, leaf.get());
      first.get()[kLength - 1].set(m, reinterpret_cast<std::byte*>(next.get()));
      next = first.get();
      m.poll();
    }
    m.collect();
    wide = buffers_made();
    first = nullptr;
    next = nullptr;
    for (int i = 0; i < 3; ++i) m.collect();
  });
  engine.join_mutators();
  EXPECT_GT(wide, kArrays * kLength / kBuffer / 4);
  EXPECT_EQ(buffers_made(), 512u);
  engine.collect();
  expect_sound(engine);
}

}  // namespace
}  // namespace sweepscope::engine
