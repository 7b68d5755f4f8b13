// EngineStats but its cycles: a recount of a stopped world. It walks every span and mcache and flushes none:
// a statistics call that empties the caches would hide what eager and lazy flushing differ in.
#include <algorithm>

#include "engine/base/reads.h"
#include "engine/gc/runtime.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

EngineStats recount(Runtime& runtime) {
  MHeap& heap = runtime.heap();
  EngineStats stats;
  std::array<uint64_t, kNumSizeClasses> allocated{};  // ever, by size class
  for (uint32_t c = 2; c < kNumSpanClasses; ++c) {
    const ReadScope reported_only;  // and checked as a difference, which is state (I10)
    const SpanClass span_class = SpanClass::from_raw(static_cast<uint8_t>(c));
    allocated[span_class.size_class()] += heap.central(span_class).nmalloc();
  }
  stats.min_cached_per_p = ~0u;
  const auto count_frees = [&stats](const FreeCounts& counts) {
    for (size_t c = 1; c < kNumSizeClasses; ++c) {
      // Promised by nmalloc and never handed out: neither allocated nor freed.
      stats.alloc_objects -= counts.unused[c];
      stats.alloc_bytes -= counts.unused[c] * class_size(static_cast<uint8_t>(c));
      stats.freed_objects += counts.small[c];
      stats.freed_bytes += counts.small[c] * class_size(static_cast<uint8_t>(c));
    }
    stats.alloc_objects += counts.tiny;
    stats.freed_objects += counts.tiny + counts.large;
    stats.freed_bytes += counts.large_bytes;
  };
  for (uint32_t id = 0; id < runtime.sched().procs(); ++id) {
    const MCache& cache = runtime.sched().p(id).mcache;
    count_frees(cache.frees);
    // nmalloc counts every slot of a cached span as allocated: take back those still free (I10).
    for (const MSpan* span : cache.alloc)
      if (span != &heap.empty_span)
        allocated[span->span_class.size_class()] -= span->nelems - span->allocated();
    if (cache.cached == 0) continue;
    stats.cached_spans += cache.cached;
    ++stats.caching_ps;
    stats.min_cached_per_p = std::min(stats.min_cached_per_p, cache.cached);
    stats.max_cached_per_p = std::max(stats.max_cached_per_p, cache.cached);
  }
  if (stats.caching_ps == 0) stats.min_cached_per_p = 0;
  runtime.threads().for_each([&](const M& m) {
    count_frees(m.frees);
    for (size_t i = 0; i < kFlushCauses; ++i) {
      stats.flushes[i] += m.flushes[i];
      stats.flushed_spans[i] += m.flushed_spans[i];
    }
    for (size_t i = 0; i < kSweepCauses; ++i) stats.swept_spans[i] += m.swept_spans[i];
    stats.grow_while_unswept += m.grow_while_unswept;
    stats.stale_allocs += m.stale_allocs;
  });
  for (size_t c = 1; c < kNumSizeClasses; ++c) {
    stats.alloc_objects += allocated[c];
    stats.alloc_bytes += allocated[c] * class_size(static_cast<uint8_t>(c));
  }
  stats.alloc_objects += heap.large_allocs;
  stats.alloc_bytes += heap.large_alloc_bytes;
  stats.heap_live = heap.heap_live.peek();
  stats.heap_in_use_bytes = heap.in_use_bytes();
  stats.heap_reserved_bytes = uint64_t{heap.memory().grown_pages()} << kPageShift;
  stats.scavenged_bytes = heap.scavenged_bytes.peek();
  stats.sweepgen = heap.gen();
  stats.cycles = runtime.collector().cycles();
  stats.procs = runtime.sched().procs();
  stats.allocs = runtime.collector().allocations().ever();
  stats.objects_verified = runtime.collector().objects_verified();
  return stats;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
