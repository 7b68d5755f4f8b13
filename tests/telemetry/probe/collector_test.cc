#include "telemetry/probe/collector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <map>
#include <thread>

#include "tests/telemetry/support/random_events.h"

namespace sweepscope::telemetry {
namespace {

using testing::same;
using testing::test_seed;

struct Keeper : BatchSink {
  std::vector<Event> events;
  std::vector<std::pair<uint64_t, uint64_t>> losses;  // (seq, count)
  std::string bytes;
  int drains = 0, batches = 0;
  uint32_t longest = 0;

  void consume(const Batch& batch) override {
    ++batches;
    longest = std::max(longest, batch.count);
    EXPECT_EQ(batch.first_seq, events.size());
    EXPECT_EQ(batch.count, batch.events.size());
    if (batch.lost_before != 0) losses.emplace_back(batch.first_seq, batch.lost_before);
    events.insert(events.end(), batch.events.begin(), batch.events.end());
    bytes += batch.bytes;
    std::vector<Event> decoded;
    const auto header = decode_batch(batch.bytes, decoded);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->first_seq, batch.first_seq);
    EXPECT_EQ(header->lost_before, batch.lost_before);
    EXPECT_TRUE(same(decoded, std::vector<Event>(batch.events.begin(), batch.events.end())));
  }
  void drain() noexcept override { ++drains; }
  uint64_t lost() const {
    uint64_t sum = 0;
    for (const auto& [seq, count] : losses) sum += count;
    return sum;
  }
};

observe::Log log_record(uint64_t stamp, uint64_t a) {
  return {{stamp, observe::EventKind::kLog, 1, observe::kNoP, 0}, a, 0};
}
uint64_t log_value(const Event& event) { return std::get<Log>(event.body).a; }

CollectorOptions synchronous() { return {.draining = Draining::kSynchronous}; }

TEST(Collector, SynchronousHandOverIsConsumedAtOnceWithUnchangedStamps) {
  Keeper keeper;
  Collector collector(synchronous());
  collector.add_sink(keeper);
  observe::Emitter emitter(&collector, 5);
  emitter.emit(log_record(41, 1));
  emitter.emit(log_record(42, 2));
  EXPECT_TRUE(keeper.events.empty());
  emitter.seal();
  ASSERT_EQ(keeper.events.size(), 2u);
  EXPECT_EQ(keeper.events[0].ns, 41);
  EXPECT_EQ(keeper.events[1].ns, 42);
  EXPECT_EQ(keeper.events[1].stream, 5u);
  EXPECT_EQ(keeper.batches, 1);
}

TEST(Collector, TwoEqualSynchronousRunsGiveEqualBytes) {
  const auto run = [] {
    Keeper keeper;
    Collector collector(synchronous());
    collector.add_sink(keeper);
    observe::Emitter a(&collector, 1), b(&collector, 2);
    for (uint64_t i = 0; i < 5000; ++i) {
      (i % 3 == 0 ? a : b).emit(log_record(i, i * i));
      if (i % 700 == 0) b.seal();
    }
    a.seal();
    b.seal();
    return keeper.bytes;
  };
  EXPECT_EQ(run(), run());
}

TEST(Collector, KeepsTheOrderOfHandOversAndNumbersWithoutGaps) {
  Keeper keeper;
  Collector collector({.loss = LossPolicy::kBlock});
  collector.add_sink(keeper);
  constexpr int kThreads = 3;
  constexpr uint64_t kEvents = 40'000;
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      observe::Emitter emitter(&collector, t);
      for (uint64_t i = 0; i < kEvents; ++i) emitter.emit(log_record(0, i));
    });
  for (std::thread& thread : threads) thread.join();
  collector.finish();
  ASSERT_EQ(keeper.events.size(), kThreads * kEvents);
  std::map<uint32_t, uint64_t> next;
  for (const Event& event : keeper.events) ASSERT_EQ(log_value(event), next[event.stream]++);
  EXPECT_EQ(collector.counters().events, kThreads * kEvents);
  EXPECT_EQ(collector.counters().lost, 0u);
  EXPECT_LE(keeper.longest, kBatchEvents);
  EXPECT_GE(keeper.drains, 1);
}

// The sink blocks until the pool is full: records without a chunk are lost, counted and placed.
TEST(Collector, DropPolicyReportsCountAndPlaceOfLostEvents) {
  struct Gate : Keeper {
    std::promise<void> reached;
    std::promise<void> open;
    std::future<void> opened = open.get_future();
    bool first = true;
    void consume(const Batch& batch) override {
      Keeper::consume(batch);
      if (!std::exchange(first, false)) return;
      reached.set_value();
      opened.wait();
    }
  } gate;
  constexpr size_t kRecords = ChunkPool<observe::Record>::kRecords;
  Collector collector({.loss = LossPolicy::kDrop, .pool_bytes = 2 * kChunkBytes});
  collector.add_sink(gate);
  observe::Emitter emitter(&collector, 1);
  uint64_t emitted = 0;
  const auto emit = [&](uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) emitter.emit(log_record(0, emitted++));
  };
  emit(kRecords);  // one chunk reaches the sink, which blocks the drain thread
  gate.reached.get_future().wait();
  emit(3 * kRecords);  // its chunk is free again: two more fit
  EXPECT_EQ(emitter.emitted(), 4 * kRecords);
  gate.open.set_value();
  collector.drain_for_crash();
  emit(10);
  emitter.seal();
  collector.finish();
  ASSERT_EQ(gate.events.size() + gate.lost(), emitted);
  EXPECT_EQ(gate.lost(), kRecords);
  ASSERT_EQ(gate.losses.size(), 1u);
  EXPECT_EQ(gate.losses[0].first, 3 * kRecords);
  EXPECT_EQ(log_value(gate.events[3 * kRecords]), 4 * kRecords);
  EXPECT_EQ(collector.counters().lost, kRecords);
}

TEST(Collector, ReportsALossAfterTheLastEvent) {
  Keeper keeper;
  Collector collector({.draining = Draining::kThread, .pool_bytes = kChunkBytes});
  collector.add_sink(keeper);
  observe::Emitter holder(&collector, 1), starved(&collector, 2);
  holder.emit(log_record(0, 0));  // has the only chunk
  for (int i = 0; i < 7; ++i) starved.emit(log_record(0, 1));
  holder.seal();
  collector.finish();
  EXPECT_EQ(keeper.events.size(), 1u);
  EXPECT_EQ(keeper.losses, (std::vector<std::pair<uint64_t, uint64_t>>{{1, 7}}));
}

TEST(Collector, BlockPolicyMakesTheEngineWaitAndLosesNothing) {
  Keeper keeper;
  Collector collector({.loss = LossPolicy::kBlock, .pool_bytes = 2 * kChunkBytes});
  collector.add_sink(keeper);
  observe::Emitter emitter(&collector, 1);
  constexpr uint64_t kEvents = 100'000;
  for (uint64_t i = 0; i < kEvents; ++i) emitter.emit(log_record(0, i));
  emitter.seal();
  collector.finish();
  EXPECT_EQ(keeper.events.size(), kEvents);
  EXPECT_EQ(keeper.lost(), 0u);
}

TEST(Collector, DrainForCrashConsumesAndDrainsEverythingHandedOver) {
  Keeper keeper;
  Collector collector;
  collector.add_sink(keeper);
  observe::Emitter emitter(&collector, 1);
  emitter.emit(log_record(0, 1));
  emitter.seal();
  collector.drain_for_crash();
  EXPECT_EQ(keeper.events.size(), 1u);
  EXPECT_EQ(keeper.drains, 1);
}

TEST(Collector, TheSessionEndsWithItsFailedCheck) {
  Keeper keeper;
  Collector collector;
  collector.add_sink(keeper);
  observe::Emitter failing(&collector, 1), other(&collector, 2);
  other.emit(log_record(0, 1));
  other.seal();
  failing.emit(observe::CheckFired{{0, observe::EventKind::kCheckFired, 3, 0, 7}, 4, 4, 0, 1});
  failing.seal();
  collector.drain_for_crash();
  other.emit(log_record(0, 2));
  other.seal();
  collector.finish();
  ASSERT_EQ(keeper.events.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<CheckFired>(keeper.events.back().body));
  EXPECT_EQ(keeper.lost(), 0u);
}

TEST(Collector, RequestsSealsWhileItRuns) {
  Collector collector;
  const uint32_t before = collector.seal_requests.load();
  while (collector.seal_requests.load() == before) std::this_thread::yield();
  SUCCEED();
}

TEST(Collector, RecordsOfUnknownKindAreCountedAsLost) {
  Keeper keeper;
  Collector collector(synchronous());
  collector.add_sink(keeper);
  observe::Emitter emitter(&collector, 1);
  emitter.emit(log_record(0, 1));
  emitter.emit(observe::Record{{0, static_cast<observe::EventKind>(99), 0, 0, 0}, {}});
  emitter.emit(log_record(0, 2));
  emitter.seal();
  EXPECT_EQ(keeper.events.size(), 2u);
  EXPECT_EQ(collector.counters().malformed, 1u);
  EXPECT_EQ(keeper.losses, (std::vector<std::pair<uint64_t, uint64_t>>{{1, 1}}));
}

TEST(Collector, ImpossibleStampsFallBackToTheTimeOfTheHandOver) {
  Keeper keeper;
  Collector collector;
  collector.add_sink(keeper);
  observe::Emitter emitter(&collector, 1);
  emitter.emit(log_record(~0ull >> 1, 1));
  emitter.emit(log_record(3, 2));
  emitter.seal();
  collector.finish();
  EXPECT_TRUE(collector.counters().clock_broken);
  ASSERT_EQ(keeper.events.size(), 2u);
  EXPECT_EQ(keeper.events[0].ns, keeper.events[1].ns);
  EXPECT_GT(keeper.events[0].ns, 0);
}

TEST(Collector, HoldRunsBetweenTwoBatches) {
  Keeper keeper;
  Collector collector;
  collector.add_sink(keeper);
  std::atomic<bool> stop{false};
  std::thread engine([&] {
    observe::Emitter emitter(&collector, 1);
    while (!stop.load()) {
      emitter.emit(log_record(0, 0));
      emitter.seal_if_requested();
    }
  });
  for (int i = 0; i < 20; ++i)
    collector.hold([&](const Collector::Position& at) { EXPECT_EQ(at.next_seq, keeper.events.size()); });
  stop = true;
  engine.join();
  collector.finish();
}

TEST(Collector, ChunksHandedOverAfterFinishAreDropped) {
  Keeper keeper;
  Collector collector;
  collector.add_sink(keeper);
  observe::Emitter emitter(&collector, 1);
  emitter.emit(log_record(0, 0));
  collector.finish();
  emitter.seal();
  emitter.emit(log_record(0, 0));
  emitter.seal();
  collector.finish();
  EXPECT_TRUE(keeper.events.empty());
}

}  // namespace
}  // namespace sweepscope::telemetry
