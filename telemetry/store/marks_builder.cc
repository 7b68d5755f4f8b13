#include "telemetry/store/marks_builder.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace sweepscope::telemetry {

namespace {

// Halves a full vector: merges each second mark into the one before it.
template <class Mark, class Merge>
void thin(std::vector<Mark>& marks, Merge merge) {
  if (marks.size() < kMarkCap) return;
  const size_t pairs = marks.size() / 2;
  for (size_t i = 0; i < pairs; ++i) {
    marks[i] = marks[2 * i];
    merge(marks[i], marks[2 * i + 1]);
  }
  marks.resize(pairs);
}

template <class Mark>
void keep_first(Mark&, const Mark&) {}

// A figure is valid until the next one: the last one in the gap is kept and moved to its end. Returns the
// index of the first removed figure, and how many were removed.
template <class Mark>
std::pair<size_t, size_t> drop_figures(std::vector<Mark>& marks, const Gap& gap) {
  const auto inside = [&](const Mark& mark) { return gap.from_ns < mark.ns && mark.ns < gap.to_ns; };
  const auto first = std::find_if(marks.begin(), marks.end(), inside);
  const auto end = std::find_if_not(first, marks.end(), inside);
  const auto at = static_cast<size_t>(first - marks.begin());
  if (first == end) return {at, 0};
  (end - 1)->ns = gap.to_ns;
  const auto count = static_cast<size_t>(end - 1 - first);
  marks.erase(first, end - 1);
  return {at, count};
}

}  // namespace

bool MarksBuilder::uses(const Event& event, bool& sweepgen_known) {
  if (const auto* allocated = std::get_if<SpanAllocated>(&event.body)) {
    if (sweepgen_known || allocated->span_class == kManualSpanClass) return false;
    return sweepgen_known = true;
  }
  sweepgen_known = sweepgen_known || std::holds_alternative<Turn>(event.body);
  return std::holds_alternative<Turn>(event.body) || std::holds_alternative<PhaseChange>(event.body) ||
         std::holds_alternative<Pacer>(event.body) || std::holds_alternative<Flush>(event.body) ||
         std::holds_alternative<Stw>(event.body) || std::holds_alternative<MarkWork>(event.body) ||
         std::holds_alternative<MarkShare>(event.body) || std::holds_alternative<AllocLatency>(event.body);
}

void MarksBuilder::add(const Event& event, uint64_t seq) {
  if (const auto* turn = std::get_if<Turn>(&event.body)) {
    sweepgen_ = turn->to;
    sweepgen_known_ = true;
  } else if (const auto* allocated = std::get_if<SpanAllocated>(&event.body)) {
    if (!sweepgen_known_ && allocated->span_class != kManualSpanClass) {
      sweepgen_ = allocated->sweepgen;
      sweepgen_known_ = true;
    }
  } else if (const auto* phase = std::get_if<PhaseChange>(&event.body)) {
    if (phase->phase == Phase::kSweepTermination) {
      marks_.cycles.push_back({seq, event.ns, phase->cycle, sweepgen_});
      thin(marks_.cycles, keep_first<CycleMark>);
    }
    marks_.phases.push_back({seq, event.ns, phase->cycle, phase->phase});
    if (stopped_) enter_in_stop(phase->phase, event.ns);
    thin(marks_.phases, keep_first<PhaseMark>);
  } else if (const auto* pacer = std::get_if<Pacer>(&event.body)) {
    marks_.limits.push_back({event.ns, pacer->trigger, pacer->goal});
    thin(marks_.limits, keep_first<LimitMark>);
  } else if (const auto* flush = std::get_if<Flush>(&event.body)) {
    const bool in_stop = flush->cause == FlushCause::kStw || flush->cause == FlushCause::kStats;
    if (stopped_ && in_stop && flush->spans > 0) marks_.pauses.back().flush_ns += flush->ns;
    marks_.flushes.push_back({seq, event.ns, flush->p, flush->cause, flush->spans, flush->swept, flush->ns});
    thin(marks_.flushes, [](FlushMark& kept, const FlushMark& other) {
      kept.spans += other.spans;
      kept.swept += other.swept;
      kept.duration_ns += other.duration_ns;
    });
  } else if (const auto* stw = std::get_if<Stw>(&event.body)) {
    add(*stw, event.ns, seq);
  } else if (const auto* work = std::get_if<MarkWork>(&event.body)) {
    add_cost(*work, event.ns, seq);
  } else if (const auto* share = std::get_if<MarkShare>(&event.body)) {
    add_cost(*share, event.ns, seq);
  } else if (const auto* latency = std::get_if<AllocLatency>(&event.body)) {
    add_cost(*latency, event.ns, seq);
  }
}

// The events of one cycle's end are in order, and no other cycle's are among them: one thread emits them, and hands
// them over before the next cycle's first stop.
template <class Cost>
void MarksBuilder::add_cost(const Cost& cost, int64_t ns, uint64_t seq) {
  if (marks_.costs.empty() || marks_.costs.back().cycle != cost.cycle) {
    marks_.costs.push_back({seq, ns, cost.cycle, {}});
    thin(marks_.costs, [](CostMark& kept, const CostMark& other) {
      kept.cycle = other.cycle;
      kept.costs += other.costs;
    });
  }
  marks_.costs.back().costs.add(cost);
}

void MarksBuilder::show_heap() {
  auto& shown = marks_.heap;
  shown.resize(settled_points_);
  const auto append = [&](const std::vector<HeapPoint>& points) {
    shown.insert(shown.end(), points.begin(), points.end());
  };
  append(heap_.take_points());
  thin(shown, [](HeapPoint& kept, const HeapPoint& other) {
    kept.live = kept.live && other.live ? std::optional(std::max(*kept.live, *other.live)) : std::nullopt;
  });
  settled_points_ = shown.size();
  append(heap_.tail());
}

void MarksBuilder::add_heap_at_edges(std::span<const Event> events) {
  for (const Event& event : events) {
    const auto* phase = std::get_if<PhaseChange>(&event.body);
    if (phase == nullptr) continue;
    const HeapChange edge{event.ns, HeapChange::Kind::kSet, phase->heap_live};
    heap_.add({&edge, 1});
    heap_.lose(event.ns);
  }
}

// A phase that begins in a stopped world. Whether a mark phase is part of the stop is known at the next
// phase: a concurrent collector releases the world before it.
void MarksBuilder::enter_in_stop(Phase phase, int64_t ns) {
  PauseMark& pause = marks_.pauses.back();
  if (phase == Phase::kMark)
    pause.mark_begin_ns = pause.mark_end_ns = ns;
  else if (marking_)
    pause.mark_end_ns = ns;
  marking_ = phase == Phase::kMark;
}

void MarksBuilder::add(const Stw& stw, int64_t ns, uint64_t seq) {
  if (stw.edge == StwEdge::kRequested) {
    stopped_ = marking_ = interrupted_ = false;
    marks_.pauses.push_back({seq, ns, ns, ns, ns, ns, ns, 0, stw.cycle, 0, stw.reason});
    last_edge_ = stw.edge;
    thin(marks_.pauses, keep_first<PauseMark>);
    return;
  }
  if (marks_.pauses.empty() || interrupted_) return;  // the known events begin inside a pause
  PauseMark& pause = marks_.pauses.back();
  // An edge that does not follow the last one belongs to another stop: events are missing between them.
  if (static_cast<int>(stw.edge) != static_cast<int>(last_edge_) + 1 || stw.cycle != pause.cycle ||
      stw.reason != pause.reason) {
    stopped_ = marking_ = false;
    interrupted_ = true;
    return;
  }
  last_edge_ = stw.edge;
  stopped_ = stw.edge == StwEdge::kStopped;
  // The engine's own figures, so that `info`, the dashboard and the result of the run agree; the stamp of the
  // event is later. The stamp counts where the figure is absent or has reached its limit.
  const bool measured = stw.ns != 0 && stw.ns != std::numeric_limits<uint32_t>::max();
  const int64_t at = measured ? pause.started_ns + stw.ns : ns;
  if (stw.edge == StwEdge::kStopped) {
    pause.stopped_ns = pause.released_ns = pause.started_ns = at;
  } else if (stw.edge == StwEdge::kReleased) {
    marking_ = false;
    pause.released_ns = pause.started_ns = at;
    pause.spans_flushed = stw.spans_flushed;
    if (stw.flush_ns != 0) pause.flush_ns = stw.flush_ns;
  } else {
    pause.started_ns = at;
    if (stw.mark_ns != 0) pause.mark_end_ns = pause.mark_begin_ns + stw.mark_ns;
    pause.ended = true;
  }
}

void MarksBuilder::drop_before(uint64_t seq, int64_t ns) {
  drop_between({0, seq, std::numeric_limits<int64_t>::min(), ns});
}

void MarksBuilder::drop_between(const Gap& gap) {
  // Sorted by seq: the dropped marks are one run.
  const auto drop = [&](auto& marks) {
    const auto from = [&](uint64_t seq) {
      return std::partition_point(marks.begin(), marks.end(),
                                  [&](const auto& mark) { return mark.seq < seq; });
    };
    marks.erase(from(gap.first_seq), from(gap.end_seq));
  };
  drop(marks_.cycles);
  drop(marks_.phases);
  drop(marks_.pauses);
  if (marks_.pauses.empty()) stopped_ = marking_ = false;
  drop(marks_.flushes);
  drop(marks_.costs);
  drop_figures(marks_.limits, gap);
  const auto [first, count] = drop_figures(marks_.heap, gap);
  settled_points_ -= std::min(first + count, settled_points_) - std::min(first, settled_points_);
  // Unknown in a gap between two stretches: the last figure before it is not drawn through it.
  if (count > 0 && first > 0 && marks_.heap[first - 1].live) {
    marks_.heap.insert(marks_.heap.begin() + static_cast<std::ptrdiff_t>(first), {gap.from_ns, std::nullopt});
    if (first <= settled_points_) ++settled_points_;
  }
}

void MarksBuilder::interrupt(int64_t ns) {
  stopped_ = marking_ = false;
  interrupted_ = true;
  heap_.lose(ns);
}

}  // namespace sweepscope::telemetry
