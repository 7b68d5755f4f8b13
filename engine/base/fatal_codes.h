// The engine's fatal conditions, with Go's words where Go has the check,
// because users search for them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/build.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

//   identifier, the words (Go's throw text), what it means
#define SWEEPSCOPE_FATAL_CODES(X)                                                                         \
  X(kRefillOfSpanWithFreeSpace, "refill of span with free space remaining",                               \
    "refill was asked to replace a usable span")                                                          \
  X(kBadSweepgenInRefill, "bad sweepgen in refill",                                                       \
    "the full span that refill replaces is not CACHED (h+3)")                                             \
  X(kSpanHasNoFreeSpace, "span has no free space", "cache_span returned a full span")                     \
  X(kOutOfMemory, "out of memory", "the heap limit or the address space is used up")                      \
  X(kBadFlushGen, "bad flushGen", "an mcache missed a whole cycle: its flush_gen is neither h nor h-2")   \
  X(kFreeSpanGivenCachedSpan, "freeSpan given cached span", "a span is freed while an mcache holds it")   \
  X(kMCacheNotFlushed, "p mcache not flushed", "a new cycle begins while a P's mcache is stale")          \
  X(kUncachingEmptySpan, "uncaching span but s.allocCount == 0",                                          \
    "a cached span must have handed out an object")                                                       \
  X(kBadSpanState, "bad span state", "sweep of a span that is not in use or not h-1")                     \
  X(kSweepIncreasedAllocCount, "sweep increased allocation count",                                        \
    "more objects are marked than were allocated")                                                        \
  X(kMIsNotLocked, "m is not locked", "sweeping needs a non-preemptible region")                          \
  X(kNonInUseSpanInUnsweptList, "non in-use span in unswept list", "a popped span is free but not swept") \
  X(kNonEmptySweptList, "non-empty swept list", "spans of the last cycle were never swept")               \
  X(kPhaseIsNotOff, "gcSweep being done but phase is not GCoff",                                          \
    "the sweep phase starts only after marking")                                                          \
  X(kAllocCountMismatch, "s.allocCount != s.nelems && freeIndex == s.nelems",                             \
    "a span without room counts free slots")                                                              \
  X(kFreeIndexNotValid, "freeIndex is not valid", "a slot index beyond the span")                         \
  X(kAllocCountTooLarge, "s.allocCount > s.nelems", "more objects than slots")                            \
  X(kSpanHasNoFreeObjects, "span has no free objects", "cache_span chose a span without room")            \
  X(kInvalidFree, "invalid free", "a span goes back to the heap with live objects or unswept")            \
  X(kUnsweptSpan, "gc: unswept span", "a root span is neither SWEPT nor CACHED")                          \
  X(kCantPreserveUnlinkedSpan, "can't preserve unlinked span",                                            \
    "a preserved span must be on an mcentral list")                                                       \
  X(kUndecodableSweepgen, "undecodable sweepgen",                                                         \
    "span sweepgen - h is none of -2, -1, 0, +1, +3, or not the state in which the arc begins")           \
  X(kSweepTokenDropped, "sweep token dropped", "a sweep was claimed and never finished")                  \
  X(kLockRank, "lock rank violation", "locks were taken out of rank order: a deadlock is possible")       \
  X(kWorldNotStopped, "world not stopped", "an action that needs a stopped world ran without one")        \
  X(kBadPStatus, "bad p status", "an illegal change of a P's status")                                     \
  X(kSpanListCorrupt, "span list corrupt", "a span is on a wrong list")                                   \
  X(kBadPointer, "found bad pointer in Go heap", "a reference points to no object")                       \
  X(kLeftoverWork, "P has cached GC work at end of mark termination", "marking ended with work left")     \
  X(kMisuse, "misuse of the API", "the caller violated a documented precondition")                        \
  X(kVerifyFailed, "heap verifier", "an invariant of the sweep protocol (engine/README.md) does not hold")

enum class FatalCode : uint8_t {
#define X(id, words, meaning) id,
  SWEEPSCOPE_FATAL_CODES(X)
#undef X
      kCount,
};

const char* words(FatalCode code);
const char* meaning(FatalCode code);

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
