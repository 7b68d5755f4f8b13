// The objects of the board, after every access of walks through concurrent cycles: colours only darken, nothing that the
// program can reach is out of the marking's sight, and under a fault of the barrier something is.
#include "engine/laboratory/bench/object_graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "engine/laboratory/bench/hand_run.h"
#include "engine/laboratory/bench/look.h"
#include "tests/engine/laboratory/bench_fixture.h"
#include "tests/support/seed.h"

namespace sweepscope::laboratory {
namespace {

using testing::setup_for;
using testing::take_any;

const BoardObject* find(const ObjectGraph& graph, uint32_t number) {
  for (const BoardObject& object : graph.objects)
    if (object.number == number) return &object;
  return nullptr;
}

// What these objects lead to over objects that `passes`, themselves included.
template <class F>
std::set<uint32_t> closure(const ObjectGraph& graph, std::vector<uint32_t> from, F passes) {
  std::set<uint32_t> all(from.begin(), from.end());
  while (!from.empty()) {
    const BoardObject* object = find(graph, from.back());
    from.pop_back();
    if (object == nullptr || !passes(*object)) continue;
    for (const uint32_t to : object->refs)
      if (to != 0 && all.insert(to).second) from.push_back(to);
  }
  return all;
}

std::set<uint32_t> reachable(const ObjectGraph& graph) {
  std::vector<uint32_t> from;
  for (const BoardRoot& root : graph.roots)
    if (root.kind != RootKind::kBarrier) from.insert(from.end(), root.objects.begin(), root.objects.end());
  return closure(graph, from, [](const BoardObject&) { return true; });
}

// The weak tri-colour invariant (Pirinen 1998): a white object that the program can reach is shaded, or a root that is
// still to be scanned or a grey object leads to it over white ones. The first that is not, 0: none.
uint32_t out_of_sight(const ObjectGraph& graph) {
  std::vector<uint32_t> from;
  for (const BoardRoot& root : graph.roots)
    if (root.kind == RootKind::kBarrier || root.scan == RootScan::kWaiting)
      from.insert(from.end(), root.objects.begin(), root.objects.end());
  for (const BoardObject& object : graph.objects)
    if (object.colour == ObjectColour::kGrey) from.push_back(object.number);
  const std::set<uint32_t> seen = closure(graph, from, [](const BoardObject& object) {
    return object.colour == ObjectColour::kWhite || object.colour == ObjectColour::kGrey;
  });
  for (const uint32_t number : reachable(graph)) {
    const BoardObject* object = find(graph, number);
    if (object->colour == ObjectColour::kWhite && !seen.contains(number)) return number;
  }
  return 0;
}

std::string text(const ObjectGraph& graph, uint32_t lost) {
  std::string text = "object " + std::to_string(lost) + " is out of sight:";
  for (const BoardRoot& root : graph.roots) {
    text += " root " + std::to_string(int(root.kind)) + " of " + std::to_string(root.fiber) + ", scan " +
            std::to_string(int(root.scan)) + " ->";
    for (const uint32_t number : root.objects) text += " " + std::to_string(number);
    text += ';';
  }
  for (const BoardObject& object : graph.objects) {
    text +=
        " object " + std::to_string(object.number) + " colour " + std::to_string(int(object.colour)) + " ->";
    for (const uint32_t number : object.refs) text += " " + std::to_string(number);
    text += ';';
  }
  return text;
}

struct Walk {
  uint64_t boards = 0, white = 0, grey = 0, black = 0, shaded = 0, scanned = 0, waiting = 0;
  uint64_t lost = 0;   // boards with an object out of sight
  uint64_t freed = 0;  // boards with a freed object
  std::string first_lost;
};

class Walker {
 public:
  Walker(const Setup& setup, uint64_t seed) : run_(setup, nullptr), random_(seed) {}

  Walk walk() {
    run_.create();
    while (run_.next() != HandRun::Next::kNothing && !::testing::Test::HasFailure()) {
      EXPECT_TRUE(take_any(run_, random_));
      if (run_.engine_stands()) look_at(look(run_, {}).board);
    }
    return walk_;
  }

  HandRun& run() { return run_; }

 private:
  void look_at(const BoardState& board) {
    const ObjectGraph& graph = board.graph;
    ++walk_.boards;
    if (board.phase != observe::Phase::kMark && board.phase != observe::Phase::kMarkTermination)
      darkest_.clear();
    for (const BoardObject& object : graph.objects) {
      walk_.freed += object.colour == ObjectColour::kFreed;
      if (object.colour == ObjectColour::kNone || object.colour == ObjectColour::kFreed) continue;
      walk_.white += object.colour == ObjectColour::kWhite;
      walk_.grey += object.colour == ObjectColour::kGrey;
      walk_.black += object.colour == ObjectColour::kBlack;
      ObjectColour& darkest = darkest_[object.number];
      EXPECT_GE(object.colour, darkest) << "object " << object.number << " became lighter";
      darkest = std::max(darkest, object.colour);
    }
    for (const BoardRoot& root : graph.roots) {
      walk_.shaded += root.kind == RootKind::kBarrier && !root.objects.empty();
      walk_.scanned += root.scan == RootScan::kScanned;
      walk_.waiting += root.scan == RootScan::kWaiting;
    }
    if (board.phase == observe::Phase::kMark || board.phase == observe::Phase::kMarkTermination)
      if (const uint32_t number = out_of_sight(graph); number != 0 && ++walk_.lost == 1)
        walk_.first_lost = text(graph, number);
    if (board.phase != observe::Phase::kMarkTermination || run_.experiment().setup().fault) return;
    for (const uint32_t number : reachable(graph))
      EXPECT_EQ(find(graph, number)->colour, ObjectColour::kBlack) << "object " << number;
    for (const BoardObject& object : graph.objects)
      EXPECT_NE(object.colour, ObjectColour::kGrey) << "object " << object.number;
  }

  HandRun run_;
  std::mt19937_64 random_;
  std::map<uint32_t, ObjectColour> darkest_;  // by object, in this marking
  Walk walk_;
};

class ObjectsOfAWalk : public ::testing::TestWithParam<const char*> {};

TEST_P(ObjectsOfAWalk, AreNeverOutOfSightOfACorrectMarking) {
  const uint64_t seed = sweepscope::testing::seed_or(1);
  Walk all;
  for (uint64_t n = 0; n < 200; ++n) {
    Walker walker(setup_for(GetParam(), {n % 2 == 0 ? 2u : 3u, 2}), seed + n);
    const Walk walk = walker.walk();
    ASSERT_FALSE(walker.run().scheduler().violated()) << walker.run().so_far().violation.sentence;
    all.boards += walk.boards, all.white += walk.white, all.grey += walk.grey, all.black += walk.black;
    all.shaded += walk.shaded, all.scanned += walk.scanned, all.waiting += walk.waiting;
    EXPECT_EQ(walk.lost, 0u) << "walk " << n << ": " << walk.first_lost;
    EXPECT_EQ(walk.freed, 0u) << "walk " << n;
  }
  EXPECT_GT(all.boards, 1000u);
  for (const uint64_t count : {all.white, all.grey, all.black, all.shaded, all.scanned, all.waiting})
    EXPECT_GT(count, 100u);
}
INSTANTIATE_TEST_SUITE_P(Scenarios, ObjectsOfAWalk,
                         ::testing::Values("marking", "two-markers", "lost-object"), [](const auto& p) {
                           std::string name = p.param;
                           std::erase(name, '-');
                           return name;
                         });

// The moment at which an object is lost is seen long before its slot is freed.
TEST(ObjectGraph, AFaultOfTheBarrierOrOfTheBirthColourHidesAnObject) {
  for (const char* fault : {"no-write-barrier", "no-allocate-black"}) {
    uint64_t lost = 0, freed = 0, violated = 0;
    for (uint64_t seed = 1; seed <= 60 && (freed == 0 || lost == 0); ++seed) {
      auto setup = setup_for("lost-object", {2, 2});
      setup.fault = engine::find_fault(fault);
      Walker walker(setup, seed);
      const Walk walk = walker.walk();
      lost += walk.lost, freed += walk.freed;
      if (!walker.run().scheduler().violated()) continue;
      ++violated;
      EXPECT_GT(walk.lost, 0u) << fault << ", seed " << seed << ": the object was never out of sight";
    }
    EXPECT_GT(lost, 0u) << fault;
    EXPECT_GT(freed, 0u) << fault;
    EXPECT_GT(violated, 0u) << fault;
  }
}

// Of scenarios without references nothing is kept.
TEST(ObjectGraph, IsEmptyWhereNoScenarioAsksForIt) {
  HandRun run(setup_for("sweep", {2, 1}), nullptr);
  run.create();
  const NodeView view = look(run, {});
  EXPECT_TRUE(view.board.graph.objects.empty());
  EXPECT_TRUE(view.board.graph.roots.empty());
}

}  // namespace
}  // namespace sweepscope::laboratory
