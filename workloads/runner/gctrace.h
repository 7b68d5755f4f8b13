// A collection as one line in the format of Go's GODEBUG=gctrace=1, so that tools made for that read it.
#pragma once

#include <cstdint>
#include <string>

#include "engine/options.h"

namespace sweepscope::workloads {

// gc # @#s #%: #+#+# ms clock, #+#/#/#+# ms cpu, #->#-># MB, # MB goal, # P
//
// Go's own definitions (package runtime, GODEBUG gctrace; runtime/mgc.go, gcMarkTermination):
//   @#s           from the program's begin to the first stop request of the cycle (tSweepTerm)
//   #%            of the time of all Ps since then, spent on collections
//   clock         tSweepTerm..tMark..tMarkTerm..tEnd: from that request until marking begins; marking; mark
//                 termination up to, not including, procresize and the start of the world. With stopped
//                 marking the three follow each other in one stop, as in Go's gcstoptheworld=1.
//   cpu           of a stop its clock times the Ps, but at most the cores; of marking its clock times the
//                 threads that mark. There are no assists and no idle marking: these two are 0.
//   #->#-># MB    heap_live at the cycle's start and when marking is over; what was marked
//   # MB goal     of this cycle, so 4 MB in the first at GOGC 100; not that of the next
// Numbers are cut off, not rounded, as Go's are.
class Gctrace {
 public:
  // `begin_ns`: when the program began.
  Gctrace(uint64_t begin_ns, const engine::EngineOptions& engine, uint32_t cores);

  // Cycles in their order, whichever thread ran them.
  std::string line(const engine::CycleRecord& cycle);
  void print(const engine::CycleRecord& cycle);  // to standard error, at once

 private:
  const uint64_t begin_ns_;
  const uint32_t cores_, markers_;
  uint64_t cpu_ns_ = 0;  // spent on collections so far
};

}  // namespace sweepscope::workloads
