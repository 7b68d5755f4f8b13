// The scavenger: the process's resident memory follows what is in use.
#include "engine/gc/scavenger.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <thread>

#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

struct Chunk {
  static constexpr size_t kRefs = 1;
  Ref<Chunk> next;
  std::byte rest[4096 - sizeof(Ref<Chunk>)];
};

uint64_t resident_bytes() {
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  unsigned long size = 0, resident = 0;
  const int read = std::fscanf(file, "%lu %lu", &size, &resident);
  std::fclose(file);
  return read == 2 ? resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

// A list of `bytes`, every byte of it written.
void make_list(Mutator& m, Local<Chunk>& list, uint64_t bytes) {
  list = nullptr;
  for (uint64_t made = 0; made < bytes; made += sizeof(Chunk)) {
    Chunk* const chunk = make<Chunk>(m);
    std::memset(chunk->rest, 0x5A, sizeof chunk->rest);
    chunk->next.set(m, list.get());
    list = chunk;
    m.poll();
  }
}

EngineOptions scavenging_options() {
  EngineOptions options = quiet_options();
  options.gogc = 100;
  options.max_heap_bytes = 2048 * kMiB;
  options.arena_bytes = 64 * kMiB;
  options.background_sweeper = options.scavenger = true;
  return options;
}

void wait_until_scavenged(Engine& engine, uint64_t bytes) {
  while (engine.runtime().heap().scavenged_bytes.peek() < bytes) std::this_thread::yield();
}

TEST(Scavenger, ResidentMemoryFallsAfterTheProgramDropsItsHeap) {
  if (resident_bytes() == 0) GTEST_SKIP() << "no /proc/self/statm";
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr uint64_t kBytes = 100 * kMiB;
#else
  constexpr uint64_t kBytes = 500 * kMiB;
#endif
  Engine::Created made = Engine::create(scavenging_options());
  ASSERT_NE(made.engine, nullptr) << made.error;
  Engine& engine = *made.engine;
  uint64_t full = 0;
  engine.start_mutator("main", [&](Mutator& m) {
    Local<Chunk> list(m);
    make_list(m, list, kBytes);
    full = resident_bytes();
    list = nullptr;
    for (int i = 0; i < 5; ++i) m.collect();
  });
  engine.join_mutators();
  const uint64_t dropped = kBytes - kBytes / 10;  // what the goal of 4 MiB keeps is less than the rest
  wait_until_scavenged(engine, dropped);
  const uint64_t now = resident_bytes();
  RecordProperty("full_mib", std::to_string(full / kMiB));
  RecordProperty("now_mib", std::to_string(now / kMiB));
  std::printf("resident: %llu MiB with the heap, %llu MiB without\n",
              static_cast<unsigned long long>(full / kMiB), static_cast<unsigned long long>(now / kMiB));
  EXPECT_LT(now, full - dropped / 3 * 2);  // a sanitizer's own memory follows the heap's, and stays
  EXPECT_GE(engine.stats().scavenged_bytes, dropped);
  expect_sound(engine);
}

// A heap in its steady state needs its free pages again before it reaches its goal: they are to be kept.
TEST(Scavenger, KeepsWhatASteadyHeapNeedsForItsNextCycle) {
  EngineOptions options = scavenging_options();
  options.scavenger = false;
  Engine::Created made = Engine::create(options);
  ASSERT_NE(made.engine, nullptr) << made.error;
  Engine& engine = *made.engine;
  MHeap& heap = engine.runtime().heap();
  M& scavenger = engine.runtime().threads().add();
  engine.start_mutator("main", [&](Mutator& m) {
    Local<Chunk> live(m), garbage(m);
    make_list(m, live, 20 * kMiB);
    for (int i = 0; i < 200; ++i) make_list(m, garbage, kMiB);
    garbage = nullptr;
    m.collect();
    const uint64_t keep = pacer::retained_free(engine.runtime().pacing().goal(), heap.heap_live.peek());
    EXPECT_GT(keep, 10 * kMiB);
    heap.begin_scavenging(scavenger);
    PageRuns::Look look = heap.take_piece(scavenger, keep);
    EXPECT_EQ(look.pages, 0u);
    EXPECT_FALSE(look.more);
    look = heap.take_piece(scavenger, 0);
    EXPECT_GT(look.pages, 0u) << "there were pages to keep";
    EXPECT_TRUE(heap.return_piece(scavenger, look));
  });
  engine.join_mutators();
  EXPECT_GT(engine.stats().cycles, 5u);
}

// Heaps grow and shrink while a thread scavenges without rest, so that pages are taken while others are being given
// back: new memory is zero, and what is in use keeps its contents.
TEST(Scavenger, PagesInUseKeepTheirContentsWhileOthersAreScavenged) {
  EngineOptions options = scavenging_options();
  options.scavenger = false;
  options.procs = 3;
  options.cores = 2;
  options.gogc = 10;
  options.max_heap_bytes = options.arena_bytes = 64 * kMiB;
  options.concurrent_mark = true;
  options.verify = true;
  Engine::Created made = Engine::create(options);
  ASSERT_NE(made.engine, nullptr) << made.error;
  Engine& engine = *made.engine;
  std::atomic<uint64_t> not_zero{0}, lost{0};
  std::atomic<bool> done{false};
  std::thread scavenger([&, &m = engine.runtime().threads().add()] {
    MHeap& heap = engine.runtime().heap();
    while (!done) {
      heap.begin_scavenging(m);
      for (PageRuns::Look look = heap.take_piece(m, 0); look.more && !done; look = heap.take_piece(m, 0))
        if (look.pages > 0) heap.return_piece(m, look);
    }
  });
  for (uint32_t i = 0; i < 3; ++i)
    engine.start_mutator("mutator " + std::to_string(i), [&](Mutator& m) {
      Local<Chunk> list(m);
      uint64_t dirty_bytes = 0, lost_bytes = 0;
      for (uint32_t made_bytes = 0; made_bytes < 48 * kMiB; made_bytes += sizeof(Chunk)) {
        Chunk* const chunk = make<Chunk>(m);
        for (const std::byte b : chunk->rest) dirty_bytes += b != std::byte{0};
        std::memset(chunk->rest, 0x5A, sizeof chunk->rest);
        chunk->next.set(m, list.get());
        list = chunk;
        if (made_bytes % (4 * kMiB) == 0) {
          for (const Chunk* at = list.get(); at != nullptr; at = at->next.get())
            for (const std::byte b : at->rest) lost_bytes += b != std::byte{0x5A};
          list = nullptr;
        }
        m.poll();
      }
      not_zero += dirty_bytes;
      lost += lost_bytes;
    });
  engine.join_mutators();
  done = true;
  scavenger.join();
  EXPECT_EQ(not_zero, 0u);
  EXPECT_EQ(lost, 0u);
  EXPECT_GT(engine.stats().scavenged_bytes, 0u);
  expect_sound(engine);
}

// Pages may be out while the world stands: the stop waits for no system call, and the verifier knows of them.
TEST(Scavenger, NoStopWaitsForPagesThatAreBeingScavenged) {
  EngineOptions options = quiet_options();
  Engine::Created made = Engine::create(options);
  ASSERT_NE(made.engine, nullptr) << made.error;
  Engine& engine = *made.engine;
  engine.start_mutator("main", [](Mutator& m) {
    Local<Chunk> list(m);
    make_list(m, list, 4 * kMiB);
  });
  engine.join_mutators();
  engine.collect();
  MHeap& heap = engine.runtime().heap();
  M& scavenger = engine.runtime().threads().add();
  heap.begin_scavenging(scavenger);
  const PageRuns::Look piece = heap.take_piece(scavenger, 0);
  ASSERT_GT(piece.pages, 0u);
  engine.collect();
  expect_sound(engine);
  EXPECT_EQ(engine.stats().cycles, 2u);
  EXPECT_TRUE(heap.return_piece(scavenger, piece));
  EXPECT_EQ(engine.stats().scavenged_bytes, uint64_t{piece.pages} * kPageSize);
  expect_sound(engine);
}

}  // namespace
}  // namespace sweepscope::engine
