// mark: forced collections of a graph that stays alive, marked in a stopped world by the coordinator and `--workers` -
// 1 helpers: CycleRecord::mark_ns over CycleRecord::marked_objects. cpu_ns is of the whole process until the cycle
// ends: the stop itself and the flush of one mcache are in it, the sweep is not.
#include "tests/bench/peer_bench/programs.h"

namespace sweepscope::bench {
namespace {

using engine::Local;
using engine::Mutator;
using engine::Ref;

// Depth first, as they are marked.
Node* in_order(Mutator& mutator, uint64_t nodes) {
  if (nodes == 0) return nullptr;
  Local<Node> node(mutator, engine::make<Node>(mutator));
  mutator.poll();
  Node* left = in_order(mutator, (nodes - 1) / 2);
  node->left.set(mutator, left);
  Node* right = in_order(mutator, nodes - 1 - (nodes - 1) / 2);
  node->right.set(mutator, right);
  return node.get();
}

// A complete binary tree of nodes in random order.
Node* shuffled(Mutator& mutator, uint64_t nodes) {
  Local<Ref<Node>> table(mutator, engine::make_refs<Node>(mutator, nodes));
  for (uint64_t i = 0; i < nodes; ++i) {
    Node* node = engine::make<Node>(mutator);
    table[i].set(mutator, node);
    if (i % 64 == 0) mutator.poll();
  }
  Random random;
  for (uint64_t i = nodes - 1; i > 0; --i) {
    const uint64_t j = random.below(i + 1);
    Node* node = table[i].get();
    table[i].set(mutator, table[j].get());
    table[j].set(mutator, node);
    if (i % 64 == 0) mutator.poll();
  }
  for (uint64_t i = 1; i < nodes; ++i) {
    Ref<Node>& parent = i % 2 == 1 ? table[i / 2].get()->left : table[i / 2 - 1].get()->right;
    parent.set(mutator, table[i].get());
    if (i % 64 == 0) mutator.poll();
  }
  return table[0].get();
}

}  // namespace

Figures mark(Arguments& arguments) {
  const uint64_t nodes = nodes_in(arguments.number("mib", 1024)), cycles = arguments.number("cycles", 3);
  const bool random_order = arguments.first_of("order", "random", "allocation");
  const uint64_t workers = arguments.number("workers", 1);
  const bool huge_pages = arguments.first_of("pages", "huge", "small");
  arguments.all_used();
  engine::CycleRecord last{};
  uint64_t cpu_at_end = 0;
  engine::EngineOptions options;
  options.procs = options.cores = uint32_t(workers);
  options.markers = uint32_t(workers - 1);
  options.gogc = engine::kGcOff;
  options.concurrent_mark = false;
  options.huge_pages = huge_pages;
  options.on_cycle = [&](const engine::CycleRecord& record) { last = record, cpu_at_end = cpu_ns(); };
  const auto engine = make_engine(options);
  std::vector<double> times, cpu;
  run_alone(*engine, [&](Mutator& mutator) {
    Local<Node> root(mutator, random_order ? shuffled(mutator, nodes) : in_order(mutator, nodes));
    for (uint64_t cycle = 0; cycle <= cycles; ++cycle) {  // cycle 0 also marks what building left
      const uint64_t cpu_before = cpu_ns();
      mutator.collect();
      if (last.marked_objects < nodes) Arguments::fail("mark: objects are missing");
      if (cycle == 0) continue;
      times.push_back(double(last.mark_ns) / double(last.marked_objects));
      cpu.push_back(double(cpu_at_end - cpu_before) / double(last.marked_objects));
    }
  });
  return Figures()
      .add("mark_ns", median(times))
      .add("cpu_ns", median(cpu))
      .add("objects", double(last.marked_objects));
}

}  // namespace sweepscope::bench
