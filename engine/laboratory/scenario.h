// A scenario: a small program on a small engine whose interleavings are worth exploring. One file and one
// line of the catalogue make a new one.
//
// The program runs as fiber 0 and starts mutators through the engine's API, nothing else. What happens next,
// which object dies, who moves where, are data choices (Random::choose). It tells the witness of each object
// whose last reference it drops. It must end in every interleaving: joined mutators and a closing cycle, so
// that a span that was never swept shows.
#pragma once

#include <cstdint>
#include <span>
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
  ScenarioSize most;                          // larger ones are refused; the least is 1 and 1
  uint64_t (*heap_bytes)(ScenarioSize size);  // heap limit with which no interleaving runs out of memory
  void (*program)(engine::Engine& engine, ScenarioSize size);
};

std::span<const Scenario> scenarios();
const Scenario* find_scenario(std::string_view name);

// Whether a fault says anything under a policy: the piece it leaves out must exist there.
struct FaultFit {
  engine::Fault fault;
  std::span<const std::string_view> policies;
};
std::span<const FaultFit> fault_fits();
bool fits(engine::Fault fault, std::string_view policy);

}  // namespace sweepscope::laboratory
