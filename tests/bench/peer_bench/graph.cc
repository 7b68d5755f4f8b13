// graph and ring: programs with a live set of constant size that replace what they hold.
#include <thread>

#include "tests/bench/peer_bench/programs.h"

namespace sweepscope::bench {
namespace {

using engine::Local;
using engine::Mutator;
using engine::Ref;

// A new head for one list of two nodes: its last node dies.
uint64_t replace(Mutator& mutator, Local<Ref<Node>>& table, uint64_t slot, uint64_t value) {
  Node* node = engine::make<Node>(mutator);  // first: it may collect
  Node* head = table[slot].get();
  node->left.set(mutator, head);
  node->value = value;
  uint64_t seen = 0;
  if (head != nullptr) {
    seen = head->value;
    head->left.set(mutator, nullptr);
  }
  table[slot].set(mutator, node);
  return seen;
}

engine::EngineOptions on_all_cores() {
  engine::EngineOptions options;
  options.procs = std::max(1u, std::thread::hardware_concurrency());
  return options;
}

}  // namespace

Figures graph(Arguments& arguments) {
  const uint64_t slots = nodes_in(arguments.number("mib", 1024)) / 2;
  const uint64_t operations = arguments.number("operations", 4 * slots);
  arguments.all_used();
  const auto engine = make_engine(on_all_cores());
  Figures figures;
  run_alone(*engine, [&](Mutator& mutator) {
    Local<Ref<Node>> table(mutator, engine::make_refs<Node>(mutator, slots));
    for (int node = 0; node < 2; ++node)
      for (uint64_t i = 0; i < slots; ++i) {
        replace(mutator, table, i, i);
        if (i % kOperationsPerTick == 0) mutator.poll();
      }
    Random random;
    LongestGap gap;
    uint64_t sum = 0;
    const Stopwatch watch;
    for (uint64_t done = 0; done < operations; done += kOperationsPerTick) {
      gap.tick();
      for (uint64_t i = 0; i < kOperationsPerTick; ++i)
        sum += replace(mutator, table, random.below(slots), i);
      mutator.poll();
    }
    const double wall = watch.wall(), cpu = watch.cpu();
    if (sum == 0) Arguments::fail("graph: wrong result");
    figures.add("wall_ns", wall / double(operations))
        .add("cpu_s", cpu / 1e9)
        .add("cpu_ns", cpu / double(operations))
        .add("gap_ms", gap.ms());
  });
  return figures;
}

Figures ring(Arguments& arguments) {
  const uint64_t operations = arguments.number("operations", 20'000'000);
  arguments.all_used();
  const auto engine = make_engine(on_all_cores());
  Figures figures;
  run_alone(*engine, [&](Mutator& mutator) {
    Local<Ref<std::byte>> slots(mutator, engine::make_refs<std::byte>(mutator, kRingSlots));
    Random random;
    const Stopwatch watch;
    uint64_t at = 0;
    for (uint64_t i = 0; i < operations; ++i) {
      std::byte* object = engine::make_bytes(mutator, 16 * (1 + random.below(4)));
      *reinterpret_cast<volatile uint64_t*>(object) = i;
      slots[at].set(mutator, object);
      if (++at == kRingSlots) at = 0;
      if (i % kOperationsPerTick == 0) mutator.poll();
    }
    figures.add("wall_ns", watch.wall() / double(operations)).add("cpu_ns", watch.cpu() / double(operations));
  });
  return figures;
}

}  // namespace sweepscope::bench
