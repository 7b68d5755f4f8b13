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
  X(kAcquirePNoFlush, "acquirep-no-flush", "acquire_p does not flush a stale mcache")              \
  X(kTinyNotCleared, "tiny-not-cleared", "a flush leaves the tiny block in its mcache")                       \
  X(kStwSweepNoFlush, "stw-sweep-no-flush", "the sweep of a stopped world does not flush the mcaches (D4)")

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
