// TimedStops: the collector's stops of the world, each timed in parts (Pause) and reported edge by edge. Under
// worldsema, so one at a time.
#pragma once

#include "engine/gc/layers.h"
#include "engine/observe/event.h"
#include "engine/options.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class BackgroundSweeper;

class TimedStops {
 public:
  TimedStops(const Layers& layers, BackgroundSweeper& sweeper) : layers_(layers), sweeper_(sweeper) {}

  // Returns with the world stopped; `pause` is begun anew. What other threads emitted before the stop is handed over.
  void stop(M& m, Pause& pause, observe::StwReason reason, uint32_t cycle);
  // Ends the stop with `procs` Ps. `done`: when the work in it ended, a time of now_ns(); start_ns is the time from then
  // until the world runs.
  void start(M& m, Pause& pause, uint32_t procs, uint64_t done);

 private:
  // `ns`: since the edge before.
  void report(M& m, observe::StwEdge edge, const Pause& pause, uint64_t ns);

  const Layers& layers_;
  BackgroundSweeper& sweeper_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
