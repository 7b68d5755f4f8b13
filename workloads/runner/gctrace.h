// A collection as one line in the format of Go's GODEBUG=gctrace=1, so that tools made for that read it.
#pragma once

#include <cstdint>
#include <string>

#include "engine/options.h"

namespace sweepscope::workloads {

// gc # @#s #%: #+#+# ms clock, #+#/#/#+# ms cpu, #->#-># MB, # MB goal, # P
//
// `begin_ns`: when the program began; `gc_cpu_ns`: spent on collections so far, this one included; `markers`: threads
// that mark. Go's own definitions: the CPU time of a stop is its length times the Ps, that of marking its length times
// the threads that mark. No assists and no idle marking exist here, so these two are 0.
std::string gctrace_line(const engine::CycleRecord& cycle, uint64_t begin_ns, uint64_t gc_cpu_ns, uint32_t procs,
                         uint32_t markers);
uint64_t gc_cpu_ns(const engine::CycleRecord& cycle, uint32_t procs, uint32_t markers);

}  // namespace sweepscope::workloads
