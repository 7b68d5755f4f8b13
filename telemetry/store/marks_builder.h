// Gathers the marks of a session (cycles, phases, pauses, flushes, heap) from its events, in their order.
// Shared by Recording and History; one thread.
#pragma once

#include <cstdint>

#include "telemetry/store/event_log.h"

namespace sweepscope::telemetry {

inline constexpr size_t kMarkCap = size_t{1} << 18;  // of a kind; beyond it neighbours are merged in pairs

class MarksBuilder {
 public:
  void add(const Event& event, uint64_t seq);
  // Whether a builder that has seen all events before makes anything of this one. `sweepgen_known`: the
  // caller's memory of those events, false at the start.
  static bool concerns(const Event& event, bool& sweepgen_known);
  void forget_before(uint64_t seq, int64_t ns);  // what the ring no longer holds
  void forget_between(const Gap& gap);
  void interrupt();  // events are missing here: a pause under way has no end
  const Marks& marks() const { return marks_; }

 private:
  void add(const Stw& stw, int64_t ns, uint64_t seq);

  Marks marks_;
  uint32_t sweepgen_ = 0;
  bool sweepgen_known_ = false;
  HeapPoint heap_{};
  bool stopped_ = false;      // the last pause is stopped, and neither released nor marked in
  bool marking_ = false;      // the last pause went on as marking
  bool interrupted_ = false;  // and no pause was requested since
};

}  // namespace sweepscope::telemetry
