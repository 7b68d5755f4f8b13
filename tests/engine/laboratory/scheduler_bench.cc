// The laboratory's own speed: steps a second and schedules a second of small protocols.
#include <benchmark/benchmark.h>

#include "engine/laboratory/search/random_walk.h"
#include "tests/engine/laboratory/toys.h"

namespace sweepscope::laboratory {
namespace {

void locked_counter(benchmark::State& state) {
  Scheduler scheduler;
  uint64_t seed = 0, steps = 0;
  for (auto _ : state) {
    RandomWalk strategy(seed++);
    steps += scheduler
                 .run("main",
                      [&] { toys::counter(toys::Protection::kLock, static_cast<int>(state.range(0)), 100); },
                      strategy, {})
                 .steps;
  }
  state.counters["steps/s"] = benchmark::Counter(static_cast<double>(steps), benchmark::Counter::kIsRate);
}
BENCHMARK(locked_counter)->Arg(1)->Arg(2)->Arg(4)->Arg(8);

void short_schedules(benchmark::State& state) {
  Scheduler scheduler;
  uint64_t seed = 0;
  for (auto _ : state) {
    RandomWalk strategy(seed++);
    benchmark::DoNotOptimize(
        scheduler.run("main", [] { toys::counter(toys::Protection::kLock); }, strategy, {}).hash);
  }
  state.counters["schedules/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(short_schedules);

}  // namespace
}  // namespace sweepscope::laboratory

BENCHMARK_MAIN();
