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
    engine::note_held(reinterpret_cast<uintptr_t>(before));
    to.set(m, first.get());
    dropped(before);
  } else {
    first->content.set(m, sleeve.get());
  }
}

// At safepoint `place` of a program whose locals are handles.
void stop_or_leave(Mutator& m, uint64_t place) {
  engine::begin_operation(place);
  // With one P a poll lets no other thread run.
  if (m.procs() == 1 || perhaps("lost object: leave the P?"))
    m.blocking([] {});
  else
    m.poll();
}

void move_and_stop(Mutator& m, uint64_t place, Root& from, Root& to) {
  engine::Local<Cell> hand(m), fresh(m);
  stop_or_leave(m, place);  // from here on its stack may be black
  hand = from.get()->content.get();
  from.get()->content.set(m, nullptr);
  stop_or_leave(m, place + 1);
  if (perhaps("lost object: put it into a new cell?")) {
    fresh = made(engine::make<Cell>(m));
    stop_or_leave(m, place + 2);
    fresh->content.set(m, hand.get());
    hand = to.get();
    to.set(m, fresh.get());
    drop(hand);
    fresh = nullptr;
  } else {
    to.get()->content.set(m, hand.get());
    hand = nullptr;
  }
  stop_or_leave(m, place + 3);
}

void drop_both(const Root& left, const Root& right) {
  for (const Root* root : {&left, &right}) {
    if (root->get()->content.get() != nullptr) dropped(root->get()->content.get());
    dropped(root->get());
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
  drop_both(left, right);
}

uint64_t lost_object_heap_bytes(ScenarioSize size) { return marking_heap_bytes(size); }

std::string lost_object_bounds(ScenarioSize size) {
  return counted(size.procs, "P") + ", " + counted(size.spans, "move") +
         ", 2 cells, 2 slots a span, 1 worker, " + "buffers of 2, 1 concurrent cycle";
}

void run_lost_object(engine::Engine& engine, ScenarioSize size) {
  Root left(engine), right(engine);
  engine.start_mutator("maker", [&](Mutator& m) {
    left.set(m, made(engine::make<Cell>(m)));
    right.set(m, made(engine::make<Cell>(m)));
    left.get()->content.set(m, made(engine::make<Cell>(m)));
  });
  engine.join_mutators();
  engine.start_mutator("mover", [&](Mutator& m) {
    for (uint32_t i = 0; i < size.spans; ++i)
      i % 2 == 0 ? move_and_stop(m, 4 * i, left, right) : move_and_stop(m, 4 * i, right, left);
  });
  engine.collect();
  engine.join_mutators();
  drop_both(left, right);
}

}  // namespace sweepscope::laboratory
