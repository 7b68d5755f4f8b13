// The events of a cycle's figures add up to its CycleRecord, exactly; the two shares to a millionth.
#include "engine/gc/cycle_figures.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "tests/engine/support/shadow_heap.h"
#include "tests/engine/support/white_box.h"
#include "tests/support/seed.h"

namespace sweepscope::engine {
namespace {

using observe::EventKind;

struct Latency {
  uint64_t count = 0, total_ns = 0, max_ns = 0;
};

// The events of one cycle, added up.
struct Figures {
  std::array<uint64_t, kMarkerKinds> ns{}, bytes{};
  std::array<Latency, kAllocPaths + 1> paths{};  // by observe::AllocPath
  std::vector<observe::MarkShare> shares;
};

std::map<uint32_t, Figures> figures(const testing::RecordObserver& observer) {
  std::map<uint32_t, Figures> cycles;
  for (const auto& work : observer.all<observe::MarkWork>(EventKind::kMarkWork)) {
    cycles[work.header.subject].ns.at(work.header.code) += work.ns;
    cycles[work.header.subject].bytes.at(work.header.code) += work.bytes;
  }
  for (const auto& share : observer.all<observe::MarkShare>(EventKind::kMarkShare))
    cycles[share.header.subject].shares.push_back(share);
  for (const auto& latency : observer.all<observe::AllocLatency>(EventKind::kAllocLatency)) {
    Latency& path = cycles[latency.header.subject].paths.at(latency.header.code);
    path.count += latency.count;
    path.total_ns += latency.total_ns;
    path.max_ns = std::max<uint64_t>(path.max_ns, latency.max_ns);
  }
  return cycles;
}

void expect_equal(const Figures& events, const CycleRecord& record) {
  const MarkWork& work = record.mark_work;
  EXPECT_EQ(events.ns,
            (std::array<uint64_t, 4>{work.dedicated_ns, work.fractional_ns, work.idle_ns, work.assist_ns}));
  EXPECT_EQ(events.bytes, (std::array<uint64_t, 4>{work.dedicated_bytes, work.fractional_bytes,
                                                   work.idle_bytes, work.assist_bytes}));
  EXPECT_EQ(events.paths[0].count, record.allocs.fast);
  EXPECT_EQ(events.paths[0].total_ns + events.paths[0].max_ns, 0u) << "the fast path is not timed";
  for (size_t path = 0; path < kAllocPaths; ++path) {
    const AllocLatency& latency = record.allocs.slow[path];
    EXPECT_EQ(events.paths[path + 1].count, latency.count) << "path " << path;
    EXPECT_EQ(events.paths[path + 1].total_ns, latency.total_ns) << "path " << path;
    EXPECT_EQ(events.paths[path + 1].max_ns, std::min(latency.max_ns, observe::AllocLatency::kMostMaxNs))
        << "path " << path;
  }
}

struct RandomRun {
  std::vector<CycleRecord> records;
  std::map<uint32_t, Figures> events;
};

RandomRun random_run(EngineOptions options) {
  const uint64_t seed = testing::seed_or(102);
  SWEEPSCOPE_TRACE_SEED(seed);
  RandomRun run;
  testing::RecordObserver observer;
  options.gogc = 50;
  options.observer = &observer;
  options.on_cycle = [&](const CycleRecord& record) { run.records.push_back(record); };
  Engine::Created made = Engine::create(options);
  EXPECT_NE(made.engine, nullptr) << made.error;
  for (uint64_t thread = 0; thread < 2; ++thread)
    made.engine->start_mutator("random", [seed, thread](Mutator& m) {
      ShadowProgram program(m, seed + thread);
      program.run(20'000);
      program.drop_all();
      m.collect();
    });
  made.engine->join_mutators();
  made.engine.reset();  // its threads hand over their events
  run.events = figures(observer);
  return run;
}

TEST(CycleFigures, OfConcurrentMarkingAddUpToTheRecordOfEachCycle) {
  EngineOptions options = quiet_options(3);
  options.cores = 3;
  options.concurrent_mark = true;
  options.max_heap_bytes = 1ull << 30;
  const RandomRun run = random_run(options);
  ASSERT_GE(run.records.size(), 2u);
  uint64_t bytes = 0;
  for (const CycleRecord& record : run.records) {
    SCOPED_TRACE("cycle " + std::to_string(record.cycle));
    ASSERT_TRUE(run.events.contains(record.cycle));
    const Figures& events = run.events.at(record.cycle);
    expect_equal(events, record);
    ASSERT_EQ(events.shares.size(), 1u);
    EXPECT_EQ(events.shares[0].credit_bytes, record.mark_work.credit_bytes);
    EXPECT_NEAR(events.shares[0].utilisation / 1e6, record.mark_work.utilisation, 1e-6);
    EXPECT_NEAR(events.shares[0].ratio / 1e6, record.mark_work.ratio, 1e-6);
    bytes += record.mark_work.worker_bytes() + record.mark_work.assist_bytes;
  }
  EXPECT_EQ(run.events.size(), run.records.size());
  EXPECT_GT(bytes, 0u);
}

TEST(CycleFigures, OfStoppedMarkingAreAllocationsOnly) {
  const RandomRun run = random_run(quiet_options(2));
  ASSERT_GE(run.records.size(), 2u);
  uint64_t allocations = 0;
  for (const CycleRecord& record : run.records) {
    SCOPED_TRACE("cycle " + std::to_string(record.cycle));
    const auto events = run.events.find(record.cycle);
    const Figures sums = events == run.events.end() ? Figures{} : events->second;
    expect_equal(sums, record);
    EXPECT_TRUE(sums.shares.empty());
    allocations += record.allocs.fast;
  }
  EXPECT_GT(allocations, 0u);
}

TEST(CycleFigures, ACountBeyondOneEventTakesSeveralAndNoFigureWrapsAround) {
  constexpr uint64_t kMost = observe::AllocLatency::kMostCount;
  testing::RecordObserver observer;
  CycleRecord record{};
  record.cycle = 7;
  record.sweep_termination.emplace();
  record.mark_work.utilisation = 1e9;
  record.mark_work.ratio = 4294.967294;
  record.allocs.fast = 2 * kMost + 5;
  record.allocs.slow[0] = {kMost + 1, ~uint64_t{0}, 3};
  record.allocs.slow[5] = {1, uint64_t{1} << 40, uint64_t{1} << 40};
  {
    observe::Emitter emitter(&observer, 1);
    emit_cycle_figures(emitter, record);
  }
  EXPECT_EQ(observer.all<observe::AllocLatency>(EventKind::kAllocLatency).size(), 3u + 2u + 1u);
  const Figures events = figures(observer).at(7);
  expect_equal(events, record);
  EXPECT_EQ(events.paths[6].max_ns, observe::AllocLatency::kMostMaxNs);
  ASSERT_EQ(events.shares.size(), 1u);
  EXPECT_EQ(events.shares[0].utilisation, ~0u);
  EXPECT_EQ(events.shares[0].ratio, ~0u - 1);
}

}  // namespace
}  // namespace sweepscope::engine
