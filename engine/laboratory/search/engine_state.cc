#include "engine/laboratory/search/engine_state.h"

#include "engine/gc/mark/shadow_stack.h"

namespace sweepscope::laboratory {
namespace {

using namespace engine;  // NOLINT: the whole file is about its types

void add_span(Digest& digest, const MSpan& span) {
  digest.add(span.sweepgen.peek());
  digest.add(static_cast<uint64_t>(span.state.peek()));
  if (span.state.peek() == SpanState::kFree) return;
  digest.add((uint64_t{span.first_page} << 32) | span.pages);
  digest.add((uint64_t{span.span_class.raw()} << 32) | (static_cast<uint64_t>(span.list) << 16) |
             span.marks_in.peek());
  digest.add((uint64_t{span.freeindex.peek()} << 32) | span.alloc_count);
  digest.add((uint64_t{span.alloc_word} << 1) | (span.need_zero ? 1 : 0));
  digest.add(span.refs);
  digest.add(span.alloc_cache);
  for (const Special* record = span.specials.peek(); record != nullptr; record = record->next) {
    digest.add((uint64_t{record->offset} << 32) | static_cast<uint64_t>(record->kind));
    digest.add(record->token);
  }
  if (span.state.peek() == SpanState::kManual) return;  // no bits; alloc_count counts segments in use
  for (const uint64_t* bits : span.bits)
    for (uint32_t word = 0; word < span.words(); ++word) digest.add(bits[word]);
}

void add_segments(Digest& digest, const StackSegment* first) {
  for (; first != nullptr; first = first->below) digest.add(reinterpret_cast<uintptr_t>(first));
  digest.add(0);
}

void add_heap(Digest& digest, MHeap& heap) {
  digest.add(heap.gen());
  digest.add((uint64_t{heap.sweep_done.peek()} << 32) | heap.sweepers.peek());
  digest.add(heap.heap_live.peek());
  digest.add(heap.unflushed.peek());
  for (const SweepQueue* queue : {&heap.swept(), &heap.unswept()}) {
    digest.add(queue->size());
    for (uint32_t i = 0; i < queue->size(); ++i) digest.add(queue->at(i));
  }
  digest.add(heap.span_ids());
  for (uint32_t id = 0; id < heap.span_ids(); ++id) add_span(digest, heap.span(id));
  for (const uint32_t id : heap.free_structs()) digest.add(id);
  for (const MSpan* span = heap.busy_large().front(); span != nullptr; span = span->next)
    digest.add(span->id);
  for (const QueuedFinalizer& queued : heap.specials.queue()) digest.add(queued.object);
  digest.add(heap.specials.kept_bytes());
  for (uint32_t order = 0; order < kStackOrders; ++order) add_segments(digest, heap.stacks.free(order));
  heap.for_each_class_in_use([&](SpanClass c) {
    const MCentral& central = heap.central(c);
    if (central.nmalloc() == 0) return;  // has had no span yet
    for (const SpanList* list : {&central.nonempty(), &central.empty()}) {
      digest.add(c.raw());
      for (const MSpan* span = list->front(); span != nullptr; span = span->next) digest.add(span->id);
    }
  });
}

void add_ps(Digest& digest, Sched& sched, const MHeap& heap) {
  digest.add((uint64_t{sched.world.word_for_laboratory()} << 32) | sched.procs());
  digest.add(sched.world.attention.peek());
  for (uint32_t id = 0; id < sched.procs(); ++id) {
    const P& p = sched.p(id);
    digest.add((static_cast<uint64_t>(p.status.peek()) << 32) | p.owner);
    digest.add((uint64_t{p.safe_point.peek()} << 32) | p.mcache.flush_gen.peek());
    heap.for_each_class_in_use([&](SpanClass c) {
      const MSpan* const span = p.mcache.alloc[c.raw()];
      if (span != &heap.empty_span) digest.add((uint64_t{c.raw()} << 32) | span->id);
    });
    digest.add(p.mcache.tiny);
    digest.add((uint64_t{p.mcache.tiny_offset} << 8) | static_cast<uint64_t>(p.mcache.colour));
    for (const StackSegment* first : p.mcache.stacks.free) add_segments(digest, first);
  }
  for (const PList* list : {&sched.claimable(), &sched.blocked()}) {
    digest.add(list->size());
    for (const P* p = list->front(); p != nullptr; p = p->next) digest.add(p->id);
  }
  digest.add((uint64_t{sched.safe_points_left()} << 32) | sched.waiting_for_p());
}

}  // namespace

void add_engine_state(Digest& digest, Runtime& runtime) {
  MHeap& heap = runtime.heap();
  add_heap(digest, heap);
  add_ps(digest, runtime.sched(), heap);

  // Promised minus taken back (I10): both counters only grow, and the equation uses their difference.
  uint64_t promised = 0, back = 0;
  uint32_t sizes[kNumSpanClasses];  // size classes in use, each once
  uint32_t n = 0;
  heap.for_each_class_in_use([&](SpanClass c) {
    promised += heap.central(c).nmalloc();
    if (n == 0 || sizes[n - 1] != c.size_class()) sizes[n++] = c.size_class();
  });
  const auto add_counts = [&](const FreeCounts& counts) {
    for (uint32_t i = 0; i < n; ++i) back += counts.small[sizes[i]] + counts.unused[sizes[i]];
  };
  for (uint32_t id = 0; id < runtime.sched().procs(); ++id) add_counts(runtime.sched().p(id).mcache.frees);
  for (const M& m : runtime.threads().all()) {
    add_counts(m.frees);
    for (uint32_t i = 0; i < m.batch.swept_count; ++i) digest.add(m.batch.swept[i]);
    for (uint32_t i = 0; i < m.batch.dead_count; ++i) digest.add((uint64_t{1} << 32) | m.batch.dead[i]->id);
    digest.add((uint64_t{m.p == nullptr ? ~0u : m.p->id} << 32) | m.non_preemptible);
    m.stack.for_each([&](uintptr_t root) { digest.add(root); });
    add_segments(digest, m.stack.newest_segment());
  }
  for (const M* m : runtime.threads().spare()) digest.add(m->id);
  digest.add(promised - back);
  digest.add(runtime.policy().memory());

  const Collector& collector = runtime.collector();
  digest.add((static_cast<uint64_t>(collector.phase()) << 32) | collector.cycles());
  digest.add(collector.barrier_left() ? 1 : 0);
  digest.add(runtime.mark_buffers_made());
  digest.add(collector.records().empty() ? 0 : collector.records().back().heap_marked);
}

}  // namespace sweepscope::laboratory
