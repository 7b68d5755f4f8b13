// Roots: where marking begins. Precise: handles on the mutators' shadow stacks, and Globals.
//
// A shadow stack holds the Local handles of one thread (shadow_stack.h). Finalizers have roots of their own: what
// their objects refer to.
#pragma once

#include <cstddef>

#include "engine/base/fault.h"
#include "engine/base/heap_word.h"
#include "engine/base/lock.h"
#include "engine/gc/mark/mark_pool.h"
#include "engine/heap/mheap.h"
#include "engine/mutator.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class GlobalRoots {
 public:
  void add(Context& by, GlobalBase& root);
  // By any thread at any time, also by threads that no stop waits for. While marking is concurrent, what the
  // root held goes to the pool, since a stack that is black may hold it now, and the root may not have been visited.
  void remove(Context& by, GlobalBase& root);
  size_t size() const { return size_; }  // when no other thread is left
  // base/state.h. What each holds, in their order.
  template <class State>
  void add_state(State& to) const {
    for (const GlobalBase* root = first_; root != nullptr; root = root->next_) to.add(root->bits_);
    to.add(pool_ != nullptr ? 1 : 0);
  }

  // Without the lock, while no other thread runs: visit(what a Global holds, 0 for nothing), the newest Global first.
  template <class F>
  void peek_each(F visit) const {
    for (const GlobalBase* root = first_; root != nullptr; root = root->next_) visit(root->bits_);
  }

  // From now on a Global that ends puts what it held into `pool`. World stopped.
  void begin_shading(Context& by, MarkPool& pool);
  // Ends that and returns true if nothing_is_grey(), called while no Global can end, is true. World stopped.
  template <class F>
  bool end_shading(Context& by, F nothing_is_grey) {
    Guard guard(by, lock_, "roots: lock to end the shading");
    if (!nothing_is_grey()) return false;
    pool_ = nullptr;
    return true;
  }

  // Under lock, because any thread may make or end a Global meanwhile, also in a stopped world. A Global made or ended
  // meanwhile may be missed: the write barrier has shaded what was stored in it, and remove() shades what it held.
  template <class F>
  void for_each(Context& by, F visit) {
    Guard guard(by, lock_, "roots: lock to visit the globals");
    for (GlobalBase* root = first_; root != nullptr; root = root->next_)
      // acquire: pairs with Global::set, which published the target's zeroing and layout.
      if (const uint64_t bits = HeapWord(root->bits_).peek(std::memory_order_acquire); bits != 0)
        visit(static_cast<uintptr_t>(bits));
  }

 private:
  Lock lock_{Rank::kRoots, Word::kOther};
  GlobalBase* first_ = nullptr;
  size_t size_ = 0;
  MarkPool* pool_ = nullptr;  // null: marking is not concurrent, or over
};

// A block of the root job "spans" (Go's markrootSpans): the swept queue from place `begin` to before `end`. Sweep
// complete; the program may run. Checks that each span is swept (fatal "gc: unswept span") and visits every object with
// a finalizer, once: what such an object refers to must live, since a finalizer may read it; the object itself is not
// marked by this, or it would never be found dead. A finalizer that is set meanwhile is its setter's to mark
// (MarkPhase::scan_soon).
template <class F>
void mark_root_spans(Context& m, MHeap& heap, uint32_t begin, uint32_t end, F visit) {
  const uint32_t h = heap.gen();
  for (uint32_t place = begin; place < end; ++place) {
    const MSpan& span = heap.span(heap.swept().at(place));
    const bool has_specials = span.specials.peek() != nullptr;
    // acquire: pairs with the release of T8, T2 and T3: we read the records next.
    // A span in an mcache counts as swept.
    const uint32_t raw =
        has_specials ? span.sweepgen.load(std::memory_order_acquire, "mark_root_spans: is the span swept?")
                     : span.sweepgen.peek();
    const bool cached = raw == encode(SweepState::kCached, h) && !fault(Fault::kMarkrootRejectsCached);
    check(m, raw == encode(SweepState::kSwept, h) || cached, FatalCode::kUnsweptSpan,
          Operand{"span", span.id}, Operand{"sweepgen", raw}, Operand{"heap_sweepgen", h});
    if (!has_specials || span.span_class.noscan()) continue;
    uintptr_t last = 0;
    heap.specials.for_each(m, span, [&](const Special& record) {
      if (record.kind != SpecialKind::kFinalizer) return;
      const uintptr_t object =
          span.large() ? span.base : span.slot_address(span.slot_of(span.base + record.offset));
      if (object != last) visit(object);
      last = object;
    });
  }
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
