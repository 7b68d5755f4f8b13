#include "engine/gc/verifier.h"

#include <bit>
#include <unordered_set>
#include <vector>

#include "engine/base/reads.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

using observe::ListMembership;

template <class... Operands>
void require(M& m, bool holds, uint64_t invariant, const Operands&... operands) {
  check(m, holds, FatalCode::kVerifyFailed, Operand{"invariant_I", invariant}, operands...);
}

// Where each span was met on the walk.
struct Sightings {
  std::vector<uint8_t> in_cache, on_nonempty, on_empty, on_busy_large, in_swept, in_unswept;
  explicit Sightings(size_t n)
      : in_cache(n), on_nonempty(n), on_empty(n), on_busy_large(n), in_swept(n), in_unswept(n) {}
};

void sight_queue(M& m, const SweepQueue& queue, std::vector<uint8_t>& seen, uint32_t ids) {
  for (uint32_t i = 0; i < queue.size(); ++i) {
    insist(m, queue.at(i) < ids, FatalCode::kVerifyFailed, Operand{"invariant_I", 8},
           Operand{"queue_entry", queue.at(i)});
    // I8: a queue never holds a span twice.
    require(m, ++seen[queue.at(i)] == 1, 8, Operand{"span_twice_in_a_queue", queue.at(i)});
  }
}

void sight_list(M& m, const SpanList& list, ListMembership name, std::vector<uint8_t>& seen) {
  for (MSpan* span = list.front(); span != nullptr; span = span->next) {
    require(m, span->list == name, 8, Operand{"span", span->id});
    // A list that closes on itself has no end to walk to.
    insist(m, ++seen[span->id] == 1, FatalCode::kVerifyFailed, Operand{"invariant_I", 8},
           Operand{"span_twice_on_a_list", span->id});
  }
}

// What heap_live holds of a span (I9). Unswept, what was marked: by the last termination, or black since
// under ragged. Swept, all its objects: those marked, and those allocated since. Cached fresh, every slot.
uint64_t live_bytes(const MSpan& span, SweepState state) {
  uint64_t slots = 0;
  switch (state) {
    case SweepState::kNeeds:
    case SweepState::kSweeping:
    case SweepState::kStale:
      for (uint32_t word = 0; word < span.words(); ++word)
        slots += static_cast<uint64_t>(std::popcount(span.mark_bits()[word]));
      break;
    case SweepState::kSwept: slots = span.alloc_count; break;
    case SweepState::kCached: slots = span.nelems; break;
  }
  return slots * span.object_bytes();
}

// Returns how many records hang on the span: sorted, none twice, each on an object.
uint32_t check_specials(M& m, const MSpan& span) {
  uint32_t count = 0;
  const Special* last = nullptr;
  for (const Special* record = span.specials.peek(); record != nullptr;
       last = record, record = record->next, ++count) {
    const Operand about{"span", span.id}, at{"special_at", record->offset};
    require(m, span.state.peek() == SpanState::kInUse && record->offset < span.bytes(), 8, about, at);
    require(m,
            last == nullptr || last->offset < record->offset ||
                (last->offset == record->offset && last->kind < record->kind),
            8, about, at);
    const uint32_t slot = span.slot_of(span.base + record->offset);
    const bool allocated =
        slot < span.freeindex.peek() || (span.alloc_bits()[slot / 64] >> (slot % 64) & 1) != 0;
    require(m, slot < span.nelems && allocated, 8, about, at);
  }
  return count;
}

void check_span(M& m, MSpan& span, uint32_t h, const Sightings& seen, VerifyAt at, const Repairs& repairs) {
  const uint32_t id = span.id;
  const uint32_t raw = span.sweepgen.peek();
  const std::optional<SweepState> state = decode(raw, h);
  const Operand about{"span", id}, gen{"sweepgen", raw}, heap_gen{"heap_sweepgen", h};
  insist(m, state.has_value(), FatalCode::kUndecodableSweepgen, about, gen, heap_gen);

  const bool cached = *state == SweepState::kCached || *state == SweepState::kStale;
  require(m, *state != SweepState::kSweeping, 8, about, gen, heap_gen);
  require(m, (seen.in_cache[id] == 1) == cached && seen.in_cache[id] <= 1, 6, about, gen, heap_gen,
          Operand{"caches", seen.in_cache[id]});
  if (at == VerifyAt::kGcStart) {
    require(m, *state == SweepState::kSwept || *state == SweepState::kCached, 7, about, gen, heap_gen);
    require(m, seen.in_swept[id] + seen.in_unswept[id] == 1, 8, about, Operand{"queues", seen.in_swept[id]});
  }
  switch (*state) {
    case SweepState::kNeeds: require(m, seen.in_unswept[id] == 1, 8, about, gen, heap_gen); break;
    case SweepState::kSwept:
    case SweepState::kCached: require(m, seen.in_swept[id] == 1, 8, about, gen, heap_gen); break;
    case SweepState::kStale: require(m, seen.in_swept[id] == 0, 8, about, gen, heap_gen); break;
    case SweepState::kSweeping: break;
  }

  const uint32_t allocated = cached ? span.allocated() : span.alloc_count;
  require(m, (seen.on_busy_large[id] == 1) == span.large(), 8, about, gen, heap_gen);
  if (!span.large()) {
    require(m, seen.on_nonempty[id] + seen.on_empty[id] == 1, 8, about, gen, heap_gen);
    if (cached) require(m, seen.on_empty[id] == 1, 8, about, gen, heap_gen);
    if (*state == SweepState::kSwept)
      require(m, (seen.on_nonempty[id] == 1) == (allocated < span.nelems), 8, about,
              Operand{"allocCount", allocated});
    if (cached) require(m, allocated >= 1, 12, about, Operand{"allocCount", allocated});
    // I12: the count equals the bits.
    require(m, span.allocated() == allocated, 12, about, Operand{"allocCount", allocated},
            Operand{"by_bits", span.allocated()});
  }
  require(m, allocated <= span.nelems, 12, about, Operand{"allocCount", allocated},
          Operand{"nelems", span.nelems});
  if (*state == SweepState::kSwept && repairs.uncache_order == UncacheOrder::kListThenSweep)
    require(m, allocated > 0, 11, about);
}

// Every segment of a manual span is in the pool, in one P's stack cache, or in one thread's stack;
// the span counts those outside of the pool.
void check_stacks(M& m, Runtime& runtime) {
  MHeap& heap = runtime.heap();
  std::vector<uint32_t> in_pool(heap.span_ids()), outside(heap.span_ids());
  auto sight = [&](std::vector<uint32_t>& seen, const StackSegment* segment) {
    for (; segment != nullptr; segment = segment->below) {
      check(m, segment->span < heap.span_ids() && heap.span(segment->span).state.peek() == SpanState::kManual,
            FatalCode::kVerifyFailed, Operand{"segment_of_span", segment->span});
      ++seen[segment->span];
    }
  };
  for (uint32_t order = 0; order < kStackOrders; ++order) {
    sight(in_pool, heap.stacks.free(order));
    for (uint32_t id = 0; id < runtime.sched().procs(); ++id)
      sight(outside, runtime.sched().p(id).mcache.stacks.free[order]);
  }
  runtime.for_each_thread([&](const M& thread) { sight(outside, thread.stack); });
  uint64_t bytes = 0;
  for (uint32_t id = 0; id < heap.span_ids(); ++id) {
    const MSpan& span = heap.span(id);
    if (span.state.peek() != SpanState::kManual) continue;
    bytes += span.bytes();
    check(m, outside[id] == span.alloc_count && in_pool[id] + outside[id] == span.nelems,
          FatalCode::kVerifyFailed, Operand{"span", id}, Operand{"segments", span.nelems},
          Operand{"in_pool", in_pool[id]}, Operand{"outside", outside[id]},
          Operand{"counted_outside", span.alloc_count});
  }
  check(m, bytes == heap.manual_bytes(), FatalCode::kVerifyFailed, Operand{"manual_bytes", bytes});
}

}  // namespace

void check_protocol(M& m, Runtime& runtime, VerifyAt at) {
  check(m, runtime.sched().world.stopped(), FatalCode::kWorldNotStopped);
  MHeap& heap = runtime.heap();
  const uint32_t h = heap.gen();
  Sightings seen(heap.span_ids());
  sight_queue(m, heap.swept(), seen.in_swept, heap.span_ids());
  sight_queue(m, heap.unswept(), seen.in_unswept, heap.span_ids());

  uint64_t promised_free = 0;  // free slots of cached spans, which nmalloc counts (I10)
  for (uint32_t id = 0; id < runtime.sched().procs(); ++id) {
    MCache& cache = runtime.sched().p(id).mcache;
    const uint32_t flush_gen = cache.flush_gen.peek();
    const Operand p{"p", id}, fg{"flush_gen", flush_gen}, heap_gen{"heap_sweepgen", h};
    require(m, flush_gen == h || (at == VerifyAt::kAnyStop && flush_gen == h - 2), 7, p, fg, heap_gen);
    // Black objects are for stale mcaches only: in a fresh one their marks would spill into the next cycle.
    require(m, cache.colour != Colour::kBlack || flush_gen == h - 2, 1, p, fg, heap_gen);
    uint32_t cached = 0;
    for (MSpan* span : cache.alloc) {
      if (span == &heap.empty_span) continue;
      ++cached;
      ++seen.in_cache[span->id];
      promised_free += span->nelems - span->allocated();
      const auto expected = flush_gen == h ? SweepState::kCached : SweepState::kStale;
      require(m, decode(span->sweepgen.peek(), h) == expected, 1, p, fg, heap_gen, Operand{"span", span->id},
              Operand{"sweepgen", span->sweepgen.peek()});
    }
    require(m, cached == cache.cached, 6, p, Operand{"counted", cache.cached}, Operand{"found", cached});
  }
  uint64_t nmalloc = 0;
  for (uint32_t c = 0; c < kNumSpanClasses; ++c) {
    MCentral& central = heap.central(SpanClass::from_raw(static_cast<uint8_t>(c)));
    sight_list(m, central.nonempty(), ListMembership::kNonempty, seen.on_nonempty);
    sight_list(m, central.empty(), ListMembership::kEmpty, seen.on_empty);
    const ReadsEndHere scope;  // of all these counters only their balance is kept
    nmalloc += central.nmalloc();
  }

  sight_list(m, heap.busy_large(), ListMembership::kBusyLarge, seen.on_busy_large);

  uint64_t allocated = 0, live = 0;
  uint32_t in_use = 0, specials = 0;
  for (uint32_t id = 0; id < heap.span_ids(); ++id) {
    MSpan& span = heap.span(id);
    specials += check_specials(m, span);
    if (span.state.peek() != SpanState::kInUse) {
      // I15: a free struct never reads NEEDS.
      require(m, span.sweepgen.peek() != h - 2 || seen.in_unswept[id] == 0, 15, Operand{"span", id});
      continue;
    }
    ++in_use;
    check_span(m, span, h, seen, at, heap.repairs);
    if (!span.large()) allocated += span.allocated();
    if (const auto state = decode(span.sweepgen.peek(), h)) live += live_bytes(span, *state);
  }
  require(m, in_use == heap.spans_in_use(), 8, Operand{"counted", heap.spans_in_use()},
          Operand{"found", in_use});

  require(m, specials == heap.specials.records(), 8, Operand{"records", heap.specials.records()},
          Operand{"found", specials});

  uint64_t freed = 0, unused = 0;
  auto add = [&](const FreeCounts& counts) {
    for (uint64_t count : counts.small) freed += count;
    for (uint64_t count : counts.unused) unused += count;
    require(m, counts.unused_bytes == 0, 9, Operand{"unused_bytes", counts.unused_bytes});
  };
  runtime.for_each_thread([&](const M& thread) { add(thread.frees); });
  for (uint32_t id = 0; id < runtime.sched().procs(); ++id) add(runtime.sched().p(id).mcache.frees);
  require(m, nmalloc - unused - freed == allocated + promised_free, 10, Operand{"nmalloc", nmalloc},
          Operand{"unused", unused}, Operand{"freed", freed}, Operand{"allocated", allocated},
          Operand{"promised_free", promised_free});
  const uint64_t kept = heap.specials.kept_bytes(), counted = heap.heap_live.peek();
  require(m, counted + kept == live, 9, Operand{"heap_live", counted}, Operand{"by_spans", live},
          Operand{"kept_for_finalizers", kept});
  check_stacks(m, runtime);
  check(m, heap.pages().is_valid(), FatalCode::kVerifyFailed, Operand{"page_runs", 0});
}

uint64_t check_marks(M& m, Runtime& runtime, Marks marks) {
  MHeap& heap = runtime.heap();
  std::unordered_set<uintptr_t> reached;
  std::vector<uintptr_t> grey;
  auto reach = [&](uintptr_t address) {
    MSpan* span = heap.find(address);
    insist(m, span != nullptr, FatalCode::kBadPointer, Operand{"address", address});
    const uint32_t slot = span->slot_of(address);
    const uintptr_t object = span->large() ? span->base : span->slot_address(slot);
    if (!reached.insert(object).second) return;
    require(m, (span->mark_bits()[slot / 64] >> (slot % 64) & 1) != 0, 2, Operand{"unmarked_object", object},
            Operand{"span", span->id});
    if (!span->span_class.noscan()) grey.push_back(object);
  };
  runtime.for_each_thread([&](const M& thread) { ShadowStack(thread).for_each(reach); });
  runtime.globals.for_each(m, reach);
  for (uint32_t id = 0; id < runtime.sched().procs(); ++id)
    if (const uintptr_t tiny = runtime.sched().p(id).mcache.tiny; tiny != 0) reach(tiny);
  for (const QueuedFinalizer& queued : heap.specials.queue()) reach(queued.object);
  // Found without mark_root_spans, by a walk over all spans:
  // contents of finalizable objects live, the objects need not.
  for (uint32_t id = 0; id < heap.span_ids(); ++id) {
    const MSpan& span = heap.span(id);
    for (const Special* record = span.specials.peek(); record != nullptr; record = record->next)
      if (record->kind == SpecialKind::kFinalizer && !span.span_class.noscan())
        grey.push_back(span.large() ? span.base
                                    : span.slot_address(span.slot_of(span.base + record->offset)));
  }
  while (!grey.empty()) {
    const uintptr_t object = grey.back();
    grey.pop_back();
    const MSpan& span = *heap.find(object);
    const uint64_t* bits = heap.memory().pointer_bits(span.first_page);
    const uint64_t first = (object - span.base) / 8;
    for (uint64_t word = first; word < first + span.object_bytes() / 8; ++word) {
      if ((bits[word / 64] >> (word % 64) & 1) == 0) continue;
      const uint64_t target = *reinterpret_cast<const uint64_t*>(span.base + word * 8);
      if (target != 0) reach(target);
    }
  }
  uint64_t marked = 0;
  for (uint32_t id = 0; id < heap.span_ids(); ++id) {
    const MSpan& span = heap.span(id);
    if (span.state.peek() != SpanState::kInUse) continue;
    for (uint32_t word = 0; word < span.words(); ++word)
      marked += static_cast<uint64_t>(std::popcount(span.mark_bits()[word]));
  }
  require(m, marks == Marks::kExact ? marked == reached.size() : marked >= reached.size(), 2,
          Operand{"marked", marked}, Operand{"reachable", reached.size()});
  return reached.size();
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
