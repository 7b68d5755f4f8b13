// sweep: a forced collection of spans full of 64-byte objects, of which none, every other or all died. Sweeping is what
// one thread does from the end of the cycle (its flush barrier included in the cycle) until the sweep is complete.
// random_access: reads of random nodes in as much memory, the control for the growth of marking: its figures have
// the names of mark's.
#include <sys/mman.h>

#include <numeric>

#include "tests/bench/peer_bench/programs.h"

namespace sweepscope::bench {
namespace {

using engine::Local;
using engine::Mutator;
using engine::Ref;

uint64_t spans_swept(engine::Engine& engine, Mutator& mutator) {
  engine::EngineStats stats;
  mutator.blocking([&] { stats = engine.stats(); });
  return std::accumulate(stats.swept_spans.begin(), stats.swept_spans.end(), uint64_t{0});
}

}  // namespace

Figures sweep(Arguments& arguments) {
  const uint64_t nodes = nodes_in(arguments.number("mib", 256)), cycles = arguments.number("cycles", 3);
  const std::string dead = arguments.text("dead", "none");
  arguments.all_used();
  if (dead != "none" && dead != "half" && dead != "all") Arguments::fail("--dead is none, half or all");
  const uint64_t step = dead == "none" ? 0 : dead == "half" ? 2 : 1;  // every step-th object dies
  engine::CycleRecord last{};
  uint64_t cpu_at_end = 0;
  engine::EngineOptions options;
  options.procs = options.cores = 1;
  options.gogc = engine::kGcOff;
  options.concurrent_mark = false;
  options.background_sweeper = false;
  options.on_cycle = [&](const engine::CycleRecord& record) { last = record, cpu_at_end = cpu_ns(); };
  const auto engine = make_engine(options);
  std::vector<double> times, cpu, spans;
  run_alone(*engine, [&](Mutator& mutator) {
    Local<Ref<Node>> table(mutator, engine::make_refs<Node>(mutator, nodes));
    for (uint64_t cycle = 0; cycle <= cycles; ++cycle) {  // cycle 0 faults the memory in
      for (uint64_t i = 0; i < nodes; ++i) {
        if (table[i].get() != nullptr) continue;
        Node* node = engine::make<Node>(mutator);
        table[i].set(mutator, node);
        if (i % 64 == 0) mutator.poll();
      }
      if (step > 0)
        for (uint64_t i = 0; i < nodes; i += step) table[i].set(mutator, nullptr);
      const uint64_t before = spans_swept(*engine, mutator);
      mutator.collect();
      const uint64_t swept_at = now_ns(), cpu_then = cpu_ns();
      if (cycle == 0) continue;
      const double swept = double(spans_swept(*engine, mutator) - before);
      times.push_back(double(swept_at - last.end_ns) / swept);
      cpu.push_back(double(cpu_then - cpu_at_end) / swept);
      spans.push_back(swept);
    }
  });
  return Figures().add("sweep_ns", median(times)).add("cpu_ns", median(cpu)).add("spans", median(spans));
}

Figures random_access(Arguments& arguments) {
  const uint64_t bytes = arguments.number("mib", 1024) << 20;
  const bool huge_pages = arguments.first_of("pages", "huge", "small");
  arguments.all_used();
  constexpr uint64_t kHugePage = 2 << 20, kAccesses = 1 << 23;
  void* mapped = mmap(nullptr, bytes + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) Arguments::fail("random_access: out of memory");
  const uint64_t begin = (reinterpret_cast<uint64_t>(mapped) + kHugePage - 1) & ~(kHugePage - 1);
  madvise(reinterpret_cast<void*>(begin), bytes, huge_pages ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  volatile uint64_t* words = reinterpret_cast<uint64_t*>(begin);
  for (uint64_t at = 0; at < bytes / 8; at += 512) words[at] = at;
  Random random;
  uint64_t sum = 0;
  std::vector<double> times, cpu;
  for (int pass = 0; pass < 5; ++pass) {
    const Stopwatch watch;
    for (uint64_t i = 0; i < kAccesses; ++i)
      sum += words[random.below(bytes / kNodeBytes) * (kNodeBytes / 8)];
    times.push_back(watch.wall() / double(kAccesses));
    cpu.push_back(watch.cpu() / double(kAccesses));
  }
  if (sum == 0) Arguments::fail("random_access: wrong result");
  return Figures().add("mark_ns", median(times)).add("cpu_ns", median(cpu));
}

}  // namespace sweepscope::bench
