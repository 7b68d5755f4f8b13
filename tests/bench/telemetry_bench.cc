// What an event costs, in ns: encoding and decoding a batch, emitting with and without a stamp, handing a
// chunk over.

#include <benchmark/benchmark.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

#include "telemetry/probe/collector.h"
#include "telemetry/ring/hand_over_queue.h"
#include "tests/telemetry/support/random_events.h"

namespace sweepscope::telemetry {
namespace {

using testing::plausible_events;

void per_event(benchmark::State& state, double events) {
  state.counters["ns/event"] = benchmark::Counter(events * static_cast<double>(state.iterations()) / 1e9,
                                                  benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void EncodeBatch(benchmark::State& state) {
  const auto events = plausible_events(kBatchEvents);
  BatchEncoder encoder;
  size_t bytes = 0;
  for (auto _ : state) {
    const std::string batch = encoder.encode(events, 0, 0);
    bytes = batch.size();
    benchmark::DoNotOptimize(batch.data());
  }
  per_event(state, kBatchEvents);
  state.counters["B/event"] = static_cast<double>(bytes) / kBatchEvents;
}
BENCHMARK(EncodeBatch);

void DecodeBatch(benchmark::State& state) {
  const std::string batch = encode_batch(plausible_events(kBatchEvents), 0, 0);
  std::vector<Event> events;
  for (auto _ : state) {
    events.clear();
    benchmark::DoNotOptimize(decode_batch(batch, events));
  }
  per_event(state, kBatchEvents);
}
BENCHMARK(DecodeBatch);

// An observer whose chunk comes back at once: the emitter's own cost.
struct OneChunk : observe::Observer {
  std::vector<observe::Record> records = std::vector<observe::Record>(ChunkPool<observe::Record>::kRecords);
  std::span<observe::Record> take_chunk(uint32_t) override { return records; }
  void hand_over(uint32_t, std::span<observe::Record>, size_t, uint64_t) override {}
  void drain_for_crash() noexcept override {}
};

uint64_t ticks() {
#if defined(__x86_64__)
  return __rdtsc();
#else
  return 0;
#endif
}

void emit_transition(observe::Emitter& emitter, uint64_t stamp, uint32_t i) {
  emitter.emit(observe::Transition{{stamp, observe::EventKind::kTransition, 6, 1, i & 8191},
                                   i,
                                   6,
                                   7,
                                   static_cast<uint16_t>(i & 255),
                                   observe::Cause::kBackground,
                                   observe::ListMembership::kNone});
}

void EmitBatchStamped(benchmark::State& state) {
  OneChunk observer;
  observe::Emitter emitter(&observer, 1);
  uint32_t i = 0;
  for (auto _ : state) {
    emit_transition(emitter, 0, ++i);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(EmitBatchStamped);

void EmitWithItsOwnStamp(benchmark::State& state) {
  OneChunk observer;
  observe::Emitter emitter(&observer, 1);
  uint32_t i = 0;
  for (auto _ : state) {
    emit_transition(emitter, ticks(), ++i);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(EmitWithItsOwnStamp);

void EmitSwitchedOff(benchmark::State& state) {
  observe::Emitter emitter;
  uint32_t i = 0;
  for (auto _ : state) {
    emit_transition(emitter, 0, ++i);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(EmitSwitchedOff);

struct NullSink : BatchSink {
  uint64_t bytes = 0;
  void consume(const Batch& batch) override { bytes += batch.bytes.size(); }
  void drain() noexcept override {}
};

// The whole way into encoded batches, losing nothing: the drain thread's speed shows when it is the slower
// one.
void EmitAndHandOver(benchmark::State& state) {
  NullSink sink;
  Collector collector({.loss = LossPolicy::kBlock});
  collector.add_sink(sink);
  observe::Emitter emitter(&collector, 1);
  uint32_t i = 0;
  for (auto _ : state) emit_transition(emitter, ticks(), ++i);
  emitter.seal();
}
BENCHMARK(EmitAndHandOver)->UseRealTime();

// Taking a chunk, giving it back, and one push: per chunk, that is per 2,048 events.
void HandOverOfAChunk(benchmark::State& state) {
  ChunkPool<observe::Record> pool;
  HandOverQueue<int> queue(1 << 30);
  std::vector<int> taken;
  size_t pushed = 0;
  for (auto _ : state) {
    const auto chunk = pool.take(LossPolicy::kDrop);
    queue.push(1, [](int&) {});
    pool.give_back(chunk);
    if (++pushed % 4096 == 0) {
      queue.wake();
      queue.take_all(taken, std::chrono::nanoseconds(0));
      taken.clear();
    }
  }
  state.counters["ns/event"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * ChunkPool<observe::Record>::kRecords / 1e9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(HandOverOfAChunk);

}  // namespace
}  // namespace sweepscope::telemetry
