// version, and mark: the time that Boehm GC takes to mark a graph, by its own events. GC_MARKERS is the number of
// markers.
#include "tests/bench/peer_programs/common/shapes.h"
#include "tests/bench/peer_programs/heaps/programs.h"

namespace sweepscope::bench {

#if defined(HEAP_BOEHM)
namespace {

struct Node {
  Node *left, *right;
  uint64_t rest[6];
};
static_assert(sizeof(Node) == kNodeBytes);

uint64_t mark_begin, cpu_begin, mark_ns, mark_cpu_ns;
void on_event(GC_EventType event) {
  if (event == GC_EVENT_MARK_START) mark_begin = now_ns(), cpu_begin = cpu_ns();
  if (event == GC_EVENT_MARK_END) mark_ns = now_ns() - mark_begin, mark_cpu_ns = cpu_ns() - cpu_begin;
}

Node* make_node() { return static_cast<Node*>(heap::make(sizeof(Node))); }

// Depth first, as they are marked.
Node* in_order(uint64_t nodes) {
  if (nodes == 0) return nullptr;
  Node* node = make_node();
  node->left = in_order((nodes - 1) / 2);
  node->right = in_order(nodes - 1 - (nodes - 1) / 2);
  return node;
}

// A complete binary tree of nodes in random order.
Node* shuffled(uint64_t nodes) {
  Node** table = static_cast<Node**>(heap::make_root(nodes * sizeof(Node*)));
  for (uint64_t i = 0; i < nodes; ++i) table[i] = make_node();
  Random random;
  for (uint64_t i = nodes - 1; i > 0; --i) std::swap(table[i], table[random.below(i + 1)]);
  for (uint64_t i = 1; i < nodes; ++i) (i % 2 == 1 ? table[i / 2]->left : table[i / 2 - 1]->right) = table[i];
  Node* root = table[0];
  heap::dispose_root(table);
  return root;
}

}  // namespace

std::string version() {
  const unsigned v = GC_get_version();
  return std::to_string(v >> 16) + "." + std::to_string((v >> 8) & 255) + "." + std::to_string(v & 255);
}

Figures mark(Arguments& arguments) {
  const uint64_t nodes = nodes_in(arguments.number("mib", 1024)), cycles = arguments.number("cycles", 3);
  const bool random_order = arguments.first_of("order", "random", "allocation");
  arguments.all_used();
  GC_set_on_collection_event(on_event);
  heap::collecting(false);
  Node** root = static_cast<Node**>(heap::make_root(sizeof(Node*)));
  *root = random_order ? shuffled(nodes) : in_order(nodes);
  heap::collecting(true);
  std::vector<double> times, cpu;
  for (uint64_t cycle = 0; cycle <= cycles; ++cycle) {  // cycle 0 also marks what building left
    heap::collect();
    if (cycle == 0) continue;
    times.push_back(double(mark_ns) / double(nodes));
    cpu.push_back(double(mark_cpu_ns) / double(nodes));
  }
  return Figures().add("mark_ns", median(times)).add("cpu_ns", median(cpu)).add("objects", double(nodes));
}
#else
std::string version() {
#if defined(HEAP_MIMALLOC)
  const int v = mi_version();
  return std::to_string(v / 100) + "." + std::to_string(v / 10 % 10) + "." + std::to_string(v % 10);
#else
  return "glibc";
#endif
}

Figures mark(Arguments&) { Arguments::fail("mark: this heap does not collect"); }
#endif

}  // namespace sweepscope::bench
