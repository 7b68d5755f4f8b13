#include "engine/gc/runtime.h"

#include "engine/base/reads.h"

#include <algorithm>
#include <thread>

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

std::unique_ptr<Runtime> Runtime::create(const EngineOptions& wanted, std::string& error) {
  if (wanted.procs < 1 || wanted.procs > kMaxProcs) {
    error = "the number of Ps must be 1 to " + std::to_string(kMaxProcs) + ", not " +
            std::to_string(wanted.procs);
    return nullptr;
  }
  const PolicyEntry* policy = find_policy(wanted.flush_policy);
  if (policy == nullptr) {
    error = "there is no flush policy '" + wanted.flush_policy + "'; there are:";
    for (const PolicyEntry& entry : policies()) error += " " + std::string(entry.name);
    return nullptr;
  }
  EngineOptions options = wanted;
  if (options.cores == 0) options.cores = std::max(1u, std::thread::hardware_concurrency());
  if (options.markers == 0) options.markers = kLaboratory ? 0 : options.cores - 1;

  std::unique_ptr<Runtime> runtime(new Runtime(options));
  runtime->heap_ = MHeap::create(options, error);
  if (runtime->heap_ == nullptr) return nullptr;
  runtime->policy_ = policy->create(*runtime->heap_, runtime->sched_pointer_);
  runtime->heap_->repairs = runtime->policy_->repairs();
  runtime->heap_->counts_unflushed = runtime->policy_->counts_unflushed();
  runtime->sched_ = std::make_unique<Sched>(*runtime->heap_, *runtime->policy_, options.cores);
  runtime->sched_pointer_ = runtime->sched_.get();
  M& maker = runtime->add_thread();  // its stream begins with the Ps
  runtime->sched_->create_ps(maker, options.procs);
  runtime->sweeper_ = std::make_unique<BackgroundSweeper>(*runtime->heap_, runtime->sched_->world,
                                                          *runtime->policy_, runtime->add_thread());
  runtime->collector_ = std::make_unique<Collector>(*runtime, options.markers);
  runtime->collector_->emit_start(maker);
  maker.emitter.seal();  // before any other thread emits
  if (options.background_sweeper) runtime->sweeper_->start();
  return runtime;
}

Runtime::Runtime(const EngineOptions& wanted) : options(wanted), crash(*this) {}

Runtime::~Runtime() {
  stopping_.store(true, std::memory_order_relaxed);
  if (sched_ != nullptr) sched_->pause(false);
  join_mutators();
  if (collector_ != nullptr)
    check(threads_.front(), globals.size() == 0, FatalCode::kMisuse,
          Operand{"globals_outlive_their_engine", globals.size()});
  if (options.background_sweeper && sweeper_ != nullptr) sweeper_->finish();
  collector_.reset();
  for (M& m : threads_) m.emitter.seal();
}

M& Runtime::add_thread() {
  const ReadsEndHere scope;
  // The lock is taken in the name of the thread being made: it holds nothing yet.
  Stranger newborn(crash);
  Guard guard(newborn, threads_lock_, "threads: lock to add one");
  return add_thread_locked();
}

M& Runtime::borrow_thread() {
  const ReadsEndHere scope;
  Stranger newborn(crash);
  Guard guard(newborn, threads_lock_, "threads: lock to borrow one");
  if (spare_.empty()) return add_thread_locked();
  M& m = *spare_.back();
  spare_.pop_back();
  return m;
}

void Runtime::give_back_thread(M& m) {
  const ReadsEndHere scope;
  Guard guard(m, threads_lock_, "threads: lock to give one back");
  spare_.push_back(&m);
}

M& Runtime::add_thread_locked() {
  M& m = threads_.emplace_back();
  m.fatal = &crash;
  m.id = static_cast<uint32_t>(threads_.size() - 1);
  m.runtime = this;
  m.emitter.attach(options.observer, m.id);
  return m;
}

void Runtime::start_mutator(std::string_view name, std::function<void(Mutator&)> body) {
  const ReadsEndHere scope;
  M& m = borrow_thread();
  Thread thread(name, [this, &m, body = std::move(body)] {
    m.runs_on.store(this_thread_id(), std::memory_order_relaxed);  // relaxed: for this thread itself
    Mutator mutator(m);
    m.mutator = &mutator;
    sched_->acquire_p(m);
    body(mutator);
    ShadowStack::give_back(m);
    sched_->release_p(m, observe::PStatus::kIdle);
    sched_->permits.give(m);
    m.mutator = nullptr;
    m.runs_on.store(0, std::memory_order_relaxed);  // relaxed: as above
  });
  Stranger starter(crash);
  Guard guard(starter, threads_lock_, "threads: lock to note a mutator");
  mutators_.push_back({std::move(thread), &m});
}

// The M with which the calling thread runs program code, the one that owns a P if there are two (a mutator in
// a blocking region that called the engine); null: it runs none.
M* Runtime::running_here() {
  const uint64_t self = this_thread_id();
  if (self == 0) return nullptr;
  Stranger caller(crash);
  Guard guard(caller, threads_lock_, "threads: lock to look for the caller");
  M* found = nullptr;
  for (M& m : threads_) {
    // relaxed: only this thread stores it.
    if (m.runs_on.load(std::memory_order_relaxed) != self) continue;
    if (m.p != nullptr) return &m;
    found = &m;
  }
  return found;
}

void Runtime::join_mutators() {
  if (M* m = running_here()) fail(*m, FatalCode::kMisuse, {{"mutators_joined_by_mutator", m->id}});
  Running next;
  while (true) {
    {
      Stranger joiner(crash);
      Guard guard(joiner, threads_lock_, "threads: lock to join a mutator");
      if (next.m != nullptr) spare_.push_back(next.m);  // joined: its thread has ended
      if (mutators_.empty()) return;
      next = std::move(mutators_.back());
      mutators_.pop_back();
    }
    next.thread.join();
  }
}

void Runtime::on_p(const std::function<void(Mutator&)>& work) {
  const ReadsEndHere scope;
  // A mutator that owns a P would wait for itself: for its P, or for the stop that waits for it.
  if (M* caller = running_here(); caller != nullptr && caller->p != nullptr)
    fail(*caller, FatalCode::kMisuse, {{"engine_called_by_running_mutator", caller->id}});
  M& m = borrow_thread();
  // relaxed, here and below: for this thread itself, should a hook of the engine call the engine.
  m.runs_on.store(this_thread_id(), std::memory_order_relaxed);
  {
    Mutator mutator(m);
    sched_->acquire_p(m);
    work(mutator);
    ShadowStack::give_back(m);
    sched_->release_p(m, observe::PStatus::kIdle);
    sched_->permits.give(m);
  }
  m.runs_on.store(0, std::memory_order_relaxed);
  give_back_thread(m);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
