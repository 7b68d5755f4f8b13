// Finalizers: the program's side of them (engine/mutator.h). What they are to the markers: gc/mark/roots.h.
//
// The functions run on the program's own thread and P, between two safepoints;
// they sweep the object's span or wait for its sweep (heap/sweep.h: ensure_swept).
#pragma once

#include <optional>

#include "engine/gc/allocator.h"
#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class FlushPolicy;
class MarkPhase;

class Finalizers {
 public:
  Finalizers(MHeap& heap, FlushPolicy& policy, MarkPhase& marking, TinyBlocks tiny_blocks)
      : heap_(heap), policy_(policy), marking_(marking), tiny_blocks_(tiny_blocks) {}

  bool set(M& m, uintptr_t object, uint64_t token);  // false: it has one
  bool clear(M& m, uintptr_t object);                // false: it had none, or it is queued
  std::optional<QueuedFinalizer> take(M& m);         // the one queued first

 private:
  void check_beginning(M& m, uintptr_t address);

  MHeap& heap_;
  FlushPolicy& policy_;
  MarkPhase& marking_;
  const TinyBlocks tiny_blocks_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
