// Each rule is violated once, by reported facts alone.
#include "engine/laboratory/oracle/oracle.h"

#include <gtest/gtest.h>

#include "engine/laboratory/search/random_walk.h"

namespace sweepscope::laboratory {
namespace {

constexpr uint32_t kH = 4;
constexpr uint32_t kNoFlusher = observe::kNoP;

// The violation that the oracle finds in a sequence of facts, or an empty rule.
Violation judge(const std::function<void(Oracle&)>& story, std::optional<engine::Fault> fault = {}) {
  Scheduler scheduler;
  Oracle oracle(scheduler);
  RandomWalk strategy(1);
  RunReport report = scheduler.run("teller", [&] { story(oracle); }, strategy, {.fault = fault});
  return report.outcome == Outcome::kViolation ? report.violation : Violation{};
}

// Span 1 in use, cached by P0, with one object at 0x1000.
void begin(Oracle& o) {
  o.turned(kH);
  o.span_allocated(1);
  o.cached(0, 1, kH, kH);
  o.allocated(0, 1, kH + 3, kH, kH, 0x1000, 64);
}
void uncache_and_turn(Oracle& o) {
  o.uncached(0, 1);
  o.turned(kH + 2);
}

TEST(Oracle, WholeCycleOfACorrectEngineIsAccepted) {
  EXPECT_EQ(judge([](Oracle& o) {
              begin(o);
              o.allocated(0, 1, kH + 3, kH, kH, 0x1040, 64);
              o.object_dropped(0x1040);
              o.gc_start_span(1, kH + 3, kH);
              o.gc_start_mcache(0, kH, kH);
              o.turned(kH + 2);
              o.sweep_begun(1, 0);  // the flusher of the cache that holds it
              o.slot_freed(1, 0x1040, 64);
              o.sweep_ended(1);
              o.uncached(0, 1);
              o.gc_start_span(1, kH + 2, kH + 2);
              o.cached(1, 1, kH + 2, kH + 2);
              o.allocated(1, 1, kH + 5, kH + 2, kH + 2, 0x1040, 64);
            }).rule,
            "");
}

TEST(Oracle, I1AllocationFromAStaleSpan) {
  const Violation v = judge([](Oracle& o) {
    begin(o);
    o.turned(kH + 2);
    o.allocated(0, 1, kH + 3, kH + 2, kH, 0x1040, 64);
  });
  EXPECT_EQ(v.rule, "I1");
  EXPECT_NE(v.sentence.find("teller (fiber 0) allocates on P0 from span 1 at h+1"), std::string::npos)
      << v.sentence;
  EXPECT_NE(v.sentence.find("flush_gen h-2"), std::string::npos) << v.sentence;
}
TEST(Oracle, I1BlackObjectFromAStaleSpanOfTheOwnStaleCacheIsAccepted) {
  EXPECT_EQ(judge([](Oracle& o) {
              begin(o), o.turned(kH + 2);
              o.blackened(1, 0x1040), o.allocated(0, 1, kH + 3, kH + 2, kH, 0x1040, 64);
              o.heap_live(500 + 64, 500, 0);  // I9: allocated since
            }).rule,
            "");
}
TEST(Oracle, I1BlackObjectNeedsItsOwnMarkItsOwnCacheAndAStaleOne) {
  for (const auto& [blackened, p, flush_gen] :
       {std::tuple{0x1080u, 0u, kH}, {0x1040u, 1u, kH}, {0x1040u, 0u, kH + 2}}) {
    EXPECT_EQ(judge([&](Oracle& o) {
                begin(o), o.turned(kH + 2);
                o.blackened(1, blackened), o.allocated(p, 1, kH + 3, kH + 2, flush_gen, 0x1040, 64);
              }).rule,
              "I1");
  }
}
TEST(Oracle, I1AllocationFromASpanOfAnotherCache) {
  EXPECT_EQ(judge([](Oracle& o) { begin(o), o.allocated(1, 1, kH + 3, kH, kH, 0x1040, 64); }).rule, "I1");
}
TEST(Oracle, I1CachingAnUnsweptSpan) {
  EXPECT_EQ(judge([](Oracle& o) { begin(o), uncache_and_turn(o), o.cached(0, 1, kH, kH + 2); }).rule, "I1");
}
TEST(Oracle, I1CachingASpanThatIsBeingSwept) {
  EXPECT_EQ(judge([](Oracle& o) {
              begin(o), uncache_and_turn(o), o.sweep_begun(1, kNoFlusher), o.cached(0, 1, kH + 2, kH + 2);
            }).rule,
            "I1");
}
TEST(Oracle, MissingCachedMarkIsAcceptedUnderItsFault) {
  auto story = [](Oracle& o) {
    o.span_allocated(1);
    o.cached(0, 1, kH, kH);
    o.allocated(0, 1, kH, kH, kH, 0x1000, 64);
  };
  EXPECT_EQ(judge(story).rule, "I1");
  EXPECT_EQ(judge(story, engine::Fault::kRefillNoCachedMark).rule, "");
}
TEST(Oracle, I2SlotOfALiveObjectIsHandedOutAgain) {
  const Violation v = judge([](Oracle& o) { begin(o), o.allocated(0, 1, kH + 3, kH, kH, 0x1000, 64); });
  EXPECT_EQ(v.rule, "I2");
  EXPECT_NE(v.sentence.find("the live object 1"), std::string::npos) << v.sentence;
}
// An object is all its bytes, not its address.
TEST(Oracle, I2SlotsOverlapALiveObjectAnywhere) {
  for (const uintptr_t at : {0xfc8u, 0x1008u, 0x1038u}) {
    EXPECT_EQ(judge([at](Oracle& o) { begin(o), o.allocated(0, 1, kH + 3, kH, kH, at, 64); }).rule, "I2");
    EXPECT_EQ(judge([at](Oracle& o) { begin(o), o.allocated_large(1, at, 40000); }).rule, "I2");
    EXPECT_EQ(judge([at](Oracle& o) {
                begin(o), uncache_and_turn(o), o.sweep_begun(1, kNoFlusher), o.slot_freed(1, at, 64);
              }).rule,
              "I2");
  }
  for (const uintptr_t neighbour : {0xfc0u, 0x1040u})
    EXPECT_EQ(judge([neighbour](Oracle& o) {
                begin(o), o.allocated(0, 1, kH + 3, kH, kH, neighbour, 64), o.object_dropped(neighbour);
                uncache_and_turn(o), o.sweep_begun(1, kNoFlusher), o.slot_freed(1, neighbour, 64);
              }).rule,
              "");
}
TEST(Oracle, I2SweepFreesALiveObject) {
  EXPECT_EQ(judge([](Oracle& o) {
              begin(o), uncache_and_turn(o), o.sweep_begun(1, kNoFlusher), o.slot_freed(1, 0x1000, 64);
            }).rule,
            "I2");
}
TEST(Oracle, TinyObjectsOfOneSlotAreSeparateObjects) {
  auto crumbs = [](Oracle& o) {
    begin(o);
    o.tiny_block(0, 1, kH + 3, kH, kH, 0x2000, 16);
    o.tiny_carved(0, 1, 0x2000, 8);
    o.tiny_carved(0, 1, 0x2008, 4);
  };
  EXPECT_EQ(judge([&](Oracle& o) { crumbs(o), o.heap_live(64 + 16, 0, 0); }).rule, "");
  EXPECT_EQ(judge([&](Oracle& o) { crumbs(o), o.tiny_carved(0, 1, 0x200a, 2); }).rule, "I2");
  EXPECT_EQ(judge([&](Oracle& o) { crumbs(o), o.tiny_carved(0, engine::kNoSpan, 0x200c, 2); }).rule, "I2");
  EXPECT_EQ(judge([&](Oracle& o) {
              begin(o), o.turned(kH + 2), o.tiny_block(0, 1, kH + 3, kH + 2, kH, 0x2000, 16);
            }).rule,
            "I1");
  // A live object anywhere in the slot.
  EXPECT_EQ(judge([&](Oracle& o) {
              crumbs(o), o.object_dropped(0x2000), uncache_and_turn(o), o.sweep_begun(1, kNoFlusher);
              o.slot_freed(1, 0x2000, 16);
            }).rule,
            "I2");
}
TEST(Oracle, I2SpanWithALiveObjectIsFreed) {
  EXPECT_EQ(judge([](Oracle& o) { begin(o), uncache_and_turn(o), o.span_freed(1); }).rule, "I2");
}
TEST(Oracle, I3SpanIsNotSweptInItsCycle) {
  const Violation v =
      judge([](Oracle& o) { begin(o), uncache_and_turn(o), o.gc_start_span(1, kH + 2, kH + 2); });
  EXPECT_EQ(v.rule, "I3");
  EXPECT_NE(v.sentence.find("swept 0 times since the bump, not 1"), std::string::npos) << v.sentence;
}
TEST(Oracle, I3ForcedCycleReturnsBeforeEverySpanIsSwept) {
  EXPECT_EQ(judge([](Oracle& o) { begin(o), uncache_and_turn(o), o.cycle_completed(); }).rule, "I3");
  EXPECT_EQ(judge([](Oracle& o) {
              begin(o), uncache_and_turn(o), o.sweep_begun(1, kNoFlusher), o.sweep_ended(1),
                  o.cycle_completed();
            }).rule,
            "");
}
TEST(Oracle, I13ForcedCycleReturnsBeforeAnMcacheIsFlushed) {
  EXPECT_EQ(judge([](Oracle& o) { begin(o), o.turned(kH + 2), o.cycle_completed(); }).rule, "I13");
  EXPECT_EQ(judge([](Oracle& o) {
              begin(o), uncache_and_turn(o), o.sweep_begun(1, kNoFlusher), o.cycle_completed();
            }).rule,
            "I13");
}
TEST(Oracle, I9HeapLiveIsMarkedPlusAllocatedPlusPromised) {
  EXPECT_EQ(judge([](Oracle& o) { begin(o), o.heap_live(1000 + 64 + 128, 1000, 128); }).rule, "");
  EXPECT_EQ(judge([](Oracle& o) { begin(o), o.heap_live(1000 + 64, 1000, 128); }).rule, "I9");
  EXPECT_EQ(judge([](Oracle& o) { begin(o), o.turned(kH + 2), o.heap_live(1000, 1000, 0); }).rule, "");
}
TEST(Oracle, FlushedSpanMayBeCachedBeforeItsFlusherIsDone) {
  EXPECT_EQ(judge([](Oracle& o) {
              begin(o), o.turned(kH + 2), o.sweep_begun(1, 0), o.sweep_ended(1);
              o.cached(1, 1, kH + 2, kH + 2), o.uncached(0, 1);
              o.allocated(1, 1, kH + 5, kH + 2, kH + 2, 0x1040, 64);
            }).rule,
            "");
}
TEST(Oracle, FlushedSpanMayBeFreedByItsFlusher) {
  EXPECT_EQ(judge([](Oracle& o) {
              begin(o), o.object_dropped(0x1000), o.turned(kH + 2);
              o.sweep_begun(1, 0), o.sweep_ended(1), o.span_freed(1), o.uncached(0, 1);
            }).rule,
            "");
}
TEST(Oracle, I3SpanIsSweptTwice) {
  EXPECT_EQ(judge([](Oracle& o) {
              begin(o), uncache_and_turn(o);
              for (int i = 0; i < 2; ++i) o.sweep_begun(1, kNoFlusher), o.sweep_ended(1);
            }).rule,
            "I3");
}
TEST(Oracle, I3NewSpanIsSwept) {
  EXPECT_EQ(judge([](Oracle& o) { o.turned(kH), o.span_allocated(1), o.sweep_begun(1, kNoFlusher); }).rule,
            "I3");
}
TEST(Oracle, I4TwoSweepers) {
  EXPECT_EQ(judge([](Oracle& o) {
              begin(o), uncache_and_turn(o), o.sweep_begun(1, kNoFlusher), o.sweep_begun(1, kNoFlusher);
            }).rule,
            "I4");
}
TEST(Oracle, I5CachedSpanIsSweptByAnotherSweeper) {
  const Violation v = judge([](Oracle& o) { begin(o), o.turned(kH + 2), o.sweep_begun(1, kNoFlusher); });
  EXPECT_EQ(v.rule, "I5");
  EXPECT_NE(v.sentence.find("while the mcache of P0 holds it"), std::string::npos) << v.sentence;
}
TEST(Oracle, I5CachedSpanIsSweptByTheFlusherOfAnotherCache) {
  EXPECT_EQ(judge([](Oracle& o) { begin(o), o.turned(kH + 2), o.sweep_begun(1, 1); }).rule, "I5");
}
TEST(Oracle, I6TwoCaches) {
  EXPECT_EQ(judge([](Oracle& o) { begin(o), o.cached(1, 1, kH, kH); }).rule, "I6");
}
TEST(Oracle, I7StaleSpanOrMCacheWhenACycleBegins) {
  EXPECT_EQ(judge([](Oracle& o) { begin(o), o.turned(kH + 2), o.gc_start_span(1, kH + 3, kH + 2); }).rule,
            "I7");
  EXPECT_EQ(judge([](Oracle& o) { o.gc_start_mcache(3, kH - 2, kH); }).rule, "I7");
}
TEST(Oracle, I7StaleSpanOrMCacheAfterASweepOfTheStoppedWorld) {
  EXPECT_EQ(judge([](Oracle& o) { begin(o), o.turned(kH + 2), o.stw_swept_span(1, kH + 3, kH + 2); }).rule,
            "I7");
  EXPECT_EQ(judge([](Oracle& o) { o.stw_swept_mcache(3, kH - 2, kH); }).rule, "I7");
  EXPECT_EQ(
      judge([](Oracle& o) { begin(o), o.stw_swept_span(1, kH, kH), o.stw_swept_mcache(0, kH, kH); }).rule,
      "");
}

TEST(Oracle, I14PoppedSpanThatIsNotInUseIsSweptOrCached) {
  EXPECT_EQ(judge([](Oracle& o) { o.popped_free(1, kH, kH), o.popped_free(1, kH + 3, kH); }).rule, "");
  EXPECT_EQ(judge([](Oracle& o) { o.popped_free(1, kH - 1, kH); }).rule, "I14");
  EXPECT_EQ(judge([](Oracle& o) { o.popped_free(1, kH - 2, kH); }).rule, "I15");
}
// Contents and finalizers: of an object that lies in the memory of the test.
struct InMemory {
  alignas(16) uint64_t words[8] = {};
  uintptr_t address() const { return reinterpret_cast<uintptr_t>(words); }
  void make(Oracle& o) {
    begin(o);
    o.allocated(0, 1, kH + 3, kH, kH, address(), sizeof words);
    o.object_made(address(), 1, sizeof words);
  }
};

TEST(Oracle, NewObjectMustBeZeroEverywhere) {
  for (size_t i = 0; i < 8; ++i) {
    InMemory held;
    held.words[i] = 1;
    EXPECT_EQ(judge([&](Oracle& o) { held.make(o); }).rule, "contents") << "word " << i;
  }
}
TEST(Oracle, ContentsMustStayUntilTheObjectIsDropped) {
  InMemory whole;
  EXPECT_EQ(judge([&](Oracle& o) {
              whole.make(o);
              EXPECT_EQ(whole.words[0], 0u) << "a reference is the program's";
              whole.words[0] = 42;
              o.contents(), o.turned(kH + 2), o.object_dropped(whole.address());
              for (uint64_t& word : whole.words) word = 0;
              o.contents(), o.turned(kH + 4);
            }).rule,
            "");
  using Look = void (*)(Oracle&, uintptr_t);
  for (const Look look :
       {Look([](Oracle&o, uintptr_t) { o.contents(); }), Look([](Oracle&o, uintptr_t) { o.turned(kH + 2); }),
        Look([](Oracle&o, uintptr_t at) { o.object_dropped(at); })})
    for (const size_t i : {size_t{1}, size_t{4}, size_t{7}}) {
      InMemory held;
      EXPECT_EQ(judge([&](Oracle& o) { held.make(o), held.words[i] = 0, look(o, held.address()); }).rule,
                "contents")
          << "word " << i;
    }
}

TEST(Oracle, FinalizersComeOnceForDroppedObjectsThatLiveUntilThen) {
  const auto rule_broken = [](const std::function<void(Oracle&, InMemory&)>& story) {
    InMemory held;
    return judge([&](Oracle& o) {
             held.make(o), o.finalizer_set(held.address(), 7);
             story(o, held);
           })
        .rule;
  };
  const auto freed = [](Oracle& o, const InMemory& h) {
    uncache_and_turn(o), o.sweep_begun(1, kNoFlusher), o.slot_freed(1, h.address(), sizeof h.words);
  };
  EXPECT_EQ(rule_broken([&](Oracle& o, InMemory& h) {
              o.object_dropped(h.address()), o.finalizer_queued(h.address(), 7), o.finalizers_came();
              o.finalizer_taken(h.address(), 7), o.object_dropped(h.address()), freed(o, h);
            }),
            "");
  EXPECT_EQ(rule_broken([&](Oracle& o, InMemory& h) {
              o.finalizer_cleared(h.address()), o.object_dropped(h.address()), o.finalizers_came(),
                  freed(o, h);
            }),
            "");
  EXPECT_EQ(rule_broken([](Oracle& o, InMemory& h) { o.finalizer_queued(h.address(), 7); }), "finalizers")
      << "it lives";
  EXPECT_EQ(rule_broken([](Oracle& o, InMemory& h) {
              o.object_dropped(h.address()), o.finalizer_queued(h.address(), 8);
            }),
            "finalizers");
  EXPECT_EQ(rule_broken([](Oracle& o, InMemory& h) {
              o.object_dropped(h.address());
              for (int i = 0; i < 2; ++i) o.finalizer_queued(h.address(), 7);
            }),
            "finalizers");
  EXPECT_EQ(rule_broken([](Oracle& o, InMemory& h) {
              o.object_dropped(h.address()), o.finalizer_taken(h.address(), 7);
            }),
            "finalizers");
  EXPECT_EQ(rule_broken([](Oracle& o, InMemory& h) { o.object_dropped(h.address()), o.finalizers_came(); }),
            "finalizers");
  EXPECT_EQ(rule_broken([&](Oracle& o, InMemory& h) { o.object_dropped(h.address()), freed(o, h); }), "I2");
  EXPECT_EQ(rule_broken([&](Oracle& o, InMemory& h) {
              o.object_dropped(h.address()), o.finalizer_queued(h.address(), 7), freed(o, h);
            }),
            "I2");
  EXPECT_EQ(rule_broken([](Oracle& o, InMemory& h) {
              o.object_dropped(h.address()), o.finalizer_queued(h.address(), 7), h.words[7] = 0;
              o.finalizer_taken(h.address(), 7);
            }),
            "contents");
}

TEST(Oracle, LargeObjectTakesWholePages) {
  EXPECT_EQ(judge([](Oracle& o) {
              o.span_allocated(1), o.allocated_large(1, 0x10000, 40000), o.heap_live(5 * 8192, 0, 0);
            }).rule,
            "");
}

TEST(Oracle, I11DeadSpanIsKept) {
  EXPECT_EQ(judge([](Oracle& o) { o.dead_span_kept(1); }).rule, "I11");
}
TEST(Oracle, AccountingEqualsTheReportedFacts) {
  const auto counts = [](uint64_t allocated, uint64_t freed, uint64_t held) {
    return judge([=](Oracle& o) {
             begin(o), o.allocated(0, 1, kH + 3, kH, kH, 0x1040, 64), o.object_dropped(0x1040);
             uncache_and_turn(o), o.sweep_begun(1, kNoFlusher), o.slot_freed(1, 0x1040, 64), o.sweep_ended(1);
             o.accounts(allocated, freed, held);
           })
        .rule;
  };
  EXPECT_EQ(counts(2, 1, 1), "");
  EXPECT_EQ(counts(2, 0, 1), "accounting");
  EXPECT_EQ(counts(1, 1, 1), "accounting");
  EXPECT_EQ(counts(2, 1, 2), "accounting");
}

// The liveness rule that a run violates when it ends after these facts.
std::string liveness_after(const std::function<void(Oracle&)>& story) {
  Scheduler scheduler;
  Oracle oracle(scheduler);
  RandomWalk strategy(1);
  scheduler.run("teller", [&] { story(oracle); }, strategy, {});
  return oracle.liveness();
}

TEST(Oracle, LivenessNamesTheOperationThatNeverEnds) {
  using engine::Duty;
  EXPECT_EQ(liveness_after([](Oracle& o) { o.duty_begun(Duty::kCycle), o.duty_ended(Duty::kCycle); }), "");
  EXPECT_EQ(liveness_after([](Oracle& o) { o.duty_begun(Duty::kCycle); }), "L1");
  EXPECT_EQ(liveness_after([](Oracle& o) { o.duty_begun(Duty::kCycle), o.duty_begun(Duty::kEnsureSwept); }),
            "L2");
  EXPECT_EQ(liveness_after([](Oracle& o) { begin(o), uncache_and_turn(o); }), "L3");
}

}  // namespace
}  // namespace sweepscope::laboratory
