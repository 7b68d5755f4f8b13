// Arrays: length, zeroed elements, what they keep alive.
#include "engine/array.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <span>

#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

struct Node {
  static constexpr size_t kRefs = 2;
  Ref<Array<Ref<Node>>> children;
  Ref<Array<char>> name;
  uint64_t value;
};
struct Point {
  float x, y, z;
};

struct ArrayTest : ::testing::Test {
  WhiteBox box;
  Mutator mutator{box.m(), box.runtime()};

  uint64_t objects_after_a_collection() {
    mutator.collect();
    expect_sound_here();
    return box.runtime().collector().records().back().marked_objects;
  }
  void expect_sound_here() {
    const Verification result = mutator.blocking([&] { return box.engine->verify(); });
    EXPECT_TRUE(result.ok()) << result.text();
  }
};

TEST_F(ArrayTest, HasAsManyZeroedElementsAsWereAskedFor) {
  for (const size_t n : {0u, 1u, 2u, 3u, 7u, 8u, 100u, 4095u, 40'000u}) {
    SCOPED_TRACE(n);
    Local<Array<Ref<Node>>> refs(mutator, make_array<Ref<Node>>(mutator, n));
    Local<Array<char>> text(mutator, make_array<char>(mutator, n));
    Local<Array<Point>> points(mutator, make_array<Point>(mutator, n));
    EXPECT_EQ(refs->size(), n);
    EXPECT_EQ(text->size(), n);
    EXPECT_EQ(points->size(), n);
    EXPECT_EQ(size_t(refs->end() - refs->begin()), n);
    EXPECT_TRUE(std::ranges::none_of(*refs, [](const Ref<Node>& ref) { return bool(ref); }));
    EXPECT_TRUE(std::ranges::all_of(*text, [](char c) { return c == 0; }));
    EXPECT_TRUE(std::ranges::all_of(*points, [](const Point& p) { return p.x == 0 && p.z == 0; }));
    std::ranges::fill(*text, 'x');
    std::ranges::fill(*points, Point{1, 2, 3});
    objects_after_a_collection();
    EXPECT_EQ(text->size(), n);
    EXPECT_EQ(points->size(), n);
  }
}

TEST_F(ArrayTest, ASmallOneIsAlignedAmongTinyObjects) {
  make_bytes(mutator, 1);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(make_array<char>(mutator, 3)) % 8, 0u);
}

TEST_F(ArrayTest, EachOfItsReferencesKeepsItsObjectAlive) {
  constexpr uint64_t kNodes = 300;
  Local<Array<Ref<Node>>> nodes(mutator, make_array<Ref<Node>>(mutator, kNodes));
  for (uint64_t i = 0; i < kNodes; ++i) {
    Node* const node = make<Node>(mutator);
    node->value = i;
    nodes[i].set(mutator, node);
  }
  EXPECT_EQ(objects_after_a_collection(), kNodes + 1);
  for (uint64_t i = 0; i < kNodes; ++i) EXPECT_EQ(nodes[i]->value, i);
  nodes[0].set(mutator, nullptr);
  nodes[kNodes - 1].set(mutator, nullptr);
  EXPECT_EQ(objects_after_a_collection(), kNodes - 1);
}

TEST_F(ArrayTest, ThatNothingRefersToDies) {
  Local<Array<Ref<Node>>> nodes(mutator, make_array<Ref<Node>>(mutator, 10));
  nodes[3].set(mutator, make<Node>(mutator));
  nodes = nullptr;  // its reference to itself is no root
  EXPECT_EQ(objects_after_a_collection(), 0u);
}

TEST_F(ArrayTest, IsReachedThroughFieldsAndGlobals) {
  Global<Node> root(*box.engine);
  {
    Local<Node> node(mutator, make<Node>(mutator));
    root.set(mutator, node);
    node->name.set(mutator, make_array<char>(mutator, 5));
    std::ranges::copy(std::string_view("Knoth"), node->name->begin());
    node->children.set(mutator, make_array<Ref<Node>>(mutator, 3));
    for (Ref<Node>& child : *node->children) child.set(mutator, make<Node>(mutator));
  }
  EXPECT_EQ(objects_after_a_collection(), 6u);
  EXPECT_EQ(std::string_view(root->name->begin(), root->name->size()), "Knoth");
  EXPECT_TRUE(root->children->at(mutator, 2));
}

TEST_F(ArrayTest, OfPlainDataIsASpanAndIsNotRead) {
  Local<Array<uint64_t>> words(mutator, make_array<uint64_t>(mutator, 64));
  const std::span<uint64_t> span(*words);
  ASSERT_EQ(span.size(), 64u);
  // An address in it keeps nothing alive.
  span[0] = reinterpret_cast<uint64_t>(make<Node>(mutator));
  EXPECT_EQ(objects_after_a_collection(), 1u);
}

}  // namespace
}  // namespace sweepscope::engine
