#include "engine/laboratory/scenarios/reclaim_scenario.h"

#include "engine/base/random.h"
#include "engine/laboratory/scenarios/program.h"

namespace sweepscope::laboratory {
namespace {

using engine::Mutator;

constexpr uint32_t kOperations = 4;  // of each mutator except the collector
constexpr uint32_t kLargePages = 5;  // the smallest object that is large

constexpr size_t kPage = 8192;  // a small object with a span of its own: every one takes pages
constexpr size_t kLarge = kLargePages * kPage - 104;  // the last page is not full

void collector(Mutator& m, ScenarioSize size, Flag& dropped) {
  engine::Random random(0);
  HeldBytes kept(m);
  for (uint32_t i = 0; i < size.spans; ++i) kept.take(m, kLarge);
  if (random.choose("reclaim: does the last large object die?", kYesOrNo) == 0) kept.let_go();
  dropped.raise();
  m.collect();
  kept.take(m, kLarge);
}

void mutate(Mutator& m, Flag& dropped) {
  engine::Random random(0);
  // Mostly after the turn, when there are spans to reclaim.
  m.blocking([&dropped] { dropped.wait(); });
  HeldBytes first(m), second(m);
  for (uint32_t i = 0; i < kOperations; ++i) {
    switch (random.choose("reclaim: what the mutator takes", 3)) {
      case 0: first.take(m, kPage); break;
      case 1: second.take(m, kPage); break;
      case 2: second.take(m, kLarge); break;
    }
    m.poll();
  }
}

}  // namespace

// Sufficient even if no object that dies in the first cycle is swept before the end.
uint64_t reclaim_heap_bytes(ScenarioSize size) {
  return 8192 * uint64_t{kLargePages} * (size.spans + 1 + uint64_t{size.procs - 1} * kOperations);
}

std::string reclaim_bounds(ScenarioSize size) {
  return counted(size.procs, "P") + ", " + counted(size.spans, "large object") + ", " +
         std::to_string(kOperations) + " operations a mutator, 2 cycles";
}

void run_reclaim(engine::Engine& engine, ScenarioSize size) {
  Flag dropped;
  engine.start_mutator("collector", [size, &dropped](Mutator& m) { collector(m, size, dropped); });
  for (uint32_t i = 1; i < size.procs; ++i)
    engine.start_mutator("mutator " + std::to_string(i), [&dropped](Mutator& m) { mutate(m, dropped); });
  engine.join_mutators();
}

}  // namespace sweepscope::laboratory
