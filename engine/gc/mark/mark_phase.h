// MarkPhase: one marking after the other, in a stopped world or concurrent.
//
// Concurrent (Go's concurrent mark with the hybrid barrier of Clements and Hudson, golang/proposal
// 17503):
//
//   stopped   begin      plans the root jobs (root_jobs.h), requests a scan of every stack that was ever used,
//                        greys the tiny block of the caller's P. Touches no other span and no idle P
//
//   running   open       threads that own a P drain: root jobs, then the pool. Mark workers do so within their
//                        budget, assists to pay for what they allocated (gc/mark_workers.h, gc/assists.h)
//
//             round      by the last thread to find no work: every thread scans
//                        its own stack and gives up its barrier buffer at its next poll; stacks of threads without
//                        a P are scanned for them. Work: open again
//
//   stopped   complete   nothing is grey: the end. Otherwise (D5, golang/go #27993) the world starts, open again
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
// Shading appends the reference to the thread's barrier buffer. When the buffer is full, its objects are marked, and
// those that have references go to the pool. A thread without
// a P has an empty buffer and no grey object of its own: one that drains puts all it has into the pool before
// it polls.
//
// Why one re-check in the stop is enough, and needed: every thread gives up its buffer and its grey objects when it
// stops, so all that is grey is in the pool then. The round cannot establish that: after a thread has answered, it may
// read a reference from an object that is still grey and shade the white target. A stop costs O(running), so the
// re-check uses it instead of further rounds.
#pragma once

#include <atomic>

#include "engine/gc/layers.h"
#include "engine/gc/mark/marker.h"
#include "engine/gc/mark/root_jobs.h"
#include "engine/gc/stopped_crew.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// Why a thread stopped draining.
enum class Drained : uint8_t {
  kGaveWay,  // it was asked to
  kPaid,     // it scanned as much as it wanted to
  kNoWork,   // others still have some, or look for the end, or the phase is not open
  kLast,     // no thread has any: the caller, which owns a P, now looks for the end of marking
  kEnded,    // marking ended while it waited in a poll: what it scanned is not counted in the next cycle
};

struct DrainedWork {
  uint64_t scanned = 0;    // bytes of objects with references
  uint64_t waited_ns = 0;  // in polls: for a P, a permit, or the start of the world
};

class MarkPhase final : public MarkHooks {
 public:
  MarkPhase(const Layers& layers, StoppedCrew& crew);

  uint32_t buffers_made() const { return buffers_.made(); }  // in a stopped world
  const WorkBuffers& buffers() const { return buffers_; }    // for the laboratory, while no thread runs
  void shrink_buffers(Context& m) { buffers_.shrink(m); }    // marking is over, and the next waits
  int error() const { return buffers_.error(); }  // errno: no address space for the mark buffers; else 0

  // All in one stop of the world. What was marked.
  MarkTotals mark_stopped(MarkThread& m, uint32_t cycle);

  // Concurrent. begin: in a stopped world, by any thread. open: once it runs again, so that threads drain, and
  // again by the thread that looked for the end and found work.
  void begin(MarkThread& m, uint32_t cycle);
  void open();
  // For a thread without a P that would drain: whether there is work, or the end to look for.
  bool has_work() const { return work_.peek() == Work::kOpen && (work_left() || draining_.peek() == 0); }
  bool under_way() const { return work_.peek() != Work::kClosed; }

  static constexpr uint64_t kNoLimit = ~uint64_t{0};
  // Marks and scans until there is no work, `units` bytes are scanned, or `give_way(m)`, called now and then,
  // returns true. m owns
  // a P and polls on the way, so that it may come back on another. `work` is current whenever give_way is asked.
  Drained drain(MarkThread& m, uint64_t units, DrainedWork& work, FunctionRef<bool(MarkThread&)> give_way);

  // By the thread that got kLast. round: false if there is work: open() again. complete: the same in a
  // stopped world; if true, totals() has what was marked.
  bool round(MarkThread& m);
  bool complete(MarkThread& m);
  // By the same thread, once the world runs again after complete().
  void wake_assists() { work_for_assists.wake_all(); }
  MarkTotals totals() const {  // relaxed: in a stopped world
    return {marked_bytes_.load(std::memory_order_relaxed), marked_objects_.load(std::memory_order_relaxed)};
  }

  // The write barrier: shades what `word` refers to and `target`, then stores. Only during a phase concurrent with
  // the program; by a thread that owns a P.
  void write(MarkThread& m, uint64_t& word, uint64_t target);
  // What `object`, found to be reachable in an unusual way, refers to must live: a finalizer was set.
  void scan_soon(MarkThread& m, uintptr_t object);
  // The barrier's shade, for a reference that leaves a place other than a word of the heap. By a thread that owns a P.
  void shade(MarkThread& m, uint64_t reference);

  void acquired(SchedThread& m) override;
  void releases(SchedThread& m) override;

  // base/state.h
  template <class State>
  void add_state(State& to) const {
    to.add(work_);
    to.add(draining_);
    to.add((uint64_t{active_} << 2) | (uint64_t{another_round_} << 1) | (cycle_opened_ == cycle_ ? 1 : 0));
    to.add((uint64_t{cycle_} << 32) | shade_left_out_);
    to.leave_out(brought_, "read as a bit, more than kWorthARound: no searched heap has so many objects");
    roots_.add_state(to);
    pool_.add_state(to);
    buffers_.add_state(to);
    for (const MarkThread* thread = wanted_; thread != nullptr; thread = thread->next_wanted)
      to.add(thread->id);
    // totals(): see Runtime's state.
  }

  // Where threads sleep until there may be something to drain.
  WaitPoint work_for_workers;
  WaitPoint work_for_idle_workers;
  WaitPoint work_for_assists;
  WaitPoint workers_rest;  // a fractional worker that has had its share

 private:
  // Whether threads may take work. Written by the collector's thread of the moment, and by the one whose CAS
  // makes it kEnding.
  enum class Work : uint8_t { kClosed, kBegun, kOpen, kEnding };

  void tell_of_work();
  bool drain_some(Marker& marker, MarkThread& m);
  Drained leave(Drained how);
  void enter(MarkThread& m);
  void grey_tiny_block(MarkThread& m);
  void settle(MarkThread& m);
  void scan_stack(MarkThread& m, MarkThread& thread);
  void claim_stacks(MarkThread& m);
  void give_up_buffer(MarkThread& m);
  class Grey;
  void bring(Grey& grey);
  void begin_totals();
  void count_marks(MarkThread& m);
  void stack_is_black();
  uint32_t thread_with_grey_stack() const;
  bool work_left() const { return !pool_.empty() || roots_.left(); }

  // A round that brought to light more than this is worth another one before the world is stopped for the re-check.
  static constexpr uint32_t kWorthARound = 64;
  static constexpr uint32_t kScansBetweenPolls = kLaboratory ? 1 : 64;

  MHeap& heap_;
  Sched& sched_;
  Threads& threads_;
  GlobalRoots& globals_;
  // Concurrent marking is under way. plain: written in a stopped world, which orders it for all that run later.
  bool active_ = false;
  WorkBuffers buffers_;
  MarkPool pool_;
  StoppedCrew& crew_;
  uint32_t cycle_ = 0;         // that marks, or marked last; written in a stopped world
  uint32_t cycle_opened_ = 0;  // of the thread that opens
  RootJobs roots_;
  MarkThread* wanted_ = nullptr;  // threads whose stacks were to be scanned when the phase began, linked
  WaitPoint stack_scanned_;
  Shared<uint32_t> brought_;   // objects that this round made grey; relaxed: for_each_p orders it
  bool another_round_ = true;  // of the thread that looks for the end
  // acq_rel: a thread that looks for the end (acquire) comes after the one that opened (release).
  Shared<Work> work_;
  // Threads that may have grey objects of their own. acq_rel: the last one to leave sees what the others put.
  Shared<uint32_t> draining_;
  // What was marked, added up when a thread gives up its P, so that the stop that ends marking visits no thread. relaxed
  // both: the stop orders them. No protocol words: the engine reads them in stops only.
  std::atomic<uint64_t> marked_bytes_{0}, marked_objects_{0};
  // Stacks still to be scanned. relaxed: as above. No protocol word: each thread's stack_scan is one.
  std::atomic<uint32_t> stacks_left_{0};
  uint32_t shade_left_out_ = 0;  // of fault no-write-barrier: 0 old, 1 new
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
