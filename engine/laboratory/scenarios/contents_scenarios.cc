#include "engine/laboratory/scenarios/contents_scenarios.h"

#include "engine/base/random.h"
#include "engine/laboratory/scenarios/program.h"

namespace sweepscope::laboratory {
namespace {

using engine::Mutator;

constexpr uint32_t kLargePages = 5;
constexpr size_t kLarge = kLargePages * 8192 - 936;  // bytes: the last page is not full
constexpr size_t kSmall = 4096;                      // two to a span, like Block
constexpr uint32_t kSmallOnes = 3;                   // that a large object refers to

void dropped(const void* object) { engine::witness_object_dropped(reinterpret_cast<uintptr_t>(object)); }

// An object that refers to a block, which goes with it.
void make_finalizable(Mutator& m, HeldBytes& object, uint64_t token) {
  engine::Random random(0);
  object.take(m, random.choose("finalizers: is the object large?", 2) == 0 ? kSmall : kLarge, 1);
  object.ref<Block>(0).set(m, made(engine::make<Block>(m)));
  engine::set_finalizer(m, object.get(), token);
}

// What comes back is whole, and so is what it refers to.
bool take_one(Mutator& m) {
  const std::optional<engine::Finalized> taken = engine::take_finalized(m);
  if (!taken) return false;
  const engine::Local<std::byte> object(m, static_cast<std::byte*>(taken->object));
  m.poll();
  dropped(reinterpret_cast<engine::Ref<Block>*>(object.get())->get());
  dropped(object.get());
  return true;
}

// A large object whose first words refer to blocks.
void fill_large(Mutator& m, HeldBytes& large) {
  large.take(m, kLarge, kSmallOnes);
  for (uint32_t i = 0; i < kSmallOnes; ++i) large.ref<Block>(i).set(m, made(engine::make<Block>(m)));
}
void drop_one_of(Mutator& m, HeldBytes& large, uint32_t i) {
  dropped(large.ref<Block>(i).get());
  large.ref<Block>(i).set(m, nullptr);
}
void drop_all_of(Mutator& m, HeldBytes& large) {
  for (uint32_t i = 0; i < kSmallOnes; ++i)
    if (large.ref<Block>(i).get() != nullptr) drop_one_of(m, large, i);
  large.let_go();
}

// Together, so that what the dead object's memory holds are references to what died with it.
void drop_with_blocks(HeldBytes& large) {
  for (uint32_t i = 0; i < kSmallOnes; ++i) dropped(large.ref<Block>(i).get());
  large.let_go();
}

}  // namespace

// All that is made in a run, as if nothing were freed: objects, and what they refer to.
uint64_t finalizers_heap_bytes(ScenarioSize size) {
  return uint64_t{8192} * ((size.spans + 1) * (kLargePages + 1) + 2 * size.procs + 2);
}
uint64_t large_heap_bytes(ScenarioSize size) {
  return uint64_t{8192} * (2 * (size.spans + 1) * (kLargePages + 2) + 2 * size.procs);
}

uint64_t clearing_heap_bytes(ScenarioSize size) {
  return uint64_t{8192} * ((size.spans + 1) * (kLargePages + 2) + 2 * size.procs + 2);
}

std::string finalizers_bounds(ScenarioSize size) {
  return counted(size.procs, "P") + ", " + counted(size.spans, "object") +
         " with a finalizer and one more that lives for a cycle, 2 mutators, 2 or 3 cycles";
}
std::string large_bounds(ScenarioSize size) {
  return counted(size.procs, "P") + ", " + counted(size.spans, "large object") + " a mutator and one more, " +
         counted(kSmallOnes, "block") + " in each, 2 mutators, 3 cycles";
}

std::string clearing_bounds(ScenarioSize size) {
  return counted(size.procs, "P") + ", " + counted(size.spans, "large object") + " on dirty pages, " +
         counted(kLargePages, "piece") + " to clear in each, 2 mutators, 2 or 3 cycles";
}

void run_finalizers(engine::Engine& engine, ScenarioSize size) {
  Flag left;
  engine.start_mutator("owner", [&](Mutator& m) {
    HeldBytes kept(m);
    make_finalizable(m, kept, size.spans);  // alive in the first cycle
    for (uint32_t i = 0; i < size.spans; ++i) {
      HeldBytes object(m);
      make_finalizable(m, object, i);
      m.poll();
    }
    left.raise();
    if (m.procs() > 1)  // leaves spans in the mcache of an idle P, or keeps them
      m.move_to_p(engine::Random(0).choose("finalizers: where to collect", p_names(m.procs())));
    m.collect();
    kept.let_go();
    while (take_one(m)) m.poll();
  });
  engine.start_mutator("taker", [&](Mutator& m) {
    m.blocking([&left] { left.wait(); });
    take_one(m);
    if (engine::Random(0).choose("finalizers: collect too?", 2) == 1) m.collect();
    take_one(m);
  });
  engine.join_mutators();
}

void run_large(engine::Engine& engine, ScenarioSize size) {
  for (uint32_t i = 0; i < 2; ++i)
    engine.start_mutator(i == 0 ? "collector" : "mutator", [i, size](Mutator& m) {
      for (uint32_t n = 0; n < size.spans; ++n) {
        HeldBytes kept(m), other(m);
        fill_large(m, kept);
        m.poll();
        drop_one_of(m, kept, engine::Random(0).choose("large: which block dies", kSmallOnes));
        if (i == 0 || engine::Random(0).choose("large: collect too?", 2) == 1) m.collect();
        if (n == 0) {
          fill_large(m, other);
          m.poll();
          drop_all_of(m, other);
        }
        drop_all_of(m, kept);
      }
    });
  engine.join_mutators();
}

void run_clearing(engine::Engine& engine, ScenarioSize size) {
  Flag dirty;
  engine.start_mutator("maker", [&](Mutator& m) {
    {
      HeldBytes dead(m);
      fill_large(m, dead);
      drop_with_blocks(dead);
    }
    m.collect();
    dirty.raise();
    for (uint32_t n = 0; n < size.spans; ++n) {
      HeldBytes fresh(m);
      fill_large(m, fresh);
      m.poll();
      drop_with_blocks(fresh);
    }
  });
  engine.start_mutator("collector", [&](Mutator& m) {
    m.blocking([&dirty] { dirty.wait(); });
    Held kept(m);
    m.collect();
    kept.take(m);
    if (engine::Random(0).choose("clearing: collect again?", 2) == 1) m.collect();
  });
  engine.join_mutators();
}

}  // namespace sweepscope::laboratory
