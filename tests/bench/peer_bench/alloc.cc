// alloc: the cost of an allocation. Without --live nothing is collected inside a pass: each thread allocates `--mib`,
// then all objects die and are swept before the next pass. With --live collections run inside the passes.
#include <barrier>
#include <thread>

#include "tests/bench/peer_bench/programs.h"

namespace sweepscope::bench {
namespace {

using engine::Engine;
using engine::Local;
using engine::Mutator;

constexpr uint64_t kPollEvery = 64;  // allocations

// Types rather than allocate(bytes, refs): what a program writes, and what an inlined make<> can use.
template <size_t kBytes, size_t kReferences>
struct Object {
  static constexpr size_t kRefs = 0;
  uint64_t words[kBytes / 8];
};
template <size_t kBytes>
struct Object<kBytes, 1> {
  static constexpr size_t kRefs = 1;
  engine::Ref<Object> reference;
  uint64_t words[kBytes / 8 - 1];
};

template <class T>
void fill(Mutator& mutator, uint64_t count) {
  Local<T> last(mutator);
  for (uint64_t i = 0; i < count;) {
    const uint64_t end = std::min(count, i + kPollEvery);
    for (; i < end; ++i) last = engine::make<T>(mutator);
    mutator.poll();
  }
}

using Fill = void (*)(Mutator&, uint64_t);
template <size_t kBytes>
Fill fill_with(uint64_t refs) {
  if (refs > 1) Arguments::fail("alloc: --refs is 0 or 1");
  return refs == 1 ? fill<Object<kBytes, 1>> : fill<Object<kBytes, 0>>;
}
Fill fill_of(uint64_t bytes, uint64_t refs) {
  switch (bytes) {
    case 16: return fill_with<16>(refs);
    case 32: return fill_with<32>(refs);
    case 64: return fill_with<64>(refs);
    case 128: return fill_with<128>(refs);
    case 256: return fill_with<256>(refs);
    case 1024: return fill_with<1024>(refs);
    default: Arguments::fail("alloc: --size is 16, 32, 64, 128, 256 or 1024");
  }
}

Node* tree(Mutator& mutator, uint32_t depth) {
  if (depth == 0) return engine::make<Node>(mutator);
  Local<Node> left(mutator, tree(mutator, depth - 1));
  Local<Node> right(mutator, tree(mutator, depth - 1));
  Node* node = engine::make<Node>(mutator);
  node->left.set(mutator, left.get());
  node->right.set(mutator, right.get());
  return node;
}

// What the threads of a run share. Between two waits of `together` only thread 0 writes.
struct Passes {
  const uint64_t threads, passes, count;
  const bool collect_between;
  const Fill fill;
  std::barrier<> together{static_cast<ptrdiff_t>(threads)};
  std::vector<std::pair<uint64_t, uint64_t>> times = std::vector<std::pair<uint64_t, uint64_t>>(threads);
  std::vector<double> wall{}, cpu{};

  // In a blocking region: a waiting thread must not hold the P that another one allocates on.
  void meet(Mutator& mutator) {
    if (threads > 1) mutator.blocking([this] { together.arrive_and_wait(); });
  }

  void run(Mutator& mutator, uint64_t thread) {
    for (uint64_t pass = 0; pass <= passes; ++pass) {  // pass 0 faults the memory in
      meet(mutator);
      const Stopwatch watch;
      meet(mutator);
      times[thread].first = now_ns();
      fill(mutator, count);
      times[thread].second = now_ns();
      meet(mutator);
      if (thread != 0) continue;
      const double cpu_now = watch.cpu();
      uint64_t begin = ~uint64_t{0}, end = 0;
      for (const auto& [from, to] : times) begin = std::min(begin, from), end = std::max(end, to);
      if (pass > 0) wall.push_back(double(end - begin)), cpu.push_back(cpu_now);
      if (collect_between) mutator.collect();
    }
  }
};

}  // namespace

Figures alloc(Arguments& arguments) {
  const uint64_t bytes = arguments.number("size", 64), refs = arguments.number("refs", 0);
  const uint64_t threads = arguments.number("threads", 1), live = arguments.number("live", 0);
  const uint64_t mib = arguments.number("mib", 1), passes_wanted = arguments.number("passes", 31);
  arguments.all_used();
  engine::EngineOptions options;
  options.procs = uint32_t(live > 0 ? std::max(2u, std::thread::hardware_concurrency()) : threads);
  options.gogc = live > 0 ? 100 : engine::kGcOff;
  const auto engine = make_engine(options);
  Passes passes{threads, passes_wanted, (mib << 20) / bytes, live == 0, fill_of(bytes, refs)};
  for (uint64_t thread = 0; thread < threads; ++thread)
    engine->start_mutator("thread " + std::to_string(thread), [&, thread](Mutator& mutator) {
      Local<engine::Ref<Node>> kept(mutator, engine::make_refs<Node>(mutator, live + 1));
      constexpr uint32_t kTreeOfOneMib = 13;  // 2^14 - 1 nodes of 64 bytes
      for (uint64_t i = 0; i < live && thread == 0; ++i) {
        Node* one = tree(mutator, kTreeOfOneMib);
        kept[i].set(mutator, one);
      }
      passes.run(mutator, thread);
    });
  engine->join_mutators();
  const double cores = double(std::min<uint64_t>(threads, std::max(1u, std::thread::hardware_concurrency())));
  const double objects = double(threads * passes.count);
  return Figures()
      .add("wall_ns", median(passes.wall) * cores / objects)
      .add("cpu_ns", median(passes.cpu) / objects);
}

}  // namespace sweepscope::bench
