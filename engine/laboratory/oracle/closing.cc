#include "engine/laboratory/oracle/closing.h"

#include "engine/base/reads.h"
#include "engine/base/witness.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
EngineStats recount(Runtime& runtime);  // gc/stats.cc
}

namespace sweepscope::laboratory {
namespace {

uint64_t fresh_free_bytes(engine::Runtime& runtime) {
  engine::MHeap& heap = runtime.heap();
  uint64_t bytes = 0;
  for (uint32_t id = 0; id < runtime.sched().procs(); ++id)
    for (const engine::MSpan* span : runtime.sched().p(id).mcache.alloc)
      if (span != &heap.empty_span &&
          span->sweepgen.peek() == encode(engine::SweepState::kCached, heap.gen()))
        bytes += uint64_t{span->nelems - span->allocated()} * span->elem_size;
  return bytes;
}

void judge(engine::Engine& engine, Oracle& oracle) {
  static_cast<void>(engine.verify());  // a violation is a failed check of the run
  oracle.contents();
  engine::Runtime& runtime = engine.runtime();
  // Only the background sweeper still runs, and it changes none of the three.
  const auto& records = runtime.collector().records();
  oracle.heap_live(runtime.heap().heap_live.peek(), records.empty() ? 0 : records.back().heap_marked,
                   fresh_free_bytes(runtime));
}

// After a complete sweep, when no other thread runs.
void judge_complete(engine::Runtime& runtime, Oracle& oracle) {
  engine::MHeap& heap = runtime.heap();
  uint64_t held = 0;
  for (uint32_t id = 0; id < heap.span_ids(); ++id) {
    const engine::MSpan& span = heap.span(id);
    if (span.state.peek() != engine::SpanState::kInUse) continue;
    held += span.allocated();
    if (!span.large() && span.sweepgen.peek() == heap.gen() && span.allocated() == 0)
      oracle.dead_span_kept(id);
  }
  const engine::EngineStats stats = recount(runtime);
  oracle.accounts(stats.alloc_objects, stats.freed_objects, held);
  oracle.finalizers_came();
}

}  // namespace

void close_run(engine::Engine& engine, Oracle& oracle) {
  engine.join_mutators();
  engine::begin_operation(1);
  judge(engine, oracle);
  engine::begin_operation(2);
  engine.collect();
  engine::begin_operation(3);
  engine::witness_cycle_completed();
  judge_complete(engine.runtime(), oracle);
  judge(engine, oracle);
}

}  // namespace sweepscope::laboratory
