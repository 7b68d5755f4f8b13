// M: one engine thread, as the heap and the collector use it (Go's M).
// Passed to everything; never thread_local.
//
// Owned and used by its thread alone. While the world is stopped the coordinator may read the counters.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "engine/base/clock.h"
#include "engine/base/context.h"
#include "engine/base/shared.h"
#include "engine/memory/size_class.h"
#include "engine/observe/observer.h"
#include "engine/options.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class MCache;
class P;
class Mutator;
struct StackSegment;
class Runtime;

// Objects that sweeping freed, and slots that were promised and never used.
// Charged to the mcache of the acting thread, or to the thread if it holds none:
// plain counters with one writer, read exactly in a stopped world.
struct FreeCounts {
  std::array<uint64_t, kNumSizeClasses> small{};   // objects by size class
  std::array<uint64_t, kNumSizeClasses> unused{};  // slots by size class, in nmalloc and taken back (I10)

  uint64_t unused_bytes = 0;  // of fresh spans, still counted in heap_live; 0 outside of release_all (I9)
  uint64_t tiny = 0;          // objects carved from a tiny block: mallocs and frees at once (Go)
  uint64_t large = 0;         // objects
  uint64_t large_bytes = 0;
};

// What was made black, in size class sizes.
struct MarkTotals {
  uint64_t bytes = 0;
  uint64_t objects = 0;

  void operator+=(const MarkTotals& other) {
    bytes += other.bytes;
    objects += other.objects;
  }
};

// Of a shadow stack during concurrent marking (gc/mark_phase.h).
enum class StackScan : uint8_t {
  kDone,     // black; also whenever no such phase runs
  kOutside,  // wanted, and its thread owns no P: a marker may claim it
  kRunning,  // wanted, and its thread runs: scans it at its next safepoint, or before it gives up its P
  kClaimed,  // a marker scans it: its thread waits before it runs
};

// References that the write barrier saw and that are not marked yet (Go: wbBuf). Its thread's alone;
// empty whenever it owns no P, and outside of mark phases.
struct BarrierBuffer {
  static constexpr uint32_t kSize = kLaboratory ? 8 : 512;
  uint32_t used = 0;
  std::array<uint64_t, kSize> seen;
};

struct M : Context {
  observe::Emitter emitter;
  Runtime* runtime = nullptr;
  // The OS thread that runs program code with this M, 0 when none does. relaxed: a thread looks for its own.
  std::atomic<uint64_t> runs_on{0};
  MCache* mcache = nullptr;  // of `p`: frees are charged to it, allocations come from it
  P* p = nullptr;            // the P this thread owns, or null

  // Counters, folded into EngineStats by a stopped-world recount.
  FreeCounts frees;
  std::array<uint64_t, kSweepCauses> swept_spans{};
  std::array<uint64_t, kFlushCauses> flushes{};
  std::array<uint64_t, kFlushCauses> flushed_spans{};
  uint64_t grow_while_unswept = 0;
  uint64_t stale_allocs = 0;  // black objects, from STALE spans
  MarkTotals marked;          // in this cycle, by this thread: as a marker, by its barrier, black from birth

  // Mutator threads only.
  Mutator* mutator = nullptr;
  BarrierBuffer barrier;
  // release by the scanner of the stack, acquire by its thread, which changes the stack only after that.
  // Claimed with acquire. The world's start publishes that a scan is wanted.
  Shared<StackScan> stack_scan;
  StackSegment* stack = nullptr;  // the shadow stack's newest segment, see gc/shadow_stack.h
  void** stack_top = nullptr;     // its first free slot
  void** stack_end = nullptr;
  void** stack_floor = nullptr;  // its first slot, if there is a segment below
  uint64_t slice_end = 0;        // monotonic ns: when it gives up its run permit if others wait
  bool has_permit = false;
};

// The heap belongs to threads that own a P. Fatal "misuse" for one that does not: it is inside
// Mutator::blocking(), where a stop does not wait for it and a marker may be reading its stack.
[[noreturn]] void fail_without_p(M& m);
inline void check_owns_p(M& m) {
  if (m.p == nullptr) [[unlikely]]
    fail_without_p(m);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
