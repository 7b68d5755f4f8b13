#include "engine/gc/finalizers.h"

#include "engine/base/fault.h"
#include "engine/gc/mark/mark_phase.h"
#include "engine/gc/policies/policy.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

namespace {

// ensure_swept waits for a stale span without a safepoint: its flusher must not be a thread that a stop keeps out. So
// the span is not left in our own mcache nor, where no flush barrier comes to idle Ps, in that of an idle P.
void prepare_to_wait(M& m, FlushPolicy& policy) {
  policy.at_slow_path(m);
  policy.help_sweep(m);
}

}  // namespace

// A tiny object may begin anywhere in its block, so there the address need not be the beginning of a slot (as in Go).
void Finalizers::check_beginning(M& m, uintptr_t address) {
  const MSpan* span = heap_.find(address);
  if (span == nullptr) return;  // reported by the look-up that follows
  if (span->span_class == kTinySpanClass && tiny_blocks_ == TinyBlocks::kOn) return;
  const uintptr_t begin = span->large() ? span->base : span->slot_address(span->slot_of(address));
  check(m, address == begin, FatalCode::kMisuse, Operand{"finalizer_inside_an_object", address},
        Operand{"object", begin}, Operand{"span", span->id});
}

bool Finalizers::set(M& m, uintptr_t object, uint64_t token) {
  check_owns_p(m);
  check_beginning(m, object);
  prepare_to_wait(m, policy_);
  if (!heap_.specials.add(m, heap_, object, SpecialKind::kFinalizer, token)) return false;
  // The root job of its span may be done already.
  if (m.write_barrier) marking_.scan_soon(m, object);
  return true;
}

bool Finalizers::clear(M& m, uintptr_t object) {
  check_owns_p(m);
  check_beginning(m, object);
  prepare_to_wait(m, policy_);
  return heap_.specials.remove(m, heap_, object, SpecialKind::kFinalizer).has_value();
}

std::optional<QueuedFinalizer> Finalizers::take(M& m) {
  check_owns_p(m);
  std::optional<QueuedFinalizer> taken = heap_.specials.take(m);
  // The queue may not have been visited yet, and the stack that will hold the object may be black.
  if (taken && m.write_barrier && !fault(Fault::kTakenNotShaded)) marking_.shade(m, taken->object);
  return taken;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
