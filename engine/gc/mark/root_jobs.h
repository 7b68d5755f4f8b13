// RootJobs: the roots that no thread scans for itself, cut into jobs (Go: markroot).
//
//   globals      what the Globals hold
//   queue        objects whose finalizers wait for the program to take their tokens
//   stopped      in a stopped world only: every stack, and the tiny block of every P
//   spans        blocks of kSpansOfAJob spans in use: each must be swept; what objects with finalizers refer to
//
// Concurrent jobs run while the program changes the roots. A reference may leave a root that is not visited yet for a
// stack that is black; the thread that removes it shades it (GlobalRoots::remove, Finalizers::take). A P that runs had
// its tiny block greyed when it was acquired; one that stays idle loses the block to the flush that precedes its next
// use.
#pragma once

#include <algorithm>

#include "engine/gc/layers.h"
#include "engine/gc/mark/marker.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class RootJobs {
 public:
  explicit RootJobs(const Layers& layers);

  void plan(Program program);  // of a mark phase that begins; world stopped
  bool left() const { return next_.peek() < jobs_.peek(); }
  // Takes one and does it; false: none was left. m owns a P, or the world is stopped.
  bool do_next(Marker& marker, MarkThread& m);

  // base/state.h
  template <class State>
  void add_state(State& to) const {
    to.add(jobs_);
    to.add(std::min(next_.peek(), jobs_.peek()));  // how often it was asked in vain makes no difference
    to.leave_out(next_, "added above");
    to.add((uint64_t{spans_} << 1) | static_cast<uint64_t>(program_));
  }

 private:
  void do_job(Marker& marker, MarkThread& m, uint32_t job);
  void mark_stopped(Marker& marker);

  static constexpr uint32_t kGlobals = 0, kQueue = 1, kStopped = 2, kFirstOfSpans = 3, kSpansOfAJob = 512;
  Layers layers_;
  Program program_ = Program::kStopped;  // as the next, written in a stopped world
  uint32_t spans_ = 0;                   // in use when the phase began: their places in the swept queue
  // The number of jobs and the next one to take. Shared, because threads outside the stop read them. relaxed: the start
  // of the world publishes the data of the jobs.
  Shared<uint32_t> jobs_, next_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
