// Sizes and iteration counts that every program of tests/bench/peers has in common.
#pragma once

#include <cstdint>

namespace sweepscope::bench {

constexpr uint64_t nodes_of(uint32_t depth) { return (uint64_t{2} << depth) - 1; }

// GCBench (Ellis, Kovac, Boehm): a stretch tree, a long-lived tree and array, then trees of each depth, built
// from the root down and from the leaves up.
namespace gcbench {
constexpr uint32_t kStretchDepth = 18, kLongLivedDepth = 16, kLeastDepth = 4, kMostDepth = 16;
constexpr uint64_t kArrayDoubles = 500'000;
constexpr uint64_t rounds(uint32_t depth) { return 2 * nodes_of(kStretchDepth) / nodes_of(depth); }
}  // namespace gcbench

constexpr uint64_t kNodeBytes = 64;  // of mark, graph and sweep: two references and 48 bytes
constexpr uint64_t nodes_in(uint64_t mib) { return (mib << 20) / kNodeBytes; }

constexpr uint64_t kOperationsPerTick = 64;

constexpr uint64_t kRingSlots = 100'000;

}  // namespace sweepscope::bench
