#include "engine/engine.h"

#include <cstring>

#include "engine/gc/runtime.h"
#include "engine/gc/verifier.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

using observe::StwReason;

EngineStats recount(Runtime& runtime);  // gc/stats.cc

Engine::Created Engine::create(const EngineOptions& options) {
  Created made;
  std::unique_ptr<Runtime> runtime = Runtime::create(options, made.error);
  if (runtime != nullptr) made.engine.reset(new Engine(std::move(runtime)));
  return made;
}

Engine::Engine(std::unique_ptr<Runtime> runtime) : runtime_(std::move(runtime)) {}
Engine::~Engine() = default;

void Engine::start_mutator(std::string_view name, std::function<void(Mutator&)> body) {
  runtime_->start_mutator(name, std::move(body));
}
void Engine::join_mutators() { runtime_->join_mutators(); }

void Engine::collect() {
  runtime_->on_p([](Mutator& mutator) { mutator.collect(); });
}

bool Engine::set_procs(uint32_t procs) {
  if (procs < 1 || procs > kMaxProcs) return false;
  runtime_->on_p([&](Mutator& mutator) {
    runtime_->collector().stopped(mutator.m(), StwReason::kProcresize, procs, {});
  });
  return true;
}

void Engine::set_gogc(uint32_t percent) { runtime_->pacing().set_gogc(percent); }

Pause Engine::control_stop() {
  Pause pause{};
  runtime_->on_p([&](Mutator& mutator) {
    pause = runtime_->collector().stopped(mutator.m(), StwReason::kControl, 0, {});
  });
  return pause;
}

namespace {

// `before`: in the stopped world, ahead of the recount. The records of cycles are copied once the world runs
// again; worldsema keeps them as they are.
EngineStats stop_and_recount(Runtime& runtime, FunctionRef<void(M&)> before) {
  EngineStats stats;
  runtime.on_p([&](Mutator& mutator) {
    runtime.collector().stopped(
        mutator.m(), StwReason::kStats, 0,
        [&] {
          before(mutator.m());
          stats = recount(runtime);
        },
        [&] {
          const CycleRecords& records = runtime.collector().records();
          stats.per_cycle.reserve(records.size());
          for (size_t i = 0; i < records.size(); ++i) stats.per_cycle.push_back(records[i]);
        });
  });
  return stats;
}

}  // namespace

EngineStats Engine::stats() {
  return stop_and_recount(*runtime_, [](M&) {});
}

// Under worldsema no barrier is under way, so every mcache is flushed and its spans are fresh:
// each leaves by T4, nothing is swept, and flush_gen stays (Go: flushallmcaches). A policy without a barrier
// may have left some stale; those are flushed as any flusher would.
EngineStats Engine::read_mem_stats() {
  return stop_and_recount(*runtime_, [this](M& m) {
    for (uint32_t id = 0; id < runtime_->sched().procs(); ++id) {
      MCache& cache = runtime_->sched().p(id).mcache;
      prepare_for_sweep(m, runtime_->heap(), cache, observe::FlushCause::kStats);
      if (cache.cached > 0 || !cache.stacks.empty())
        release(m, runtime_->heap(), cache, observe::FlushCause::kStats);
    }
  });
}

Verification Engine::verify() {
  const OnViolation on_violation =
      kLaboratory || runtime_->options.verify ? OnViolation::kFail : OnViolation::kReport;
  Verification result;
  runtime_->on_p([&](Mutator& mutator) {
    runtime_->collector().stopped(mutator.m(), StwReason::kStats, 0, [&] {
      result = check_protocol(mutator.m(), runtime_->layers(), VerifyAt::kAnyStop, on_violation);
    });
  });
  return result;
}

void Engine::pause_mutators(bool paused) { runtime_->sched().pause(paused); }

std::vector<std::string> flush_policy_names() {
  std::vector<std::string> names;
  for (const PolicyEntry& entry : policies()) names.emplace_back(entry.name);
  return names;
}

std::string flush_policy_summary(std::string_view name) {
  const PolicyEntry* entry = find_policy(name);
  return entry == nullptr ? std::string() : std::string(entry->summary);
}

Mutator::Mutator(M& m, Runtime& runtime)
    : m_(m),
      heap_(runtime.heap()),
      sched_(runtime.sched()),
      allocator_(runtime.allocator()),
      finalizers_(runtime.finalizers()),
      marking_(runtime.marking()),
      collector_(runtime.collector()),
      runtime_(runtime) {}

void zero_long_slot(void* slot, size_t bytes) { std::memset(slot, 0, bytes); }

void* allocate(Mutator& mutator, size_t bytes, size_t refs) {
  return mutator.allocator_.allocate(mutator.m_, bytes, refs);
}

bool set_finalizer(Mutator& mutator, void* object, uint64_t token) {
  return mutator.finalizers_.set(mutator.m_, reinterpret_cast<uintptr_t>(object), token);
}

bool clear_finalizer(Mutator& mutator, void* object) {
  return mutator.finalizers_.clear(mutator.m_, reinterpret_cast<uintptr_t>(object));
}

std::optional<Finalized> take_finalized(Mutator& mutator) {
  const std::optional<QueuedFinalizer> queued = mutator.finalizers_.take(mutator.m_);
  if (!queued) return std::nullopt;
  return Finalized{reinterpret_cast<void*>(queued->object), queued->token};
}

void Mutator::collect() {
  check_owns_p(m_);
  collector_.collect_now(m_);
}

void Mutator::move_to_p(uint32_t p) {
  check_owns_p(m_);
  sched_.release_p(m_, observe::PStatus::kIdle);
  sched_.acquire_p(m_, p, true);
}

uint32_t Mutator::procs() const { return sched_.procs(); }
uint32_t Mutator::sweepgen() const { return heap_.gen(); }

void Mutator::run_blocking(FunctionRef<void()> outside) {
  check_owns_p(m_);
  sched_.blocking(m_, outside);
}

void fail_too_many_refs(Mutator& mutator, size_t n) {
  fail(mutator.m(), FatalCode::kMisuse, {{"refs_beyond_the_address_space", n}});
}

void fail_array_size(Mutator& mutator, size_t n) {
  fail(mutator.m(), FatalCode::kMisuse, {{"array_beyond_the_address_space", n}});
}

void fail_array_index(M& m, size_t index, size_t length) {
  fail(m, FatalCode::kMisuse, {{"index_beyond_the_array", index}, {"its_length", length}});
}

std::vector<uint32_t> small_sizes() {
  std::vector<uint32_t> sizes;
  for (uint8_t c = 1; c < kNumSizeClasses; ++c) sizes.push_back(class_size(c));
  return sizes;
}

uint64_t full_mcache_bytes() {
  uint64_t bytes = 0;
  for (uint8_t c = 1; c < kNumSizeClasses; ++c) bytes += 2 * uint64_t{class_bytes(c)};
  return bytes;
}

GlobalBase::GlobalBase(Engine& engine) : runtime_(engine.runtime()) {
  Stranger caller(runtime_.crash);
  runtime_.globals.add(caller, *this);
}
GlobalBase::~GlobalBase() {
  Stranger caller(runtime_.crash);
  runtime_.globals.remove(caller, *this);
}
void GlobalBase::fail_other_engine(Mutator& mutator) {
  fail(mutator.m(), FatalCode::kMisuse, {{"global_of_another_engine_set_by_mutator", mutator.m().id}});
}

Attached::Attached(Engine& engine) : Mutator(engine.runtime().attach(), engine.runtime()), engine_(engine) {}
Attached::~Attached() { engine_.runtime().detach(m()); }

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
