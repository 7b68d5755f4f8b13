// Finalizers: the program's side of them (engine/mutator.h), and what they are to the markers.
//
// The functions of the program run on its own thread and P, between two safepoints;
// they sweep the object's span or wait for its sweep (heap/sweep.h: ensure_swept).
#pragma once

#include "engine/base/fault.h"
#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// Visits every object with a finalizer, once for each (Go's markrootSpans). World stopped, sweep complete.
// What such an object refers to must live, since a finalizer may read it; the object itself is not marked
// by this, or it would never be found dead. Fatal "gc: unswept span".
template <class F>
void mark_root_spans(M& m, MHeap& heap, F visit) {
  if (heap.specials.records() == 0) return;
  const uint32_t h = heap.gen();
  for (uint32_t place = 0; place < heap.swept().size(); ++place) {
    const MSpan& span = heap.span(heap.swept().at(place));
    const Special* record = span.specials.peek();
    if (record == nullptr) continue;
    // acquire: pairs with the release of T8, T2 and T3: we read the records next.
    // In an mcache is swept, too.
    const uint32_t raw = span.sweepgen.load(std::memory_order_acquire, "mark_root_spans: is the span swept?");
    const bool cached = raw == encode(SweepState::kCached, h) && !fault(Fault::kMarkrootRejectsCached);
    check(m, raw == encode(SweepState::kSwept, h) || cached, FatalCode::kUnsweptSpan,
          Operand{"span", span.id}, Operand{"sweepgen", raw}, Operand{"heap_sweepgen", h});
    if (span.span_class.noscan()) continue;
    uintptr_t last = 0;
    for (; record != nullptr; record = record->next) {
      if (record->kind != SpecialKind::kFinalizer) continue;
      const uintptr_t object =
          span.large() ? span.base : span.slot_address(span.slot_of(span.base + record->offset));
      if (object != last) visit(object);
      last = object;
    }
  }
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
