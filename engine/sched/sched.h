// Sched: the Ps and their owners: acquire and release, safepoints, stop and start, for_each_p, procresize.
//
// sched.lock guards the lists, every P's owner and every status change but those of claim_for_flush,
// which p.h weighs against all others. A P is in exactly one list unless it runs:
// `claimable_` (idle ones at the front, ready and stopped ones behind) or `blocked_`. Only a thread
// that entered the world claims a P, so only the coordinator claims one while the world is stopped.
#pragma once

#include <atomic>
#include <type_traits>
#include <vector>

#include "engine/base/function_ref.h"
#include "engine/base/lock.h"
#include "engine/base/reads.h"
#include "engine/memory/persistent_memory.h"
#include "engine/sched/p.h"
#include "engine/sched/permits.h"
#include "engine/sched/world.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class MHeap;

// What a flush policy does at the two places where a thread begins to allocate
// from an mcache.
class AcquireHooks {
 public:
  virtual ~AcquireHooks() = default;
  // m owns p, m.mcache is set, nothing was allocated yet. World running.
  virtual void at_acquire(SchedThread& m, P& p) = 0;
  // The coordinator keeps p over the start of the world, without acquire_p. World still stopped.
  virtual void at_procresize(SchedThread& m, P& p) = 0;
  // Asked after either: the colour of objects that the owner allocates from this mcache.
  virtual Colour new_object_colour(const MCache& cache) = 0;
};

// What the marker does when a thread takes a P and when it gives the P back.
class MarkHooks {
 public:
  virtual ~MarkHooks() = default;
  // m owns a P again and has not touched the heap yet. World running.
  virtual void acquired(SchedThread& m) = 0;
  // m is about to give up its P.
  virtual void releases(SchedThread& m) = 0;
};

class PList {
 public:
  void push_front(P& p);
  void push_back(P& p);
  void remove(P& p);
  P* front() const { return first_; }
  uint32_t size() const { return size_.peek(); }  // any thread, a hint
  // base/state.h
  template <class State>
  void add_state(State& to) const {
    to.add(size_);
    for (const P* p = first_; p != nullptr; p = p->next) to.add(p->id);
  }

 private:
  P* first_ = nullptr;
  P* last_ = nullptr;
  Shared<uint32_t> size_;  // written under sched.lock
};

struct ForEachResult {
  // Monotonic: when the last P without a running thread was handled and could run again.
  uint64_t idle_done_ns = 0;
};

class Sched {
 public:
  using OnP = FunctionRef<void(SchedThread&, P&)>;
  static constexpr uint32_t kAnyP = ~0u;

  Sched(MHeap& heap, AcquireHooks& hooks, uint32_t permits);

  // Before any thread runs: creates Ps 0..n-1, idle.
  void create_ps(SchedThread& m, uint32_t n);

  // Makes m the owner of a P: the preferred one if it can be had, else any; `exactly`: that one, waiting for
  // it. Waits for a permit, for the world, for a P. Then the policy's flush: nothing was allocated before it.
  void acquire_p(SchedThread& m, uint32_t preferred = kAnyP, bool exactly = false);
  // m gives up its P, which becomes idle, ready, stopped or blocked.
  // Runs a pending for_each_p function first.
  void release_p(SchedThread& m, observe::PStatus to);

  // Safepoint. Inline and one load long when nothing is wanted.
  void poll(SchedThread& m) {
    const ReadScope scope;
    check_owns_p(m);
    if (world.attention.load(std::memory_order_relaxed, "poll: is anything wanted?") != 0) [[unlikely]]
      poll_slowly(m, ViewersPause::kObeyed);
    m.emitter.seal_if_requested();
  }
  // The same for a thread that marks, in an assist too: a cycle ends although a viewer pauses the program.
  void poll_while_marking(SchedThread& m) { poll_slowly(m, ViewersPause::kIgnored); }

  // Leaves the P (blocked) and the permit while `outside` runs, then comes back to it or to another.
  void blocking(SchedThread& m, FunctionRef<void()> outside);

  // The coordinator m holds worldsema and a P. After stop() no other thread runs and no P is blocked.
  void stop(SchedThread& m);
  // procresize if the number changed, the policy's duty for the current P, then all threads may run.
  void start(SchedThread& m, uint32_t procs);

  // Runs `f` once for every P: at once for Ps on which no thread runs (holding sched.lock), at their next safepoint
  // for running ones, here for m's own. Under worldsema, world running.
  ForEachResult for_each_p(SchedThread& m, const OnP& f);

  // Runs `f` for p on behalf of its next owner, without sched.lock: false if a thread runs on
  // p or another flusher has it. m is counted as running. Meanwhile no thread can acquire p:
  // one that wants it takes another P or waits.
  bool claim_for_flush(SchedThread& m, P& p, const OnP& f);

  // Hints for a thread that may do without a P: whether it keeps others from running.
  bool p_wanted() const { return p_waiters_.peek() > 0; }
  bool others_wait() const { return p_wanted() || permits.wanted(); }
  bool has_spare_p() const {
    return claimable_.size() > flushing_.peek() && !p_wanted() && !permits.all_taken();
  }
  // The same for threads that others borrow from (SchedThread::borrows): what is lent comes back without them.
  bool p_needed() const { return p_waiters_.peek() > lent_.peek(); }
  bool turn_needed() const { return p_needed() || permits.wanted_beside(lent_.peek()); }
  bool contended() const { return p_needed() || permits.none_left_beside(lent_.peek()); }

  P& p(uint32_t id) { return *ps_[id]; }
  // Changes in a stopped world. acquire: pairs with set_procs, for threads that wait outside the world.
  uint32_t procs() const { return procs_.load(std::memory_order_acquire); }
  World world;
  Permits permits;

  // For tests, while no other thread runs.
  const PList& claimable() const { return claimable_; }
  const PList& blocked() const { return blocked_; }
  uint32_t waiting_for_p() const { return p_waiters_.peek(); }

  // base/state.h
  template <class State>
  void add_state(State& to) const {
    world.add_state(to);
    permits.add_state(to);
    to.add(procs());
    for (const P* p : ps_) p->add_state(to);
    claimable_.add_state(to);
    blocked_.add_state(to);
    to.leave_out(flushing_, "the flushers' places say how many there are");
    to.add(p_waiters_);
    to.add(lent_);
    to.add(safe_points_left_);
    to.add(paused_);
  }

  // Once, before any thread runs.
  void set_mark_hooks(MarkHooks& hooks) { mark_hooks_ = &hooks; }

  // Pause button of a viewer.
  void pause(bool paused);
  std::atomic<uint64_t> first_restart_ns{0};  // relaxed: of the first mutator that runs again after a stop

 private:
  enum class ViewersPause : uint8_t { kObeyed, kIgnored };
  void poll_slowly(SchedThread& m, ViewersPause pause);
  Colour colour_of(const MCache& cache);
  void take_turns(SchedThread& m);
  bool take_back(SchedThread& m, P& mine, observe::PStatus left_as, uint32_t owner);
  void run_safe_point(SchedThread& m);
  P* claim_locked(SchedThread& m, uint32_t preferred, bool exactly);
  P* claim(SchedThread& m, uint32_t preferred, bool exactly);
  void wait_for_p(uint32_t preferred, bool exactly, bool any);
  bool take_locked(SchedThread& m, P& p);
  observe::PStatus take_for_flush_locked(SchedThread& m, P& p);
  bool can_claim() const;
  bool can_claim(const P& p) const;
  void emit_status(SchedThread& m, const P& p, observe::PStatus from, observe::PStatus to, uint32_t owner);
  void set_status(SchedThread& m, P& p, observe::PStatus to, uint32_t owner);
  void unlink_locked(P& p);
  void procresize(SchedThread& m, uint32_t n);
  void destroy_locked(SchedThread& m, P& p);
  void change_p(SchedThread& m, P& to);
  void own(SchedThread& m, P& p);

  MHeap& heap_;
  AcquireHooks& hooks_;
  MarkHooks* mark_hooks_ = nullptr;  // marker and scheduler refer to each other
  Lock lock_{Rank::kSched, Word::kSchedLock};
  PList claimable_;
  PList blocked_;
  WaitPoint p_available_;
  Shared<uint32_t> flushing_;   // Ps in the lists that claim_for_flush holds, or is about to
  Shared<uint32_t> p_waiters_;  // threads that wait for any P; relaxed: a hint to give way
  Shared<uint32_t> lent_;       // Ps of threads that borrow; relaxed: a hint not to give way
  // release: a thread that reads the number sees the Ps.
  void set_procs(uint32_t n) { procs_.store(n, std::memory_order_release); }

  PersistentMemory p_memory_;  // of every P; under lock_
  static_assert(std::is_trivially_destructible_v<P>);
  std::vector<P*> ps_;              // ever created; [0, procs_) are alive. Has room for kMaxProcs
  std::atomic<uint32_t> procs_{0};  // no protocol word: it changes in a stopped world only

  const OnP* safe_point_function_ = nullptr;  // of the for_each_p under way; written before the requests
  // acq_rel: each function that ran (release) happened before the coordinator continues (acquire).
  // relaxed when set: the requests that follow publish it.
  Shared<uint32_t> safe_points_left_;
  WaitPoint safe_points_done_;
  Shared<uint32_t> paused_;
  WaitPoint resumed_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
