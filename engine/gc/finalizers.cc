#include "engine/gc/finalizers.h"

#include "engine/gc/runtime.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

namespace {

// A tiny object may begin anywhere in its block, so there the address says nothing (as in Go).
void check_beginning(M& m, MHeap& heap, uintptr_t address) {
  const MSpan* span = heap.find(address);
  if (span == nullptr) return;  // reported by the look-up that follows
  if (span->span_class == kTinySpanClass && m.runtime->options.tiny_blocks) return;
  const uintptr_t begin = span->large() ? span->base : span->slot_address(span->slot_of(address));
  check(m, address == begin, FatalCode::kMisuse, Operand{"finalizer_inside_an_object", address},
        Operand{"object", begin}, Operand{"span", span->id});
}

}  // namespace

bool set_finalizer(Mutator& mutator, void* object, uint64_t token) {
  M& m = mutator.m();
  check_owns_p(m);
  MHeap& heap = m.runtime->heap();
  check_beginning(m, heap, reinterpret_cast<uintptr_t>(object));
  // ensure_swept may wait for a span that is stale: no longer for one of ours.
  m.runtime->policy().at_slow_path(m);
  const auto address = reinterpret_cast<uintptr_t>(object);
  if (!heap.specials.add(m, heap, address, SpecialKind::kFinalizer, token)) return false;
  // The roots of this mark phase were gathered without it.
  if (m.mcache->colour == Colour::kMarking) m.runtime->collector().mark_phase().scan_soon(m, address);
  return true;
}

bool clear_finalizer(Mutator& mutator, void* object) {
  M& m = mutator.m();
  check_owns_p(m);
  MHeap& heap = m.runtime->heap();
  check_beginning(m, heap, reinterpret_cast<uintptr_t>(object));
  m.runtime->policy().at_slow_path(m);  // as above
  return heap.specials.remove(m, heap, reinterpret_cast<uintptr_t>(object), SpecialKind::kFinalizer)
      .has_value();
}

std::optional<Finalized> take_finalized(Mutator& mutator) {
  M& m = mutator.m();
  check_owns_p(m);
  const std::optional<QueuedFinalizer> queued = m.runtime->heap().specials.take(m);
  if (!queued) return std::nullopt;
  return Finalized{reinterpret_cast<void*>(queued->object), queued->token};
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
