// A scenario: a small program on a small engine whose interleavings are explored. A new one is one file and
// one line of the catalogue.
//
// The program runs as fiber 0 and starts mutators through the engine's API, nothing else. Its decisions (the
// next operation, the object that dies, the P to move to) are data choices (Random::choose). It reports each
// object whose last reference it drops to the witness. It must end in every interleaving; afterwards
// closing.h joins the mutators, runs a closing cycle and checks the invariants of a stopped world.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/engine.h"

namespace sweepscope::laboratory {

struct ScenarioSize {
  uint32_t procs;
  uint32_t spans;
};

struct Scenario {
  std::string_view name;
  std::string_view text;
  ScenarioSize defaults;
  ScenarioSize most;                          // larger sizes are refused; the smallest is 1 and 1
  uint64_t (*heap_bytes)(ScenarioSize size);  // heap limit with which no interleaving runs out of memory
  std::string (*bounds)(ScenarioSize size);   // what "complete" means: "2 Ps, 1 span, 2 slots, 1 cycle"
  void (*program)(engine::Engine& engine, ScenarioSize size);
  // Data that its mutators share outside the heap is registered with share(), so that its states can be
  // searched (state_search.h).
  bool hashable_state = false;
  bool stw_sweep = false;          // EngineOptions::stw_sweep
  bool concurrent_mark = false;    // EngineOptions::concurrent_mark
  uint32_t mark_workers = 1;       // EngineOptions::mark_workers
  bool scavenger = false;          // EngineOptions::scavenger
  uint32_t gogc = engine::kGcOff;  // EngineOptions::gogc
  // How many mutators may run at once: EngineOptions::cores and run_permits. 0: as many as there are Ps, by the schedule
  // alone.
  uint32_t permits = 0;
  // Threads that help the coordinator of a stopped world: EngineOptions::markers. They share eager's flushes, whatever
  // the number of Ps.
  uint32_t helpers = 0;
  // Its objects refer to each other: a bench session shows them (bench/object_graph.h).
  bool object_graph = false;
};

std::span<const Scenario> scenarios();
const Scenario* find_scenario(std::string_view name);

}  // namespace sweepscope::laboratory
