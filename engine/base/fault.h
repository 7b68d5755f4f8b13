// Named faults: parts of the protocol that the laboratory can leave out on purpose (sweepctl list).
// In production fault() is constantly false and the compiler removes the branch.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/build.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

#define SWEEPSCOPE_FAULTS(X)                                                                                \
  X(kRefillNoCachedMark, "refill-no-cached-mark", "refill does not set +3")                                 \
  X(kUncacheNoStaleTest, "uncache-no-stale-test", "uncache_span does not test for a stale span")            \
  X(kAcquirePNoFlush, "acquirep-no-flush", "acquire_p does not flush a stale mcache")                       \
  X(kNoFlushBarrier, "no-flush-barrier", "no for_each_p: idle Ps stay stale")                               \
  X(kProcresizeSkipsCurrent, "procresize-skips-current", "procresize does not flush its own P")             \
  X(kHeapliveUndoneWhenStale, "heaplive-undone-when-stale", "a stale span leaves heap_live a second time")  \
  X(kNmallocAfterSweep, "nmalloc-after-sweep", "unused slots of a stale span are counted after its sweep")  \
  X(kListedWhileStale, "listed-while-stale", "a stale span is listed before it is claimed")                 \
  X(kSweptBeforeSweep, "swept-before-sweep", "a stale span is set to h before its sweep")                   \
  X(kNeedsInsteadOfSweeping, "needs-instead-of-sweeping", "a stale span is set to h-2 for its sweep")       \
  X(kSweeperTakesStale, "sweeper-takes-stale", "sweepers take stale spans (h+1) too")                       \
  X(kNoFlushBarrierNoCheck, "no-flush-barrier-no-check", "no barrier, no check of flush_gen")               \
  X(kFlushgenBeforeFlush, "flushgen-before-flush", "flush_gen is stored before the flush (equivalent)")     \
  X(kFlushgenNeverStored, "flushgen-never-stored", "a flush does not store flush_gen")                      \
  X(kNewMcacheNoFlushgen, "new-mcache-no-flushgen", "a new mcache does not get the heap's flush_gen")       \
  X(kStwLeavesBlockedP, "stw-leaves-blocked-p", "a stop does not take the Ps of blocked threads")           \
  X(kPreservingSweep, "preserving-sweep", "D2: uncache_span sweeps with preserve, then lists")              \
  X(kCompletionIgnoresFlushers, "completion-ignores-flushers", "D3: direct sweepers do not count")          \
  X(kSweepgenBeforeListMove, "sweepgen-before-list-move", "free_span stores h, then moves the list")        \
  X(kStwIgnoresSweeper, "stw-ignores-sweeper", "a stop does not wait for the background sweeper")           \
  X(kCachespanTakesSweeping, "cachespan-takes-sweeping", "cache_span takes spans at h-1")                   \
  X(kClaimWithoutCas, "claim-without-cas", "sweepers test and then store instead of a CAS")                 \
  X(kHeapliveNeverUndone, "heaplive-never-undone", "uncache_span never undoes heap_live")                   \
  X(kFlushOnlyInRefill, "flush-only-in-refill", "a stale mcache is flushed at slow paths only")             \
  X(kCachedIsPlusTwo, "cached-is-plus-two", "CACHED is +2 instead of +3, checks included")                  \
  X(kCachedStoreRelaxed, "cached-store-relaxed", "the store of CACHED is relaxed (T2)")                     \
  X(kSweptStoreRelaxed, "swept-store-relaxed", "the store of SWEPT after a sweep is relaxed (T8)")          \
  X(kMcacheSetAfterFlush, "mcache-set-after-flush", "no mcache during the flush: its frees are lost")       \
  X(kFreeindexNotReset, "freeindex-not-reset", "a sweep does not reset freeindex")                          \
  X(kMarksNotReplaced, "marks-not-replaced", "a sweep leaves its marks for the next cycle")                 \
  X(kNoAllocateBlack, "no-allocate-black", "an object that must be allocated black stays white")            \
  X(kNoWriteBarrier, "no-write-barrier",                                                                    \
    "while marking, a store does not shade the old or the new reference")                                   \
  X(kGlobalEndNotShaded, "global-end-not-shaded",                                                           \
    "while marking, a Global that ends does not shade what it held")                                        \
  X(kTakenNotShaded, "taken-not-shaded", "while marking, taking a token does not shade its object")         \
  X(kTinyNotGreyed, "tiny-not-greyed", "while marking, acquire_p does not grey the tiny block")             \
  X(kNoRecheckInStop, "no-recheck-in-stop", "the stop that ends marking trusts the round before it (D5)")   \
  X(kSweptPushForgotten, "swept-push-forgotten", "swept spans are not pushed on the swept queue")           \
  X(kQueuesNotSwapped, "queues-not-swapped", "the sweep queues do not swap roles with h")                   \
  X(kEnsureRejectsCached, "ensure-rejects-cached", "ensure_swept does not accept h+3")                      \
  X(kMarkrootRejectsCached, "markroot-rejects-cached", "mark_root_spans accepts only h")                    \
  X(kEnsurePreemptible, "ensure-preemptible", "a special is linked outside a non-preemptible region")       \
  X(kSpanZeroedOnReuse, "span-zeroed-on-reuse", "a recycled span struct is zeroed, h begins at 0 as in Go") \
  X(kSweepOneRejectsCached, "sweepone-rejects-cached",                                                      \
    "a popped span that is free must be at h, h+3 is refused (D1)")                                         \
  X(kBarrierWaitsBeforeIdle, "barrier-waits-before-idle",                                                   \
    "for_each_p waits for running Ps before idle ones")                                                     \
  X(kTinyNotCleared, "tiny-not-cleared", "a flush leaves the tiny block in its mcache")                     \
  X(kBatchHeldOverStop, "batch-held-over-stop",                                                             \
    "the background sweeper leaves the world with its batch open")                                          \
  X(kStwSweepNoFlush, "stw-sweep-no-flush", "the sweep of a stopped world does not flush the mcaches (D4)") \
  X(kScavengePageInUse, "scavenge-page-in-use", "free pages stay in their runs while they are scavenged")   \
  X(kFlushWhitens, "flush-whitens", "a flush during marking makes the mcache's new objects white")          \
  X(kStolenCreditKept, "stolen-credit-kept", "an assist leaves the credit that it steals for others")       \
  X(kTwoFractional, "two-fractional", "every mark worker beyond the dedicated ones is fractional")          \
  X(kNoHoldingBack, "no-holding-back", "an allocation beyond the bound does not wait for the cycle's end")  \
  X(kHeldUntilHeapFalls, "held-until-heap-falls",                                                           \
    "an allocation beyond the bound waits for the heap to fall, not for the cycle's end")                   \
  X(kPermitKeptWhileBlocked, "permit-kept-while-blocked", "a thread that blocks keeps its run permit")      \
  X(kPermitGrantedTwice, "permit-granted-twice", "a thread that gives its run permit grants two tickets")   \
  X(kReadyPNotFlushed, "ready-p-not-flushed",                                                               \
    "a thread whose turn ended comes back to its P without acquire_p")                                      \
  X(kLargeNotHeld, "large-not-held", "no root holds a large object while it is cleared")                    \
  X(kLargeLayoutBeforeClear, "large-layout-before-clear",                                                   \
    "a large object may be scanned before it is clear")                                                     \
  X(kCrewFlushesTwice, "crew-flushes-twice",                                                                \
    "threads that share eager's flushes read the next P and then store the one after it")                   \
  X(kCrewNotAwaited, "crew-not-awaited", "a stopped world starts without waiting for its helpers")

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
