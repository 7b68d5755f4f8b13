#include "engine/laboratory/scenarios/cycle_scenarios.h"

#include <deque>

#include "engine/base/random.h"
#include "engine/laboratory/scenarios/program.h"

namespace sweepscope::laboratory {

using engine::Mutator;

void leave_block_on_each_p(Mutator& m, ScenarioSize size) {
  for (uint32_t p = 0; p < size.procs; ++p) {
    m.move_to_p(p);
    std::deque<Held> held;
    for (uint32_t i = 0; i < size.spans; ++i) held.emplace_back(m).take(m);
    while (!held.empty()) held.pop_back();
  }
}

// Two mutators at most; each visits every P with `spans` blocks in at most as many spans, twice in resize;
// and what a P keeps cached.
uint64_t cycle_heap_bytes(ScenarioSize size) {
  return uint64_t{8192} * (4 * uint64_t{size.procs} * size.spans + size.procs + 4);
}

std::string cycle_bounds(ScenarioSize size) {
  return counted(size.procs, "P") + ", " + counted(size.spans, "block") +
         " a visit, 2 slots a span, 2 mutators";
}

void run_two_cycles(engine::Engine& engine, ScenarioSize size) {
  engine.start_mutator("collector", [size](Mutator& m) {
    Held kept(m);
    kept.take(m);
    leave_block_on_each_p(m, size);
    m.collect();
    m.collect();
    kept.take(m);
  });
  engine.start_mutator("mutator", [](Mutator& m) {
    Held first(m), second(m);
    first.take(m);
    m.poll();
    second.take(m);
    first.let_go();
    m.poll();
    first.take(m);
  });
  engine.join_mutators();
}

void run_blocking(engine::Engine& engine, ScenarioSize size) {
  Flag collected;
  engine.start_mutator("blocker", [&](Mutator& m) {
    engine::Random random(0);
    std::deque<Held> held;
    for (uint32_t i = 0; i < size.spans; ++i) held.emplace_back(m).take(m);
    // For the whole cycle, or for any part of it.
    const bool whole = random.choose("blocking: wait for the end of the cycle?", kYesOrNo) == 0;
    m.blocking([&] {
      if (whole) collected.wait();
    });
    {
      Held after(m);
      after.take(m);
      m.poll();
      after.take(m);
    }
    while (!held.empty()) held.pop_back();  // handles are nested: last in, first out
  });
  engine.start_mutator("collector", [&](Mutator& m) {
    Held kept(m);
    kept.take(m);
    m.collect();
    collected.raise();
    kept.take(m);
  });
  engine.join_mutators();
}

void run_completion(engine::Engine& engine, ScenarioSize size) {
  engine.start_mutator("collector", [size](Mutator& m) {
    leave_block_on_each_p(m, size);
    m.collect();
    engine::witness_cycle_completed();  // no other thread collects here
    Held after(m);
    after.take(m);
  });
  engine.start_mutator("mutator", [](Mutator& m) {
    Held held(m);
    held.take(m);
    m.poll();
    held.take(m);
  });
  engine.join_mutators();
}

void run_wake(engine::Engine& engine, ScenarioSize size) {
  Flag visited;
  engine.start_mutator("collector", [&](Mutator& m) {
    leave_block_on_each_p(m, size);
    visited.raise();
    m.collect();
    Held after(m);
    after.take(m);
  });
  engine.start_mutator("sleeper", [&](Mutator& m) {
    m.blocking([&] { visited.wait(); });
    Held first(m), second(m);
    first.take(m);
    m.poll();
    second.take(m);
  });
  engine.join_mutators();
}

void run_resize(engine::Engine& engine, ScenarioSize size) {
  engine.start_mutator("mutator", [size](Mutator& m) {
    Held kept(m);
    kept.take(m);
    leave_block_on_each_p(m, size);
    m.collect();
    kept.take(m);
  });
  engine::Random random(0);
  engine.set_procs(1 + random.choose("resize: down to how many Ps", size.procs));
  engine.start_mutator("late mutator", [](Mutator& m) {
    Held held(m);
    held.take(m);
    m.poll();
    held.take(m);
  });
  engine.set_procs(size.procs);
  engine.join_mutators();
}

}  // namespace sweepscope::laboratory
