// A copy of an object graph in ordinary memory, and the operations that change both alike.
//
// Roots are a table of references in the heap, which the owner keeps alive, and pins: objects that the owner keeps
// alive by other means (handles, Globals). The heap does not move objects, so the shadow keeps their addresses; it
// follows them only along paths that are reachable in the shadow.
//
// One thread at a time uses a graph; it passes its Mutator to each operation. The first difference between heap and
// shadow fails the test, and the graph is not changed from then on.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/engine/support/shadow_object.h"

namespace sweepscope::engine {

class ShadowGraph {
 public:
  using Slot = uint32_t;  // of an object in the shadow
  static constexpr Slot kNothing = ~0u;

  struct Object : RememberedObject {
    std::vector<Slot> edges;
    uint32_t pins = 0;
    uint32_t visit = 0;         // the walk that reached it last
    uint32_t depth = 0;         // of finalizable objects: the longest path of them from here
    uint64_t token = kNoToken;  // of its finalizer
    bool frozen = false;        // its references never change again
  };
  static constexpr uint64_t kNoToken = ~uint64_t{0};

  // ids begin behind `first_id`. The table has `roots` entries, all null.
  ShadowGraph(Ref<std::byte>* table, uint32_t roots, uint64_t first_id)
      : table_(table), roots_(roots, kNothing), next_id_(first_id + 1), first_id_(first_id) {}

  uint32_t roots() const { return static_cast<uint32_t>(roots_.size()); }
  Object& object(Slot slot) { return objects_[slot]; }
  uint64_t made() const { return next_id_ - 1 - first_id_; }
  bool failed() const { return failed_; }

  void set_root(Mutator& m, uint32_t root, Slot to) {
    roots_[root] = to;
    table_[root].set(m, address(to));
  }

  // A new object in the root. Raw pointers of the caller die.
  Slot make(Mutator& m, Random& random, uint32_t root) { return make(m, shapes_.next(random), root); }
  Slot make(Mutator& m, Shape shape, uint32_t root) {
    RememberedObject made{static_cast<std::byte*>(allocate(m, shape.bytes, shape.refs)), next_id_++,
                          shape.bytes, shape.refs};
    if (!all_zero(made)) fail("a new object is not zero", made);
    write_payload(made);
    const Slot slot = adopt(made);
    set_root(m, root, slot);
    return slot;
  }
  // A slot for an object that the heap has already, without edges.
  Slot adopt(const RememberedObject& made) {
    Slot slot = static_cast<Slot>(objects_.size());
    if (free_.empty()) {
      objects_.emplace_back();
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    Object& object = objects_[slot];
    static_cast<RememberedObject&>(object) = made;
    object.edges.assign(made.refs, kNothing);
    object.pins = object.depth = 0;
    object.token = kNoToken;
    object.frozen = false;
    ++since_walk_;
    return slot;
  }

  // An object some random steps away from a random root; kNothing if that root is empty.
  Slot pick(Random& random) const {
    Slot slot = roots_[random.below(roots())];
    for (uint32_t steps = random.below(5); slot != kNothing && steps > 0; --steps) {
      const std::vector<Slot>& edges = objects_[slot].edges;
      if (edges.empty()) break;
      const Slot next = edges[random.below(static_cast<uint32_t>(edges.size()))];
      if (next == kNothing) break;
      slot = next;
    }
    return slot;
  }
  // One whose references may be changed.
  Slot pick_holder(Random& random) const {
    const Slot slot = pick(random);
    return slot == kNothing || objects_[slot].edges.empty() || objects_[slot].frozen ? kNothing : slot;
  }

  void set_edge(Mutator& m, Slot from, uint32_t edge, Slot to) {
    objects_[from].edges[edge] = to;
    objects_[from].references()[edge].set(m, address(to));
  }
  void link(Mutator& m, Random& random) {
    const Slot from = pick_holder(random);
    if (from == kNothing) return;
    const Slot to = random.below(5) == 0 ? kNothing : pick(random);
    set_edge(m, from, random.below(objects_[from].refs), to);
  }
  // Moves a reference from one object to another by way of a handle, with safepoints while the handle alone has it.
  void move(Mutator& m, Random& random, Local<std::byte>& hand) {
    const Slot from = pick_holder(random), to = pick_holder(random);
    if (from == kNothing || to == kNothing) return;
    const uint32_t edge = random.below(objects_[from].refs);
    const Slot moved = objects_[from].edges[edge];
    if (moved == kNothing) return;
    hand = objects_[from].references()[edge].get();
    set_edge(m, from, edge, kNothing);
    for (uint32_t polls = random.below(3); polls > 0; --polls) m.poll();
    const uint32_t into = random.below(objects_[to].refs);
    objects_[to].edges[into] = moved;
    objects_[to].references()[into].set(m, hand.get());
    hand = nullptr;
  }

  // One object: its contents and its references.
  void verify(Slot slot) {
    const Object& object = objects_[slot];
    if (!payload_intact(object)) return fail("the contents differ", object);
    for (uint32_t i = 0; i < object.refs; ++i)
      if (object.references()[i].get() != address(object.edges[i]))
        return fail("reference " + std::to_string(i) + " differs", object);
  }

  // Verifies everything reachable, and that no two objects overlap; forgets the rest. Returns the number of objects.
  // `reached(Object&)` is called for each.
  template <class F>
  uint64_t walk(F reached) {
    reach();
    uint64_t count = 0;
    extents_.clear();
    for (Slot slot = 0; slot < objects_.size(); ++slot) {
      Object& object = objects_[slot];
      if (object.at == nullptr) continue;
      if (object.visit != walk_) {
        object.at = nullptr;
        free_.push_back(slot);
        continue;
      }
      ++count;
      if (failed_) continue;
      verify(slot);
      reached(object);
      extents_.push_back({object.at, object.at + object.bytes});
    }
    std::sort(extents_.begin(), extents_.end());
    for (size_t i = 1; i < extents_.size() && !failed_; ++i)
      if (extents_[i].first < extents_[i - 1].second) fail("two objects overlap", {extents_[i].first});
    for (uint32_t root = 0; root < roots() && !failed_; ++root)
      if (table_[root].get() != address(roots_[root])) fail("a root differs", {table_[root].get()});
    reachable_ = count;
    since_walk_ = 0;
    return count;
  }
  uint64_t walk() {
    return walk([](const Object&) {});
  }
  // Whether so much was made since the last walk that another one costs little by comparison.
  bool walk_is_due() const { return since_walk_ > 1000 + 2 * reachable_; }

 private:
  std::byte* address(Slot slot) const { return slot == kNothing ? nullptr : objects_[slot].at; }

  void reach() {
    ++walk_;
    grey_.clear();
    const auto visit = [this](Slot slot) {
      if (slot == kNothing || objects_[slot].visit == walk_) return;
      objects_[slot].visit = walk_;
      grey_.push_back(slot);
    };
    for (const Slot root : roots_) visit(root);
    for (Slot slot = 0; slot < objects_.size(); ++slot)
      if (objects_[slot].at != nullptr && objects_[slot].pins > 0) visit(slot);
    while (!grey_.empty()) {
      const Slot slot = grey_.back();
      grey_.pop_back();
      for (const Slot to : objects_[slot].edges) visit(to);
    }
  }

  void fail(const std::string& what, const RememberedObject& object) {
    if (!failed_) ADD_FAILURE() << what << ": " << describe(object);
    failed_ = true;
  }

  Ref<std::byte>* const table_;
  std::vector<Slot> roots_;
  std::vector<Object> objects_;
  std::vector<Slot> free_, grey_;
  std::vector<std::pair<std::byte*, std::byte*>> extents_;
  ShapeSource shapes_;
  uint64_t next_id_, first_id_;
  uint64_t since_walk_ = 0, reachable_ = 0;  // objects
  uint32_t walk_ = 0;
  bool failed_ = false;
};

}  // namespace sweepscope::engine
