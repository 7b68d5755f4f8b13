// graph and ring: programs with a live set of constant size that replace what they hold.
#include "tests/bench/peer_programs/common/shapes.h"
#include "tests/bench/peer_programs/heaps/programs.h"

namespace sweepscope::bench {
namespace {

struct Node {
  Node *next, *other;
  uint64_t value, rest[5];
};
static_assert(sizeof(Node) == kNodeBytes);

// A new head for one list of two nodes: its last node dies.
inline uint64_t replace(Node*& slot, uint64_t value) {
  Node* head = slot;
  Node* node = static_cast<Node*>(heap::make(sizeof(Node)));
  node->next = head;
  node->other = nullptr;
  node->value = value;
  uint64_t seen = 0;
  if (head != nullptr) {
    seen = head->value;
    if (head->next != nullptr) heap::dispose(head->next);
    head->next = nullptr;
  }
  slot = node;
  return seen;
}

}  // namespace

Figures graph(Arguments& arguments) {
  const uint64_t slots = nodes_in(arguments.number("mib", 1024)) / 2;
  const uint64_t operations = arguments.number("operations", 4 * slots);
  arguments.all_used();
  Node** table = static_cast<Node**>(heap::make_root(slots * sizeof(Node*)));
  for (int node = 0; node < 2; ++node)
    for (uint64_t i = 0; i < slots; ++i) replace(table[i], i);
  Random random;
  LongestGap gap;
  uint64_t sum = 0;
  const Stopwatch watch;
  for (uint64_t done = 0; done < operations; done += kOperationsPerTick) {
    gap.tick();
    for (uint64_t i = 0; i < kOperationsPerTick; ++i) sum += replace(table[random.below(slots)], i);
  }
  const double wall = watch.wall(), cpu = watch.cpu();
  if (sum == 0) Arguments::fail("graph: wrong result");
  return Figures()
      .add("wall_ns", wall / double(operations))
      .add("cpu_s", cpu / 1e9)
      .add("cpu_ns", cpu / double(operations))
      .add("gap_ms", gap.ms());
}

Figures ring(Arguments& arguments) {
  const uint64_t operations = arguments.number("operations", 20'000'000);
  arguments.all_used();
  void** slots = static_cast<void**>(heap::make_root(kRingSlots * sizeof(void*)));
  Random random;
  const Stopwatch watch;
  uint64_t at = 0;
  for (uint64_t i = 0; i < operations; ++i) {
    void* object = heap::make_noscan(16 * (1 + random.below(4)));
    *static_cast<volatile uint64_t*>(object) = i;
    if (slots[at] != nullptr) heap::dispose(slots[at]);
    slots[at] = object;
    if (++at == kRingSlots) at = 0;
  }
  return Figures()
      .add("wall_ns", watch.wall() / double(operations))
      .add("cpu_ns", watch.cpu() / double(operations));
}

}  // namespace sweepscope::bench
