// alloc: the cost of an allocation while nothing is collected. Each thread allocates `--mib` in a pass, then all
// objects die: freed by hand inside the timed pass, or collected between two passes.
#include <barrier>
#include <thread>

#include "tests/bench/peer_programs/heaps/programs.h"

namespace sweepscope::bench {
namespace {

struct Pass {
  uint64_t begin, end;
};

template <bool kScanned>
void fill(void** objects, uint64_t count, uint64_t bytes) {
  for (uint64_t i = 0; i < count; ++i) {
    void* object = kScanned ? heap::make(bytes) : heap::make_noscan(bytes);
    *static_cast<volatile uint64_t*>(object) = 0;
    objects[heap::kCollects ? 0 : i] = object;  // Go and peer_bench keep one object, too
  }
  if constexpr (!heap::kCollects)
    for (uint64_t i = 0; i < count; ++i) heap::dispose(objects[i]);
}

}  // namespace

Figures alloc(Arguments& arguments) {
  const uint64_t bytes = arguments.number("size", 64), refs = arguments.number("refs", 0);
  const uint64_t threads = arguments.number("threads", 1), passes = arguments.number("passes", 31);
  const uint64_t count = (arguments.number("mib", 1) << 20) / bytes;
  arguments.all_used();
  heap::collecting(false);
  std::vector<Pass> mine(threads);
  std::vector<double> wall, cpu;
  std::barrier together(static_cast<ptrdiff_t>(threads));
  Stopwatch* watch = nullptr;
  const auto work = [&](uint64_t thread) {
    void** objects = static_cast<void**>(heap::make_root((heap::kCollects ? 1 : count) * sizeof(void*)));
    for (uint64_t pass = 0; pass <= passes; ++pass) {  // pass 0 faults the memory in
      together.arrive_and_wait();
      if (thread == 0) watch = new Stopwatch;
      together.arrive_and_wait();
      mine[thread].begin = now_ns();
      refs > 0 ? fill<true>(objects, count, bytes) : fill<false>(objects, count, bytes);
      mine[thread].end = now_ns();
      together.arrive_and_wait();
      if (thread != 0) continue;
      const double cpu_now = watch->cpu();
      delete watch;
      uint64_t begin = ~uint64_t{0}, end = 0;
      for (const Pass& one : mine) begin = std::min(begin, one.begin), end = std::max(end, one.end);
      if (pass > 0) wall.push_back(double(end - begin)), cpu.push_back(cpu_now);
      heap::collecting(true);
      heap::collect();
      heap::collecting(false);
    }
  };
  std::vector<std::thread> others;
  for (uint64_t thread = 1; thread < threads; ++thread)
    others.emplace_back([&, thread] {
#if defined(HEAP_BOEHM)
      GC_stack_base base;
      GC_get_stack_base(&base);
      GC_register_my_thread(&base);
#endif
      work(thread);
#if defined(HEAP_BOEHM)
      GC_unregister_my_thread();
#endif
    });
  work(0);
  for (std::thread& other : others) other.join();
  const double cores = double(std::min<uint64_t>(threads, std::max(1u, std::thread::hardware_concurrency())));
  const double objects = double(threads * count);
  return Figures().add("wall_ns", median(wall) * cores / objects).add("cpu_ns", median(cpu) / objects);
}

}  // namespace sweepscope::bench
