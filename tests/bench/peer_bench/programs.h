// peer_bench: programs on the engine, each the same as that of the peers (tests/bench/peer_programs): same shapes, same
// counts, same clocks. tests/bench/peers runs them side by side.
#pragma once

#include <functional>
#include <memory>

#include "engine/engine.h"
#include "tests/bench/peer_programs/common/arguments.h"
#include "tests/bench/peer_programs/common/figures.h"
#include "tests/bench/peer_programs/common/shapes.h"

namespace sweepscope::bench {

// Figures of the subcommands; peer_bench.cc lists what each measures.
Figures alloc(Arguments& arguments);
Figures gc_bench(Arguments& arguments);
Figures mark(Arguments& arguments);
Figures graph(Arguments& arguments);
Figures ring(Arguments& arguments);
Figures sweep(Arguments& arguments);
Figures random_access(Arguments& arguments);

// The graphs that are marked and swept; noscan payloads are bytes.
struct Node {
  static constexpr size_t kRefs = 2;
  engine::Ref<Node> left, right;
  uint64_t value, rest[5];
};
static_assert(sizeof(Node) == kNodeBytes);

// An engine of these options, or the end of the process with the reason.
std::unique_ptr<engine::Engine> make_engine(const engine::EngineOptions& options);
// Runs `body` as its only mutator.
void run_alone(engine::Engine& engine, const std::function<void(engine::Mutator&)>& body);

}  // namespace sweepscope::bench
