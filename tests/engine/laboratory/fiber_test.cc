#include "engine/laboratory/seam/fiber.h"

#include <gtest/gtest.h>

#include <cfenv>
#include <cstring>
#include <stdexcept>

namespace sweepscope::laboratory {
namespace {

#ifdef SWEEPSCOPE_FIBER_UCONTEXT
constexpr uint64_t kTurns = 20'000;  // two system calls and the sanitizer's bookkeeping each
#else
constexpr uint64_t kTurns = 1'000'000;
#endif

struct PingPong {
  Fiber root, a, b;
  uint64_t count = 0;
  uint64_t limit = 0;
};

TEST(Fiber, TwoFibersAlternateAndKeepTheirLocals) {
  PingPong game;
  game.limit = kTurns;
  auto play = [](PingPong& g, Fiber& self, Fiber& other) {
    uint64_t mine = 0;
    double sum = 0.5;  // a live floating point local over each switch
    while (g.count < g.limit) {
      ++g.count;
      ++mine;
      sum += 1.0;
      Fiber::switch_to(self, other);
      if (sum != static_cast<double>(mine) + 0.5) g.limit = 0;
    }
    Fiber::switch_to(self, g.root);
  };
  static decltype(play)* body;
  body = &play;
  game.a.prepare(
      [](void* g) {
        auto& p = *static_cast<PingPong*>(g);
        (*body)(p, p.a, p.b);
      },
      &game);
  game.b.prepare(
      [](void* g) {
        auto& p = *static_cast<PingPong*>(g);
        (*body)(p, p.b, p.a);
      },
      &game);
  Fiber::switch_to(game.root, game.a);
  EXPECT_EQ(game.count, kTurns);
  EXPECT_EQ(game.limit, kTurns) << "a local changed over a switch";
}

struct Solo {
  Fiber root, fiber;
  int value = 0;
};

TEST(Fiber, UsesNearlyItsWholeStack) {
  Solo solo;
  solo.fiber.prepare(
      [](void* s) {
        auto& self = *static_cast<Solo*>(s);
        char deep[48 * 1024];
        std::memset(deep, 7, sizeof deep);
        Fiber::switch_to(self.fiber, self.root);
        for (const char c : deep) self.value += c;
        Fiber::switch_to(self.fiber, self.root);
      },
      &solo);
  Fiber::switch_to(solo.root, solo.fiber);
  Fiber::switch_to(solo.root, solo.fiber);
  EXPECT_EQ(solo.value, 7 * 48 * 1024);
}

TEST(Fiber, ExceptionIsCaughtInsideTheFiberThatThrewIt) {
  Solo solo;
  solo.fiber.prepare(
      [](void* s) {
        auto& self = *static_cast<Solo*>(s);
        try {
          throw std::runtime_error("inside");
        } catch (const std::runtime_error&) {
          self.value = 1;
        }
        Fiber::switch_to(self.fiber, self.root);
      },
      &solo);
  Fiber::switch_to(solo.root, solo.fiber);
  EXPECT_EQ(solo.value, 1);
}

TEST(Fiber, RoundingModeBelongsToTheFiber) {
  Solo solo;
  solo.fiber.prepare(
      [](void* s) {
        auto& self = *static_cast<Solo*>(s);
        std::fesetround(FE_UPWARD);
        Fiber::switch_to(self.fiber, self.root);
        self.value = std::fegetround();
        Fiber::switch_to(self.fiber, self.root);
      },
      &solo);
  Fiber::switch_to(solo.root, solo.fiber);
  EXPECT_EQ(std::fegetround(), FE_TONEAREST);
  Fiber::switch_to(solo.root, solo.fiber);
  EXPECT_EQ(solo.value, FE_UPWARD);
}

TEST(Fiber, AbandonedFiberCanBePreparedAgain) {
  Solo solo;
  for (int i = 0; i < 1000; ++i) {
    solo.fiber.prepare(
        [](void* s) {
          auto& self = *static_cast<Solo*>(s);
          volatile char frame[1024] = {};
          frame[0] = 1;
          self.value += frame[0];
          Fiber::switch_to(self.fiber, self.root);
          ADD_FAILURE() << "an abandoned fiber was continued";
        },
        &solo);
    Fiber::switch_to(solo.root, solo.fiber);
  }
  EXPECT_EQ(solo.value, 1000);
}

#if !defined(__SANITIZE_THREAD__)
TEST(FiberDeathTest, ExceptionThatLeavesTheEntryTerminates) {
  Solo solo;
  solo.fiber.prepare([](void*) { throw std::runtime_error("gets out"); }, &solo);
  EXPECT_DEATH(Fiber::switch_to(solo.root, solo.fiber), "gets out");
}
#endif

#ifndef SWEEPSCOPE_FIBER_UCONTEXT
int dig(int depth) {
  volatile char frame[512];
  frame[0] = static_cast<char>(depth);
  return depth == 0 ? frame[0] : dig(depth - 1) + frame[0];
}
TEST(FiberDeathTest, StackOverflowHitsTheGuardPage) {
  Solo solo;
  solo.fiber.prepare([](void* s) { static_cast<Solo*>(s)->value = dig(10'000); }, &solo);
  EXPECT_DEATH(Fiber::switch_to(solo.root, solo.fiber), "");
}
#endif

}  // namespace
}  // namespace sweepscope::laboratory
