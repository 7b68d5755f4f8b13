// Named faults: pieces of the protocol that the laboratory can leave out on purpose (PROTOCOL.md section 10). In
// production fault() is constantly false and the compiler removes the branch.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/build.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

#define SWEEPSCOPE_FAULTS(X)                                                                                  \
  X(kRefillNoCachedMark, "refill-no-cached-mark", "refill does not set +3")                                   \
  X(kUncacheNoStaleTest, "uncache-no-stale-test", "uncache_span does not test for a stale span")              \
  X(kAcquirePNoFlush, "acquirep-no-flush", "acquire_p does not flush a stale mcache")                         \
  X(kEnsureRejectsCached, "ensure-rejects-cached", "ensure_swept does not accept h+3")                        \
  X(kMarkrootRejectsCached, "markroot-rejects-cached", "mark_root_spans accepts only h")                      \
  X(kEnsurePreemptible, "ensure-preemptible", "a special is linked outside a non-preemptible region")         \
  X(kSpanZeroedOnReuse, "span-zeroed-on-reuse", "a recycled span struct is zeroed, h begins at 0 as in Go")    \
  X(kSweepOneRejectsCached, "sweepone-rejects-cached", "sweep_one lets a free popped span be h only (D1)")    \
  X(kBarrierWaitsBeforeIdle, "barrier-waits-before-idle", "for_each_p waits for running Ps before idle ones")

enum class Fault : uint8_t {
#define X(id, name, text) id,
  SWEEPSCOPE_FAULTS(X)
#undef X
      kCount,
};

std::string_view name(Fault fault);
std::string_view describe(Fault fault);
std::optional<Fault> find_fault(std::string_view name);

#ifdef SWEEPSCOPE_LABORATORY
bool fault(Fault fault);  // asks the driver of this run
#else
constexpr bool fault(Fault) { return false; }
#endif

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
