#include "engine/laboratory/scenarios/marking_scenario.h"

#include "engine/base/random.h"
#include "engine/laboratory/scenarios/program.h"

namespace sweepscope::laboratory {
namespace {

using engine::Mutator;

struct Cell {  // half a span
  static constexpr size_t kRefs = 1;
  engine::Ref<Cell> content;
  std::byte rest[4096 - sizeof(engine::Ref<Cell>)];
};
using Root = engine::Global<Cell>;

void dropped(const Cell* cell) { engine::witness_object_dropped(reinterpret_cast<uintptr_t>(cell)); }

bool perhaps(engine::Step what) { return engine::Random(0).choose(what, 2) != 0; }

// Two safepoints suffice for a whole phase: a round and the stop that ends it.
void poll_up_to_twice(Mutator& m, engine::Step how_often) {
  for (uint32_t n = engine::Random(0).choose(how_often, 3); n > 0; --n) m.poll();
}

// Moves the traveller from the cell of one root to that of the other, by two handles on the mover's stack.
void move(Mutator& m, Root& from, Root& to) {
  engine::Local<Cell> sleeve(m), first(m, to.get()), hand(m, from.get()->content.get());
  from.get()->content.set(m, nullptr);
  poll_up_to_twice(m, "marking: how many polls with the traveller in hand?");
  sleeve = hand.get();
  hand = nullptr;
  poll_up_to_twice(m, "marking: how many polls with the traveller in the sleeve?");
  if (perhaps("marking: put it into a new cell?")) {
    first = made(engine::make<Cell>(m));
    if (perhaps("marking: poll with the new cell in hand?")) m.poll();
    first->content.set(m, sleeve.get());
    sleeve = nullptr;
    m.poll();
    const Cell* const before = to.get();
    to.set(m, first.get());
    dropped(before);
  } else {
    first->content.set(m, sleeve.get());
  }
}

}  // namespace

// Each move leaves at most one cell, and its span, to the next cycle; the other spans are those of the
// mcaches.
uint64_t marking_heap_bytes(ScenarioSize size) { return uint64_t{8192} * (size.spans + 3 + 2 * size.procs); }

std::string marking_bounds(ScenarioSize size) {
  return counted(size.procs, "P") + ", " + counted(size.spans, "move") +
         ", 2 cells, 2 slots a span, 1 concurrent cycle";
}

void run_marking(engine::Engine& engine, ScenarioSize size) {
  Root left(engine), right(engine);
  Flag laid_out;
  engine.start_mutator("mover", [&](Mutator& m) {
    left.set(m, made(engine::make<Cell>(m)));
    right.set(m, made(engine::make<Cell>(m)));
    left.get()->content.set(m, made(engine::make<Cell>(m)));
    laid_out.raise();
    for (uint32_t i = 0; i < size.spans; ++i) {
      i % 2 == 0 ? move(m, left, right) : move(m, right, left);
      m.poll();
    }
  });
  engine.start_mutator("collector", [&](Mutator& m) {
    m.blocking([&laid_out] { laid_out.wait(); });
    m.collect();
  });
  engine.join_mutators();
  for (Root* root : {&left, &right}) {
    if (root->get()->content.get() != nullptr) dropped(root->get()->content.get());
    dropped(root->get());
  }
}

}  // namespace sweepscope::laboratory
