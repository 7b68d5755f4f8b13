// Shadow stacks: handles over many segments are all roots; segments without handles are freed.
#include "engine/gc/mark/shadow_stack.h"

#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "tests/engine/support/sched_bench.h"

namespace sweepscope::engine {
namespace {

struct Counted {
  static constexpr size_t kRefs = 0;
  uint64_t number[3];
};

std::vector<uint32_t> orders(const M& m) {
  std::vector<uint32_t> found;
  m.stack.for_each_segment([&](const StackSegment& segment) { found.push_back(segment.order); });
  return found;
}

TEST(ShadowStack, HandlesOverManySegmentsAreAllRoots) {
  for (const std::string& policy : flush_policy_names()) {
    EngineOptions options = quiet_options(2);
    options.flush_policy = policy;
    options.verify = true;
    Engine::Created made = Engine::create(options);
    made.engine->start_mutator("deep", [&](Mutator& m) {
      std::deque<Local<Counted>> handles;
      for (uint64_t i = 0; i < 8000; ++i) {
        handles.emplace_back(m, make<Counted>(m)).get()->number[0] = i;
        if (i % 1000 == 0) m.collect();
      }
      EXPECT_EQ(orders(m.m()), (std::vector<uint32_t>{3, 3, 3, 3, 2, 1, 0})) << policy;
      m.collect();
      for (int i = 0; i < 9000; ++i) make<Counted>(m);  // would overwrite a lost object with zeroes
      for (uint64_t i = 0; i < 8000; ++i) ASSERT_EQ(handles[i]->number[0], i) << policy;
      while (handles.size() > 300) handles.pop_back();
      EXPECT_EQ(orders(m.m()), (std::vector<uint32_t>{1, 0})) << policy;
      m.collect();
      for (uint64_t i = 0; i < 300; ++i) ASSERT_EQ(handles[i]->number[0], i) << policy;
      while (!handles.empty()) handles.pop_back();
      EXPECT_EQ(orders(m.m()), (std::vector<uint32_t>{0})) << policy;
    });
    made.engine->join_mutators();
    expect_sound(*made.engine);
    made.engine->collect();
    EXPECT_EQ(made.engine->runtime().heap().manual_bytes(), 0u) << policy;
    EXPECT_EQ(made.engine->stats().heap_live, 0u) << policy;
  }
}

TEST(ShadowStack, NullHandlesAreNoRoots) {
  WhiteBox box;
  Mutator mutator(box.m(), box.runtime());
  Local<Counted> none(mutator), some(mutator, make<Counted>(mutator));
  int roots = 0;
  box.m().stack.for_each([&](uintptr_t) { ++roots; });
  EXPECT_EQ(roots, 1);
}

}  // namespace
}  // namespace sweepscope::engine
