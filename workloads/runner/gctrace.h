// A collection as one line in the format of Go's GODEBUG=gctrace=1, for tools that parse that format.
#pragma once

#include <cstdint>
#include <string>

#include "engine/options.h"

namespace sweepscope::workloads {

// gc # @#s #%: #+#+# ms clock, #+#/#/#+# ms cpu, #->#-># MB, # MB goal, # P
//
// Go's own definitions (package runtime, GODEBUG gctrace; runtime/mgc.go, gcMarkTermination):
//   @#s           time from the program's start to the first stop request of the cycle (tSweepTerm). With
//                 --record or --serve: on the clock of the recording, which starts with it
//   #%            share of the time of all Ps since the program's start that collections used
//   clock         tSweepTerm..tMark..tMarkTerm..tEnd: from that request until marking begins; marking; mark
//                 termination, without procresize and the start of the world. With stopped marking all three
//                 are in one stop, as in Go's gcstoptheworld=1.
//   cpu           of a stop: its clock times the number of Ps, at most the number of cores; of marking: its
//                 clock times the number of marker threads. There are no assists and no idle marking: both
//                 are 0.
//   #->#-># MB    heap_live at the start of the cycle and at the end of marking; marked bytes
//   # MB goal     the goal of this cycle (4 MB in the first at GOGC 100), not of the next
// Numbers are truncated, as in Go.
class Gctrace {
 public:
  // `begin_ns`: start of the program (RunResult::origin_ns).
  Gctrace(uint64_t begin_ns, const engine::EngineOptions& engine, uint32_t cores);

  // Called once for each cycle, in order, on any thread.
  std::string line(const engine::CycleRecord& cycle);
  void print(const engine::CycleRecord& cycle);  // to standard error, unbuffered

 private:
  const uint64_t begin_ns_;
  const uint32_t cores_, markers_;
  uint64_t cpu_ns_ = 0;  // spent on collections so far
};

}  // namespace sweepscope::workloads
