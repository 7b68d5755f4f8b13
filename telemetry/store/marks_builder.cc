#include "telemetry/store/marks_builder.h"

#include <algorithm>
#include <limits>

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
    if (phase->phase == Phase::kMark && stopped_) {  // the collector marks in the pause
      PauseMark& pause = marks_.pauses.back();
      pause.released_ns = pause.started_ns = pause.marked_ns = event.ns;
      stopped_ = false;
      marking_ = true;
    }
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

void MarksBuilder::add(const Stw& stw, int64_t ns, uint64_t seq) {
  if (stw.edge == StwEdge::kRequested) {
    if (marking_ && !marks_.pauses.empty()) marks_.pauses.back().marked_ns = ns;
    stopped_ = marking_ = interrupted_ = false;
    marks_.pauses.push_back({seq, ns, ns, ns, ns, ns, stw.cycle, 0, stw.reason});
    thin(marks_.pauses, keep_first<PauseMark>);
    return;
  }
  if (marks_.pauses.empty() || interrupted_) return;  // what is known begins inside a pause
  PauseMark& pause = marks_.pauses.back();
  stopped_ = stw.edge == StwEdge::kStopped;
  if (stw.edge == StwEdge::kStopped) {
    pause.stopped_ns = pause.released_ns = pause.started_ns = pause.marked_ns = ns;
  } else if (stw.edge == StwEdge::kReleased) {
    marking_ = false;  // the world runs: what is marked now is marked beside the program
    pause.released_ns = pause.started_ns = pause.marked_ns = ns;
    pause.spans_flushed = stw.spans_flushed;
  } else {
    pause.started_ns = ns;
  }
}

void MarksBuilder::forget_before(uint64_t seq, int64_t ns) {
  forget_between({0, seq, std::numeric_limits<int64_t>::min(), ns});
}

void MarksBuilder::forget_between(const Gap& gap) {
  // In order of seq: what goes is one run.
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
  drop(marks_.flushes);
  std::erase_if(marks_.heap,
                [&](const HeapPoint& point) { return gap.from_ns < point.ns && point.ns < gap.to_ns; });
}

void MarksBuilder::interrupt() {
  stopped_ = marking_ = false;
  interrupted_ = true;
}

}  // namespace sweepscope::telemetry
