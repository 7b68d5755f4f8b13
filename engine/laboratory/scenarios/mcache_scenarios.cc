#include "engine/laboratory/scenarios/mcache_scenarios.h"

#include <deque>

#include "engine/base/random.h"
#include "engine/gc/runtime.h"
#include "engine/laboratory/scenarios/program.h"

namespace sweepscope::laboratory {
namespace {

using engine::Mutator;

struct Crumb {  // two to a tiny block
  static constexpr size_t kRefs = 0;
  std::byte bytes[8];
};

void carve_on_all(Mutator& m, ScenarioSize size) {
  std::deque<HeldOf<Crumb>> held;
  for (uint32_t p = 0; p < size.procs; ++p) {
    m.move_to_p(p);
    for (uint32_t i = 0; i < size.spans; ++i) held.emplace_back(m).take(m);
  }
  while (!held.empty()) held.pop_back();
}

}  // namespace

std::string tiny_bounds(ScenarioSize size) {
  return counted(size.procs, "P") + ", " + counted(size.spans, "tiny object") +
         " a visit, 2 to a block, 2 cycles";
}

// Each visit leaves a P with a block that has room. The objects carved first are dead by then,
// so the next cycle frees the block, unless its P still holds it.
void run_tiny(engine::Engine& engine, ScenarioSize size) {
  Flag carved, resized;
  engine::Random random(0);
  engine.start_mutator("mutator", [&](Mutator& m) {
    carve_on_all(m, size);
    carved.raise();
    // For the whole time that Ps are missing, or for any part of it.
    const bool whole = random.choose("tiny: wait until the Ps are back?", kYesOrNo) == 0;
    m.blocking([&] {
      if (whole) resized.wait();
    });
    carve_on_all(m, size);
  });
  if (random.choose("tiny: wait until every P has a block?", kYesOrNo) == 0) carved.wait();
  engine.set_procs(1 + random.choose("tiny: down to how many Ps", size.procs));
  engine.collect();
  engine.set_procs(size.procs);
  resized.raise();
  engine.join_mutators();
}

void run_statistics(engine::Engine& engine, ScenarioSize size) {
  engine.start_mutator("collector", [size](Mutator& m) {
    Held kept(m);
    kept.take(m);
    leave_block_on_each_p(m, size);
    m.collect();
    kept.take(m);
  });
  engine.start_mutator("mutator", [](Mutator& m) {
    Held held(m);
    held.take(m);
    m.poll();
    held.take(m);
  });
  engine.read_mem_stats();
  static_cast<void>(engine.verify());  // a violation is a failed check of the run
  engine.read_mem_stats();
  engine.join_mutators();
}

void run_flush(engine::Engine& engine, ScenarioSize size) {
  engine::MHeap& heap = engine.runtime().heap();
  engine.start_mutator("flusher", [&heap, size](Mutator& m) {
    std::deque<Held> held;
    for (uint32_t i = 0; i < size.spans; ++i) {
      held.emplace_back(m).take(m);
      m.poll();
      engine::release(m.m(), heap, *m.m().mcache, observe::FlushCause::kStats);
      held.emplace_back(m).take(m);
      m.poll();
      m.poll();
    }
    while (!held.empty()) held.pop_back();
  });
  engine.start_mutator("collector", [](Mutator& m) { m.collect(); });
  engine.join_mutators();
}

}  // namespace sweepscope::laboratory
