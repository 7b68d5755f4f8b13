#include "engine/laboratory/scenarios/scavenge_scenario.h"

#include <deque>

#include "engine/base/random.h"
#include "engine/laboratory/scenarios/program.h"

namespace sweepscope::laboratory {
namespace {

using engine::Mutator;

constexpr size_t kPage = 8192;
constexpr uint32_t kLargePages = 5;  // the smallest object that is large
constexpr size_t kLarge = kLargePages * kPage - 104;
constexpr uint32_t kOperations = 3;  // of each mutator after the cycle

void collect_dead(Mutator& m, ScenarioSize size, Flag& collected) {
  {
    std::deque<HeldBytes> dead;
    for (uint32_t i = 0; i < size.spans; ++i) dead.emplace_back(m).take(m, kLarge);
    while (!dead.empty()) dead.pop_back();
  }
  m.collect();
  collected.raise();
}

void take_pages(Mutator& m) {
  engine::Random random(0);
  HeldBytes first(m), second(m);
  for (uint32_t i = 0; i < kOperations; ++i) {
    HeldBytes& which = i % 2 == 0 ? first : second;
    which.take(m, random.choose("scavenge: what the mutator takes", 2) == 0 ? kPage : kLarge);
    m.poll();
  }
}

}  // namespace

// As if nothing were freed.
uint64_t scavenge_heap_bytes(ScenarioSize size) {
  return kPage * kLargePages * (size.spans + uint64_t{size.procs} * kOperations);
}

std::string scavenge_bounds(ScenarioSize size) {
  return counted(size.procs, "P") + ", " + counted(size.spans, "large object") + " that die, " +
         std::to_string(kOperations) + " operations a mutator, 1 cycle";
}

void run_scavenge(engine::Engine& engine, ScenarioSize size) {
  Flag collected;
  engine.start_mutator("collector", [&](Mutator& m) {
    collect_dead(m, size, collected);
    take_pages(m);
  });
  for (uint32_t i = 1; i < size.procs; ++i)
    engine.start_mutator("mutator " + std::to_string(i), [&collected](Mutator& m) {
      m.blocking([&collected] { collected.wait(); });
      take_pages(m);
    });
  engine.join_mutators();
}

}  // namespace sweepscope::laboratory
