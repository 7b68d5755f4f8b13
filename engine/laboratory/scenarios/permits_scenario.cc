#include "engine/laboratory/scenarios/permits_scenario.h"

#include "engine/laboratory/scenarios/program.h"

namespace sweepscope::laboratory {

using engine::Mutator;

// The blocks of three mutators, none of which a cycle need free in time; spans in mcaches.
uint64_t permits_heap_bytes(ScenarioSize size) {
  return uint64_t{8192} * (3 * (uint64_t{size.spans} + 1) + 3 * size.procs);
}

std::string permits_bounds(ScenarioSize size) {
  return counted(size.procs, "P") + ", 1 permit, 3 mutators, " +
         counted(size.spans * kBlocksPerSpan, "block") + " each, 1 concurrent cycle";
}

void run_permits(engine::Engine& engine, ScenarioSize size) {
  Flag allocated;
  const auto allocate = [size](Mutator& m) {
    Held block(m);
    for (uint32_t i = 0; i < size.spans * kBlocksPerSpan; ++i) {
      block.take(m);
      m.poll();
    }
  };
  engine.start_mutator("allocator", [&](Mutator& m) {
    allocate(m);
    allocated.raise();
  });
  engine.start_mutator("waiter", [&](Mutator& m) {
    Held kept(m);
    kept.take(m);
    m.blocking([&allocated] { allocated.wait(); });
    allocate(m);
  });
  engine.start_mutator("collector", [&](Mutator& m) {
    allocate(m);
    m.collect();
    allocate(m);
  });
  engine.join_mutators();
}

}  // namespace sweepscope::laboratory
