// MarkPhase: one marking after the other, in a stopped world or concurrent.
//
// Concurrent (Go's concurrent mark with the hybrid barrier of Clements and Hudson, golang/proposal
// 17503):
//
//   stopped   begin      roots that are no stacks are grey; every stack but the coordinator's is wanted
//
//   running   advance    round: every thread scans its own stack and gives up its barrier buffer at its
//                        next poll, stacks of threads without a P are scanned for them; then the crew
//                        drains the pool
//
//   stopped   complete   nothing is grey: the end. Otherwise (D5, golang/go #27993) the world starts, and
//                        advance again
//
// What keeps a reachable object from staying white, while references move about:
//
//   old      a reference is shaded before it is overwritten: a thread whose stack is black may have it there
//
//   new      a reference is shaded before it is stored: a thread whose stack is not scanned yet may drop it
//            from there
//
//   black    a new object carries its mark from birth
//
//   stacks   each is scanned whole, once, and is black from then on; threads that come later begin black
//            and empty
//
// Shading only appends the reference to the thread's buffer; a thread without a P has an empty one.
//
// Why one re-check in the stop is enough, and needed: every thread gives up its buffer when it stops, so all that
// is grey is in the pool then. The round before it cannot establish that: a thread may shade a white object after
// it answered, taken from one that another thread held grey. A stop costs O(running), so the re-check
// uses it instead of further rounds.
#pragma once

#include <vector>

#include "engine/gc/layers.h"
#include "engine/gc/mark/mark_crew.h"
#include "engine/gc/mark/marker.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class MarkPhase final : public MarkHooks {
 public:
  MarkPhase(const Layers& layers, uint32_t helpers);

  // All in one stop of the world. What was marked.
  MarkTotals mark_stopped(MarkThread& m, uint32_t cycle);

  // Concurrent, by the coordinator m: begin in a stopped world, which then starts; advance; complete
  // in a stopped world again. False: start it, advance and stop once more. True: what was marked is in
  // totals().
  void begin(MarkThread& m, uint32_t cycle);
  void advance(MarkThread& m);
  bool complete(MarkThread& m);
  const MarkTotals& totals() const { return totals_; }

  // The write barrier: shades what `word` refers to and `target`, then stores. Only during a phase concurrent with
  // the program; by a thread that owns a P.
  void write(MarkThread& m, uint64_t& word, uint64_t target);
  // What `object`, found to be reachable in an unusual way, refers to must live: a finalizer was set.
  void scan_soon(MarkThread& m, uintptr_t object);

  void acquired(SchedThread& m) override;
  void releases(SchedThread& m) override;

 private:
  void gather_roots(MarkThread& m);
  void round(MarkThread& m);
  void drain(MarkThread& m, Program program);
  void enter(MarkThread& m);
  void settle(MarkThread& m);
  void scan_stack(MarkThread& m, MarkThread& thread);
  void claim_stacks(MarkThread& m);
  void shade(MarkThread& m, uint64_t reference);
  void give_up_buffer(MarkThread& m);
  void fold_totals();

  // A round that brought to light more than this is worth another one before the world is stopped for the re-check.
  static constexpr uint32_t kWorthARound = 64;

  MHeap& heap_;
  Sched& sched_;
  Threads& threads_;
  GlobalRoots& globals_;
  // Concurrent marking is under way. plain: written in a stopped world, which orders it for all that run later.
  bool active_ = false;
  MarkPool pool_;
  MarkCrew crew_;
  uint32_t cycle_ = 0;
  std::vector<uintptr_t> roots_, finalizable_;  // marked; only their contents are roots
  std::vector<MarkThread*> wanted_;  // threads whose stacks were to be scanned when the phase began
  WaitPoint stack_scanned_;
  Shared<uint32_t> brought_;  // objects that this round made grey; relaxed: for_each_p orders it
  MarkTotals totals_;
  uint32_t shade_left_out_ = 0;  // of fault no-write-barrier: 0 old, 1 new
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
