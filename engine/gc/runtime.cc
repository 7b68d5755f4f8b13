#include "engine/gc/runtime.h"

#include <algorithm>
#include <thread>

#include "engine/base/reads.h"
#include "engine/base/witness.h"

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
  if (!kLaboratory && !wanted.run_permits) {
    error = "run_permits can be off in the laboratory only: threads that wait for a P would wait for ever";
    return nullptr;
  }
  if (!kLaboratory && wanted.shared_flush_procs != kSharedFlushProcs) {
    error = "shared_flush_procs can be changed in the laboratory only; here it is " +
            std::to_string(kSharedFlushProcs);
    return nullptr;
  }
  EngineOptions options = wanted;
  if (options.cores == 0) options.cores = std::max(1u, std::thread::hardware_concurrency());
  if (options.markers == 0) options.markers = kLaboratory ? 0 : options.cores - 1;

  std::unique_ptr<Runtime> runtime(new Runtime(options));
  Runtime& r = *runtime;
  r.heap_ = MHeap::create(options, error);
  if (r.heap_ == nullptr) return nullptr;
  r.threads_ = std::make_unique<Threads>(r.crash, options.observer, *r.heap_);
  r.policy_ = policy->create(*r.heap_, r.sched_pointer_);
  r.heap_->repairs = r.policy_->repairs();
  r.heap_->counts_unflushed = r.policy_->counts_unflushed();
  r.sched_ = std::make_unique<Sched>(*r.heap_, *r.policy_,
                                     options.run_permits ? options.cores : Permits::kEveryThread);
  r.sched_pointer_ = r.sched_.get();
  M& maker = r.threads_->add();  // its stream begins with the Ps
  r.sched_->create_ps(maker, options.procs);
  r.sweeper_ = std::make_unique<BackgroundSweeper>(*r.heap_, r.sched_->world, *r.policy_, r.threads_->add());
  r.crew_ = std::make_unique<StoppedCrew>(*r.threads_, options.markers);
  r.marking_ = std::make_unique<MarkPhase>(r.layers(), *r.crew_);
  if (const int refused = r.marking_->error(); refused != 0) {
    error = "no address space for the mark buffers of a heap of " +
            std::to_string(options.max_heap_bytes >> 20) + " MiB: " + describe_errno(refused);
    return nullptr;
  }
  r.sched_->set_mark_hooks(*r.marking_);
  r.pacing_ = std::make_unique<Pacing>(r.layers(), r.options);
  r.collector_ = std::make_unique<Collector>(r.layers(), *r.policy_, *r.crew_, *r.marking_, *r.sweeper_,
                                             *r.pacing_, r.options);
  if (const int refused = r.collector_->records().error(); refused != 0) {
    error = "no memory for the records of cycles: " + describe_errno(refused);
    return nullptr;
  }
  const TinyBlocks tiny_blocks = options.tiny_blocks ? TinyBlocks::kOn : TinyBlocks::kOff;
  r.assists_ = std::make_unique<Assists>(*r.sched_, *r.marking_, *r.pacing_, *r.collector_);
  r.allocator_ =
      std::make_unique<Allocator>(*r.heap_, *r.sched_, *r.policy_, *r.collector_, *r.assists_, tiny_blocks);
  r.finalizers_ = std::make_unique<Finalizers>(*r.heap_, *r.policy_, *r.marking_, tiny_blocks);
  r.pacing_->emit_start(maker);
  maker.emitter.seal();  // before any other thread emits
  if (options.background_sweeper) r.sweeper_->start();
  if (options.concurrent_mark && options.mark_workers > 0) {
    const uint32_t workers = std::min(options.mark_workers, pacer::budget_procs(kMaxProcs, options.cores));
    r.workers_ = std::make_unique<MarkWorkers>(*r.threads_, *r.sched_, *r.marking_, *r.pacing_, *r.collector_,
                                               workers);
  }
  if (options.scavenger) {
    r.scavenger_ = std::make_unique<Scavenger>(*r.heap_, *r.pacing_, r.threads_->add());
    r.collector_->set_scavenger(*r.scavenger_);
  }
  if (!kLaboratory && options.prefault && options.huge_pages)
    r.prefaulter_ = std::make_unique<Prefaulter>(*r.heap_, r.threads_->add());
  // Without workers the cycle would have to wait for a thread that allocates, and one that does starts cycles itself.
  const bool marks_alone = !options.concurrent_mark || options.mark_workers > 0;
  if (!kLaboratory && options.periodic_gc_ns > 0 && marks_alone)
    r.periodic_gc_ = std::make_unique<PeriodicGc>(*r.sched_, *r.collector_, r.threads_->add());
  return runtime;
}

Runtime::Runtime(const EngineOptions& wanted) : options(wanted), crash(*this) {}

Runtime::~Runtime() {
  stopping_.store(true, std::memory_order_relaxed);
  if (heap_ == nullptr) return;  // create() failed
  sched_->pause(false);
  join_mutators();
  Stranger last(crash);
  // relaxed: a detached thread's decrement happened before the caller knew that the thread had detached.
  const uint32_t attached = attached_.load(std::memory_order_relaxed);
  check(last, attached == 0, FatalCode::kMisuse, Operand{"attached_threads_outlive_their_engine", attached});
  check(last, globals.size() == 0, FatalCode::kMisuse,
        Operand{"globals_outlive_their_engine", globals.size()});
  periodic_gc_.reset();  // ahead of the wait: it starts cycles
  if (workers_ != nullptr) collector_->wait_for_cycle();
  workers_.reset();
  scavenger_.reset();  // after the last cycle, which wakes it
  prefaulter_.reset();
  if (options.background_sweeper) sweeper_->finish();
  marking_.reset();
  crew_.reset();
}

// A mutator's life on its thread: from the first P to the last, handles included.
void Runtime::begin_program(M& m) {
  // relaxed, here and below: for this thread itself, should a hook of the engine call the engine.
  m.runs_on.store(this_thread_id(), std::memory_order_relaxed);
  sched_->acquire_p(m);
}

void Runtime::end_program(M& m) {
  m.stack.give_back(m);
  sched_->release_p(m, observe::PStatus::kIdle);
  sched_->permits.give(m);
  m.runs_on.store(0, std::memory_order_relaxed);
}

void Runtime::start_mutator(std::string_view name, std::function<void(Mutator&)> body) {
  const ReadScope scope;
  M& m = threads_->borrow();
  auto program = [this, &m, body = std::move(body)] {
    begin_program(m);
    Mutator mutator(m, *this);
    body(mutator);
    end_program(m);
  };
  threads_->keep_mutator(Thread(name, std::move(program)), m);
}

void Runtime::join_mutators() {
  if (M* m = threads_->running_here()) fail(*m, FatalCode::kMisuse, {{"mutators_joined_by_mutator", m->id}});
  threads_->join_mutators();
}

M& Runtime::attach() {
  // A mutator that owns a P would wait for itself: for its P, or for the stop that waits for it.
  if (M* caller = threads_->running_here(); caller != nullptr && caller->p != nullptr)
    fail(*caller, FatalCode::kMisuse, {{"engine_called_by_running_mutator", caller->id}});
  M& m = threads_->borrow();
  attached_.fetch_add(1, std::memory_order_relaxed);  // relaxed, as in detach(): a count
  begin_program(m);
  return m;
}

void Runtime::detach(M& m) {
  // relaxed: the attached thread stored it; any other finds a value that is not its own.
  check(m, m.runs_on.load(std::memory_order_relaxed) == this_thread_id(), FatalCode::kMisuse,
        Operand{"detached_by_another_thread", m.id});
  check_owns_p(m);
  end_program(m);
  threads_->give_back(m);
  attached_.fetch_sub(1, std::memory_order_relaxed);  // relaxed: see ~Runtime
}

void Runtime::on_p(FunctionRef<void(Mutator&)> work) {
  const ReadScope scope;
  M& m = attach();
  Mutator mutator(m, *this);
  work(mutator);
  detach(m);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
