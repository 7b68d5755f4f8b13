#include "engine/laboratory/scenarios/roots_scenario.h"

#include <memory>
#include <optional>

#include "engine/base/random.h"
#include "engine/laboratory/scenarios/program.h"

namespace sweepscope::laboratory {
namespace {

constexpr std::string_view kLeaveOrPoll[] = {"leave the P", "poll"};

using engine::Mutator;

enum class Root : uint32_t { kGlobal, kQueue, kTinyBlock };
constexpr uint32_t kRoots = 3;
using Anchor = engine::Global<Block>;

constexpr size_t kTiny = 4;  // bytes, four to a block

void dropped(const void* object) { engine::witness_object_dropped(reinterpret_cast<uintptr_t>(object)); }

// Its own stack may be scanned at any poll, and by a marker while it has no P.
void let_it_be_scanned(Mutator& m) {
  if (engine::Random(0).choose("roots: leave the P, or poll, before it takes the object?", kLeaveOrPoll) ==
      0) {
    m.blocking([] {});
  } else {
    m.poll();
    m.poll();
  }
}

template <class T>
void hold(Mutator& m, T* object) {
  const engine::Local<T> hand(m, object);
  m.poll();
  m.poll();
  dropped(hand.get());
}

void take_from_global(Mutator& m, std::unique_ptr<Anchor>& anchor) {
  const engine::Local<Block> hand(m, anchor->get());
  anchor.reset();
  hold(m, hand.get());
}

void take_from_queue(Mutator& m) {
  if (const std::optional<engine::Finalized> taken = engine::take_finalized(m))
    hold(m, static_cast<std::byte*>(taken->object));
}

// An object that is dead but for the root.
void put_into(Mutator& m, Root root, Anchor& anchor) {
  switch (root) {
    case Root::kGlobal: anchor.set(m, made(engine::make<Block>(m))); return;
    case Root::kQueue: {
      HeldBytes object(m);
      object.take(m, sizeof(Block));
      engine::set_finalizer(m, object.get(), 1);
      return;
    }
    case Root::kTinyBlock: {
      std::byte* const first = engine::make_bytes(m, kTiny);
      engine::witness_object_made(reinterpret_cast<uintptr_t>(first), 0, kTiny);
      dropped(first);
    }
  }
}

// The block has room for the second object; the first has died.
void take_from_tiny_block(Mutator& m) {
  std::byte* const carved = engine::make_bytes(m, kTiny);
  engine::witness_object_made(reinterpret_cast<uintptr_t>(carved), 0, kTiny);
  hold(m, carved);
}

}  // namespace

// The object, its span, spans in mcaches.
uint64_t roots_heap_bytes(ScenarioSize size) { return uint64_t{8192} * (4 + 3 * size.procs); }

std::string roots_bounds(ScenarioSize size) {
  return counted(size.procs, "P") +
         ", 1 object, 1 root of 3 kinds, 1 concurrent cycle after what precedes it";
}

void run_roots(engine::Engine& engine, ScenarioSize) {
  const auto root = static_cast<Root>(engine::Random(0).choose("roots: which root?", kRoots));
  auto anchor = std::make_unique<Anchor>(engine);
  engine.start_mutator("maker", [&](Mutator& m) { put_into(m, root, *anchor); });
  engine.join_mutators();
  if (root == Root::kQueue) engine.collect();  // finds it dead
  engine.start_mutator("taker", [&](Mutator& m) {
    let_it_be_scanned(m);
    switch (root) {
      case Root::kGlobal: take_from_global(m, anchor); break;
      case Root::kQueue: take_from_queue(m); break;
      case Root::kTinyBlock: take_from_tiny_block(m); break;
    }
  });
  engine.start_mutator("collector", [](Mutator& m) { m.collect(); });
  engine.join_mutators();
}

}  // namespace sweepscope::laboratory
