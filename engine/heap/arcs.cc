#include "engine/heap/arcs.h"

#include "engine/base/clock.h"
#include "engine/base/fault.h"
#include "engine/base/witness.h"
#include "engine/heap/mcache.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

using observe::Arc;
using observe::Cause;
using observe::EventKind;

uint16_t acting_p(const HeapThread& m) { return m.mcache != nullptr ? m.mcache->p : observe::kNoP; }

void emit(HeapThread& m, const MSpan& span, Arc arc, uint32_t from, uint32_t to, uint32_t alloc_count,
          Cause cause, observe::ListMembership list, uint16_t p) {
  if (!m.emitter.enabled()) return;
  m.emitter.emit(observe::Transition{{stamp(), EventKind::kTransition, static_cast<uint8_t>(arc), p, span.id},
                                     span.number,
                                     from,
                                     to,
                                     static_cast<uint16_t>(alloc_count),
                                     cause,
                                     list});
}

// Returns in the laboratory only, where a run may continue after a failed check.
void refuse(HeapThread& m, FatalCode code, const MSpan& span, uint32_t raw, uint32_t h) {
  check(m, false, code, Operand{"span", span.id}, Operand{"sweepgen", raw}, Operand{"heap_sweepgen", h},
        Operand{"p", acting_p(m)});
  if constexpr (!kLaboratory) __builtin_unreachable();
}

}  // namespace

void arc_allocate(HeapThread& m, MSpan& span, uint32_t h) {
  if (span.state.peek() != SpanState::kFree) [[unlikely]]
    refuse(m, FatalCode::kBadSpanState, span, span.sweepgen.peek(), h);
  ++span.number;
  if (m.emitter.enabled()) {
    m.emitter.emit(observe::SpanAllocated{
        {stamp(), EventKind::kSpanAllocated, span.span_class.raw(), acting_p(m), span.id},
        span.number,
        span.first_page,
        span.pages,
        h});
  }
  // release: with the store to `state` that follows it, publishes the fields of the span.
  span.sweepgen.store(h, std::memory_order_release, "alloc: new span, sweepgen := h");
}

void arc_cache(HeapThread& m, MSpan& span, uint32_t h) {
  if constexpr (kLaboratory) witness_cached(acting_p(m), span.id, span.sweepgen.peek(), h);
  if (fault(Fault::kRefillNoCachedMark)) return;
  const uint32_t raw = span.sweepgen.peek();  // ours: cache_span has just given it to us
  if (raw != encode(SweepState::kSwept, h)) [[unlikely]]
    refuse(m, FatalCode::kUndecodableSweepgen, span, raw, h);
  ++span.number;
  emit(m, span, Arc::kT2Cache, h, encode(SweepState::kCached, h), span.alloc_count, Cause::kRefill, span.list,
       acting_p(m));
  // release, although we own the span: a thread in ensure_swept that reads h+3 then uses what
  // the sweep before wrote. Since C++20 a later plain store does not extend the sweeper's release sequence,
  // so this store must itself carry the edge. ThreadSanitizer does not see the relaxed variant.
  span.sweepgen.store(encode(SweepState::kCached, h), std::memory_order_release,
                      "refill: mark cached, sweepgen := h+3");
}

void arc_replace_full(HeapThread& m, MSpan& span, uint32_t h) {
  // relaxed: only this P writes the sweepgen of a span it caches.
  const uint32_t raw =
      span.sweepgen.load(std::memory_order_relaxed, "refill: check that the full span is cached");
  if (raw != encode(SweepState::kCached, h)) [[unlikely]]
    refuse(m, FatalCode::kBadSweepgenInRefill, span, raw, h);
  ++span.number;
  emit(m, span, Arc::kT3ReplaceFull, raw, h, span.alloc_count, Cause::kRefill, span.list, acting_p(m));
  // release: pairs with the acquire of the next reader of SWEPT (cache_span,
  // ensure_swept, the markers of roots).
  span.sweepgen.store(h, std::memory_order_release, "refill: full span leaves the cache, sweepgen := h");
}

void arc_uncache(HeapThread& m, MSpan& span, uint32_t h, observe::ListMembership list_after) {
  const uint32_t raw = span.sweepgen.peek();  // ours: the caller has just read it
  if (!fault(Fault::kUncacheNoStaleTest) && !fault(Fault::kRefillNoCachedMark) &&
      decode(raw, h) != SweepState::kCached)
    refuse(m, FatalCode::kUndecodableSweepgen, span, raw, h);
  ++span.number;
  emit(m, span, Arc::kT4Uncache, raw, h, span.alloc_count, Cause::kRelease, list_after, acting_p(m));
  // release: pairs with the acquire in cache_span, which may take the span from the list later.
  span.sweepgen.store(h, std::memory_order_release,
                      "uncache_span: fresh span leaves the cache, sweepgen := h");
}

SweepToken arc_claim(HeapThread& m, MSpan& span, uint32_t h, Cause cause) {
  // relaxed pre-test: a stale value costs a retry, never a wrong sweep.
  const uint32_t raw = span.sweepgen.load(std::memory_order_relaxed, "claim: does the span need sweeping?");
  const bool takes_stale = fault(Fault::kSweeperTakesStale) && raw == encode(SweepState::kStale, h);
  const uint32_t from = encode(takes_stale ? SweepState::kStale : SweepState::kNeeds, h);
  if (raw != from) return {};
  uint32_t expected = from;
  // acquire on winning, as the last owner released the bits, counts and lists that we read next; relaxed
  // on losing: the span belongs to another thread. The fault's store is a release like every other of this word.
  if (fault(Fault::kClaimWithoutCas))
    span.sweepgen.store(encode(SweepState::kSweeping, h), std::memory_order_release,
                        "claim: sweepgen := h-1, no CAS");
  else if (!span.sweepgen.compare_exchange(expected, encode(SweepState::kSweeping, h),
                                           std::memory_order_acquire, std::memory_order_relaxed,
                                           "claim: CAS sweepgen h-2 -> h-1"))
    return {};
  ++span.number;
  emit(m, span, Arc::kT6Claim, from, h - 1, span.alloc_count, cause, span.list, acting_p(m));
  witness_sweep_begun(span.id, observe::kNoP);
  return SweepToken(m, span);
}

SweepToken arc_claim_stale(HeapThread& m, MSpan& span, uint32_t h) {
  const uint32_t raw = span.sweepgen.peek();
  if (decode(raw, h) != SweepState::kStale) refuse(m, FatalCode::kUndecodableSweepgen, span, raw, h);
  const SweepState to = fault(Fault::kSweptBeforeSweep)         ? SweepState::kSwept
                        : fault(Fault::kNeedsInsteadOfSweeping) ? SweepState::kNeeds
                                                                : SweepState::kSweeping;
  ++span.number;
  emit(m, span, Arc::kT7ClaimStale, raw, encode(to, h), span.alloc_count, Cause::kFlush, span.list,
       acting_p(m));
  // relaxed would do (only the flusher may write at STALE, and nothing is published);
  // release keeps "every store to sweepgen is a release" a rule without exceptions.
  span.sweepgen.store(encode(to, h), std::memory_order_release,
                      "uncache_span: stale span is ours to sweep, sweepgen := h-1");
  witness_sweep_begun(span.id, acting_p(m));
  return SweepToken(m, span);
}

void arc_swept(HeapThread& m, SweepToken&& token, uint32_t h, Arc arc) {
  MSpan& span = *std::exchange(token.span_, nullptr);
  witness_sweep_ended(span.id);
  // relaxed: ours, the token proves it; only the owner writes at SWEEPING.
  const uint32_t raw = span.sweepgen.load(std::memory_order_relaxed, "sweep: still ours before publishing?");
  if (raw != encode(SweepState::kSweeping, h)) [[unlikely]]
    refuse(m, FatalCode::kBadSpanState, span, raw, h);
  ++span.number;
  emit(m, span, arc, raw, h, span.alloc_count, Cause::kNone, span.list, acting_p(m));
  // release: publishes bits, counts and (T8b) the list move to each thread that reads SWEPT with acquire.
  span.sweepgen.store(h, std::memory_order_release, "sweep: swept, sweepgen := h");
}

void emit_manual_allocated(HeapThread& m, MSpan& span) {
  ++span.number;
  if (!m.emitter.enabled()) return;
  m.emitter.emit(observe::SpanAllocated{
      {stamp(), EventKind::kSpanAllocated, observe::kManualSpanClass, acting_p(m), span.id},
      span.number,
      span.first_page,
      span.pages,
      span.sweepgen.peek()});
}

void emit_manual_freed(HeapThread& m, MSpan& span) {
  ++span.number;
  if (!m.emitter.enabled()) return;
  m.emitter.emit(observe::SpanFreed{{stamp(), EventKind::kSpanFreed, 0, acting_p(m), span.id},
                                    span.number,
                                    span.first_page,
                                    span.pages,
                                    span.sweepgen.peek()});
}

void arc_free(HeapThread& m, MSpan& span, uint32_t h) {
  // relaxed: the caller swept the span itself and took it off its list; no other thread can reach it.
  const uint32_t raw = span.sweepgen.load(std::memory_order_relaxed, "free: is the span swept?");
  check(m, raw == h && span.alloc_count == 0, FatalCode::kInvalidFree, Operand{"span", span.id},
        Operand{"sweepgen", raw}, Operand{"heap_sweepgen", h}, Operand{"allocCount", span.alloc_count});
  ++span.number;
  if (m.emitter.enabled()) {
    m.emitter.emit(observe::SpanFreed{{stamp(), EventKind::kSpanFreed, 0, acting_p(m), span.id},
                                      span.number,
                                      span.first_page,
                                      span.pages,
                                      raw});
  }
  // release: a sweep_one that reads kFree with acquire also sees the sweepgen of this free.
  span.state.store(SpanState::kFree, std::memory_order_release, "free: span state := free");
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
