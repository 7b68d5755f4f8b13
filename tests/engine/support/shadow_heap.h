// A random program and its shadow: a copy of its object graph in ordinary memory (shadow_graph.h).
//
// The program allocates objects of random shapes, links them at random, drops roots, and compares what it reads with
// the shadow. New objects must be zero; reachable objects must not overlap. With a ShadowWorld several programs also
// share objects and finalizers.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <vector>

#include "engine/base/random.h"
#include "engine/engine.h"
#include "tests/engine/support/shadow_mix.h"
#include "tests/engine/support/shadow_world.h"
#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {

class ShadowProgram {
 public:
  ShadowProgram(Mutator& mutator, uint64_t seed, const ShadowMix& mix = ShadowMix::plain(),
                ShadowWorld* world = nullptr, uint32_t number = 0)
      : mutator_(mutator),
        random_(seed),
        mix_(mix),
        weights_(mix.total()),
        world_(world),
        table_(mutator, make_refs<std::byte>(mutator, mix.roots + 1)),  // one more for what is borrowed
        hands_{Local<std::byte>(mutator), Local<std::byte>(mutator)},
        held_{Held(mutator), Held(mutator), Held(mutator), Held(mutator),
              Held(mutator), Held(mutator), Held(mutator), Held(mutator)},
        graph_(table_.get(), mix.roots, uint64_t{number} << 40) {}

  void run(uint64_t operations) {
    constexpr uint64_t kAtOnce = 256;
    for (uint64_t done = 0; done < operations && !::testing::Test::HasFailure() && !graph_.failed();
         done += kAtOnce) {
      for (uint64_t i = done; i < std::min(done + kAtOnce, operations); ++i) step();
      if (world_ != nullptr) world_->done(std::min(kAtOnce, operations - done));
    }
  }

  void step() {
    const Operation operation = mix_.next(random_, weights_);
    ++count_[static_cast<size_t>(operation)];
    switch (operation) {
      case Operation::kMake: graph_.make(mutator_, random_, any_root()); break;
      case Operation::kLink: graph_.link(mutator_, random_); break;
      case Operation::kMove: graph_.move(mutator_, random_, hands_[0]); break;
      case Operation::kRead: read(); break;
      case Operation::kDrop: drop(any_root()); break;
      case Operation::kDropMany:
        for (uint32_t i = 0; i < graph_.roots() / 2; ++i) drop(any_root());
        break;
      case Operation::kPoll: mutator_.poll(); break;
      case Operation::kBlock: mutator_.blocking([] {}); break;
      case Operation::kCollect: mutator_.collect(); [[fallthrough]];
      case Operation::kWalk: check(); break;
      case Operation::kHold:
        hold_or_give_back(held_[random_.below(static_cast<uint32_t>(held_.size()))]);
        break;
      case Operation::kRecurse: recurse(1 + random_.below(100)); break;
      case Operation::kGlobal: change_a_global(); break;
      case Operation::kFinalize: finalize(); break;
      case Operation::kClear: clear(); break;
      case Operation::kTake: take(); break;
      case Operation::kShare: share(); break;
      case Operation::kMoveToP: mutator_.move_to_p(random_.below(mutator_.procs())); break;
      case Operation::kGogc:
        world_->engine.set_gogc(random_.below(5) == 0 ? kGcOff : 10 + random_.below(200));
        break;
      case Operation::kCount: break;
    }
    if (graph_.walk_is_due()) check();
  }

  // Every reachable object has its address and its contents, and no finalizer of it was taken.
  uint64_t check() {
    return graph_.walk([this](const ShadowGraph::Object& object) {
      if (object.token != kNoToken && !world_->finalizers.is_set(object.token))
        ADD_FAILURE() << "the finalizer of a reachable object was taken: " << describe(object);
    });
  }

  // Objects that the shadow can reach, plus the table of roots.
  uint64_t live_objects() { return check() + 1; }
  // All that the program holds, in roots, Globals and handles. Then it takes what finalizers it can.
  void drop_all() {
    for (uint32_t i = 0; i < graph_.roots(); ++i) drop(i);
    while (!globals_.empty()) end_global();
    for (Held& held : held_) let_go(held);
    for (uint32_t i = 0; i < kBorrowed && world_ != nullptr; ++i) give_back(i);
  }
  uint64_t made() const { return graph_.made(); }
  uint64_t count(Operation operation) const { return count_[static_cast<size_t>(operation)]; }
  void take_all() {
    while (take()) {
    }
  }

 private:
  using Slot = ShadowGraph::Slot;
  static constexpr Slot kNothing = ShadowGraph::kNothing;
  static constexpr uint64_t kNoToken = ShadowGraph::kNoToken;
  static constexpr uint32_t kBorrowed = 2, kGlobals = 8, kDeepest = 8;

  struct Root {
    explicit Root(Engine& engine) : global(engine) {}
    Global<std::byte> global;
    Slot slot = kNothing;
  };
  // An object that only this thread's stack keeps: pinned in the shadow. While the heap is marked, taking it needs the
  // shade of the old reference if the stack is black, giving it back that of the new one if it is not.
  struct Held {
    explicit Held(Mutator& m) : hand(m) {}
    Local<std::byte> hand;
    Slot slot = kNothing;
  };
  // Of the shared graph: pinned there, and held by a handle (the first) or an object of this program's (the second).
  struct Borrowed {
    Slot slot = kNothing;
    RememberedObject object;
  };

  uint32_t any_root() { return random_.below(graph_.roots()); }
  void drop(uint32_t root) { graph_.set_root(mutator_, root, kNothing); }

  void read() {
    const Slot slot = graph_.pick(random_);
    if (slot != kNothing) graph_.verify(slot);
    for (const Borrowed& borrowed : borrowed_) expect_intact(borrowed);
  }

  void hold_or_give_back(Held& held) {
    const Slot holder = graph_.pick_holder(random_);
    if (holder == kNothing) return;
    const uint32_t edge = random_.below(graph_.object(holder).refs);
    if (held.slot == kNothing) {
      held.slot = graph_.object(holder).edges[edge];
      if (held.slot == kNothing) return;
      ++graph_.object(held.slot).pins;
      held.hand = graph_.object(holder).references()[edge].get();
      graph_.set_edge(mutator_, holder, edge, kNothing);
    } else {
      graph_.verify(held.slot);
      graph_.set_edge(mutator_, holder, edge, held.slot);
      let_go(held);
    }
  }
  void let_go(Held& held) {
    if (held.slot != kNothing) --graph_.object(held.slot).pins;
    held.slot = kNothing;
    held.hand = nullptr;
  }

  // A handle at each level keeps an object that nothing else refers to.
  void recurse(uint32_t levels) {
    const RememberedObject made{make_bytes(mutator_, 8 + levels), levels, 8 + levels, 0};
    write_payload(made);
    const Local<std::byte> kept(mutator_, made.at);
    if (levels > 1) recurse(levels - 1);
    if (levels % 16 == 0) mutator_.poll();
    if (!payload_intact(made)) ADD_FAILURE() << "lost from the stack: " << describe(made);
  }

  void change_a_global() {
    if (globals_.size() < kGlobals && random_.below(3) == 0) {
      globals_.push_back(std::make_unique<Root>(world_->engine));
    } else if (!globals_.empty() && random_.below(4) == 0) {
      end_global();
    } else if (!globals_.empty()) {
      Root& root = *globals_[random_.below(static_cast<uint32_t>(globals_.size()))];
      const Slot slot = graph_.pick(random_);
      if (slot == kNothing) return;
      ++graph_.object(slot).pins;
      if (root.slot != kNothing) --graph_.object(root.slot).pins;
      if (root.slot != kNothing && root.global.get() != graph_.object(root.slot).at)
        ADD_FAILURE() << "a Global differs: " << describe(graph_.object(root.slot));
      root.slot = slot;
      root.global.set(mutator_, graph_.object(slot).at);
    }
  }
  void end_global() {
    const uint32_t which = random_.below(static_cast<uint32_t>(globals_.size()));
    if (globals_[which]->slot != kNothing) --graph_.object(globals_[which]->slot).pins;
    std::swap(globals_[which], globals_.back());
    globals_.pop_back();
  }

  // A new object, or one without references: neither can reach itself.
  void finalize() {
    Slot slot = kNothing;
    if (random_.below(2) == 0) {
      slot = graph_.make(mutator_, Shape{16 + random_.below(80), 1 + random_.below(2)}, any_root());
      for (uint32_t edge = 0; edge < graph_.object(slot).refs; ++edge) {
        const Slot to = graph_.pick(random_);
        if (to == kNothing || to == slot) continue;
        const ShadowGraph::Object& object = graph_.object(to);
        if (object.refs > 0 && !object.frozen) continue;
        if (object.depth >= kDeepest) continue;
        graph_.object(slot).depth = std::max(graph_.object(slot).depth, object.depth + 1);
        graph_.set_edge(mutator_, slot, edge, to);
      }
    } else {
      slot = graph_.pick(random_);
      if (slot == kNothing || (graph_.object(slot).refs > 0 && !graph_.object(slot).frozen)) return;
    }
    ShadowGraph::Object& object = graph_.object(slot);
    object.frozen = true;
    if (object.token != kNoToken) {
      if (set_finalizer(mutator_, object.at, kNoToken)) ADD_FAILURE() << "had one: " << describe(object);
      return;
    }
    ShadowFinalizers::Finalizable finalizable{object, {}};
    for (const Slot to : object.edges) {
      if (to == kNothing)
        finalizable.referents.emplace_back();
      else
        finalizable.referents.push_back({graph_.object(to), graph_.object(to).token});
    }
    object.token = world_->finalizers.add(std::move(finalizable));
    if (!set_finalizer(mutator_, object.at, object.token)) ADD_FAILURE() << "has one: " << describe(object);
  }

  void clear() {
    const Slot slot = graph_.pick(random_);
    if (slot == kNothing || graph_.object(slot).token == kNoToken) return;
    ShadowGraph::Object& object = graph_.object(slot);
    if (!clear_finalizer(mutator_, object.at)) ADD_FAILURE() << "has none: " << describe(object);
    world_->finalizers.cleared(object.token);
    object.token = kNoToken;
  }

  bool take() {
    const auto taken = take_finalized(mutator_);
    if (!taken) return false;
    hands_[0] = static_cast<std::byte*>(taken->object);
    ShadowFinalizers::Finalizable object = world_->finalizers.taken(taken->token, taken->object);
    if (object.at == nullptr) return true;
    expect_intact(object);
    const uint32_t dice = random_.below(8);
    if (dice < 2) {  // reachable again for a while
      mutator_.poll();
      expect_intact(object);
    }
    if (dice == 0) {  // ... or dead a second time
      void* const at = object.at;
      const uint64_t token = world_->finalizers.add(std::move(object));
      if (!set_finalizer(mutator_, at, token)) ADD_FAILURE() << "a taken object has a finalizer";
    } else if (dice == 1 && object.refs == 0) {
      graph_.set_root(mutator_, any_root(), graph_.adopt(object));
    }
    hands_[0] = nullptr;
    return true;
  }

  void expect_intact(const ShadowFinalizers::Finalizable& object) {
    if (!payload_intact(object)) ADD_FAILURE() << "a taken object differs: " << describe(object);
    for (uint32_t i = 0; i < object.refs; ++i) {
      const ShadowFinalizers::Referent& referent = object.referents[i];
      if (object.references()[i].get() != referent.at ||
          (referent.at != nullptr && !payload_intact(referent)))
        ADD_FAILURE() << "a referent of a taken object differs: " << describe(referent);
    }
  }

  void share() {
    world_->shared.with(mutator_, [this](ShadowGraph& graph) {
      for (uint32_t i = 0; i < 16; ++i) {
        const uint32_t root = random_.below(graph.roots()), dice = random_.below(8);
        if (dice < 3)
          graph.make(mutator_, random_, root);
        else if (dice < 5)
          graph.link(mutator_, random_);
        else if (dice < 7)
          graph.move(mutator_, random_, hands_[0]);
        else
          graph.set_root(mutator_, root, kNothing);
      }
      if (graph.walk_is_due()) graph.walk();
      if (random_.below(64) == 0) mutator_.collect();
      const uint32_t which = random_.below(kBorrowed);
      borrowed_[which].slot == kNothing ? borrow(graph, which) : give_back(graph, which);
    });
  }
  void borrow(ShadowGraph& graph, uint32_t which) {
    const Slot slot = graph.pick(random_);
    if (slot == kNothing) return;
    ++graph.object(slot).pins;
    borrowed_[which] = {slot, graph.object(slot)};
    hold(which, graph.object(slot).at);
  }
  // It becomes reachable in the shared graph again, from another object perhaps.
  void give_back(ShadowGraph& graph, uint32_t which) {
    Borrowed& borrowed = borrowed_[which];
    expect_intact(borrowed);
    if (const Slot holder = graph.pick_holder(random_); holder != kNothing)
      graph.set_edge(mutator_, holder, random_.below(graph.object(holder).refs), borrowed.slot);
    --graph.object(borrowed.slot).pins;
    borrowed = {};
    hold(which, nullptr);
  }
  void give_back(uint32_t which) {
    world_->shared.with(mutator_, [this, which](ShadowGraph& graph) {
      if (borrowed_[which].slot != kNothing) give_back(graph, which);
    });
  }
  void hold(uint32_t which, std::byte* at) {
    if (which == 0)
      hands_[1] = at;
    else
      table_[graph_.roots()].set(mutator_, at);
  }
  void expect_intact(const Borrowed& borrowed) {
    if (borrowed.slot != kNothing && !payload_intact(borrowed.object))
      ADD_FAILURE() << "a borrowed object differs: " << describe(borrowed.object);
  }

  Mutator& mutator_;
  Random random_;
  const ShadowMix mix_;
  const uint32_t weights_;
  ShadowWorld* const world_;
  Local<Ref<std::byte>> table_;
  std::array<Local<std::byte>, 2> hands_;
  std::array<Held, 8> held_;
  ShadowGraph graph_;
  std::vector<std::unique_ptr<Root>> globals_;
  std::array<Borrowed, kBorrowed> borrowed_;
  std::array<uint64_t, kOperations> count_{};
};

// Runs random programs concurrently. Each compares its graph with its shadow at the end.
inline void expect_graphs_survive(const EngineOptions& options, uint64_t seed, uint32_t mutators,
                                  uint32_t operations) {
  Engine::Created made = Engine::create(options);
  ASSERT_TRUE(made.engine) << made.error;
  for (uint32_t t = 0; t < mutators; ++t) {
    made.engine->start_mutator("random", [=](Mutator& m) {
      ShadowProgram program(m, seed * 1000 + t);
      program.run(operations);
      m.collect();
      program.check();
    });
  }
  made.engine->join_mutators();
  expect_sound(*made.engine);
  const EngineStats stats = made.engine->stats();
  EXPECT_GT(stats.cycles, 3u);
  EXPECT_GT(stats.objects_verified, 0u);
}

}  // namespace sweepscope::engine
