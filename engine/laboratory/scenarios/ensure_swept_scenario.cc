#include "engine/laboratory/scenarios/ensure_swept_scenario.h"

#include <deque>
#include <vector>

#include "engine/base/random.h"
#include "engine/laboratory/scenarios/program.h"

namespace sweepscope::laboratory {
namespace {

using engine::Mutator;

// One object for each span, whose second slot stays free; used by both mutators, kept alive by the holder
// until the other one is done.
struct Shared {
  std::vector<void*> objects;
  Flag made, done;
};

void hold(Mutator& m, ScenarioSize size, Shared& shared) {
  engine::Random random(0);
  std::deque<Held> held;
  for (uint32_t i = 0; i < size.spans; ++i) shared.objects.push_back(held.emplace_back(m).take(m));
  shared.made.raise();
  // Leaves the span in the mcache of an idle P, or stays on its P.
  if (m.procs() > 1) m.move_to_p(random.choose("ensure-swept: where to collect", p_names(m.procs())));
  m.collect();
  if (random.choose("ensure-swept: a second cycle?", 2) == 1) m.collect();
  m.blocking([&shared] { shared.done.wait(); });
  while (!held.empty()) held.pop_back();
}

void finalize(Mutator& m, Shared& shared) {
  engine::Random random(0);
  m.blocking([&shared] { shared.made.wait(); });
  for (size_t i = 0; i < shared.objects.size(); ++i) {
    m.poll();
    engine::set_finalizer(m, shared.objects[i], i);
    m.poll();
    if (random.choose("ensure-swept: clear the finalizer?", 2) == 1)
      engine::clear_finalizer(m, shared.objects[i]);
  }
  Held own(m);
  own.take(m);
  shared.done.raise();
}

}  // namespace

// The holder's objects fill half a span each at most; each P may keep a span, and a cycle of garbage is left.
uint64_t ensure_swept_heap_bytes(ScenarioSize size) {
  return 8192 * (2 * uint64_t{size.spans} + 2 * uint64_t{size.procs} + 2);
}

std::string ensure_swept_bounds(ScenarioSize size) {
  return counted(size.procs, "P") + ", " + counted(size.spans, "object") + ", 2 mutators, 2 or 3 cycles";
}

void run_ensure_swept(engine::Engine& engine, ScenarioSize size) {
  Shared shared;
  engine.start_mutator("holder", [&](Mutator& m) { hold(m, size, shared); });
  engine.start_mutator("finder", [&](Mutator& m) { finalize(m, shared); });
  engine.join_mutators();
}

}  // namespace sweepscope::laboratory
