#include "engine/sched/sched.h"

#include "engine/base/clock.h"
#include "engine/base/fault.h"
#include "engine/base/reads.h"
#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

using observe::PStatus;

void PList::push_front(P& p) {
  p.next = first_;
  p.previous = nullptr;
  (first_ != nullptr ? first_->previous : last_) = &p;
  first_ = &p;
  size_.put(size_.peek() + 1);
}

void PList::push_back(P& p) {
  p.previous = last_;
  p.next = nullptr;
  (last_ != nullptr ? last_->next : first_) = &p;
  last_ = &p;
  size_.put(size_.peek() + 1);
}

void PList::remove(P& p) {
  (p.previous != nullptr ? p.previous->next : first_) = p.next;
  (p.next != nullptr ? p.next->previous : last_) = p.previous;
  p.next = p.previous = nullptr;
  size_.put(size_.peek() - 1);
}

Sched::Sched(MHeap& heap, AcquireHooks& hooks, uint32_t permit_count)
    : permits(permit_count, world.attention), heap_(heap), hooks_(hooks) {
  ps_.reserve(kMaxProcs);  // never moves: threads that wait for an exact P read it while it grows
  safe_points_left_.bind(Word::kSafePoint, ~0u);
  safe_points_done_.bind(Word::kSafePoint, ~0u);
  p_available_.bind(Word::kPStatus, ~0u);
  flushing_.bind(Word::kPStatus, ~0u);
  lent_.bind(Word::kPermits, 2);
  paused_.bind(Word::kOther, 0);
}

void fail_without_p(SchedThread& m) {
  fail(m, FatalCode::kMisuse, {{"heap_used_inside_blocking_by_thread", m.id}});
}

Colour Sched::colour_of(const MCache& cache) {
  return heap_.birth_colour() == Colour::kBlack ? Colour::kBlack : hooks_.new_object_colour(cache);
}

// Emits every change of a status, and checks it against the automaton.
void Sched::emit_status(SchedThread& m, const P& p, PStatus from, PStatus to, uint32_t owner) {
  check(m, may_follow(from, to), FatalCode::kBadPStatus, Operand{"p", p.id},
        Operand{"from", static_cast<uint64_t>(from)}, Operand{"to", static_cast<uint64_t>(to)},
        Operand{"owner", p.owner}, Operand{"new_owner", owner});
  if (!m.emitter.enabled()) return;
  m.emitter.emit(
      observe::PStatusChange{{stamp(), observe::EventKind::kPStatus, static_cast<uint8_t>(to), p.id, m.id},
                             from,
                             {},
                             owner,
                             p.mcache.flush_gen.peek(),
                             p.mcache.cached});
}

// By the owner of a P, or in a stopped world: without competition.
void Sched::set_status(SchedThread& m, P& p, PStatus to, uint32_t owner) {
  emit_status(m, p, p.status.peek(), to, owner);
  p.owner = owner;
  // release: passes the mcache to the next owner; pairs with the acquire of its CAS.
  p.status.store(to, std::memory_order_release, "sched: change a P's status");
}

void Sched::own(SchedThread& m, P& p) {
  m.p = &p;
  m.mcache = &p.mcache;
  if (m.borrows) lent_.add(1, std::memory_order_relaxed, "sched: one P more is lent");  // relaxed: see there
}

void Sched::unlink_locked(P& p) { (p.status.peek() == PStatus::kBlocked ? blocked_ : claimable_).remove(p); }

bool Sched::can_claim() const { return claimable_.size() + blocked_.size() > flushing_.peek(); }

bool Sched::can_claim(const P& p) const {
  const PStatus status = p.status.peek();
  return status != PStatus::kRunning && status != PStatus::kFlushing;
}

// A P that is in a list and that no flusher has becomes m's.
bool Sched::take_locked(SchedThread& m, P& p) {
  PStatus from = p.status.peek();
  if (from == PStatus::kRunning || from == PStatus::kFlushing) return false;
  // acquire: pairs with the release of the P's last holder, which may be a flusher that never held sched.lock.
  if (!p.status.compare_exchange(from, PStatus::kRunning, std::memory_order_acquire,
                                 std::memory_order_relaxed, "sched: take a P, unless a flusher is faster"))
    return false;
  (from == PStatus::kBlocked ? blocked_ : claimable_).remove(p);
  emit_status(m, p, from, PStatus::kRunning, m.id);
  p.owner = m.id;
  return true;
}

// A blocked P is left to its thread as long as there is another: it comes back cheaply then.
// But its thread may be waiting for the very one that asks, so it is better taken than waited for.
// One that is being flushed is passed over.
P* Sched::claim_locked(SchedThread& m, uint32_t preferred, bool exactly) {
  if (preferred < procs()) {
    P& p = *ps_[preferred];
    if ((exactly || p.status.peek() != PStatus::kBlocked) && take_locked(m, p)) return &p;
    if (exactly) return nullptr;
  }
  for (const PList* list : {&claimable_, &blocked_})
    for (P* p = list->front(); p != nullptr; p = p->next)
      if (take_locked(m, *p)) return p;
  return nullptr;
}

P* Sched::claim(SchedThread& m, uint32_t preferred, bool exactly) {
  ReadScope scope;
  Guard guard(m, lock_, "acquire_p: lock sched");
  P* const p = claim_locked(m, preferred, exactly);
  scope.returns(p == nullptr ? ~0u : p->id);
  return p;
}

// Until claim() may succeed. `any`: of whatever P.
void Sched::wait_for_p(uint32_t preferred, bool exactly, bool any) {
  if (any) p_waiters_.add(1, std::memory_order_relaxed, "acquire_p: one more waits for a P");
  world.attention.add(1, std::memory_order_relaxed, "acquire_p: put polls on the slow path");
  p_available_.wait_until("acquire_p: wait for a P", [&] {
    const bool exists = preferred < procs();
    if (any) return can_claim() || (exactly && exists);
    return !exists || can_claim(*ps_[preferred]);
  });
  world.attention.sub(1, std::memory_order_relaxed, "acquire_p: one waits less");
  if (any) p_waiters_.sub(1, std::memory_order_relaxed, "acquire_p: one less waits for a P");
}

void Sched::acquire_p(SchedThread& m, uint32_t preferred, bool exactly) {
  ReadScope scope;
  P* p = nullptr;
  while (true) {
    scope.holds(0);
    permits.take(m);
    world.enter();
    // An exact P that does not exist: any will do. The number of Ps cannot change while we are in the world.
    const bool any = !exactly || preferred >= procs();
    p = claim(m, preferred, exactly);
    if (p != nullptr) break;
    world.leave();
    permits.give(m);
    wait_for_p(preferred, exactly, any);
  }
  if (p_waiters_.peek() == 0) p_available_.wake_all();  // a thread that let us go first may wait for this
  // The mcache first: the sweep inside the flush charges what it frees to it.
  own(m, *p);
  hooks_.at_acquire(m, *p);
  p->mcache.colour = colour_of(p->mcache);
  mark_hooks_->acquired(m);
}

void Sched::release_p(SchedThread& m, PStatus to) {
  ReadScope scope;
  P& p = *m.p;
  mark_hooks_->releases(m);
  scope.holds(0);
  if (m.borrows) lent_.sub(1, std::memory_order_relaxed, "sched: one P less is lent");  // relaxed: see there
  {
    Guard guard(m, lock_, "release_p: lock sched");
    // Under the lock: for_each_p sets its request first and then reads, under this lock, which Ps run.
    // If it read this P as running, this thread must run the function here.
    run_safe_point(m);
    p.owner = to == PStatus::kBlocked ? m.id : kNoThread;
    emit_status(m, p, PStatus::kRunning, to, p.owner);
    // Before another thread can own the P or the world can count as stopped:
    // keeps the stream in order (observer.h). A flusher may claim it from the store on, lock or no lock.
    m.emitter.seal();
    // release: passes the mcache to the next owner; pairs with the acquire of its CAS.
    p.status.store(to, std::memory_order_release, "release_p: give up the P");
    if (to == PStatus::kBlocked)
      blocked_.push_back(p);
    else if (to == PStatus::kIdle)
      claimable_.push_front(p);
    else
      claimable_.push_back(p);
    m.p = nullptr;
    m.mcache = nullptr;
  }
  p_available_.wake_all();
  world.leave();
}

void Sched::run_safe_point(SchedThread& m) {
  const ReadScope scope;
  P& p = *m.p;
  if (p.safe_point.load(std::memory_order_acquire, "safe point: is a function to be run here?") == 0) return;
  if (p.safe_point.exchange(0, std::memory_order_acq_rel, "safe point: mine to run") == 0) return;
  (*safe_point_function_)(m, p);
  // Before the coordinator continues: what follows the barrier comes after it in the stream.
  m.emitter.seal();
  if (safe_points_left_.fetch_sub(1, std::memory_order_acq_rel, "safe point: done") == 1)
    safe_points_done_.wake_all();
}

void Sched::poll_slowly(SchedThread& m, ViewersPause pause) {
  const ReadScope scope;
  check(m, m.non_preemptible == 0, FatalCode::kMisuse,
        Operand{"poll_in_non_preemptible_region", m.non_preemptible});
  if (world.stopping()) {
    const uint32_t mine = m.p->id;
    note_held(mine);
    release_p(m, PStatus::kStopped);  // keeps its permit: no other thread runs meanwhile
    acquire_p(m, mine);
    // relaxed: a statistic.
    if (first_restart_ns.load(std::memory_order_relaxed) == 0) {
      uint64_t none = 0;
      first_restart_ns.compare_exchange_strong(none, now_ns(), std::memory_order_relaxed);
    }
    return;
  }
  run_safe_point(m);
  if (paused_.peek() != 0 && pause == ViewersPause::kObeyed) {
    blocking(m, [this] {
      resumed_.wait_until("poll: paused by a viewer", [this] { return paused_.peek() == 0; });
    });
  } else if (m.has_permit && turn_needed() && permits.slice_over(m)) {
    take_turns(m);
  }
}

void Sched::take_turns(SchedThread& m) {
  const ReadScope scope;
  P& mine = *m.p;
  note_held(mine.id);
  release_p(m, PStatus::kReady);
  permits.give(m);
  // Threads that wait for a P come first; otherwise we would be back before they wake.
  if (p_waiters_.peek() > 0) {
    p_available_.wait_until("poll: let a waiting thread take the P",
                            [&] { return p_waiters_.peek() == 0 || mine.status.peek() != PStatus::kReady; });
  }
  if (fault(Fault::kReadyPNotFlushed) && take_back(m, mine, PStatus::kReady, kNoThread)) return;
  acquire_p(m, mine.id);
}

void Sched::blocking(SchedThread& m, FunctionRef<void()> outside) {
  const ReadScope scope;
  P* mine = m.p;
  note_held(mine->id);
  release_p(m, PStatus::kBlocked);
  if (!fault(Fault::kPermitKeptWhileBlocked)) permits.give(m);
  outside();
  if (!take_back(m, *mine, PStatus::kBlocked, m.id)) acquire_p(m, mine->id);
}

// The cheap way back to the P that m left. Only if it is as m left it: a stop takes every blocked P, so its mcache is of
// this sweep phase. The world was not stopped meanwhile: the same phase and colour, and a stack that was wanted was
// scanned on leaving.
bool Sched::take_back(SchedThread& m, P& mine, PStatus left_as, uint32_t owner) {
  permits.take(m);
  world.enter();
  bool back = false;
  {
    Guard guard(m, lock_, "blocking: lock sched to come back");
    // relaxed: statuses change under this lock.
    if (mine.status.load(std::memory_order_relaxed, "blocking: is the P still mine?") == left_as &&
        mine.owner == owner)
      back = take_locked(m, mine);
  }
  if (!back) {
    world.leave();
    return false;
  }
  own(m, mine);
  run_safe_point(m);
  return true;
}

bool Sched::claim_for_flush(SchedThread& m, P& p, const OnP& f) {
  // relaxed: only the CAS below decides.
  PStatus from = p.status.load(std::memory_order_relaxed, "flusher: is this P running?");
  while (from != PStatus::kRunning && from != PStatus::kFlushing && from != PStatus::kDead) {
    // Counted before it is claimed and until it is given back:
    // a thread that waits for a P must not see it as available.
    // relaxed: only predicates of waits read it, and each change that may make one true is followed by a wake.
    flushing_.add(1, std::memory_order_relaxed, "flusher: one P less to be had");
    // acquire on winning: pairs with the release of the last owner; from here on the mcache is ours. Losing is no
    // answer: a stop that takes the P of a blocked thread leaves it idle, and no other thread would flush it.
    const bool won =
        p.status.compare_exchange(from, PStatus::kFlushing, std::memory_order_acquire,
                                  std::memory_order_relaxed, "flusher: claim a P that is not running");
    if (won) {
      emit_status(m, p, from, PStatus::kFlushing, m.id);
      f(m, p);
      emit_status(m, p, PStatus::kFlushing, from, p.owner);
      m.emitter.seal();  // before another thread can own the P
      // release: gives the mcache back; pairs with the acquire of the next thread that takes the P.
      p.status.store(from, std::memory_order_release, "flusher: give the P back as it was");
    }
    flushing_.sub(1, std::memory_order_relaxed, "flusher: one P more to be had");
    p_available_.wake_all();
    if (won) return true;
  }
  return false;
}

void Sched::pause(bool paused) {
  const uint32_t wanted = paused ? 1 : 0;
  if (paused_.peek() == wanted) return;
  // Two callers may race: only the call that changed the word changes `attention`.
  // relaxed: a stale value only delays the pause.
  if (paused_.exchange(wanted, std::memory_order_relaxed, "pause: button") == wanted) return;
  if (paused) {
    world.attention.add(1, std::memory_order_relaxed, "pause: put polls on the slow path");
  } else {
    world.attention.sub(1, std::memory_order_relaxed, "pause: put polls back on the fast path");
    resumed_.wake_all();
  }
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
