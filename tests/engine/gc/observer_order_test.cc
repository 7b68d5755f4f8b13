// The order that an Observer may rely on (engine/observe/observer.h), on random programs.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "tests/engine/support/sched_bench.h"
#include "tests/engine/support/shadow_heap.h"
#include "tests/support/seed.h"

namespace sweepscope::engine {
namespace {

using observe::Arc;
using observe::EventKind;
using observe::Record;

// One change of a span, from a record of any kind.
struct Happened {
  uint32_t number;
  bool begins, ends;  // allocation, free
  uint32_t from, to;
};

struct Distances {
  int from, to;
};
Distances distances(Arc arc) {
  switch (arc) {
    case Arc::kT2Cache: return {0, 3};
    case Arc::kT3ReplaceFull:
    case Arc::kT4Uncache: return {3, 0};
    case Arc::kT6Claim: return {-2, -1};
    case Arc::kT7ClaimStale: return {1, -1};
    case Arc::kT8Swept:
    case Arc::kT8SweptListed: return {-1, 0};
  }
  return {99, 99};
}

struct ObserverOrder : ::testing::TestWithParam<std::tuple<std::string, uint32_t>> {
  // Runs random programs; the engine is gone when it returns.
  void run(testing::RecordObserver& observer, uint64_t seed) {
    EngineOptions options = quiet_options(std::get<1>(GetParam()));
    options.flush_policy = std::get<0>(GetParam());
    options.cores = 2;
    options.gogc = 100;
    options.background_sweeper = true;
    options.observer = &observer;
    Engine::Created made = Engine::create(options);
    std::atomic<bool> quit{false};
    for (uint32_t t = 0; t < 3; ++t) {
      made.engine->start_mutator("random", [seed, t](Mutator& m) {
        ShadowProgram program(m, seed * 10 + t);
        program.run(3000);
      });
    }
    for (uint32_t procs : {2u, 5u, 1u, 3u}) {
      observer.seal_requests.fetch_add(1);
      made.engine->set_procs(procs);
      made.engine->collect();
    }
    made.engine->join_mutators();
  }
};

TEST_P(ObserverOrder, EveryRecordOfAnEpochComesBeforeItsTurn) {
  const uint64_t seed = testing::seed_or(31);
  SWEEPSCOPE_TRACE_SEED(seed);
  testing::RecordObserver observer;
  run(observer, seed);
  std::set<uint32_t> manual;  // spans that hold stacks
  uint32_t h = kFirstHeapGen;
  size_t transitions = 0, turns = 0;
  std::map<uint32_t, uint32_t> last_number;              // by span, at the last turn
  std::map<uint32_t, uint32_t> last_raw;                 // by span
  std::map<uint32_t, std::vector<Happened>> this_epoch;  // by span
  auto close_epoch = [&] {
    for (auto& [span, events] : this_epoch) {
      std::sort(events.begin(), events.end(),
                [](const Happened& a, const Happened& b) { return a.number < b.number; });
      for (const Happened& event : events) {
        ASSERT_EQ(event.number, last_number[span] + 1) << "span " << span << " at h " << h;
        if (!event.begins) {
          ASSERT_EQ(event.from, last_raw[span]) << "span " << span << " number " << event.number;
        }
        last_number[span] = event.number;
        last_raw[span] = event.to;
      }
    }
    this_epoch.clear();
  };
  for (const Record& record : observer.records()) {
    const uint32_t subject = record.header.subject;
    switch (record.header.kind) {
      case EventKind::kTurn: {
        const auto turn = observe::restore<observe::Turn>(record);
        ASSERT_EQ(turn.from, h);
        ASSERT_EQ(turn.to, h + 2);
        close_epoch();
        if (HasFatalFailure()) return;
        h += 2;
        ++turns;
        break;
      }
      case EventKind::kTransition: {
        const auto t = observe::restore<observe::Transition>(record);
        const Distances expected = distances(static_cast<Arc>(record.header.code));
        ASSERT_EQ(static_cast<int>(t.from - h), expected.from) << "arc " << int{record.header.code};
        ASSERT_EQ(static_cast<int>(t.to - h), expected.to) << "arc " << int{record.header.code};
        this_epoch[subject].push_back({t.number, false, false, t.from, t.to});
        ++transitions;
        break;
      }
      case EventKind::kSpanAllocated: {
        const auto a = observe::restore<observe::SpanAllocated>(record);
        // A manual span has no sweep state; its sweepgen is left over from the struct's last use.
        if (record.header.code == observe::kManualSpanClass)
          manual.insert(subject);
        else
          ASSERT_EQ(a.sweepgen, h);
        this_epoch[subject].push_back({a.number, true, false, 0, a.sweepgen});
        break;
      }
      case EventKind::kSpanFreed: {
        const auto f = observe::restore<observe::SpanFreed>(record);
        if (manual.erase(subject) == 0) {
          ASSERT_EQ(f.sweepgen, h);
        }
        this_epoch[subject].push_back({f.number, false, true, f.sweepgen, f.sweepgen});
        break;
      }
      default: break;
    }
  }
  close_epoch();
  EXPECT_GT(transitions, 100u);
  EXPECT_GT(turns, 4u);
}

TEST_P(ObserverOrder, StatusesOfEachPFormAChain) {
  const uint64_t seed = testing::seed_or(32);
  SWEEPSCOPE_TRACE_SEED(seed);
  testing::RecordObserver observer;
  run(observer, seed);
  EXPECT_GT(expect_status_chains(observer.records()), 50u);
}

TEST_P(ObserverOrder, StreamsHaveNoGaps) {
  const uint64_t seed = testing::seed_or(33);
  SWEEPSCOPE_TRACE_SEED(seed);
  testing::RecordObserver observer;
  run(observer, seed);
  std::map<uint32_t, uint64_t> next;
  for (const testing::RecordObserver::Batch& batch : observer.batches()) {
    ASSERT_EQ(batch.first, next[batch.stream]) << "stream " << batch.stream;
    next[batch.stream] += batch.records.size();
  }
  EXPECT_GE(next.size(), 4u);
}

INSTANTIATE_TEST_SUITE_P(Policies, ObserverOrder,
                         ::testing::Combine(::testing::ValuesIn(flush_policy_names()),
                                            ::testing::Values(1u, 3u)),
                         [](const auto& test) {
                           return test_name_of(std::get<0>(test.param)) + "On" +
                                  std::to_string(std::get<1>(test.param));
                         });

TEST(Emitter, HandsOverOnceForEachRequest) {
  testing::RecordObserver observer;
  observe::Emitter emitter(&observer, 1);
  const observe::Log log{{0, EventKind::kLog, 1, observe::kNoP, 0}, 0, 0};
  for (size_t request = 1; request <= 2; ++request) {
    observer.seal_requests.fetch_add(1, std::memory_order_relaxed);
    emitter.emit(log);
    emitter.seal_if_requested();
    EXPECT_EQ(observer.batches().size(), request);
    emitter.emit(log);
    emitter.seal_if_requested();  // no request is left
    EXPECT_EQ(observer.batches().size(), request);
    emitter.emit(log);
  }
  emitter.seal();
  EXPECT_EQ(observer.records().size(), 6u);
}

// It owns no P, at whose release a thread hands its events over, and keeps its chunk from batch to batch.
TEST(BackgroundSweeperEvents, AreHandedOverByAStop) {
  WhiteBox box;
  M* sweeper = nullptr;  // made right after the thread that made the Ps; it does not run here
  box.runtime().threads().for_each([&](M& thread) { sweeper = thread.id == 1 ? &thread : sweeper; });
  sweeper->emitter.emit(observe::Log{{0, EventKind::kLog, 99, observe::kNoP, 0}, 0, 0});
  const auto received = [&] {
    const auto logs = box.observer.all<observe::Log>(EventKind::kLog);
    return std::count_if(logs.begin(), logs.end(), [](const auto& log) { return log.header.code == 99; });
  };
  EXPECT_EQ(received(), 0);
  box.runtime().collector().stopped(box.m(), observe::StwReason::kControl, 0, {});
  EXPECT_EQ(received(), 1);
}

TEST(Emitter, LostRecordsLeaveAGapInTheSequence) {
  // An observer that has no room at first: the emitter counts the lost records.
  struct Full final : observe::Observer {
    std::span<Record> take_chunk(uint32_t) override {
      return room ? std::span<Record>(chunk) : std::span<Record>();
    }
    void hand_over(uint32_t, std::span<Record>, size_t used, uint64_t first) override {
      at = first, n = used;
    }
    void drain_for_crash() noexcept override {}
    bool room = false;
    std::array<Record, 4> chunk{};
    uint64_t at = 0;
    size_t n = 0;
  } observer;
  observe::Emitter emitter(&observer, 1);
  const observe::Log log{{0, EventKind::kLog, 1, observe::kNoP, 0}, 0, 0};
  for (int i = 0; i < 5; ++i) emitter.emit(log);
  observer.room = true;
  emitter.emit(log);
  emitter.seal();
  EXPECT_EQ(observer.at, 5u);
  EXPECT_EQ(observer.n, 1u);
  EXPECT_EQ(emitter.emitted(), 6u);
}

}  // namespace
}  // namespace sweepscope::engine
