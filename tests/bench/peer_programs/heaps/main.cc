// The peers in C++ of tests/bench/peers: the same programs as peer_bench, on another heap (heap.h).
#include "tests/bench/peer_programs/heaps/programs.h"

using namespace sweepscope::bench;

int main(int argc, char** argv) {
  heap::start();
  Arguments arguments(argc, argv);
  const std::string& command = arguments.command();
  Figures figures;
  if (command == "version") {
    std::puts(version().c_str());
    return 0;
  }
  if (command == "alloc")
    figures = alloc(arguments);
  else if (command == "binary_trees")
    figures = binary_trees(arguments);
  else if (command == "gcbench")
    figures = gc_bench(arguments);
  else if (command == "mark")
    figures = mark(arguments);
  else if (command == "graph")
    figures = graph(arguments);
  else if (command == "ring")
    figures = ring(arguments);
  else
    Arguments::fail(command + ": unknown subcommand");
  figures.print();
}
