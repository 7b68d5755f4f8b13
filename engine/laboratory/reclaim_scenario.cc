#include "engine/laboratory/reclaim_scenario.h"

#include <deque>

#include "engine/base/random.h"
#include "engine/laboratory/program.h"

namespace sweepscope::laboratory {
namespace {

using engine::Mutator;

constexpr uint32_t kOperations = 4;  // of each mutator beside the collector
constexpr uint32_t kLargePages = 5;  // the smallest object that is large

// Like Held, for a large object.
class HeldLarge {
 public:
  explicit HeldLarge(Mutator& m) : bytes_(m) {}
  ~HeldLarge() { let_go(); }
  void take(Mutator& m) {
    let_go();
    bytes_ = engine::make_bytes(m, size_t{kLargePages} * 8192);
  }
  void let_go() {
    if (!bytes_) return;
    engine::witness_object_dropped(reinterpret_cast<uintptr_t>(bytes_.get()));
    bytes_ = nullptr;
  }

 private:
  engine::Local<std::byte> bytes_;
};

void collector(Mutator& m, ScenarioSize size) {
  engine::Random random(0);
  HeldLarge kept(m);
  for (uint32_t i = 0; i < size.spans; ++i) kept.take(m);
  if (random.choose("reclaim: does the last large object die?", 2) == 0) kept.let_go();
  m.collect();
  kept.take(m);
}

// Two blocks fill a span, so every second one takes pages.
void mutator(Mutator& m) {
  engine::Random random(0);
  HeldLarge large(m);
  Held first(m), second(m);
  for (uint32_t i = 0; i < kOperations; ++i) {
    switch (random.choose("reclaim: what the mutator takes", 3)) {
      case 0:
        first.take(m);
        break;
      case 1:
        second.take(m);
        break;
      case 2:
        large.take(m);
        break;
    }
    m.poll();
  }
}

}  // namespace

// No object that dies in the first cycle needs to be swept before the end: everything is made anew.
uint64_t reclaim_heap_bytes(ScenarioSize size) {
  return 8192 * uint64_t{kLargePages} * (size.spans + 1 + uint64_t{size.procs - 1} * kOperations);
}

std::string reclaim_bounds(ScenarioSize size) {
  return counted(size.procs, "P") + ", " + counted(size.spans, "large object") + ", " +
         std::to_string(kOperations) + " operations a mutator, 2 cycles";
}

void run_reclaim(engine::Engine& engine, ScenarioSize size) {
  engine.start_mutator("collector", [size](Mutator& m) { collector(m, size); });
  for (uint32_t i = 1; i < size.procs; ++i) engine.start_mutator("mutator " + std::to_string(i), mutator);
  engine.join_mutators();
}

}  // namespace sweepscope::laboratory
