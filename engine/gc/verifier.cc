#include "engine/gc/verifier.h"

#include <bit>
#include <unordered_set>
#include <vector>

#include "engine/base/reads.h"
#include "engine/heap/layout.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

using observe::ListMembership;

// Where violations go: to the always-on check, which does not return in production, or into a list.
class Findings {
 public:
  Findings(M& m, OnViolation on_violation, Verification& list)
      : m_(m), fails_(on_violation == OnViolation::kFail), list_(list) {}

  Verification& walked() { return list_; }

  template <class... Operands>
  void require(bool holds, uint64_t invariant, const Operands&... operands) {
    if (fails_)
      check(m_, holds, FatalCode::kVerifyFailed, Operand{"invariant_I", invariant}, operands...);
    else if (!holds)
      note(invariant, FatalCode::kVerifyFailed, {operands...});
  }
  // Without a number of its own in the list of invariants.
  template <class... Operands>
  void expect(bool holds, const Operands&... operands) {
    if (fails_)
      check(m_, holds, FatalCode::kVerifyFailed, operands...);
    else if (!holds)
      note(0, FatalCode::kVerifyFailed, {operands...});
  }
  // What the walk cannot do without. False: leave this structure.
  template <class... Operands>
  [[nodiscard]] bool needs(bool holds, FatalCode code, uint64_t invariant, const Operands&... operands) {
    if (fails_) {
      if (invariant != 0)
        insist(m_, holds, code, Operand{"invariant_I", invariant}, operands...);
      else
        insist(m_, holds, code, operands...);
    } else if (!holds) {
      list_.complete = false;
      note(invariant, code, {operands...});
    }
    return holds;
  }

 private:
  void note(uint64_t invariant, FatalCode code, std::initializer_list<Operand> operands) {
    if (++list_.violations > Verification::kListed) return;
    Verification::Violation violation{static_cast<uint32_t>(invariant), words(code), {}};
    for (const Operand& operand : operands) violation.values.push_back({operand.name, operand.value});
    list_.found.push_back(std::move(violation));
  }

  M& m_;
  const bool fails_;
  Verification& list_;
};

// Where each span was met on the walk.
struct Sightings {
  std::vector<uint8_t> in_cache, on_nonempty, on_empty, on_busy_large, in_swept, in_unswept;
  explicit Sightings(size_t n)
      : in_cache(n), on_nonempty(n), on_empty(n), on_busy_large(n), in_swept(n), in_unswept(n) {}
};

void sight_queue(Findings& f, const SweepQueue& queue, std::vector<uint8_t>& seen, uint32_t ids) {
  for (uint32_t i = 0; i < queue.size(); ++i) {
    if (!f.needs(queue.at(i) < ids, FatalCode::kVerifyFailed, 8, Operand{"queue_entry", queue.at(i)}))
      continue;
    ++f.walked().queued;
    // I8: a queue never holds a span twice.
    f.require(++seen[queue.at(i)] == 1, 8, Operand{"span_twice_in_a_queue", queue.at(i)});
  }
}

void sight_list(Findings& f, const SpanList& list, ListMembership name, std::vector<uint8_t>& seen) {
  for (MSpan* span = list.front(); span != nullptr; span = span->next) {
    f.require(span->list == name, 8, Operand{"span", span->id});
    // A list that closes on itself has no end to walk to.
    if (!f.needs(++seen[span->id] == 1, FatalCode::kVerifyFailed, 8,
                 Operand{"span_twice_on_a_list", span->id}))
      return;
    ++f.walked().listed;
  }
}

// What heap_live holds of a span (I9). Unswept, what was marked: by the last termination, or black since
// under ragged. Swept, all its objects: those marked, and those allocated since. Cached fresh, every slot.
uint64_t live_bytes(const MSpan& span, SweepState state) {
  uint64_t slots = 0;
  switch (state) {
    case SweepState::kNeeds:
    case SweepState::kSweeping:
    case SweepState::kStale: slots = span.count_marks(); break;
    case SweepState::kSwept: slots = span.alloc_count; break;
    case SweepState::kCached: slots = span.nelems; break;
  }
  return slots * span.object_bytes();
}

// Returns how many records hang on the span: sorted, none twice, each on an object.
uint32_t check_specials(Findings& f, const MSpan& span) {
  uint32_t count = 0;
  const Special* last = nullptr;
  for (const Special* record = span.specials.peek(); record != nullptr;
       last = record, record = record->next, ++count) {
    const Operand about{"span", span.id}, at{"special_at", record->offset};
    if (!f.needs(span.state.peek() == SpanState::kInUse && record->offset < span.bytes(),
                 FatalCode::kVerifyFailed, 8, about, at))
      return count;
    f.require(last == nullptr || last->offset < record->offset ||
                  (last->offset == record->offset && last->kind < record->kind),
              8, about, at);
    const uint32_t slot = span.slot_of(span.base + record->offset);
    f.require(slot < span.nelems && span.holds_object(slot), 8, about, at);
  }
  return count;
}

void check_span(Findings& f, MSpan& span, uint32_t h, const Sightings& seen, VerifyAt at,
                const Repairs& repairs) {
  const uint32_t id = span.id;
  const uint32_t raw = span.sweepgen.peek();
  const std::optional<SweepState> state = decode(raw, h);
  const Operand about{"span", id}, gen{"sweepgen", raw}, heap_gen{"heap_sweepgen", h};
  if (!f.needs(state.has_value(), FatalCode::kUndecodableSweepgen, 0, about, gen, heap_gen)) return;

  const bool cached = *state == SweepState::kCached || *state == SweepState::kStale;
  f.require(*state != SweepState::kSweeping, 8, about, gen, heap_gen);
  f.require((seen.in_cache[id] == 1) == cached && seen.in_cache[id] <= 1, 6, about, gen, heap_gen,
            Operand{"caches", seen.in_cache[id]});
  if (at == VerifyAt::kGcStart) {
    f.require(*state == SweepState::kSwept || *state == SweepState::kCached, 7, about, gen, heap_gen);
    f.require(seen.in_swept[id] + seen.in_unswept[id] == 1, 8, about, Operand{"queues", seen.in_swept[id]});
  }
  switch (*state) {
    case SweepState::kNeeds: f.require(seen.in_unswept[id] == 1, 8, about, gen, heap_gen); break;
    case SweepState::kSwept:
    case SweepState::kCached: f.require(seen.in_swept[id] == 1, 8, about, gen, heap_gen); break;
    case SweepState::kStale: f.require(seen.in_swept[id] == 0, 8, about, gen, heap_gen); break;
    case SweepState::kSweeping: break;
  }

  // Markers rely on it: which table holds the marks follows from h.
  if (*state == SweepState::kSwept || *state == SweepState::kCached)
    f.require(span.marks_in.peek() == h / 2 % 2, 3, about, gen, heap_gen);

  const uint32_t allocated = cached ? span.allocated() : span.alloc_count;
  f.require((seen.on_busy_large[id] == 1) == span.large(), 8, about, gen, heap_gen);
  if (!span.large()) {
    f.require(seen.on_nonempty[id] + seen.on_empty[id] == 1, 8, about, gen, heap_gen);
    if (cached) f.require(seen.on_empty[id] == 1, 8, about, gen, heap_gen);
    if (*state == SweepState::kSwept)
      f.require((seen.on_nonempty[id] == 1) == (allocated < span.nelems), 8, about,
                Operand{"allocCount", allocated});
    if (cached) f.require(allocated >= 1, 12, about, Operand{"allocCount", allocated});
    // I12: the count equals the bits.
    f.require(span.allocated() == allocated, 12, about, Operand{"allocCount", allocated},
              Operand{"by_bits", span.allocated()});
  }
  f.require(allocated <= span.nelems, 12, about, Operand{"allocCount", allocated},
            Operand{"nelems", span.nelems});
  if (*state == SweepState::kSwept && repairs.uncache_order == UncacheOrder::kSweepMayFree)
    f.require(allocated > 0, 11, about);
}

// Every segment of a manual span is in the pool, in one P's stack cache, or in one thread's stack;
// the span counts those outside of the pool.
void check_stacks(Findings& f, const Layers& layers) {
  MHeap& heap = layers.heap;
  std::vector<uint32_t> in_pool(heap.span_ids()), outside(heap.span_ids());
  auto sight = [&](std::vector<uint32_t>& seen, const StackSegment* segment) {
    for (; segment != nullptr; segment = segment->below) {
      if (!f.needs(
              segment->span < heap.span_ids() && heap.span(segment->span).state.peek() == SpanState::kManual,
              FatalCode::kVerifyFailed, 0, Operand{"segment_of_span", segment->span}))
        return;
      ++seen[segment->span];
    }
  };
  for (uint32_t order = 0; order < kStackOrders; ++order) {
    sight(in_pool, heap.stacks.free(order));
    for (uint32_t id = 0; id < layers.sched.procs(); ++id)
      sight(outside, layers.sched.p(id).mcache.stacks.free[order]);
  }
  layers.threads.for_each([&](const M& thread) { sight(outside, thread.stack.newest_segment()); });
  uint64_t bytes = 0;
  for (uint32_t id = 0; id < heap.span_ids(); ++id) {
    const MSpan& span = heap.span(id);
    if (span.state.peek() != SpanState::kManual) continue;
    bytes += span.bytes();
    f.expect(outside[id] == span.alloc_count && in_pool[id] + outside[id] == span.nelems, Operand{"span", id},
             Operand{"segments", span.nelems}, Operand{"in_pool", in_pool[id]},
             Operand{"outside", outside[id]}, Operand{"counted_outside", span.alloc_count});
  }
  f.expect(bytes == heap.manual_bytes(), Operand{"manual_bytes", bytes});
}

void walk(Findings& f, const Layers& layers, VerifyAt at) {
  MHeap& heap = layers.heap;
  const uint32_t h = heap.gen();
  Sightings seen(heap.span_ids());
  sight_queue(f, heap.swept(), seen.in_swept, heap.span_ids());
  sight_queue(f, heap.unswept(), seen.in_unswept, heap.span_ids());

  uint64_t promised_free = 0;  // free slots of cached spans, which nmalloc counts (I10)
  for (uint32_t id = 0; id < layers.sched.procs(); ++id) {
    P& owner = layers.sched.p(id);
    MCache& cache = owner.mcache;
    const uint32_t flush_gen = cache.flush_gen.peek();
    const Operand p{"p", id}, fg{"flush_gen", flush_gen}, heap_gen{"heap_sweepgen", h};
    f.require(flush_gen == h || (at == VerifyAt::kAnyStop && flush_gen == h - 2), 7, p, fg, heap_gen);
    // Black objects are for stale mcaches, and for all while marking is concurrent: in a fresh one their marks
    // would spill into the next cycle. Where no thread runs the colour is an old one: acquire_p decides it anew.
    const bool in_use = owner.status.peek() == observe::PStatus::kRunning;
    f.require(cache.colour == heap.birth_colour() || flush_gen == h - 2 || !in_use, 1, p, fg, heap_gen);
    uint32_t cached = 0;
    for (MSpan* span : cache.alloc) {
      if (span == &heap.empty_span) continue;
      ++cached;
      ++seen.in_cache[span->id];
      promised_free += span->nelems - span->allocated();
      const auto expected = flush_gen == h ? SweepState::kCached : SweepState::kStale;
      f.require(decode(span->sweepgen.peek(), h) == expected, 1, p, fg, heap_gen, Operand{"span", span->id},
                Operand{"sweepgen", span->sweepgen.peek()});
    }
    f.require(cached == cache.cached, 6, p, Operand{"counted", cache.cached}, Operand{"found", cached});
  }
  uint64_t nmalloc = 0;
  for (uint32_t c = 0; c < kNumSpanClasses; ++c) {
    MCentral& central = heap.central(SpanClass::from_raw(static_cast<uint8_t>(c)));
    sight_list(f, central.nonempty(), ListMembership::kNonempty, seen.on_nonempty);
    sight_list(f, central.empty(), ListMembership::kEmpty, seen.on_empty);
    const ReadScope scope;  // of all these counters only their balance is kept
    nmalloc += central.nmalloc();
  }

  sight_list(f, heap.busy_large(), ListMembership::kBusyLarge, seen.on_busy_large);

  uint64_t allocated = 0, live = 0;
  uint32_t in_use = 0, specials = 0;
  for (uint32_t id = 0; id < heap.span_ids(); ++id) {
    MSpan& span = heap.span(id);
    specials += check_specials(f, span);
    if (span.state.peek() != SpanState::kInUse) {
      // I15: a free struct never reads NEEDS.
      f.require(span.sweepgen.peek() != h - 2 || seen.in_unswept[id] == 0, 15, Operand{"span", id});
      continue;
    }
    ++in_use;
    check_span(f, span, h, seen, at, heap.repairs);
    if (!span.large()) allocated += span.allocated();
    if (const auto state = decode(span.sweepgen.peek(), h)) live += live_bytes(span, *state);
  }
  f.require(in_use == heap.spans_in_use(), 8, Operand{"counted", heap.spans_in_use()},
            Operand{"found", in_use});

  f.require(specials == heap.specials.records(), 8, Operand{"records", heap.specials.records()},
            Operand{"found", specials});

  uint64_t freed = 0, unused = 0;
  auto add = [&](const FreeCounts& counts) {
    for (uint64_t count : counts.small) freed += count;
    for (uint64_t count : counts.unused) unused += count;
    f.require(counts.unused_bytes == 0, 9, Operand{"unused_bytes", counts.unused_bytes});
  };
  layers.threads.for_each([&](const M& thread) {
    add(thread.frees);
    // What a sweeper holds back is in no queue.
    f.require(thread.batch.empty(), 8, Operand{"thread", thread.id},
              Operand{"swept_held", thread.batch.swept_count}, Operand{"dead_held", thread.batch.dead_count});
    // No marking is under way in any stop that verifies.
    f.expect(thread.barrier.used == 0 && thread.stack_scan.peek() == StackScan::kDone,
             Operand{"thread", thread.id}, Operand{"in_its_barrier_buffer", thread.barrier.used});
  });
  for (uint32_t id = 0; id < layers.sched.procs(); ++id) add(layers.sched.p(id).mcache.frees);
  f.require(nmalloc - unused - freed == allocated + promised_free, 10, Operand{"nmalloc", nmalloc},
            Operand{"unused", unused}, Operand{"freed", freed}, Operand{"allocated", allocated},
            Operand{"promised_free", promised_free});
  const uint64_t kept = heap.specials.kept_bytes(), counted = heap.heap_live.peek();
  f.require(counted + kept == live, 9, Operand{"heap_live", counted}, Operand{"by_spans", live},
            Operand{"kept_for_finalizers", kept});
  check_stacks(f, layers);
  f.walked().spans = in_use;
  f.walked().mcaches = layers.sched.procs();
  f.walked().specials = specials;
}

}  // namespace

Verification check_protocol(M& m, const Layers& layers, VerifyAt at, OnViolation on_violation) {
  check(m, layers.sched.world.stopped(), FatalCode::kWorldNotStopped);
  Verification result;
  Findings findings(m, on_violation, result);
  walk(findings, layers, at);
  findings.expect(layers.heap.pages_are_valid(m), Operand{"page_runs", 0});
  return result;
}

uint64_t check_marks(M& m, const Layers& layers, Marks marks) {
  MHeap& heap = layers.heap;
  Verification none;
  Findings f(m, OnViolation::kFail, none);
  std::unordered_set<uintptr_t> reached;
  std::vector<uintptr_t> grey;
  auto reach = [&](uintptr_t address) {
    MSpan* span = heap.find(address);
    insist(m, span != nullptr, FatalCode::kBadPointer, Operand{"address", address});
    const uint32_t slot = span->slot_of(address);
    const uintptr_t object = span->large() ? span->base : span->slot_address(slot);
    if (!reached.insert(object).second) return;
    f.require(span->has_mark_bit(slot), 2, Operand{"unmarked_object", object}, Operand{"span", span->id});
    if (!span->span_class.noscan()) grey.push_back(object);
  };
  layers.threads.for_each([&](const M& thread) { thread.stack.for_each(reach); });
  layers.globals.for_each(m, reach);
  // Concurrent marking leaves out the tiny block of a P that stayed idle: it is dropped before its next use.
  for (uint32_t id = 0; id < layers.sched.procs() && marks == Marks::kExact; ++id)
    if (const uintptr_t tiny = layers.sched.p(id).mcache.tiny; tiny != 0) reach(tiny);
  heap.specials.queue().for_each([&](const QueuedFinalizer& queued) { reach(queued.object); });
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
      const bool holds_reference =
          span.refs == kBitmap ? (bits[word / 64] >> (word % 64) & 1) != 0 : word - first < span.refs;
      if (!holds_reference) continue;
      const uint64_t target = *reinterpret_cast<const uint64_t*>(span.base + word * 8);
      if (target != 0) reach(target);
    }
  }
  uint64_t marked = 0;
  for (uint32_t id = 0; id < heap.span_ids(); ++id) {
    const MSpan& span = heap.span(id);
    if (span.state.peek() != SpanState::kInUse) continue;
    marked += span.count_marks();
  }
  f.require(marks == Marks::kExact ? marked == reached.size() : marked >= reached.size(), 2,
            Operand{"marked", marked}, Operand{"reachable", reached.size()});
  return reached.size();
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
