#include "telemetry/store/marks_builder.h"

#include <algorithm>

namespace sweepscope::telemetry {

namespace {

// Halves a full vector: of two neighbours the first stays and takes in the second.
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

}  // namespace

bool MarksBuilder::concerns(const Event& event, bool& sweepgen_known) {
  if (const auto* allocated = std::get_if<SpanAllocated>(&event.body)) {
    if (sweepgen_known || allocated->span_class == kManualSpanClass) return false;
    return sweepgen_known = true;
  }
  sweepgen_known = sweepgen_known || std::holds_alternative<Turn>(event.body);
  return std::holds_alternative<Turn>(event.body) || std::holds_alternative<PhaseChange>(event.body) ||
         std::holds_alternative<Pacer>(event.body) || std::holds_alternative<Flush>(event.body) ||
         std::holds_alternative<Stw>(event.body);
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
    heap_.ns = event.ns;
    heap_.live = phase->heap_live;
    marks_.heap.push_back(heap_);
  } else if (const auto* pacer = std::get_if<Pacer>(&event.body)) {
    heap_.ns = event.ns;
    heap_.trigger = pacer->trigger;
    heap_.goal = pacer->goal;
    marks_.heap.push_back(heap_);
  } else if (const auto* flush = std::get_if<Flush>(&event.body)) {
    if (stopped_ && (flush->cause == FlushCause::kStw || flush->cause == FlushCause::kStats))
      marks_.pauses.back().flush_ns += flush->ns;
    marks_.flushes.push_back({seq, event.ns, flush->p, flush->cause, flush->spans, flush->swept, flush->ns});
    thin(marks_.flushes, [](FlushMark& kept, const FlushMark& other) {
      kept.spans += other.spans;
      kept.swept += other.swept;
      kept.duration_ns += other.duration_ns;
    });
  } else if (const auto* stw = std::get_if<Stw>(&event.body)) {
    add(*stw, event.ns, seq);
  }
  thin(marks_.heap,
       [](HeapPoint& kept, const HeapPoint& other) { kept.live = std::max(kept.live, other.live); });
}

// A phase that begins in a stopped world. If it is the mark, whether it belongs to the stop is known when the
// next phase comes: a collector that marks concurrently releases the world before.
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
    stopped_ = marking_ = false;
    marks_.pauses.push_back({seq, ns, ns, ns, ns, ns, ns, 0, stw.cycle, 0, stw.reason});
    thin(marks_.pauses, keep_first<PauseMark>);
    return;
  }
  if (marks_.pauses.empty()) return;  // the session begins inside a pause
  PauseMark& pause = marks_.pauses.back();
  stopped_ = stw.edge == StwEdge::kStopped;
  if (stw.edge == StwEdge::kStopped) {
    pause.stopped_ns = pause.released_ns = pause.started_ns = ns;
  } else if (stw.edge == StwEdge::kReleased) {
    marking_ = false;
    pause.released_ns = pause.started_ns = ns;
    pause.spans_flushed = stw.spans_flushed;
  } else {
    pause.started_ns = ns;
  }
}

void MarksBuilder::forget_before(uint64_t seq, int64_t ns) {
  const auto drop = [&](auto& marks) {
    marks.erase(marks.begin(),
                std::find_if(marks.begin(), marks.end(), [&](const auto& mark) { return mark.seq >= seq; }));
  };
  drop(marks_.cycles);
  drop(marks_.phases);
  drop(marks_.pauses);
  if (marks_.pauses.empty()) stopped_ = marking_ = false;
  drop(marks_.flushes);
  auto& heap = marks_.heap;
  heap.erase(heap.begin(),
             std::find_if(heap.begin(), heap.end(), [&](const HeapPoint& point) { return point.ns >= ns; }));
}

}  // namespace sweepscope::telemetry
