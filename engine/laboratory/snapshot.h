// A state of a run, as bytes: the run's image, the used part of each stack, and what the scheduler knows of
// the fibers. Written and read by Scheduler::save() and restore(), at decisions only, when no fiber runs.
//
// Addresses are kept: the image and the stacks lie where they lay. What is outside the image (the trace, the
// observer, the laboratory itself) is not part of it; the trace up to a state is the same for whoever came
// back to it, so its length is enough.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/laboratory/scheduler.h"

namespace sweepscope::laboratory {

struct Snapshot {
  struct Stack {
    void* stands_at;
    size_t bytes;
  };
  RunImage::Copy image;
  std::vector<std::byte> stacked;  // of all fibers that are not finished, one after the other
  std::vector<Scheduler::FiberState> fibers;
  std::vector<Stack> stacks;  // by fiber
  std::vector<uint32_t> live;
  std::vector<std::span<const std::byte>> shared;
  std::vector<TracedStep> trace;  // if it was asked for
  size_t trace_length = 0;
  uint64_t hash = 0, switches = 0;
  uint32_t last = 0, unfinished = 0, alternatives = 0, chooser = 0;
};

}  // namespace sweepscope::laboratory
