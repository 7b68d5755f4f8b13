// What the sweep of a span costs its thread, in ns of CPU time: spans in which nothing, every second object or
// everything is dead, popped from the unswept queue. `dead` in a benchmark's name: 0 nothing, 1 half, 2 all.
//
//   sweep_bench --benchmark_repetitions=5 --benchmark_report_aggregates_only
#include <benchmark/benchmark.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "engine/heap/mcache.h"
#include "engine/heap/mheap.h"
#include "engine/heap/sweep.h"

namespace sweepscope::engine {
namespace {

constexpr uint32_t kSpans = 20000;

uint64_t thread_cpu_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

enum Dead : int64_t { kNothing, kHalf, kAll };

struct AbortOnFailure final : Fatal {
  [[noreturn]] void fail(Context&, FatalCode code, std::span<const Operand>) override {
    std::fprintf(stderr, "fatal: %s\n", words(code));
    abort();
  }
};

// Full spans of one class, in no mcache.
class Spans {
 public:
  explicit Spans(SpanClass span_class) {
    EngineOptions options;
    options.max_heap_bytes = 1ull << 30;
    std::string error;
    heap = MHeap::create(options, error);
    if (heap == nullptr) {
      std::fprintf(stderr, "%s\n", error.c_str());
      abort();
    }
    thread.fatal = &fatal_;
    Guard guard(thread, heap->lock(), "bench: lock mheap");
    cache_.init(*heap, 0, heap->gen());
    thread.mcache = &cache_;
    class_ = span_class;
  }
  void make() {
    const NonPreemptible region(thread);
    spans_.clear();
    for (uint32_t i = 0; i < kSpans; ++i) {
      MSpan& span = *refill(thread, *heap, class_);
      while (span.next_free() < span.nelems) {
      }
      spans_.push_back(&span);
    }
    flush(thread, *heap, cache_, heap->gen(), observe::FlushCause::kForEachP);
  }
  void turn() { heap->turn(thread, ++cycle_, 1), cache_.flush_gen.put(heap->gen()); }
  void mark(Dead dead) {
    for (MSpan* span : spans_)
      for (uint32_t slot = 0; slot < span->nelems; ++slot)
        if (dead == kNothing || (dead == kHalf && slot % 2 == 0)) span->set_mark(slot);
  }
  void sweep_all() {
    while (sweep_batch(thread, *heap, observe::Cause::kBackground)) {
    }
  }

  std::unique_ptr<MHeap> heap;
  HeapThread thread;

 private:
  AbortOnFailure fatal_;
  MCache cache_;
  SpanClass class_;
  std::vector<MSpan*> spans_;
  uint32_t cycle_ = 0;
};

void Sweep(benchmark::State& state) {
  Spans spans(SpanClass(size_class_of(static_cast<size_t>(state.range(0))), true));
  const auto dead = static_cast<Dead>(state.range(1));
  for (auto _ : state) {
    spans.make();
    spans.mark(dead);
    spans.turn();
    const uint64_t begin = thread_cpu_ns();
    spans.sweep_all();
    state.SetIterationTime(static_cast<double>(thread_cpu_ns() - begin) / 1e9);
    spans.turn();  // the next spans are made from an empty heap
    spans.sweep_all();
  }
  state.counters["ns/span"] =
      benchmark::Counter(double{kSpans} * static_cast<double>(state.iterations()) / 1e9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(Sweep)
    ->ArgsProduct({{16, 1024}, {kNothing, kHalf, kAll}})
    ->ArgNames({"bytes", "dead"})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(20);

}  // namespace
}  // namespace sweepscope::engine
