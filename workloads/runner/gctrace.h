// A collection as one line in the format of Go's GODEBUG=gctrace=1, so that tools made for that read it.
#pragma once

#include <cstdint>
#include <string>

#include "engine/options.h"

namespace sweepscope::workloads {

// gc # @#s #%: #+#+# ms clock, #+#/#/#+# ms cpu, #->#-># MB, # MB goal, # P
//
// Go's own definitions (runtime/mgc.go, gcMarkTermination): the three clocks are sweep termination from the
// stop request to the release, marking, and mark termination up to, not including, the start of the world;
// the CPU time of a stop is its length times the Ps, but at most the cores, that of marking its length times
// the threads that mark. No assists and no idle marking exist here, so these two are 0. Numbers are cut off,
// not rounded, as Go's are.
class Gctrace {
 public:
  // `begin_ns`: when the program began.
  Gctrace(uint64_t begin_ns, const engine::EngineOptions& engine, uint32_t cores);

  // Cycles in their order, by whoever ran them.
  std::string line(const engine::CycleRecord& cycle);
  void print(const engine::CycleRecord& cycle);  // to standard error, at once

 private:
  const uint64_t begin_ns_;
  const uint32_t cores_, markers_;
  uint64_t cpu_ns_ = 0;  // spent on collections so far
};

}  // namespace sweepscope::workloads
