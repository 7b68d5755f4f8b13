#include "engine/gc/timed_stops.h"

#include <algorithm>
#include <limits>

#include "engine/base/clock.h"
#include "engine/gc/background_sweeper.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

using observe::StwEdge;

void TimedStops::stop(M& m, Pause& pause, observe::StwReason reason, uint32_t cycle) {
  pause = {};
  pause.reason = reason;
  pause.cycle = cycle;
  pause.request_ns = now_ns();
  report(m, StwEdge::kRequested, pause, 0);
  layers_.sched.stop(m);
  pause.ttsp_ns = now_ns() - pause.request_ns;
  // Every other thread handed its events over when it gave up its P.
  sweeper_.seal_stopped();
  report(m, StwEdge::kStopped, pause, pause.ttsp_ns);
}

void TimedStops::start(M& m, Pause& pause, uint32_t procs, uint64_t done) {
  report(m, StwEdge::kReleased, pause, done - pause.request_ns - pause.ttsp_ns);
  layers_.sched.start(m, procs);
  const uint64_t released = now_ns();
  pause.start_ns = released - done;
  pause.pause_ns = released - pause.request_ns;
  report(m, StwEdge::kStarted, pause, pause.start_ns);
}

void TimedStops::report(M& m, StwEdge edge, const Pause& pause, uint64_t ns) {
  if (!m.emitter.enabled()) return;
  const auto at_most_4_s = [](uint64_t n) {
    return static_cast<uint32_t>(std::min<uint64_t>(n, std::numeric_limits<uint32_t>::max()));
  };
  m.emitter.emit(observe::Stw{
      {stamp(), observe::EventKind::kStw, static_cast<uint8_t>(edge), observe::kNoP, pause.cycle},
      pause.reason,
      {},
      at_most_4_s(ns),
      edge == StwEdge::kReleased  ? at_most_4_s(pause.flush_ns)
      : edge == StwEdge::kStarted ? at_most_4_s(pause.mark_ns)
                                  : layers_.sched.world.running(),
      edge == StwEdge::kReleased ? pause.spans_flushed : 0});
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
