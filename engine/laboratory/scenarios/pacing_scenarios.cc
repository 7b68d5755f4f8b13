#include "engine/laboratory/scenarios/pacing_scenarios.h"

#include "engine/base/random.h"
#include "engine/laboratory/scenarios/program.h"

namespace sweepscope::laboratory {
namespace {

using engine::Mutator;

struct Link {  // half a span, like Block, but to be scanned
  static constexpr size_t kRefs = 1;
  engine::Ref<Link> next;
  std::byte rest[4096 - sizeof(engine::Ref<Link>)];
};

constexpr uint32_t kLinks = 2;  // work for markers
constexpr uint32_t kGogc[] = {25, 100, 400};
constexpr std::string_view kGogcNames[] = {"GOGC 25", "GOGC 100", "GOGC 400"};

}  // namespace

// A span of links; the blocks die one after the other, but no cycle need come in time. Spans in mcaches.
uint64_t assists_heap_bytes(ScenarioSize size) { return uint64_t{8192} * (4 + size.spans + 3 * size.procs); }

std::string assists_bounds(ScenarioSize size) {
  return counted(size.procs, "P") + ", " + counted(size.spans * kBlocksPerSpan, "block") +
         ", 2 slots a span, 1 concurrent cycle";
}

void run_assists(engine::Engine& engine, ScenarioSize size) {
  engine::Global<Link> list(engine);
  Flag laid_out;
  engine.start_mutator("allocator", [&](Mutator& m) {
    for (uint32_t i = 0; i < kLinks; ++i) {
      Link* const link = made(engine::make<Link>(m));
      link->next.set(m, list.get());
      list.set(m, link);
    }
    laid_out.raise();
    Held block(m);
    for (uint32_t i = 0; i < size.spans * kBlocksPerSpan; ++i) {
      block.take(m);
      m.poll();
    }
  });
  engine.start_mutator("collector", [&](Mutator& m) {
    m.blocking([&laid_out] { laid_out.wait(); });
    m.collect();
  });
  engine.join_mutators();
  for (const Link* link = list.get(); link != nullptr; link = link->next.get())
    engine::witness_object_dropped(reinterpret_cast<uintptr_t>(link));
}

// As if no cycle came: all blocks of both mutators, their links, and spans in mcaches.
uint64_t pacer_heap_bytes(ScenarioSize size) {
  return uint64_t{8192} * (2 * uint64_t{size.spans} + 4 + 3 * size.procs);
}

std::string pacer_bounds(ScenarioSize size) {
  return counted(size.procs, "P") + ", " + counted(size.spans * kBlocksPerSpan, "block") +
         " a mutator, 2 slots a span, 2 mutators, GOGC 100 and one of 25, 100, 400";
}

void run_pacer(engine::Engine& engine, ScenarioSize size) {
  for (uint32_t i = 0; i < 2; ++i) {
    engine.start_mutator(i == 0 ? "mutator 1" : "mutator 2", [size](Mutator& m) {
      engine::Random random(0);
      const bool polls = random.choose("pacer: poll between allocations?", 2) != 0;
      HeldOf<Link> kept(m);
      Held block(m);
      kept.take(m);
      for (uint32_t n = 0; n < size.spans * kBlocksPerSpan; ++n) {
        block.take(m);
        if (polls) m.poll();
      }
    });
  }
  engine.set_gogc(kGogc[engine::Random(0).choose("pacer: GOGC becomes 25, 100 or 400", kGogcNames)]);
  engine.join_mutators();
}

}  // namespace sweepscope::laboratory
