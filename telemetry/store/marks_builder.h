// Builds the marks of a session (cycles, phases, pauses, flushes, heap, costs) from its events, in their order.
// Shared by Recording and History; one thread.
#pragma once

#include <cstdint>

#include "telemetry/store/event_log.h"

namespace sweepscope::telemetry {

inline constexpr size_t kMarkCap = size_t{1} << 18;  // of a kind; beyond it neighbours are merged in pairs

class MarksBuilder {
 public:
  void add(const Event& event, uint64_t seq);
  // Whether a builder with all earlier events uses this one. `sweepgen_known` is the caller's state between
  // the calls, false at the start.
  static bool uses(const Event& event, bool& sweepgen_known);
  void drop_before(uint64_t seq, int64_t ns);  // the ring has dropped these events
  // The heap lane comes from a replica that folds the same events. show_heap() copies it into marks(); call
  // it after a portion of events.
  HeapCurve& heap() { return heap_; }
  void show_heap();
  // For a recording whose index has no heap curve: the heap is known at phase edges only.
  void add_heap_at_edges(std::span<const Event> events);
  void drop_between(const Gap& gap);
  void interrupt(int64_t ns);  // events are missing from here on: an open pause has no end
  const Marks& marks() const { return marks_; }

 private:
  void add(const Stw& stw, int64_t ns, uint64_t seq);
  void enter_in_stop(Phase phase, int64_t ns);
  template <class Cost>
  void add_cost(const Cost& cost, int64_t ns, uint64_t seq);

  Marks marks_;
  uint32_t sweepgen_ = 0;
  bool sweepgen_known_ = false;
  HeapCurve heap_;
  size_t settled_points_ = 0;              // of marks_.heap; the others may still move
  bool stopped_ = false;                   // the last pause is stopped and not yet released
  bool marking_ = false;                   // and in the mark phase
  bool interrupted_ = false;               // events are missing, and no pause was requested since
  StwEdge last_edge_ = StwEdge::kStarted;  // of the last pause
};

}  // namespace sweepscope::telemetry
