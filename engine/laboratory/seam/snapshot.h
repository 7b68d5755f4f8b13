// A state of a run, as bytes: the run's image, the used part of each stack, and the scheduler's state of the
// fibers. Written and read by Scheduler::save() and restore(), at decisions only, when no fiber runs.
//
// Image and stacks keep their addresses. Data outside the image (the trace, the observer, the laboratory
// itself) is not part of it; all runs restored to a state share the trace up to it, so its length suffices.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/laboratory/seam/scheduler.h"

namespace sweepscope::laboratory {

struct Snapshot {
  struct Stack {
    void* stands_at;
    size_t bytes;
  };
  RunImage::Copy image;
  std::vector<std::byte> stacked;  // used stacks of all unfinished fibers, one after the other
  std::vector<Scheduler::FiberState> fibers;
  std::vector<Stack> stacks;  // by fiber
  std::vector<uint32_t> live;
  std::vector<std::span<const std::byte>> shared;
  std::vector<TracedStep> trace;  // with KeepTrace::kYes
  size_t trace_length = 0;
  uint64_t hash = 0, switches = 0;
  uint32_t last = 0, unfinished = 0, alternatives = 0, chooser = 0;
};

}  // namespace sweepscope::laboratory
