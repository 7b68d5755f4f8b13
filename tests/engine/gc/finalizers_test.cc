// Finalizers: the Go project's properties of them, restated for tokens that the program takes by itself.
#include <gtest/gtest.h>

#include <set>

#include "tests/engine/support/white_box.h"

namespace sweepscope::engine {
namespace {

struct Node {
  static constexpr size_t kRefs = 1;
  Ref<Node> next;
  uint64_t value;
};

struct Finalizers : ::testing::TestWithParam<std::string> {
  EngineOptions options(uint32_t procs = 1) {
    EngineOptions options = quiet_options(procs);
    options.flush_policy = GetParam();
    options.cores = 2;
    options.background_sweeper = true;
    options.verify = true;
    return options;
  }
  // A program on a thread of its own.
  void program(const std::function<void(Mutator&)>& body, uint32_t procs = 1) {
    engine = std::move(Engine::create(options(procs)).engine);
    engine->start_mutator("program", body);
    engine->join_mutators();
    expect_sound(*engine);
  }
  // Bytes, of the last cycle.
  uint64_t last_marked() { return engine->runtime().collector().records().back().heap_marked; }

  std::unique_ptr<Engine> engine;
};

Node* node(Mutator& m, uint64_t value, Node* next = nullptr) {
  Local<Node> kept(m, next);
  Node* made = make<Node>(m);
  made->value = value;
  made->next.set(m, kept.get());
  return made;
}

std::vector<uint64_t> take_all(Mutator& m) {
  std::vector<uint64_t> tokens;
  while (const auto taken = take_finalized(m)) tokens.push_back(taken->token);
  return tokens;
}

// TestFinalizerType: each object comes back, whole, with the token that was set for it.
TEST_P(Finalizers, DeadObjectIsReturnedIntactWithItsToken) {
  program([](Mutator& m) {
    set_finalizer(m, node(m, 42), 7);
    EXPECT_FALSE(take_finalized(m));
    m.collect();
    const auto taken = take_finalized(m);
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->token, 7u);
    EXPECT_EQ(static_cast<Node*>(taken->object)->value, 42u);
    EXPECT_FALSE(take_finalized(m));
  });
}

TEST_P(Finalizers, ReachableObjectIsNotReturned) {
  program([](Mutator& m) {
    Local<Node> kept(m, node(m, 1));
    EXPECT_TRUE(set_finalizer(m, kept.get(), 1));
    EXPECT_FALSE(set_finalizer(m, kept.get(), 2));
    for (int i = 0; i < 3; ++i) m.collect();
    EXPECT_FALSE(take_finalized(m));
    kept = nullptr;
    m.collect();
    EXPECT_EQ(take_all(m), std::vector<uint64_t>{1});
  });
}

// TestFinalizerInterfaceBig and similar: the contents are intact when the token is taken, for any size.
TEST_P(Finalizers, ReferentsOfAQueuedObjectLiveAsLongAsTheObject) {
  program([this](Mutator& m) {
    Node* inner = node(m, 5, node(m, 6));
    set_finalizer(m, node(m, 4, inner), 1);
    m.collect();
    m.collect();  // queued: a root
    Local<Node> outer(m, static_cast<Node*>(take_finalized(m)->object));
    EXPECT_EQ(outer->value, 4u);
    EXPECT_EQ(outer->next.get()->value, 5u);
    EXPECT_EQ(outer->next.get()->next.get()->value, 6u);
    const uint64_t live = 3 * sizeof(Node);
    m.collect();
    EXPECT_EQ(last_marked(), live);
    outer = nullptr;
    m.collect();
    EXPECT_EQ(last_marked(), 0u);
  });
}

TEST_P(Finalizers, ReferentsOfManyQueuedObjectsOfOneSpanLive) {
  program([](Mutator& m) {
    constexpr uint64_t kObjects = 20;
    for (uint64_t i = 0; i < kObjects; ++i) set_finalizer(m, node(m, i, node(m, 100 + i)), i);
    for (int cycle = 0; cycle < 3; ++cycle) m.collect();
    for (uint64_t i = 0; i < kObjects; ++i) {
      const auto taken = take_finalized(m);
      ASSERT_TRUE(taken);
      const auto* outer = static_cast<Node*>(taken->object);
      EXPECT_EQ(outer->value, taken->token);
      EXPECT_EQ(outer->next.get()->value, 100 + taken->token);
    }
  });
}

TEST_P(Finalizers, ChainIsReturnedFromItsHeadOneObjectACycle) {
  program([](Mutator& m) {
    Local<Node> chain(m);
    for (uint64_t i = 0; i < 5; ++i) {
      chain = node(m, i, chain.get());
      set_finalizer(m, chain.get(), i);
    }
    chain = nullptr;
    for (uint64_t i = 5; i > 0; --i) {
      m.collect();
      EXPECT_EQ(take_all(m), std::vector<uint64_t>{i - 1});
    }
  });
}

// "If a cyclic structure includes a block with a finalizer,
// that cycle is not guaranteed to be garbage collected."
TEST_P(Finalizers, ObjectThatReachesItselfIsNeverDead) {
  program([](Mutator& m) {
    Local<Node> a(m, node(m, 1));
    a->next.set(m, a.get());
    set_finalizer(m, a.get(), 1);
    a = nullptr;
    for (int i = 0; i < 3; ++i) m.collect();
    EXPECT_FALSE(take_finalized(m));
  });
}

TEST_P(Finalizers, ObjectWithAClearedFinalizerIsNotReturned) {
  program([](Mutator& m) {
    Local<Node> kept(m, node(m, 1));
    EXPECT_FALSE(clear_finalizer(m, kept.get()));
    set_finalizer(m, kept.get(), 1);
    EXPECT_TRUE(clear_finalizer(m, kept.get()));
    kept = nullptr;
    m.collect();
    EXPECT_FALSE(take_finalized(m));
  });
}

// TestFinalizerZeroSizedStruct has no counterpart here.
// TestEmptyString: a thread that takes an object may set a finalizer on it again.
TEST_P(Finalizers, TakenObjectMayBeKeptAndGivenAFinalizerAgain) {
  program([](Mutator& m) {
    set_finalizer(m, node(m, 9), 0);
    for (uint64_t round = 0; round < 5; ++round) {
      m.collect();
      const auto taken = take_finalized(m);
      ASSERT_TRUE(taken);
      EXPECT_EQ(taken->token, round);
      EXPECT_EQ(static_cast<Node*>(taken->object)->value, 9u);
      EXPECT_TRUE(set_finalizer(m, taken->object, round + 1));
    }
  });
}

// tinyfin.go, mfinal_test.go: many objects of many sizes, set by several mutators while others collect;
// each token comes back exactly once.
TEST_P(Finalizers, EachOfManyObjectsIsReturnedExactlyOnce) {
  constexpr uint32_t kThreads = 3, kObjects = 3000;
  Engine::Created made = Engine::create(options(4));
  std::vector<std::vector<uint64_t>> taken(kThreads);
  for (uint32_t t = 0; t < kThreads; ++t) {
    made.engine->start_mutator("finalizers", [t, &taken](Mutator& m) {
      for (uint64_t i = 0; i < kObjects; ++i) {
        const size_t bytes = i % 100 == 0 ? 40000 : 16 + i % 2000;
        std::byte* object = make_bytes(m, bytes);
        ASSERT_TRUE(set_finalizer(m, object, t * kObjects + i));
        m.poll();
        if (i % 700 == 0) m.collect();
        if (i % 10 == 0)
          for (const uint64_t token : take_all(m)) taken[t].push_back(token);
      }
    });
  }
  made.engine->join_mutators();
  made.engine->collect();
  made.engine->start_mutator("last", [&taken](Mutator& m) {
    for (const uint64_t token : take_all(m)) taken[0].push_back(token);
  });
  made.engine->join_mutators();
  std::multiset<uint64_t> all;
  for (const auto& tokens : taken) all.insert(tokens.begin(), tokens.end());
  EXPECT_EQ(all.size(), size_t{kThreads} * kObjects);
  EXPECT_EQ(std::set<uint64_t>(all.begin(), all.end()).size(), size_t{kThreads} * kObjects);
  made.engine->collect();
  EXPECT_EQ(made.engine->stats().per_cycle.back().heap_marked, 0u);
}

// set_finalizer on an object in the mcache of an idle P must not wait for that P.
TEST_P(Finalizers, ObjectInTheMcacheOfAnIdlePDoesNotBlock) {
  program(
      [](Mutator& m) {
        Local<Node> kept(m, node(m, 3));
        m.move_to_p(1 - m.p());
        EXPECT_TRUE(set_finalizer(m, kept.get(), 1));
        m.collect();
        EXPECT_TRUE(clear_finalizer(m, kept.get()));
      },
      2);
}

// The same after a cycle that no thread waits for, without a background sweeper: no other thread flushes that P, nor
// could one do so once a stop waits for this thread.
TEST_P(Finalizers, ObjectInAStaleMcacheNeedsNoOtherThread) {
  EngineOptions alone = options(2);
  alone.background_sweeper = false;
  engine = std::move(Engine::create(alone).engine);
  engine->start_mutator("program", [this](Mutator& m) {
    Local<Node> kept(m, node(m, 3));
    m.move_to_p(1 - m.p());
    engine->set_gogc(0);
    make_bytes(m, 100'000);  // triggers a cycle
    engine->set_gogc(kGcOff);
    EXPECT_TRUE(set_finalizer(m, kept.get(), 1));
    EXPECT_TRUE(clear_finalizer(m, kept.get()));
  });
  engine->join_mutators();
  EXPECT_EQ(engine->stats().cycles, 1u);
  expect_sound(*engine);
}

INSTANTIATE_TEST_SUITE_P(Policies, Finalizers, ::testing::ValuesIn(flush_policy_names()),
                         [](const auto& test) { return test_name_of(test.param); });

}  // namespace
}  // namespace sweepscope::engine
