// The oracle's rules for the crew of a stopped world (engine/gc/stopped_crew.h).
#include "engine/laboratory/oracle/oracle.h"

namespace sweepscope::laboratory {

void Oracle::crew_made(uint32_t helpers) { crew_.helpers = helpers; }

void Oracle::helper_begun() {
  ++facts_;
  ++crew_.working;
  if (!crew_.stopped)
    broken(kCrew, ~0u,
           running_name() + " begins to work for the coordinator of a stopped world, and the world runs");
}

void Oracle::helper_ended() {
  ++facts_;
  --crew_.working;
}

void Oracle::world_stopped() {
  if (crew_.helpers == 0) return;
  ++facts_;
  crew_.stopped = true;
}

void Oracle::world_starting() {
  if (crew_.helpers == 0) return;
  ++facts_;
  if (crew_.working > 0)
    broken(kCrew, ~0u,
           running_name() + " starts the world while " + std::to_string(crew_.working) +
               (crew_.working == 1 ? " helper works" : " helpers work") + " in it");
  for (uint32_t p = 0; p < crew_.flushes.size(); ++p)
    if (crew_.flushes[p] > 0)
      broken(kCrew, ~0u,
             running_name() + " starts the world, and the mcache of P" + std::to_string(p) +
                 " was not flushed in the stop");
  crew_.stopped = false;
  crew_.spans = 0;
  crew_.flushes.clear();
}

void Oracle::flushes_due(uint32_t procs) {
  if (crew_.helpers == 0) return;
  ++facts_;
  crew_.flushes.assign(procs, 1);
}

void Oracle::mcache_flushed(uint32_t p, uint32_t spans) {
  if (!crew_.stopped) return;
  ++facts_;
  crew_.spans += spans;
  if (p >= crew_.flushes.size()) return;  // the policy flushes none here, or the world starts with fewer Ps
  if (crew_.flushes[p] == 0)
    broken(
        kCrew, ~0u,
        running_name() + " flushes the mcache of P" + std::to_string(p) + " for the second time in one stop");
  crew_.flushes[p] = 0;
}

void Oracle::pause_flushed(uint32_t spans) {
  if (crew_.helpers == 0) return;
  ++facts_;
  if (spans != crew_.spans)
    broken(kCrew, ~0u,
           running_name() + " counts " + std::to_string(spans) +
               " spans that left mcaches in its stop; there were " + std::to_string(crew_.spans));
}

}  // namespace sweepscope::laboratory
