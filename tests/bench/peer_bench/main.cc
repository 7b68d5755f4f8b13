// peer_bench SUBCOMMAND [--NAME VALUE ...]: prints one line of JSON. Times are ns an object, an operation or a span.
//
//   alloc          --size BYTES --refs N --threads N --mib MIB --passes N [--live MIB: with GOGC 100 and a live heap]
//   gcbench        [--less N: depth taken off every tree]
//   mark           --mib MIB --order random|allocation --workers N --pages huge|small --cycles N
//   graph          --mib MIB --operations N
//   ring           --operations N
//   sweep          --mib MIB --dead none|half|all --cycles N
//   random_access  --mib MIB --pages huge|small: reads of random nodes, the machine's own cost
//
// binary_trees is `sweepctl run binary_trees`.
#include "tests/bench/peer_bench/programs.h"

using namespace sweepscope;
using namespace sweepscope::bench;

namespace sweepscope::bench {

std::unique_ptr<engine::Engine> make_engine(const engine::EngineOptions& options) {
  engine::Engine::Created created = engine::Engine::create(options);
  if (!created.engine) Arguments::fail(created.error);
  return std::move(created.engine);
}

void run_alone(engine::Engine& engine, const std::function<void(engine::Mutator&)>& body) {
  engine.start_mutator("main", body);
  engine.join_mutators();
}

}  // namespace sweepscope::bench

int main(int argc, char** argv) {
  struct Subcommand {
    const char* name;
    Figures (*run)(Arguments&);
  };
  static constexpr Subcommand kSubcommands[] = {
      {"alloc", alloc},
      {"gcbench", gc_bench},
      {"mark", mark},
      {"graph", graph},
      {"ring", ring},
      {"sweep", sweep},
      {"random_access", random_access},
  };
  Arguments arguments(argc, argv);
  for (const Subcommand& subcommand : kSubcommands) {
    if (arguments.command() != subcommand.name) continue;
    subcommand.run(arguments).print();
    return 0;
  }
  Arguments::fail(arguments.command() + ": unknown subcommand");
}
