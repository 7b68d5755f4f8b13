#include "engine/laboratory/scenarios/fault_scenarios.h"

#include <deque>

#include "engine/gc/runtime.h"
#include "engine/heap/sweep.h"
#include "engine/laboratory/scenarios/program.h"

namespace sweepscope::laboratory {
namespace {

using engine::Mutator;

struct Node {  // half a span, like Block, but refers to another
  static constexpr size_t kRefs = 1;
  engine::Ref<Node> next;
  std::byte rest[4096 - sizeof(engine::Ref<Node>)];
};

// Waits, without a P, until the heap has made a turn since it was at `h`. Spins: a turn wakes no thread.
void wait_for_turn(Mutator& m, engine::MHeap& heap, uint32_t h) {
  m.blocking([&] {
    engine::spin_until("scenario: wait for the turn", engine::Word::kHeapGen, 0,
                       [&] { return heap.gen_acquire() != h; });
  });
}

// What a forced cycle does at its end, for a cycle that another thread runs.
void wait_for_sweep(Mutator& m, engine::Runtime& runtime) {
  engine::MHeap& heap = runtime.heap();
  while (engine::sweep_one(m.m(), heap, observe::Cause::kForced)) {
  }
  m.blocking([&heap] {
    heap.sweep_completed.wait_until("scenario: wait until the sweep is complete",
                                    [&heap] { return heap.sweep_complete(); });
    engine::witness_cycle_completed();
  });
}

}  // namespace

void run_shrink(engine::Engine& engine, ScenarioSize size) {
  engine.start_mutator("mutator", [size](Mutator& m) {
    Held kept(m);
    kept.take(m);
    leave_block_on_each_p(m, size);
  });
  engine.set_procs(1);
  engine.join_mutators();
}

void run_grow(engine::Engine& engine, ScenarioSize size) {
  engine.collect();
  engine.collect();
  engine.set_procs(size.procs + 1);
  for (int i = 0; i < 2; ++i)
    engine.start_mutator("mutator", [size](Mutator& m) {
      Held held(m);
      m.move_to_p(size.procs);
      held.take(m);
      m.poll();
      held.take(m);
    });
  engine.join_mutators();
}

void run_waiter(engine::Engine& engine, ScenarioSize size) {
  engine::Runtime& runtime = engine.runtime();
  const uint32_t h = runtime.heap().gen_acquire();
  // The blocks survive the cycle, so that the run checks its completion and not spans that died in a cache
  // (I11).
  engine.start_mutator("collector", [size](Mutator& m) {
    std::deque<Held> blocks;
    for (uint32_t p = 0; p < size.procs; ++p) {
      m.move_to_p(p);
      for (uint32_t i = 0; i < size.spans; ++i) blocks.emplace_back(m).take(m);
    }
    m.collect();
    while (!blocks.empty()) blocks.pop_back();  // handles are nested: last in, first out
  });
  engine.start_mutator("waiter", [&runtime, h](Mutator& m) {
    wait_for_turn(m, runtime.heap(), h);
    wait_for_sweep(m, runtime);
  });
  engine.join_mutators();
}

void run_overlap(engine::Engine& engine, ScenarioSize size) {
  for (int i = 0; i < 2; ++i)
    engine.start_mutator("collector", [size](Mutator& m) {
      std::deque<Held> blocks;  // one more than `spans` spans hold, so that those are in no mcache
      for (uint32_t n = 0; n < size.spans * kBlocksPerSpan + 1; ++n) blocks.emplace_back(m).take(m);
      m.collect();
      while (!blocks.empty()) blocks.pop_back();
    });
  engine.join_mutators();
}

// Two kinds of objects in different spans: nodes die between the cycles, so that their spans on the lists
// need sweeping; blocks are in the mcaches of idle Ps at the second turn.
void run_refill(engine::Engine& engine, ScenarioSize size) {
  Flag laid_out;
  engine.start_mutator("collector", [&laid_out, size](Mutator& m) {
    {
      std::deque<HeldOf<Node>> nodes;
      for (uint32_t p = 0; p < size.procs; ++p) {
        m.move_to_p(p);
        nodes.emplace_back(m).take(m);
      }
      m.collect();
      while (!nodes.empty()) nodes.pop_back();
    }
    std::deque<Held> blocks;
    for (uint32_t p = 0; p < size.procs; ++p) {
      m.move_to_p(p);
      blocks.emplace_back(m).take(m);
    }
    laid_out.raise();
    m.collect();
    while (!blocks.empty()) blocks.pop_back();
  });
  engine.start_mutator("allocator", [&laid_out, size](Mutator& m) {
    m.blocking([&laid_out] { laid_out.wait(); });
    Held block(m);
    HeldOf<Node> node(m);
    for (uint32_t i = 0; i < 2 * size.spans; ++i) {
      node.take(m);
      m.poll();
      block.take(m);
      m.poll();
    }
  });
  engine.join_mutators();
}

void run_references(engine::Engine& engine, ScenarioSize size) {
  for (uint32_t i = 0; i < size.spans; ++i)
    engine.start_mutator("mutator", [](Mutator& m) {
      engine::Local<Node> survivor(m, made(engine::make<Node>(m)));
      for (int cycle = 0; cycle < 3; ++cycle) {
        m.collect();
        Node* const next = made(engine::make<Node>(m));
        if (Node* const last = survivor->next.get(); last != nullptr)
          engine::witness_object_dropped(reinterpret_cast<uintptr_t>(last));
        survivor->next.set(m, next);
        m.poll();
      }
      m.collect();
      engine::witness_object_dropped(reinterpret_cast<uintptr_t>(survivor->next.get()));
      engine::witness_object_dropped(reinterpret_cast<uintptr_t>(survivor.get()));
    });
  engine.join_mutators();
}

}  // namespace sweepscope::laboratory
