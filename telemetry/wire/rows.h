// The columns of each kind of event: one function per kind, which the writer runs to put a row and the reader
// to take one, so that the two cannot differ. Field numbers and meanings: the ...Columns of sweepscope.proto.
//
// An Io offers plain (the value), signed_plain (zigzag), delta (difference to the column's previous value),
// gen (difference to the heap's gen), plus_one (so that ~0 is short), choice (an enumerator within a range)
// and require (a check of the reader); Io::Of<T> is T to fill, or const T to read. For encode_batch.cc and
// decode_batch.cc only.
#pragma once

#include <array>

#include "telemetry/model/event.h"

namespace sweepscope::telemetry::wire {

inline constexpr size_t kKinds = std::variant_size_v<Body>;  // EventKind is the variant's index plus one
inline constexpr size_t kMaxColumns = 8;

// The gens that each arc leads from and to, relative to the heap's: a legal transition does not store them.
struct ArcRule {
  Arc arc;
  int from, to;
};
inline constexpr std::array<ArcRule, 7> kArcs{{{Arc::kT2, 0, 3},
                                               {Arc::kT3, 3, 0},
                                               {Arc::kT4, 3, 0},
                                               {Arc::kT6, -2, -1},
                                               {Arc::kT7, 1, -1},
                                               {Arc::kT8a, -1, 0},
                                               {Arc::kT8b, -1, 0}}};
// Arc -> index in kArcs; 0 for a value that is no arc.
inline constexpr auto kPlaces = [] {
  std::array<uint8_t, 256> places{};
  for (uint8_t place = 0; place < kArcs.size(); ++place)
    places[static_cast<uint8_t>(kArcs[place].arc)] = place;
  return places;
}();
constexpr uint32_t place_of(Arc arc) { return kPlaces[static_cast<uint8_t>(arc)]; }

// The heap's gen, if the transition is legal.
inline uint32_t heap_gen(const Transition& e) {
  return e.from - static_cast<uint32_t>(kArcs[place_of(e.arc)].from);
}

template <class Io>
void row(Io& io, typename Io::template Of<Transition>& e) {
  uint32_t what = 0, gen = 0, slip = 0;
  if constexpr (Io::kWrites) {
    const uint32_t place = place_of(e.arc);
    what = place | static_cast<uint32_t>(e.list) << 3 | static_cast<uint32_t>(e.cause) << 5;
    gen = heap_gen(e);
    slip = e.to - gen - static_cast<uint32_t>(kArcs[place].to);
  }
  io.delta(1, e.span);
  io.delta(2, e.number);
  io.plain(3, what);
  io.gen(4, gen);
  io.signed_plain(5, slip);
  io.plain(6, e.alloc_count);
  io.plus_one(7, e.p);
  if constexpr (!Io::kWrites) {
    const uint32_t place = what & 7, cause = what >> 5;
    if (!io.require(place < kArcs.size() && cause <= static_cast<uint32_t>(Cause::kRelease), 3)) return;
    e.arc = kArcs[place].arc;
    e.cause = static_cast<Cause>(cause);
    e.list = static_cast<ListMembership>(what >> 3 & 3);
    e.from = gen + static_cast<uint32_t>(kArcs[place].from);
    e.to = gen + static_cast<uint32_t>(kArcs[place].to) + slip;
  }
}

template <class Io>
void row(Io& io, typename Io::template Of<SpanAllocated>& e) {
  io.delta(1, e.span);
  io.delta(2, e.number);
  io.delta(3, e.first_page);
  io.plain(4, e.pages);
  io.gen(5, e.sweepgen);
  io.plus_one(6, e.p);
  io.plain(7, e.span_class);
  io.require(e.span_class < kSpanClasses || e.span_class == kManualSpanClass, 7);
}

template <class Io>
void row(Io& io, typename Io::template Of<SpanFreed>& e) {
  io.delta(1, e.span);
  io.delta(2, e.number);
  io.delta(3, e.first_page);
  io.plain(4, e.pages);
  io.gen(5, e.sweepgen);
  io.plus_one(6, e.p);
}

template <class Io>
void row(Io& io, typename Io::template Of<Turn>& e) {
  io.plain(1, e.cycle);
  io.plain(2, e.from);
  io.plain(3, e.to);
  io.plain(4, e.spans_in_use);
  io.plain(5, e.ps);
  io.heap_gen = e.to;
}

template <class Io>
void row(Io& io, typename Io::template Of<Flush>& e) {
  io.plus_one(1, e.p);
  io.choice(2, e.cause, FlushCause::kAcquireP, FlushCause::kGcStart);
  io.plain(3, e.spans);
  io.plain(4, e.swept);
  io.plain(5, e.ns);
  io.gen(6, e.flush_gen);
  io.plain(7, e.freed_objects);
  io.plain(8, e.black_bytes);
}

template <class Io>
void row(Io& io, typename Io::template Of<PhaseChange>& e) {
  io.plain(1, e.cycle);
  io.choice(2, e.phase, Phase::kOff, Phase::kMarkTermination);
  io.plain(3, e.heap_live);
  io.plain(4, e.heap_marked);
}

template <class Io>
void row(Io& io, typename Io::template Of<Stw>& e) {
  io.plain(1, e.cycle);
  io.choice(2, e.edge, StwEdge::kRequested, StwEdge::kStarted);
  io.choice(3, e.reason, StwReason::kSweepTermination, StwReason::kStwSweep);
  io.plain(4, e.ns);
  io.plain(5, e.running);
  io.plain(6, e.spans_flushed);
  io.plain(7, e.flush_ns);
  io.plain(8, e.mark_ns);
}

template <class Io>
void row(Io& io, typename Io::template Of<MarkProgress>& e) {
  io.plain(1, e.cycle);
  io.plain(2, e.worker);
  io.plain(3, e.marked_objects);
  io.plain(4, e.marked_bytes);
}

template <class Io>
void row(Io& io, typename Io::template Of<SweepCredit>& e) {
  io.plus_one(1, e.p);
  io.plain(2, e.pages);
  io.plain(3, e.bytes);
  io.plain(4, e.pages_owed);
}

template <class Io>
void row(Io& io, typename Io::template Of<Pacer>& e) {
  io.plain(1, e.cycle);
  io.plus_one(2, e.trigger);
  io.plus_one(3, e.goal);
}

template <class Io>
void row(Io& io, typename Io::template Of<Procresize>& e) {
  io.plain(1, e.from);
  io.plain(2, e.to);
  io.plain(3, e.flush_gen);
}

template <class Io>
void row(Io& io, typename Io::template Of<PStatusChange>& e) {
  io.plus_one(1, e.p);
  io.choice(2, e.from, PStatus::kIdle, PStatus::kDead);
  io.choice(3, e.to, PStatus::kIdle, PStatus::kDead);
  io.plus_one(4, e.thread);
  io.plus_one(5, e.owner);
  io.gen(6, e.flush_gen);
  io.plain(7, e.cached);
}

template <class Io>
void row(Io& io, typename Io::template Of<CheckFired>& e) {
  io.plain(1, e.code);
  io.plus_one(2, e.p);
  io.plus_one(3, e.span);
  io.plain(4, e.sweepgen);
  io.plain(5, e.raw);
  io.plain(6, e.oracle);
  io.plain(7, e.fiber);
}

template <class Io>
void row(Io& io, typename Io::template Of<Log>& e) {
  io.plain(1, e.code);
  io.plain(2, e.cycle);
  io.plain(3, e.a);
  io.plain(4, e.b);
}

template <class Io>
void row(Io& io, typename Io::template Of<StepTaken>& e) {
  io.plain(1, e.fiber);
  io.choice(2, e.op, StepOp::kLoad, StepOp::kChoice);
  io.plain(3, e.word);
  io.plain(4, e.step);
  io.plain(5, e.object);
  io.plain(6, e.before);
  io.plain(7, e.after);
}

template <class Io>
void row(Io& io, typename Io::template Of<MarkWork>& e) {
  io.plain(1, e.cycle);
  io.choice(2, e.by, MarkedBy::kDedicated, MarkedBy::kAssist);
  io.plain(3, e.ns);
  io.plain(4, e.bytes);
}

template <class Io>
void row(Io& io, typename Io::template Of<MarkShare>& e) {
  io.plain(1, e.cycle);
  io.plain(2, e.utilisation);
  io.plain(3, e.ratio);
  io.plain(4, e.credit_bytes);
}

template <class Io>
void row(Io& io, typename Io::template Of<AllocLatency>& e) {
  io.plain(1, e.cycle);
  io.choice(2, e.path, AllocPath::kFast, AllocPath::kCollect);
  io.plain(3, e.count);
  io.plain(4, e.total_ns);
  io.plain(5, e.max_ns);
}

}  // namespace sweepscope::telemetry::wire
