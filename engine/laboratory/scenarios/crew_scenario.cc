#include "engine/laboratory/scenarios/crew_scenario.h"

#include <deque>

#include "engine/laboratory/scenarios/program.h"

namespace sweepscope::laboratory {

using engine::Mutator;

namespace {

struct Link {  // half a span, of another class than Block
  static constexpr size_t kRefs = 1;
  engine::Ref<Link> next;
  std::byte rest[4096 - sizeof(engine::Ref<Link>)];
};

std::string bounds(ScenarioSize size, const char* marking) {
  return counted(size.procs, "P") + ", " + counted(size.spans, "span") +
         " of blocks and 1 of links each, 1 helper, " + marking + ", 2 cycles";
}

}  // namespace

// What each P caches, once more for what is made after the turn, and what the second mutator takes.
uint64_t crew_heap_bytes(ScenarioSize size) {
  return uint64_t{8192} * (2 * uint64_t{size.procs} * (size.spans + 1) + size.procs + 4);
}

std::string crew_bounds(ScenarioSize size) { return bounds(size, "marking is concurrent"); }
std::string crew_marks_bounds(ScenarioSize size) { return bounds(size, "marking stops the world"); }

void run_crew(engine::Engine& engine, ScenarioSize size) {
  Flag laid_out;
  engine.start_mutator("collector", [&](Mutator& m) {
    engine::Local<Link> chain(m);  // a link of each P, from the last P to the first
    std::deque<Held> blocks;
    for (uint32_t p = 0; p < size.procs; ++p) {
      m.move_to_p(p);
      for (uint32_t i = 0; i < kBlocksPerSpan * size.spans - 1; ++i) blocks.emplace_back(m).take(m);
      Link* const link = made(engine::make<Link>(m));
      link->next.set(m, chain.get());
      chain = link;
    }
    blocks.front().let_go();  // the others live over the cycle
    laid_out.raise();
    m.collect();
    while (!blocks.empty()) blocks.pop_back();  // handles are nested: last in, first out
    while (chain) {
      Link* const next = chain->next.get();
      drop(chain);
      chain = next;
    }
  });
  engine.start_mutator("allocator", [&](Mutator& m) {
    m.blocking([&laid_out] { laid_out.wait(); });
    Held block(m);
    block.take(m);
    m.poll();
    block.take(m);
  });
  engine.join_mutators();
}

}  // namespace sweepscope::laboratory
