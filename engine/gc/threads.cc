#include "engine/gc/threads.h"

#include "engine/base/reads.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

Threads::~Threads() {
  for (M& m : all_) m.emitter.seal();
}

M& Threads::add() {
  const ReadScope scope;
  // The lock is taken in the name of the thread being made: it holds nothing yet.
  Stranger newborn(fatal_);
  Guard guard(newborn, lock_, "threads: lock to add one");
  return add_locked();
}

M& Threads::borrow() {
  const ReadScope scope;
  Stranger newborn(fatal_);
  Guard guard(newborn, lock_, "threads: lock to borrow one");
  if (spare_.empty()) return add_locked();
  M& m = *spare_.back();
  spare_.pop_back();
  return m;
}

void Threads::give_back(M& m) {
  const ReadScope scope;
  Guard guard(m, lock_, "threads: lock to give one back");
  spare_.push_back(&m);
}

M& Threads::add_locked() {
  M& m = all_.emplace_back();
  // Room for all of them: to give one back allocates nothing.
  if (spare_.capacity() < all_.size()) spare_.reserve(2 * all_.size());
  m.fatal = &fatal_;
  m.id = static_cast<uint32_t>(all_.size() - 1);
  m.stack_scan.bind(Word::kStackScan, m.id);
  m.stack.attach(heap_);
  m.emitter.attach(observer_, m.id);
  return m;
}

M* Threads::running_here() {
  const uint64_t self = this_thread_id();
  if (self == 0) return nullptr;
  Stranger caller(fatal_);
  Guard guard(caller, lock_, "threads: lock to look for the caller");
  M* found = nullptr;
  for (M& m : all_) {
    // relaxed: only this thread stores it.
    if (m.runs_on.load(std::memory_order_relaxed) != self) continue;
    if (m.p != nullptr) return &m;
    found = &m;
  }
  return found;
}

void Threads::keep_mutator(Thread thread, M& m) {
  Stranger starter(fatal_);
  Guard guard(starter, lock_, "threads: lock to note a mutator");
  mutators_.push_back({std::move(thread), &m});
}

void Threads::join_mutators() {
  RunningMutator next;
  while (true) {
    {
      Stranger joiner(fatal_);
      Guard guard(joiner, lock_, "threads: lock to join a mutator");
      if (next.m != nullptr) spare_.push_back(next.m);  // joined: its thread has ended
      if (mutators_.empty()) return;
      next = std::move(mutators_.back());
      mutators_.pop_back();
    }
    next.thread.join();
  }
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
