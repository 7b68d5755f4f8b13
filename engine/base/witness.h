// Facts that the engine reports to an independent witness, at the moment they become true. From them the
// laboratory's oracle keeps a shadow heap and checks the rules of engine/README.md without reading any
// word of the protocol.
//
// heap/ and gc/ call these functions. Production: empty, a call costs nothing; loops that only feed them are
// under `if constexpr (kLaboratory)`. Laboratory: the Witness of the run receives them; outside a run they do
// nothing. They are no steps. `span` and `p` are ids, `raw` is an undecoded sweepgen, `h` the heap's; kNoP
// means no P.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/build.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// Operations that must end (L1 to L3 of engine/README.md):
// a cycle with its flush barrier (L1), an ensure_swept (L2).
enum class Duty : uint8_t { kCycle, kEnsureSwept };

// When trigger and bound were set: for the program (mark termination, or a new GOGC) or in the stop that begins a
// marking, which may move the bound alone.
enum class Paced : uint8_t { kAtMarkTermination, kByGogc, kForMarking };
enum class WorkerKind : uint8_t { kDedicated, kFractional, kIdle };
// What is still to be done: mark and scan what a reference points to, or scan an object that is marked.
enum class Grey : uint8_t { kToMark, kToScan };

inline constexpr uint32_t kNoSpan = ~0u;

#ifdef SWEEPSCOPE_LABORATORY

class Witness {
 public:
  virtual ~Witness() = default;
  virtual void span_allocated(uint32_t span) = 0;
  virtual void span_freed(uint32_t span) = 0;
  virtual void cached(uint32_t p, uint32_t span, uint32_t raw, uint32_t h) = 0;
  virtual void uncached(uint32_t p, uint32_t span) = 0;
  virtual void allocated(uint32_t p, uint32_t span, uint32_t raw, uint32_t h, uint32_t flush_gen,
                         uintptr_t address, size_t bytes) = 0;
  virtual void blackened(uint32_t span, uintptr_t address) = 0;
  virtual void allocated_large(uint32_t span, uintptr_t address, size_t bytes) = 0;
  virtual void tiny_block(uint32_t p, uint32_t span, uint32_t raw, uint32_t h, uint32_t flush_gen,
                          uintptr_t address, size_t bytes) = 0;
  virtual void tiny_carved(uint32_t p, uint32_t span, uintptr_t address, size_t bytes) = 0;
  virtual void object_made(uintptr_t address, size_t refs, size_t bytes) = 0;
  virtual void object_dropped(uintptr_t address) = 0;
  virtual void finalizer_set(uintptr_t address, uint64_t token) = 0;
  virtual void finalizer_cleared(uintptr_t address) = 0;
  virtual void finalizer_queued(uintptr_t address, uint64_t token) = 0;
  virtual void finalizer_taken(uintptr_t address, uint64_t token) = 0;
  virtual void sweep_begun(uint32_t span, uint32_t flusher) = 0;
  virtual void slot_freed(uint32_t span, uintptr_t address, size_t bytes) = 0;
  virtual void sweep_ended(uint32_t span) = 0;
  virtual void turned(uint32_t h) = 0;
  virtual void cycle_completed() = 0;
  virtual void gc_start_span(uint32_t span, uint32_t raw, uint32_t h) = 0;
  virtual void gc_start_mcache(uint32_t p, uint32_t flush_gen, uint32_t h) = 0;
  virtual void stw_swept_span(uint32_t span, uint32_t raw, uint32_t h) = 0;
  virtual void stw_swept_mcache(uint32_t p, uint32_t flush_gen, uint32_t h) = 0;
  virtual void popped_free(uint32_t span, uint32_t raw, uint32_t h) = 0;
  virtual void paced(uint64_t trigger, uint64_t bound, Paced when) = 0;
  virtual void cycle_triggered(uint64_t heap_live) = 0;
  virtual void heap_charged(uint64_t heap_live) = 0;
  virtual void marking_paid(uint64_t given, uint64_t stolen, int64_t left) = 0;
  virtual void budget_planned(uint32_t dedicated, uint32_t fractional) = 0;
  virtual void worker_begun(WorkerKind kind) = 0;
  virtual void worker_ended(WorkerKind kind) = 0;
  virtual void permits_made(uint32_t permits) = 0;
  virtual void permit_taken() = 0;
  virtual void permit_given() = 0;
  virtual void crew_made(uint32_t helpers) = 0;
  virtual void helper_begun() = 0;
  virtual void helper_ended() = 0;
  virtual void world_stopped() = 0;
  virtual void world_starting() = 0;
  virtual void flushes_due(uint32_t procs) = 0;
  virtual void mcache_flushed(uint32_t p, uint32_t spans) = 0;
  virtual void pause_flushed(uint32_t spans) = 0;
  virtual void duty_begun(Duty duty) = 0;
  virtual void duty_ended(Duty duty) = 0;
  virtual void in_hand(uintptr_t reference, Grey grey) = 0;
  virtual void out_of_hand(uintptr_t reference, Grey grey) = 0;
  virtual void globals_visited() = 0;
};

Witness* witness();  // of the run on this OS thread, or null; defined in engine/laboratory

#define SWEEPSCOPE_WITNESS(name, parameters, arguments) \
  inline void witness_##name parameters {               \
    if (Witness* w = witness()) w->name arguments;      \
  }
#else
#define SWEEPSCOPE_WITNESS(name, parameters, arguments) \
  inline void witness_##name parameters {}
#endif

// Pages became a span in use; a span in use became pages (T1, T9).
SWEEPSCOPE_WITNESS(span_allocated, (uint32_t span), (span))
SWEEPSCOPE_WITNESS(span_freed, (uint32_t span), (span))

// The span enters the mcache of `p` (T2; `raw` as it was before), or has left it (for a flushed span: after its sweep,
// when the cache's slot is emptied).
SWEEPSCOPE_WITNESS(cached, (uint32_t p, uint32_t span, uint32_t raw, uint32_t h), (p, span, raw, h))
SWEEPSCOPE_WITNESS(uncached, (uint32_t p, uint32_t span), (p, span))

// A slot of a small span was handed out from the mcache of `p`; a large object got its own span.
SWEEPSCOPE_WITNESS(allocated,
                   (uint32_t p, uint32_t span, uint32_t raw, uint32_t h, uint32_t flush_gen,
                    uintptr_t address, size_t bytes),
                   (p, span, raw, h, flush_gen, address, bytes))
// Just before `allocated` or `tiny_block`: the slot's mark bit was set, because its span is STALE.
SWEEPSCOPE_WITNESS(blackened, (uint32_t span, uintptr_t address), (span, address))
SWEEPSCOPE_WITNESS(allocated_large, (uint32_t span, uintptr_t address, size_t bytes), (span, address, bytes))

// A slot became a tiny block of `bytes`; an object of `bytes` was carved from a tiny block that the mcache
// of `p` holds. The block's span may no longer be cached; span kNoSpan: the address is in no span.
SWEEPSCOPE_WITNESS(tiny_block,
                   (uint32_t p, uint32_t span, uint32_t raw, uint32_t h, uint32_t flush_gen,
                    uintptr_t address, size_t bytes),
                   (p, span, raw, h, flush_gen, address, bytes))
SWEEPSCOPE_WITNESS(tiny_carved, (uint32_t p, uint32_t span, uintptr_t address, size_t bytes),
                   (p, span, address, bytes))

// By the program, not the engine: it has the new object of `bytes`, which are zero and, behind its `refs`
// references, the witness's to write and to read from now on; the last reference to the object goes away now
// (one with a finalizer comes back: finalizer_taken); a complete forced cycle, sweep included, has returned
// and no other has begun since.
SWEEPSCOPE_WITNESS(object_made, (uintptr_t address, size_t refs, size_t bytes), (address, refs, bytes))
SWEEPSCOPE_WITNESS(object_dropped, (uintptr_t address), (address))
SWEEPSCOPE_WITNESS(cycle_completed, (), ())

// From the claim (T6, T7) to just before the end (T8) of the sweep of one span, by the thread that does it. `flusher`:
// the P whose mcache is being flushed, or kNoP for every other sweeper. slot_freed: for each slot without a mark that held an object, and each
// slot of a span freed whole.
SWEEPSCOPE_WITNESS(sweep_begun, (uint32_t span, uint32_t flusher), (span, flusher))
SWEEPSCOPE_WITNESS(slot_freed, (uint32_t span, uintptr_t address, size_t bytes), (span, address, bytes))
SWEEPSCOPE_WITNESS(sweep_ended, (uint32_t span), (span))

// A finalizer was linked to the object at `address` or taken off it; a sweep that found the object dead put
// its token into the queue; the program took the token out, and has the object again.
SWEEPSCOPE_WITNESS(finalizer_set, (uintptr_t address, uint64_t token), (address, token))
SWEEPSCOPE_WITNESS(finalizer_cleared, (uintptr_t address), (address))
SWEEPSCOPE_WITNESS(finalizer_queued, (uintptr_t address, uint64_t token), (address, token))
SWEEPSCOPE_WITNESS(finalizer_taken, (uintptr_t address, uint64_t token), (address, token))

// World stopped. turned: h was bumped (T5). gc_start_*: for every span in use and every mcache,
// when a cycle begins (after sweep termination, before marking).
// stw_swept_*: the same after a sweep of everything in the pause.
SWEEPSCOPE_WITNESS(turned, (uint32_t h), (h))
SWEEPSCOPE_WITNESS(gc_start_span, (uint32_t span, uint32_t raw, uint32_t h), (span, raw, h))
SWEEPSCOPE_WITNESS(gc_start_mcache, (uint32_t p, uint32_t flush_gen, uint32_t h), (p, flush_gen, h))
SWEEPSCOPE_WITNESS(stw_swept_span, (uint32_t span, uint32_t raw, uint32_t h), (span, raw, h))
SWEEPSCOPE_WITNESS(stw_swept_mcache, (uint32_t p, uint32_t flush_gen, uint32_t h), (p, flush_gen, h))

// A sweeper popped a span from the unswept queue that was not in use, and then read `raw` as its sweepgen.
SWEEPSCOPE_WITNESS(popped_free, (uint32_t span, uint32_t raw, uint32_t h), (span, raw, h))

// The pacer. paced: heap_live at which a cycle starts, and beyond which an allocation is held back while one is under
// way; ~0: off. cycle_triggered: one begins because of heap_live. heap_charged: a span that a slow path took is in
// heap_live. All in bytes.
SWEEPSCOPE_WITNESS(paced, (uint64_t trigger, uint64_t bound, Paced when), (trigger, bound, when))
SWEEPSCOPE_WITNESS(cycle_triggered, (uint64_t heap_live), (heap_live))
SWEEPSCOPE_WITNESS(heap_charged, (uint64_t heap_live), (heap_live))
// World stopped, marking complete: bytes scanned by its workers, credit that assists stole, credit that is left.
SWEEPSCOPE_WITNESS(marking_paid, (uint64_t given, uint64_t stolen, int64_t left), (given, stolen, left))
// Workers of each kind that may own a P at once in the cycle that begins; one takes a P to mark, or gives it up.
SWEEPSCOPE_WITNESS(budget_planned, (uint32_t dedicated, uint32_t fractional), (dedicated, fractional))
SWEEPSCOPE_WITNESS(worker_begun, (WorkerKind kind), (kind))
SWEEPSCOPE_WITNESS(worker_ended, (WorkerKind kind), (kind))
// So many threads may hold a run permit at once; the calling thread has got one, or is about to give it.
SWEEPSCOPE_WITNESS(permits_made, (uint32_t permits), (permits))
SWEEPSCOPE_WITNESS(permit_taken, (), ())
SWEEPSCOPE_WITNESS(permit_given, (), ())

// The crew of a stopped world. crew_made: it has so many helpers. The calling helper begins to work for the coordinator,
// or has done; the world has stopped, or is about to start.
SWEEPSCOPE_WITNESS(crew_made, (uint32_t helpers), (helpers))
SWEEPSCOPE_WITNESS(helper_begun, (), ())
SWEEPSCOPE_WITNESS(helper_ended, (), ())
SWEEPSCOPE_WITNESS(world_stopped, (), ())
SWEEPSCOPE_WITNESS(world_starting, (), ())
// flushes_due: the policy flushes the mcaches of Ps 0 to procs-1 in this stop. mcache_flushed: the calling thread has
// emptied one, of so many spans. pause_flushed: the coordinator's count of the spans that left mcaches in this stop.
SWEEPSCOPE_WITNESS(flushes_due, (uint32_t procs), (procs))
SWEEPSCOPE_WITNESS(mcache_flushed, (uint32_t p, uint32_t spans), (p, spans))
SWEEPSCOPE_WITNESS(pause_flushed, (uint32_t spans), (spans))

// The calling thread began an operation that must end, or ended it.
SWEEPSCOPE_WITNESS(duty_begun, (Duty duty), (duty))
SWEEPSCOPE_WITNESS(duty_ended, (Duty duty), (duty))

// Marking. The calling thread holds a grey reference or object outside of every buffer, until out_of_hand: it has put it
// into one, or has scanned the object. globals_visited: the root job of the Globals of this cycle is done.
SWEEPSCOPE_WITNESS(in_hand, (uintptr_t reference, Grey grey), (reference, grey))
SWEEPSCOPE_WITNESS(out_of_hand, (uintptr_t reference, Grey grey), (reference, grey))
SWEEPSCOPE_WITNESS(globals_visited, (), ())

#undef SWEEPSCOPE_WITNESS

class WitnessedDuty {  // for the length of a scope
 public:
  explicit WitnessedDuty([[maybe_unused]] Duty duty) : duty_(duty) { witness_duty_begun(duty_); }
  ~WitnessedDuty() { witness_duty_ended(duty_); }
  WitnessedDuty(const WitnessedDuty&) = delete;
  WitnessedDuty& operator=(const WitnessedDuty&) = delete;

 private:
  const Duty duty_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
