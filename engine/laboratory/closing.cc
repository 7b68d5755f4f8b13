#include "engine/laboratory/closing.h"

#include "engine/base/reads.h"
#include "engine/base/witness.h"

namespace sweepscope::laboratory {
namespace {

uint64_t fresh_free_bytes(engine::Runtime& runtime) {
  engine::MHeap& heap = runtime.heap();
  uint64_t bytes = 0;
  for (uint32_t id = 0; id < runtime.sched().procs(); ++id)
    for (const engine::MSpan* span : runtime.sched().p(id).mcache.alloc)
      if (span != &heap.empty_span && span->sweepgen.peek() == heap.gen() + 3)
        bytes += uint64_t{span->nelems - span->allocated()} * span->elem_size;
  return bytes;
}

void judge(engine::Engine& engine, Oracle& oracle) {
  engine.verify();
  engine::Runtime& runtime = engine.runtime();
  // Nobody runs any more but the background sweeper, which changes none of the three.
  const auto& records = runtime.collector().records();
  oracle.heap_live(runtime.heap().heap_live.peek(), records.empty() ? 0 : records.back().heap_marked,
                   fresh_free_bytes(runtime));
}

}  // namespace

void close_run(engine::Engine& engine, Oracle& oracle) {
  engine.join_mutators();
  engine::operation_begins(1);
  judge(engine, oracle);
  engine::operation_begins(2);
  engine.collect();
  engine::operation_begins(3);
  engine::witness_cycle_completed();
  judge(engine, oracle);
}

}  // namespace sweepscope::laboratory
