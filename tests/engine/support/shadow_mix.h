// How often a random program does what.
#pragma once

#include <array>
#include <cstdint>

#include "engine/base/random.h"

namespace sweepscope::engine {

enum class Operation : uint8_t {
  kMake,      // an object in a root
  kLink,      // a reference set, or cleared
  kMove,      // a reference moved by way of a handle
  kRead,      // an object verified
  kDrop,      // a root cleared
  kDropMany,  // half of the roots cleared
  kPoll,
  kBlock,
  kCollect,
  kWalk,  // everything reachable verified
  // The others need a ShadowWorld.
  kHold,      // a reference taken from an object to a handle, or given back much later
  kRecurse,   // a deep shadow stack
  kGlobal,    // a Global made, set or ended
  kFinalize,  // a finalizer set
  kClear,     // ... and cleared
  kTake,      // ... and taken, by whichever program
  kShare,     // the graph of all programs changed, objects of it borrowed and returned
  kMoveToP,
  kGogc,
  kCount
};
inline constexpr size_t kOperations = static_cast<size_t>(Operation::kCount);

struct ShadowMix {
  std::array<uint32_t, kOperations> weights{};
  uint32_t roots = 40;

  uint32_t total() const {
    uint32_t sum = 0;
    for (const uint32_t weight : weights) sum += weight;
    return sum;
  }
  Operation next(Random& random, uint32_t total) const {
    uint32_t dice = random.below(total);
    size_t operation = 0;
    while (dice >= weights[operation]) dice -= weights[operation++];
    return static_cast<Operation>(operation);
  }

  // One program on its own: the graph, polls and collections.
  static ShadowMix plain() {
    ShadowMix mix;
    mix.set(Operation::kMake, 550)
        .set(Operation::kLink, 200)
        .set(Operation::kMove, 50)
        .set(Operation::kDrop, 100);
    mix.set(Operation::kPoll, 80)
        .set(Operation::kBlock, 15)
        .set(Operation::kDropMany, 3)
        .set(Operation::kCollect, 2);
    return mix;
  }
  static ShadowMix everything() {
    ShadowMix mix;
    mix.roots = 400;
    mix.set(Operation::kMake, 40'000).set(Operation::kLink, 22'000).set(Operation::kMove, 7'000);
    mix.set(Operation::kRead, 9'000).set(Operation::kDrop, 6'000).set(Operation::kDropMany, 60);
    mix.set(Operation::kPoll, 9'000).set(Operation::kBlock, 300).set(Operation::kCollect, 15);
    mix.set(Operation::kHold, 3'000);
    mix.set(Operation::kWalk, 5).set(Operation::kRecurse, 100).set(Operation::kGlobal, 800);
    mix.set(Operation::kFinalize, 1'500).set(Operation::kClear, 400).set(Operation::kTake, 1'500);
    mix.set(Operation::kShare, 300).set(Operation::kMoveToP, 200).set(Operation::kGogc, 10);
    return mix;
  }

 private:
  ShadowMix& set(Operation operation, uint32_t weight) {
    weights[static_cast<size_t>(operation)] = weight;
    return *this;
  }
};

}  // namespace sweepscope::engine
