// A random program and its shadow: a copy of its object graph in ordinary memory.
//
// The program allocates objects of random sizes, small and large, with and without references, links them at
// random and drops roots. check() walks the objects that the shadow can reach and compares every reference
// and every payload byte. New objects must be zero; reachable objects must not overlap. The heap does not
// move objects, so the shadow keeps their addresses; it follows them only along reachable paths.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/base/random.h"
#include "engine/engine.h"
#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {

class ShadowProgram {
 public:
  ShadowProgram(Mutator& mutator, uint64_t seed)
      : mutator_(mutator),
        random_(seed),
        table_(mutator, make_refs<std::byte>(mutator, kRoots)),
        roots_(kRoots) {}

  void run(uint32_t operations) {
    for (uint32_t i = 0; i < operations && !::testing::Test::HasFailure(); ++i) step();
  }

  void step() {
    const uint32_t dice = random_.below(1000);
    if (dice < 550) {
      make_object();
    } else if (dice < 800) {
      link();
    } else if (dice < 900) {
      drop(random_.below(kRoots));
    } else if (dice < 980) {
      mutator_.poll();
    } else if (dice < 995) {
      mutator_.blocking([] {});
    } else if (dice < 998) {
      drop_many();
    } else {
      mutator_.collect();
      check();
    }
  }

  // Every reachable object has its address and its contents.
  void check() {
    std::map<const std::byte*, const std::byte*> extents;
    for (const uint64_t id : reachable()) {
      const Object& object = objects_.at(id);
      for (size_t i = 0; i < object.refs.size(); ++i) {
        const std::byte* expected = object.refs[i] == 0 ? nullptr : objects_.at(object.refs[i]).at;
        ASSERT_EQ(refs(object.at)[i].get(), expected) << "reference " << i << " of object " << id;
      }
      for (size_t i = object.refs.size() * 8; i < object.bytes; ++i)
        ASSERT_EQ(object.at[i], canary(id, i))
            << "byte " << i << " of object " << id << " of " << object.bytes;
      ASSERT_TRUE(extents.emplace(object.at, object.at + object.bytes).second)
          << "two objects at one address";
    }
    const std::byte* end = nullptr;
    for (const auto& [from, to] : extents) {
      ASSERT_GE(from, end) << "two objects overlap";
      end = to;
    }
    for (uint32_t i = 0; i < kRoots; ++i)
      ASSERT_EQ(table_[i].get(), roots_[i] == 0 ? nullptr : objects_.at(roots_[i]).at);
  }

  // Objects that the shadow can reach, plus the table of roots.
  uint64_t live_objects() { return reachable().size() + 1; }
  void drop_all() {
    for (uint32_t i = 0; i < kRoots; ++i) drop(i);
  }
  uint64_t made() const { return next_id_ - 1; }

 private:
  static constexpr uint32_t kRoots = 40;
  struct Object {
    std::byte* at;
    size_t bytes;
    std::vector<uint64_t> refs;  // ids, 0 = null
  };

  static Ref<std::byte>* refs(std::byte* at) { return reinterpret_cast<Ref<std::byte>*>(at); }
  static std::byte canary(uint64_t id, size_t i) {
    return static_cast<std::byte>((id * 0x9E3779B97F4A7C15u >> (i % 8 * 8)) + i / 8);
  }

  std::unordered_set<uint64_t> reachable() {
    std::unordered_set<uint64_t> seen;
    std::vector<uint64_t> grey;
    for (uint64_t id : roots_)
      if (id != 0 && seen.insert(id).second) grey.push_back(id);
    while (!grey.empty()) {
      const uint64_t id = grey.back();
      grey.pop_back();
      for (uint64_t target : objects_.at(id).refs)
        if (target != 0 && seen.insert(target).second) grey.push_back(target);
    }
    std::erase_if(objects_, [&](const auto& entry) { return !seen.contains(entry.first); });
    return seen;
  }

  void make_object() {
    const uint32_t dice = random_.below(200);
    size_t bytes = 0;
    if (dice < 130) {
      bytes = 1 + random_.below(128);
    } else if (dice < 180) {
      bytes = 1 + random_.below(2048);
    } else if (dice < 197) {
      bytes = 1 + random_.below(32768);
    } else {
      bytes = 32769 + random_.below(200000);
    }
    const auto words = static_cast<uint32_t>(bytes / 8);
    size_t n = 0;
    if (words > 0 && random_.below(10) >= 4)
      n = random_.below(20) == 0 ? words : random_.below(std::min(words, 8u) + 1);
    auto* at = static_cast<std::byte*>(allocate(mutator_, bytes, n));
    for (size_t i = 0; i < bytes; ++i) ASSERT_EQ(at[i], std::byte{0}) << "byte " << i << " of a new object";
    const uint64_t id = next_id_++;
    for (size_t i = n * 8; i < bytes; ++i) at[i] = canary(id, i);
    objects_.emplace(id, Object{at, bytes, std::vector<uint64_t>(n, 0)});
    set_root(random_.below(kRoots), id);
  }

  // An object some random steps away from a random root; 0 if that root is empty.
  uint64_t pick() {
    uint64_t id = roots_[random_.below(kRoots)];
    for (uint32_t steps = random_.below(4); id != 0 && steps > 0; --steps) {
      const std::vector<uint64_t>& targets = objects_.at(id).refs;
      if (targets.empty()) break;
      const uint64_t next = targets[random_.below(static_cast<uint32_t>(targets.size()))];
      if (next == 0) break;
      id = next;
    }
    return id;
  }

  void link() {
    const uint64_t from = pick();
    if (from == 0 || objects_.at(from).refs.empty()) return;
    const uint64_t to = random_.below(5) == 0 ? 0 : pick();
    Object& object = objects_.at(from);
    const uint32_t i = random_.below(static_cast<uint32_t>(object.refs.size()));
    object.refs[i] = to;
    refs(object.at)[i].set(mutator_, to == 0 ? nullptr : objects_.at(to).at);
  }

  void set_root(uint32_t i, uint64_t id) {
    roots_[i] = id;
    table_[i].set(mutator_, id == 0 ? nullptr : objects_.at(id).at);
  }
  void drop(uint32_t i) { set_root(i, 0); }
  void drop_many() {
    for (uint32_t i = 0; i < kRoots / 2; ++i) drop(random_.below(kRoots));
  }

  Mutator& mutator_;
  Random random_;
  Local<Ref<std::byte>> table_;
  std::vector<uint64_t> roots_;
  std::unordered_map<uint64_t, Object> objects_;
  uint64_t next_id_ = 1;
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
