// An engine without threads of its own, which the test drives through the engine's internal classes.
//
// The test's thread is the engine thread `m` and owns P 0. turn() begins the next sweep phase without a
// collection: the test sets the mark bits. No other thread runs, so death tests may fork.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/gc/runtime.h"
#include "engine/heap/sweep.h"
#include "tests/support/record_observer.h"

namespace sweepscope::engine {

// A policy's name with the characters that gtest allows in a test's name.
inline std::string test_name_of(std::string policy) {
  for (char& c : policy)
    if (c == '-') c = '_';
  return policy;
}

// No thread but the test's does anything.
inline EngineOptions quiet_options(uint32_t procs = 1) {
  EngineOptions options;
  options.concurrent_mark = false;
  options.procs = procs;
  options.cores = 1;
  options.gogc = kGcOff;
  options.max_heap_bytes = 256ull << 20;
  options.arena_bytes = 1ull << 20;
  options.huge_pages = false;
  options.background_sweeper = options.scavenger = false;
  options.periodic_gc_ns = 0;
  return options;
}

inline void expect_sound(Engine& engine) {
  const Verification result = engine.verify();
  EXPECT_TRUE(result.ok()) << result.text();
}

class WhiteBox {
 public:
  explicit WhiteBox(EngineOptions options = quiet_options()) {
    options.observer = &observer;
    Engine::Created made = Engine::create(options);
    if (made.engine == nullptr) ADD_FAILURE() << made.error;
    engine = std::move(made.engine);
    thread = &runtime().threads().add();
    runtime().sched().acquire_p(*thread);
  }
  ~WhiteBox() {
    if (thread->p != nullptr) runtime().sched().release_p(*thread, observe::PStatus::kIdle);
    runtime().sched().permits.give(*thread);
  }

  Runtime& runtime() { return engine->runtime(); }
  MHeap& heap() { return runtime().heap(); }
  Sched& sched() { return runtime().sched(); }
  M& m() { return *thread; }
  MCache& cache() { return *thread->mcache; }
  MCentral& central(SpanClass span_class = kClass) { return heap().central(span_class); }
  uint32_t h() { return heap().gen(); }

  void turn() { heap().turn(m(), ++cycle, sched().procs()); }
  void sweep_all() {
    while (sweep_one(m(), heap(), observe::Cause::kForced)) {
    }
  }

  // A swept span from cache_span, on its mcentral's empty list, not cached.
  MSpan& fresh(SpanClass span_class = kClass) {
    const NonPreemptible region(m());
    MSpan* span = central(span_class).cache_span(m(), heap());
    return *span;
  }
  // A span in the thread's mcache, with `objects` slots allocated.
  MSpan& cached(uint32_t objects = 1, SpanClass span_class = kClass) {
    const NonPreemptible region(m());
    MSpan& span = *refill(m(), heap(), span_class);
    for (uint32_t i = 0; i < objects; ++i) span.next_free();
    return span;
  }
  void release() {
    const NonPreemptible region(m());
    release_all(m(), heap(), cache());
  }
  static void mark(MSpan& span, uint32_t slot) { span.mark_word_at(slot / 64) |= uint64_t{1} << (slot % 64); }

  // Returns and clears the records, after handing over those of this thread.
  std::vector<observe::Record> take_records() {
    m().emitter.seal();
    std::vector<observe::Record> records = observer.records();
    observer.clear();
    return records;
  }
  template <observe::Event T>
  std::vector<T> take_events(observe::EventKind kind) {
    std::vector<T> found;
    for (const observe::Record& record : take_records())
      if (record.header.kind == kind) found.push_back(observe::restore<T>(record));
    return found;
  }

  static constexpr SpanClass kClass{size_class_of(1024), true};  // 8 slots of 1 KiB

  testing::RecordObserver observer;
  std::unique_ptr<Engine> engine;
  M* thread = nullptr;
  uint32_t cycle = 0;
};

// Each a batch of its own.
inline bool sweep_alone(HeapThread& m, MHeap& heap, SweepToken&& token, MCentral::Preserve preserve,
                        observe::Cause cause) {
  const Sweeping batch(m, heap);
  return sweep(m, heap, std::move(token), preserve, cause);
}
inline bool uncache_alone(HeapThread& m, MHeap& heap, MSpan& span) {
  const Sweeping batch(m, heap);
  return heap.central(span.span_class).uncache_span(m, heap, span);
}

// The statement ends the process with exit code 1 and the fatal code's `text`, which is Go's where Go has the
// check.
#define EXPECT_FATAL(statement, text) \
  EXPECT_EXIT(statement, ::testing::ExitedWithCode(1), "fatal: " text ": ")

}  // namespace sweepscope::engine
