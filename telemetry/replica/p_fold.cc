// Folds the events of the Ps: flushes, status changes, procresize.
//
//              acquire_p            gives up its permit
//   idle <------------------> running <-------------> ready        any but dead -> stopped -> running / idle
//    ^                         |    ^                              any -> dead -> idle
//    `--------- blocked <------'    |                              ready -> idle
//                  `----------------'
//   idle, ready, blocked, stopped -> flushing -> the status before:
//   a flusher acts for a P that no thread runs on
#include <fmt/format.h>

#include <utility>

#include "telemetry/replica/replica_state.h"

namespace sweepscope::telemetry {

namespace {

const char* name(PStatus status) {
  switch (status) {
    case PStatus::kIdle: return "idle";
    case PStatus::kReady: return "ready";
    case PStatus::kRunning: return "running";
    case PStatus::kBlocked: return "blocked";
    case PStatus::kFlushing: return "flushing";
    case PStatus::kStopped: return "stopped";
    case PStatus::kDead: return "dead";
  }
  return "no status";
}

bool legal(PStatus from, PStatus to) {
  using enum PStatus;
  if (to == kStopped) return from != kDead && from != kStopped;
  if (to == kDead) return from != kDead;
  switch (from) {
    case kIdle: return to == kRunning || to == kFlushing;
    case kReady: return to == kRunning || to == kIdle || to == kFlushing;
    case kRunning: return to == kIdle || to == kReady || to == kBlocked;
    case kBlocked: return to == kRunning || to == kIdle || to == kFlushing;
    case kFlushing: return to == kIdle || to == kReady || to == kBlocked;
    case kStopped: return to == kRunning || to == kIdle || to == kFlushing;
    case kDead: return to == kIdle;
  }
  return false;
}

}  // namespace

// Whether the P exists. Before the first Procresize, creates it.
bool Replica::State::ensure_p(uint16_t p) {
  if (p < ps.size()) return true;
  if (procs_known && !doubt) return false;
  if (p >= kMaxPs) return false;
  const size_t before = ps.size();
  ps.resize(size_t{p} + 1);
  for (size_t i = before; i < ps.size(); ++i) {
    ps[i].status = PStatus::kIdle;
    ps[i].flush_gen = sweepgen;
  }
  return true;
}

Verdict Replica::State::fold_p_event(const Event& event, Patience patience) {
  const auto* flush = std::get_if<Flush>(&event.body);
  const uint16_t p = flush != nullptr ? flush->p : std::get<PStatusChange>(event.body).p;
  if (!ensure_p(p)) {
    refuse(flush != nullptr ? "flush" : "status",
           fmt::format("The event names {}, but the number of Ps is {}.", p_text(p), ps.size()));
    return Verdict::kFolded;
  }
  if (patience == Patience::kMayHold && held_before(hold_key_of_p(p), event)) return Verdict::kHeld;
  const Verdict verdict = flush != nullptr ? fold(event, *flush, patience)
                                           : fold(event, std::get<PStatusChange>(event.body), patience);
  if (verdict == Verdict::kFolded && waiting > 0) changed.push_back(hold_key_of_p(p));
  return verdict;
}

Verdict Replica::State::fold(const Event& event, const Flush& f, Patience patience) {
  PPicture& p = ps[f.p];
  const bool eager_pause =
      f.flush_gen == sweepgen + 2 && stw == StwEdge::kStopped && phase == Phase::kMarkTermination;
  const bool unchanged = f.flush_gen == p.flush_gen;
  const bool certain = !doubt;
  if (certain && p.cached > 0) {
    if (patience == Patience::kMayHold) return Verdict::kHeld;
    refuse("flush", fmt::format("The flush of P{} ended at {}, but {} still in its cache.", f.p, f.flush_gen,
                                p.cached == 1 ? "1 span is" : fmt::format("{} spans are", p.cached)));
  } else if (certain && f.flush_gen != sweepgen && !eager_pause && !unchanged) {
    refuse("flush_gen", fmt::format("The flush of P{} stored {}, but sg is {}.", f.p, f.flush_gen, sweepgen));
  }
  if (!certain) {  // the events that emptied the cache were lost: a flush leaves it empty
    for (SpanId& id : p.cache)
      if (id != kNoId) evict(spans[std::exchange(id, kNoId)]);
    p.cached = 0;
  }
  p.flush_gen = f.flush_gen;
  p.flushed_ns = event.ns;
  add_to_heap(event.ns, f.black_bytes);
  return Verdict::kFolded;
}

Verdict Replica::State::fold(const Event& event, const PStatusChange& c, Patience patience) {
  PPicture& p = ps[c.p];
  visit(c.p, p.status);
  const bool born =
      c.from == PStatus::kDead && c.to == PStatus::kIdle && p.status == PStatus::kIdle;  // by Procresize
  if (!legal(c.from, c.to)) {
    if (!doubt)
      refuse("status", fmt::format("P{} went from {} to {}: no such arc.", c.p, name(c.from), name(c.to)));
  } else if (c.from != p.status && !born && !doubt) {
    if (patience == Patience::kMayHold) return Verdict::kHeld;
    refuse("status", fmt::format("P{} went from {} to {}, but it was {}.", c.p, name(c.from), name(c.to),
                                 name(p.status)));
  }
  p.status = c.to;
  if (legal(c.from, c.to)) visit(c.p, c.to);
  p.owner = c.owner;
  if (c.to == PStatus::kDead) trim_ps();
  return Verdict::kFolded;
}

void Replica::State::fold(const Event&, const Procresize& r) {
  if (r.to == 0 || r.to > kMaxPs) {
    refuse("procresize", fmt::format("{} Ps were requested; the number must be 1 to {}.", r.to, kMaxPs));
    return;
  }
  if (procs_known && !doubt && r.from != procs)
    refuse("procresize",
           fmt::format("The number of Ps went from {} to {}, but there were {}.", r.from, r.to, procs));
  if (r.to > r.from && !in_epoch(r.flush_gen))
    refuse("epoch", fmt::format("The new Ps P{} to P{} start at {}, but sg is {}.", r.from, r.to - 1,
                                r.flush_gen, sweepgen));
  const size_t before = ps.size();
  if (r.to > before) ps.resize(r.to);
  for (size_t i = before; i < ps.size(); ++i) ps[i].status = PStatus::kIdle;
  for (size_t i = procs; procs_known && i < r.to && i < before; ++i) ps[i].status = PStatus::kIdle;
  for (size_t i = r.from; i < r.to; ++i) ps[i].flush_gen = r.flush_gen;
  procs = r.to;
  procs_known = true;
  trim_ps();
}

// Removes the Ps beyond `procs` once they are dead and empty.
void Replica::State::trim_ps() {
  if (!procs_known) return;
  while (ps.size() > procs && ps.back().status == PStatus::kDead && ps.back().cached == 0) ps.pop_back();
}

}  // namespace sweepscope::telemetry
