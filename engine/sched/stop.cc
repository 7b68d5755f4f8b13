// Stop and start of the world, procresize and for_each_p: the coordinator's side of Sched.
#include <algorithm>
#include <new>

#include "engine/base/clock.h"
#include "engine/base/fault.h"
#include "engine/base/reads.h"
#include "engine/heap/mheap.h"
#include "engine/sched/sched.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

using observe::FlushCause;
using observe::PStatus;

void Sched::stop(SchedThread& m) {
  const ReadScope scope;
  world.request_stop();
  world.wait_stopped();
  // Threads in blocking regions were not waited for; their Ps are taken, so that none comes back by the fast
  // way with an mcache that is stale by then. They find out and go through acquire_p. After the wait:
  // a P may become blocked, and its thread leave the world, while we wait.
  if (fault(Fault::kStwLeavesBlockedP)) return;
  Guard guard(m, lock_, "stop: lock sched to take blocked Ps");
  while (P* p = blocked_.front()) {
    blocked_.remove(*p);
    set_status(m, *p, PStatus::kIdle, kNoThread);
    claimable_.push_front(*p);
  }
}

void Sched::start(SchedThread& m, uint32_t procs) {
  const ReadScope scope;
  if (procs != this->procs()) procresize(m, procs);
  hooks_.at_procresize(m, *m.p);
  m.mcache->colour = colour_of(*m.mcache);
  m.emitter.seal();  // the turn and all before it, ahead of the records of other threads
  first_restart_ns.store(0, std::memory_order_relaxed);
  world.start();
  p_available_.wake_all();
}

void Sched::create_ps(SchedThread& m, uint32_t n) {
  const ReadScope scope;
  if (m.emitter.enabled()) {
    m.emitter.emit(observe::Procresize{
        {stamp(), observe::EventKind::kProcresize, 0, m.p != nullptr ? m.p->id : observe::kNoP, n},
        procs(),
        heap_.gen(),
        0});
  }
  Guard guard(m, lock_, "create_ps: lock sched");
  Guard heap_guard(m, heap_.lock(), "create_ps: lock mheap");
  while (ps_.size() < n) {
    std::byte* const memory = p_memory_.take(sizeof(P), alignof(P));
    insist(m, memory != nullptr, FatalCode::kOutOfMemory, Operand{"ps", ps_.size()}, Operand{"wanted_ps", n});
    ps_.push_back(new (memory) P(static_cast<uint16_t>(ps_.size())));
  }
  for (uint32_t id = procs(); id < n; ++id) {
    P& p = *ps_[id];
    p.mcache.init(heap_, p.id, heap_.gen());  // flush_gen := h: nothing in it is stale (Go: allocmcache)
    set_status(m, p, PStatus::kIdle, kNoThread);
    claimable_.push_back(p);
  }
  set_procs(n);
}

// World stopped. The coordinator's P is the only running one; all others are claimable.
void Sched::procresize(SchedThread& m, uint32_t n) {
  const ReadScope scope;
  const uint32_t before = procs();
  if (n > before) {
    create_ps(m, n);
    return;
  }
  if (m.emitter.enabled()) {
    m.emitter.emit(observe::Procresize{
        {stamp(), observe::EventKind::kProcresize, 0, m.p->id, n}, before, heap_.gen(), 0});
  }
  if (m.p->id >= n) change_p(m, *ps_[0]);
  Guard guard(m, lock_, "procresize: lock sched");
  for (uint32_t id = n; id < before; ++id) destroy_locked(m, *ps_[id]);
  set_procs(n);
}

// The coordinator's own P is about to be destroyed: it moves to another one.
void Sched::change_p(SchedThread& m, P& to) {
  const ReadScope scope;
  Guard guard(m, lock_, "procresize: lock sched to change P");
  P& from = *m.p;
  set_status(m, from, PStatus::kIdle, kNoThread);
  claimable_.push_front(from);
  unlink_locked(to);
  set_status(m, to, PStatus::kRunning, m.id);
  m.p = &to;
  m.mcache = &to.mcache;
}

void Sched::destroy_locked(SchedThread& m, P& p) {
  const ReadScope scope;
  NonPreemptible region(m);
  // Stale or not, its spans go back, its tiny block with them, and its stack segments (Go: freemcache);
  // a refill that found no pages leaves a block without a span. Without spans a stale one still counts as flushed.
  // flush_gen is stored as it is: a dead P has none that counts.
  if (p.mcache.cached > 0 || p.mcache.tiny != 0 || p.mcache.flush_gen.peek() != heap_.gen())
    flush(m, heap_, p.mcache, p.mcache.flush_gen.peek(), FlushCause::kDestroy);
  heap_.stacks.clear(m, p.mcache.stacks);
  unlink_locked(p);
  set_status(m, p, PStatus::kDead, kNoThread);
  // What it freed must not be forgotten: the coordinator's thread answers for it from now on.
  m.frees += p.mcache.frees;
  p.mcache.frees = {};
}

// No thread runs on p and none can begin to, because we hold sched.lock. A flusher may have it;
// it needs no lock of ours to finish, so we wait.
PStatus Sched::take_for_flush_locked(SchedThread& m, P& p) {
  while (true) {
    // acquire on winning: pairs with the release of the last owner,
    // perhaps a flusher that never held sched.lock.
    PStatus from = p.status.peek();
    if (from == PStatus::kFlushing) {
      p_available_.wait_until("for_each_p: wait for another flusher",
                              [&p] { return p.status.peek() != PStatus::kFlushing; });
    } else if (p.status.compare_exchange(from, PStatus::kFlushing, std::memory_order_acquire,
                                         std::memory_order_relaxed,
                                         "for_each_p: claim a P that is not running")) {
      emit_status(m, p, from, PStatus::kFlushing, m.id);
      return from;
    }
  }
}

ForEachResult Sched::for_each_p(SchedThread& m, const OnP& f) {
  NonPreemptible region(m);
  ForEachResult result;
  safe_point_function_ = &f;
  safe_points_left_.store(procs(), std::memory_order_relaxed, "for_each_p: count the Ps");
  // release: pairs with the acquire in run_safe_point, which then calls the function.
  for (uint32_t id = 0; id < procs(); ++id)
    ps_[id]->safe_point.store(1, std::memory_order_release, "for_each_p: request");
  world.attention.add(1, std::memory_order_relaxed, "for_each_p: put polls on the slow path");
  if (fault(Fault::kBarrierWaitsBeforeIdle)) {
    safe_points_done_.wait_until("for_each_p: wait for the running Ps too early", [&] {
      for (uint32_t id = 0; id < procs(); ++id)
        if (ps_[id] != m.p && ps_[id]->status.peek() == PStatus::kRunning && ps_[id]->safe_point.peek() != 0)
          return false;
      return true;
    });
  }
  {
    // Ps on which no thread runs first, under sched.lock,
    // which keeps them from being claimed (N2: also from running).
    Guard guard(m, lock_, "for_each_p: lock sched for the idle Ps");
    for (uint32_t id = 0; id < procs(); ++id) {
      const ReadScope one_p;
      P& p = *ps_[id];
      if (id + 1 < procs()) ps_[id + 1]->mcache.prefetch();  // cold, as a P that is not running mostly is
      // relaxed: no thread begins to run on a P without sched.lock.
      if (p.status.load(std::memory_order_relaxed, "for_each_p: is this P running?") == PStatus::kRunning)
        continue;
      if (p.safe_point.exchange(0, std::memory_order_acq_rel, "for_each_p: mine to run for an idle P") == 0)
        continue;
      const PStatus before = take_for_flush_locked(m, p);
      f(m, p);
      set_status(m, p, before, p.owner);
      safe_points_left_.sub(1, std::memory_order_acq_rel, "for_each_p: an idle P is done");
    }
    m.emitter.seal();  // before another thread can claim these Ps and emit their events
    result.idle_done_ns = now_ns();
  }
  run_safe_point(m);  // our own
  safe_points_done_.wait_until("for_each_p: wait for the running Ps", [this] {
    return safe_points_left_.peek(std::memory_order_acquire) == 0;  // acquire: pairs with each fetch_sub
  });
  world.attention.sub(1, std::memory_order_relaxed, "for_each_p: put polls back on the fast path");
  safe_point_function_ = nullptr;
  return result;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
