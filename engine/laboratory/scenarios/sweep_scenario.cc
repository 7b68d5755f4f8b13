#include "engine/laboratory/scenarios/sweep_scenario.h"

#include <array>

#include "engine/base/random.h"
#include "engine/laboratory/scenarios/program.h"

namespace sweepscope::laboratory {
namespace {

using engine::Mutator;

constexpr uint32_t kOperations = 4;  // of each mutator

enum class Operation : uint32_t { kAllocate, kDrop, kLeave, kMove, kCollect };

std::string_view name(Operation operation, bool of_second) {
  switch (operation) {
    case Operation::kAllocate: return "allocate a block";
    case Operation::kDrop: return of_second ? "drop its second block" : "drop its block";
    case Operation::kLeave: return "leave the P for a moment";
    case Operation::kMove: return "move to a P";
    case Operation::kCollect: return "collect";
  }
  return "?";
}

// Data that the mutators share outside the heap. Only one fiber runs at a time and each operation decides
// between two steps, so no access is a step; they are shared words anyway, so that a search sees which steps
// depend on them.
struct Budget {
  engine::Shared<uint32_t> blocks;
  engine::Shared<uint32_t> cycles{1};
};

void spend(engine::Shared<uint32_t>& budget) { budget.init(budget.peek() - 1); }

void move_to_a_p(Mutator& m, engine::Random& random) {
  m.move_to_p(random.choose("sweep: which P to move to", p_names(m.procs())));
}

void operate(Mutator& m, Operation operation, Budget& budget, Holder& free_or_held, engine::Random& random) {
  switch (operation) {
    case Operation::kAllocate:
      spend(budget.blocks);
      free_or_held = engine::make<Block>(m);
      break;
    case Operation::kDrop: drop(free_or_held); break;
    case Operation::kLeave: m.blocking([] {}); break;
    case Operation::kMove: move_to_a_p(m, random); break;
    case Operation::kCollect:
      spend(budget.cycles);
      m.collect();
      break;
  }
}

// Whether a mutator begins with an object, and so with a span in its mcache.
enum class Begins : uint8_t { kEmpty, kWithABlock };

void mutate(Mutator& m, Begins begins, uint32_t operations, Budget& budget) {
  engine::Random random(0);  // every choice is the schedule's
  Holder first(m), second(m);
  if (begins == Begins::kWithABlock) first = engine::make<Block>(m);
  for (uint32_t i = 0; i < operations; ++i) {
    engine::begin_operation(i);  // its locals are roots, which are part of the state anyway
    Holder* const held = second ? &second : first ? &first : nullptr;
    Holder* const room = !first ? &first : !second ? &second : nullptr;
    std::array<Operation, 5> possible;
    uint32_t n = 0;
    if (room != nullptr && budget.blocks.peek() > 0) possible[n++] = Operation::kAllocate;
    if (held != nullptr) possible[n++] = Operation::kDrop;
    possible[n++] = Operation::kLeave;
    if (m.procs() > 1) possible[n++] = Operation::kMove;
    if (budget.cycles.peek() > 0) possible[n++] = Operation::kCollect;
    std::array<std::string_view, possible.size()> names;
    for (uint32_t k = 0; k < n; ++k) names[k] = name(possible[k], held == &second);
    const Operation chosen =
        possible[random.choose("sweep: what the mutator does next", std::span(names).first(n))];
    operate(m, chosen, budget,
            chosen == Operation::kAllocate ? *room
            : held != nullptr              ? *held
                                           : first,
            random);
    m.poll();
  }
  if (second) drop(second);
  if (first) drop(first);
}

}  // namespace

// The blocks fill `spans` spans; in addition each P may have a half empty span in its mcache, which also has
// room for the block to begin with.
uint64_t sweep_heap_bytes(ScenarioSize size) { return (uint64_t{size.spans} + size.procs) * 8192; }

namespace {

std::string bounds(ScenarioSize size, const std::string& operations) {
  return counted(size.procs, "P") + ", " + counted(size.spans, "span") + ", " +
         std::to_string(kBlocksPerSpan) + " slots, " + operations + ", 2 cycles";
}

void run(engine::Engine& engine, ScenarioSize size, Begins begins, uint32_t operations) {
  Budget budget;
  share(budget.blocks);
  share(budget.cycles);
  budget.blocks.init(size.spans * kBlocksPerSpan);
  for (uint32_t i = 0; i < size.procs; ++i)
    engine.start_mutator("mutator " + std::to_string(i + 1), [&budget, begins, operations](Mutator& m) {
      mutate(m, begins, operations, budget);
    });
  engine.join_mutators();
}

}  // namespace

std::string sweep_bounds(ScenarioSize size) {
  return bounds(size, std::to_string(kOperations) + " operations a mutator");
}
void run_sweep(engine::Engine& engine, ScenarioSize size) { run(engine, size, Begins::kEmpty, kOperations); }

std::string pair_bounds(ScenarioSize size) {
  return bounds(size, "an allocation and any one operation a mutator");
}
void run_pair(engine::Engine& engine, ScenarioSize size) { run(engine, size, Begins::kWithABlock, 1); }

}  // namespace sweepscope::laboratory
