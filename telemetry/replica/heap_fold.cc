// Folds the events of the whole heap: turns, phases, stops of the world.
#include <fmt/format.h>

#include <numeric>
#include <utility>

#include "telemetry/replica/replica_state.h"

namespace sweepscope::telemetry {

namespace {

const char* name(StwEdge edge) {
  switch (edge) {
    case StwEdge::kRequested: return "requested";
    case StwEdge::kStopped: return "stopped";
    case StwEdge::kReleased: return "released";
    case StwEdge::kStarted: return "started";
  }
  return "no edge";
}

}  // namespace

const char* name(Phase phase) {
  switch (phase) {
    case Phase::kOff: return "off";
    case Phase::kSweepTermination: return "sweep termination";
    case Phase::kMark: return "mark";
    case Phase::kMarkTermination: return "mark termination";
  }
  return "unknown";
}

// The first span in that state without lost events; null: none.
const SpanPicture* Replica::State::first_certain(SweepState state) const {
  if (census.spans[static_cast<size_t>(state)] == 0) return nullptr;
  for (const SpanPicture& span : spans)
    if (span.status == SpanStatus::kInUse && !span.unknown && decode(span.sweepgen, sweepgen) == state)
      return &span;
  return nullptr;
}

void Replica::State::fold(const Event&, const Turn& t) {
  reach_barrier();
  if (!epoch_known) {
    epoch_known = true;
    sweepgen = t.from;
    recount();
  }
  const bool certain = !doubt;
  if (certain) {
    if (t.from != sweepgen)
      refuse("epoch", fmt::format("The turn of cycle {} starts from sg {}, but the heap is at {}.", t.cycle,
                                  t.from, sweepgen));
    if (t.to != t.from + 2)
      refuse("T5",
             fmt::format("The turn of cycle {} goes from {} to {}: a turn is +2.", t.cycle, t.from, t.to));
    if (stw != StwEdge::kStopped)
      refuse("T5", fmt::format("The turn of cycle {} came while the world was running.", t.cycle));
    if (phase != Phase::kMarkTermination && phase != Phase::kOff)
      refuse("T5", fmt::format("The turn of cycle {} came in phase {}.", t.cycle, name(phase)));
    if (t.cycle != cycle || turned)
      refuse("T5", fmt::format("The turn is of cycle {}, but cycle {} {}.", t.cycle, cycle,
                               turned ? "has already turned" : "is running"));
    if (const SpanPicture* span = first_certain(SweepState::kSweeping))
      refuse("T5", fmt::format("At the turn of cycle {} span {} was being swept: {} would become {}.",
                               t.cycle, span->id, distance_text(span->sweepgen, sweepgen),
                               distance_text(span->sweepgen, sweepgen + 2)));
    if (const SpanPicture* span = first_certain(SweepState::kStale))
      refuse("T5",
             fmt::format(
                 "At the turn of cycle {} span {} in the cache of {} was stale: it missed a whole cycle and "
                 "would read as being swept for ever.",
                 t.cycle, span->id, p_text(span->owner)));
    if (const SpanPicture* span = first_certain(SweepState::kNeeds))
      refuse("I3", fmt::format("At the turn of cycle {} span {} had not been swept since the turn before.",
                               t.cycle, span->id));
    for (size_t i = 0; i < ps.size(); ++i)
      if (ps[i].status != PStatus::kDead && ps[i].flush_gen != sweepgen && ps[i].flush_gen != sweepgen + 2)
        refuse("flush_gen", fmt::format("At the turn of cycle {} P{} had last been flushed at {}, sg was {}.",
                                        t.cycle, i, ps[i].flush_gen, sweepgen));
    const uint32_t in_use = std::accumulate(census.spans.begin(), census.spans.end(), 0u);
    if (losses == 0 && t.spans_in_use != in_use)
      refuse("T5", fmt::format("The turn of cycle {} counted {} spans in use, the events gave {}.", t.cycle,
                               t.spans_in_use, in_use));
    if (procs_known && t.ps != procs)
      refuse("T5",
             fmt::format("The turn of cycle {} counted {} Ps, the events gave {}.", t.cycle, t.ps, procs));
  }

  // A turn writes to no span: only the counts rotate. The other counts are 0 unless a rule was broken.
  const auto at = [](SweepState state) { return static_cast<size_t>(state); };
  const uint32_t regular = census.spans[at(SweepState::kSwept)] + census.spans[at(SweepState::kCached)];
  const uint32_t all = std::accumulate(census.spans.begin(), census.spans.end(), 0u);
  const bool rotates = regular == all && t.to == sweepgen + 2;
  sweepgen = t.to;
  cycle = t.cycle;
  turned = true;
  if (!rotates) {
    recount();
    return;
  }
  const auto rotate = [&](auto& counts) {
    counts[at(SweepState::kNeeds)] = std::exchange(counts[at(SweepState::kSwept)], 0);
    counts[at(SweepState::kStale)] = std::exchange(counts[at(SweepState::kCached)], 0);
  };
  rotate(census.spans);
  rotate(census.pages);
}

// heap_live between two phase edges (engine/README.md I9):
//
//   T2 of a span       + its free slots: all are promised to the P that refills
//   T4 of a span       - its free slots: the P gives them back
//   T1, large object   + its pages
//   flush              + its black bytes, which no refill promised
//   phase off            is what was marked: a stale span's free slots no longer count, so T7 takes nothing
//   out
//
// The terms commute, so the order in which threads hand over their chunks does not matter. At an edge all of
// them have arrived, and the engine's own figure must equal this sum.
void Replica::State::add_to_heap(int64_t ns, uint64_t bytes) {
  if (bytes == 0) return;
  heap_live += bytes;
  if (heap_known) heap_changes.push_back({ns, HeapChange::Kind::kAdd, bytes});
}

void Replica::State::set_heap(int64_t ns, uint64_t bytes) {
  heap_live = bytes;
  heap_known = true;
  heap_changes.push_back({ns, HeapChange::Kind::kSet, bytes});
}

void Replica::State::lose_heap(int64_t ns) {
  if (!heap_known) return;
  heap_known = false;
  heap_changes.push_back({ns, HeapChange::Kind::kUnknown, 0});
}

// The engine emits its first Pacer event at heap_live = 0; changes by other threads may arrive before it.
void Replica::State::fold(const Event& event, const Pacer& pacer) {
  trigger = pacer.trigger;
  goal = pacer.goal;
  paced = true;
  if (pacer.cycle == 0 && cycle == 0 && losses == 0 && !heap_known) set_heap(event.ns, heap_live);
}

void Replica::State::fold(const Event& event, const PhaseChange& c) {
  if (static_cast<uint8_t>(c.phase) > static_cast<uint8_t>(Phase::kMarkTermination)) {
    refuse("phase", fmt::format("Phase code {} is unknown.", static_cast<int>(c.phase)));
    return;
  }
  const bool begins = c.phase == Phase::kSweepTermination;
  const auto next = static_cast<Phase>((static_cast<int>(phase) + 1) % 4);
  if (!doubt) {
    if (c.phase != next)
      refuse("phase",
             fmt::format("Cycle {}: the phase went from {} to {}.", c.cycle, name(phase), name(c.phase)));
    else if (const uint32_t expected = cycle + (begins ? 1 : 0); c.cycle != expected)
      refuse("phase", fmt::format("Phase {} names cycle {}, expected {}.", name(c.phase), c.cycle, expected));
    else if (begins && !turned)
      refuse("T5",
             fmt::format("Cycle {} begins, but cycle {} did not turn sg {}.", c.cycle, cycle, sweepgen));
    if (c.phase == Phase::kMark) check_gc_start(c);
    if (c.phase != Phase::kOff && heap_known && c.heap_live != heap_live)
      refuse("I9", fmt::format("Cycle {} enters {} with {} bytes in heap_live, but the events give {}.",
                               c.cycle, name(c.phase), c.heap_live, heap_live));
  }
  phase = c.phase;
  cycle = c.cycle;
  set_heap(event.ns, c.heap_live);
  if (begins) turned = false;
  if (c.phase == Phase::kMark) marked_now = 0;
  if (c.phase == Phase::kOff || c.phase == Phase::kMarkTermination || !marked_known) {
    heap_marked = c.heap_marked;
    marked_known = true;
  }
}

// I7 must hold before the next mark: the encoding has no value for a span that is two cycles late.
void Replica::State::check_gc_start(const PhaseChange& c) {
  for (SweepState state :
       {SweepState::kNeeds, SweepState::kSweeping, SweepState::kStale, SweepState::kIllegal})
    if (const SpanPicture* span = first_certain(state))
      refuse("I7", fmt::format("Cycle {} starts to mark, but span {} {}.", c.cycle, span->id,
                               state_text(span->sweepgen, sweepgen)));
  for (size_t i = 0; i < ps.size(); ++i)
    if (ps[i].status != PStatus::kDead && ps[i].flush_gen != sweepgen)
      refuse("I7", fmt::format("Cycle {} starts to mark, but P{} was last flushed at {}, sg is {}.", c.cycle,
                               i, ps[i].flush_gen, sweepgen));
}

Verdict Replica::State::fold(const Event& event, const Stw& s, Patience patience) {
  if (s.edge < StwEdge::kRequested || s.edge > StwEdge::kStarted) {
    refuse("stw", fmt::format("Edge code {} of a stop of the world is unknown.", static_cast<int>(s.edge)));
    return Verdict::kFolded;
  }
  const StwEdge before =
      s.edge == StwEdge::kRequested ? StwEdge::kStarted : static_cast<StwEdge>(static_cast<int>(s.edge) - 1);
  if (!doubt && (stw != before || edge_before(event.stream))) {
    if (patience == Patience::kMayHold) return Verdict::kHeld;
    refuse("stw",
           fmt::format("A stop of the world in cycle {} was {} after {}.", s.cycle, name(s.edge), name(stw)));
  }
  stw = s.edge;
  return Verdict::kFolded;
}

}  // namespace sweepscope::telemetry
