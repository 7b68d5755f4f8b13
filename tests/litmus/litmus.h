// A litmus test: two threads in one part of the protocol, in every interleaving of their steps.
//
// A run creates an engine of two Ps without a background sweeper. `setup` prepares it on the main fiber; then
// `left` and `right` run as fibers, each a thread that owns a P; `after` returns an error or an empty string.
// The laboratory's oracle checks the whole run and the engine's verifier its end.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "engine/base/witness.h"
#include "engine/engine.h"
#include "engine/heap/sweep.h"
#include "engine/laboratory/oracle/oracle.h"
#include "engine/laboratory/seam/scheduler.h"
#include "engine/laboratory/search/depth_first.h"

namespace sweepscope::laboratory {

class Bench {
 public:
  explicit Bench(const std::string& policy = "lazy", bool stw_sweep = false, bool concurrent_mark = false) {
    engine::EngineOptions options;
    options.flush_policy = policy;
    options.procs = options.cores = 2;
    options.run_permits = false;  // the schedule takes turns
    options.gogc = engine::kGcOff;
    options.max_heap_bytes = options.arena_bytes = 256 * 1024;
    options.stw_sweep = stw_sweep;
    options.concurrent_mark = concurrent_mark;
    options.huge_pages = options.background_sweeper = options.scavenger = false;
    options.mark_workers = 0;
    engine = std::move(engine::Engine::create(options).engine);
    left = &take_p(0);
    right = &take_p(1);
  }

  // Both threads release their Ps, if they still have them; then the verifier runs.
  void finish() {
    for (engine::M* m : {left, right})
      if (m->p != nullptr) engine->runtime().sched().release_p(*m, observe::PStatus::kIdle);
    static_cast<void>(engine->verify());  // a violation is a failed check of the run
  }

  engine::MHeap& heap() { return engine->runtime().heap(); }
  engine::Sched& sched() { return engine->runtime().sched(); }
  uint32_t h() { return heap().gen(); }

  // An object of half a span from the thread's mcache.
  uintptr_t allocate(engine::M& m) {
    engine::Mutator mutator(m, engine->runtime());
    return reinterpret_cast<uintptr_t>(engine::allocate(mutator, kObjectBytes, 0));
  }
  static void drop(uintptr_t object) { engine::witness_object_dropped(object); }
  void mark(uintptr_t object) {
    engine::MSpan& span = *heap().find(object);
    const uint32_t slot = span.slot_of(object);
    span.mark_word_at(slot / 64) |= uint64_t{1} << (slot % 64);
  }
  void release(engine::M& m) {
    const engine::NonPreemptible region(m);
    release_all(m, heap(), *m.mcache);
  }
  void refill_and_use(engine::M& m) {  // a cached span has handed out an object (I12)
    {
      const engine::NonPreemptible region(m);
      refill(m, heap(), kClass);
    }
    allocate(m);
  }
  bool sweep_one(engine::M& m) { return engine::sweep_one(m, heap(), observe::Cause::kForced).has_value(); }
  // As by the coordinator of a stopped world: the other threads have not begun yet.
  void turn() {
    heap().heap_live.init(marked_bytes());
    heap().turn(*left, ++cycle_, 2);
  }
  uint32_t relative(uint32_t span) { return heap().span(span).sweepgen.peek() - h(); }

  // A hash of all protocol words.
  uint64_t state() {
    uint64_t hash = 14695981039346656037u;
    auto mix = [&hash](uint64_t value) { hash = (hash ^ value) * 1099511628211u; };
    mix(h());
    mix(heap().sweep_done.peek());
    mix(heap().sweepers.peek());
    mix(heap().unflushed.peek());
    mix(heap().swept().size());
    mix(heap().unswept().size());
    for (uint32_t id = 0; id < heap().span_ids(); ++id) {
      engine::MSpan& span = heap().span(id);
      mix(span.sweepgen.peek());
      mix(static_cast<uint64_t>(span.state.peek()));
      mix(static_cast<uint64_t>(span.list));
      mix(span.freeindex.peek());
      mix(span.marks_in.peek());
    }
    for (uint32_t id = 0; id < 2; ++id) {
      mix(sched().p(id).mcache.flush_gen.peek());
      mix(sched().p(id).mcache.cached);
      mix(static_cast<uint64_t>(sched().p(id).status.peek()));
    }
    return hash;
  }

  static constexpr size_t kObjectBytes = 4096;
  static constexpr engine::SpanClass kClass{engine::size_class_of(kObjectBytes), true};

  std::unique_ptr<engine::Engine> engine;
  engine::M* left;
  engine::M* right;
  std::vector<uintptr_t> objects;  // from setup, for the other functions
  bool too_early = false;          // a side found that its wait ended too early

 private:
  uint64_t marked_bytes() {
    uint64_t bytes = 0;
    for (uint32_t id = 0; id < heap().span_ids(); ++id) {
      const engine::MSpan& span = heap().span(id);
      if (span.state.peek() != engine::SpanState::kInUse) continue;
      for (uint32_t word = 0; word < span.words(); ++word)
        bytes += static_cast<uint64_t>(std::popcount(span.mark_word_at(word))) * span.object_bytes();
    }
    return bytes;
  }
  engine::M& take_p(uint32_t p) {
    engine::M& m = engine->runtime().threads().add();
    engine->runtime().sched().acquire_p(m, p, true);
    return m;
  }
  uint32_t cycle_ = 0;
};

struct Litmus {
  std::function<void(Bench&)> setup = [](Bench&) {};
  std::function<void(Bench&)> left, right;
  std::function<std::string(Bench&)> after = [](Bench&) { return std::string(); };
  std::string policy = "lazy";
  bool stw_sweep = false;
  bool concurrent_mark = false;
  std::optional<engine::Fault> fault = std::nullopt;
  bool sleepers = false;  // a waiting thread sleeps until it is woken (RunSettings::sleepers)
};

struct Explored {
  uint64_t schedules = 0, redundant = 0, steps = 0;
  bool complete = false;
  std::set<uint64_t> states;  // every visited state of the protocol's words
  std::string wrong;          // the first violation, or the result of `after`; empty: none
};

inline Explored explore(const Litmus& litmus, DepthFirst search, uint64_t most = 500'000) {
  class Watching final : public Strategy {  // records every state
   public:
    Watching(DepthFirst& inner, Bench*& bench, std::set<uint64_t>& states)
        : inner_(inner), bench_(bench), states_(states) {}
    uint32_t pick(std::span<const Candidate> enabled) override {
      if (bench_ != nullptr) states_.insert(bench_->state());
      return inner_.pick(enabled);
    }
    uint32_t choose(uint32_t fiber, engine::Step what, uint32_t n) override {
      return inner_.choose(fiber, what, n);
    }
    void took(Footprint& footprint) override { inner_.took(footprint); }

   private:
    DepthFirst& inner_;
    Bench*& bench_;
    std::set<uint64_t>& states_;
  };

  Explored explored;
  Scheduler scheduler;
  Bench* current = nullptr;
  Watching watching(search, current, explored.states);
  RunSettings settings;
  settings.footprints = search.needs_footprints();
  settings.sleepers = litmus.sleepers;
  settings.fault = litmus.fault;
  do {
    search.begin();
    Oracle oracle(scheduler);
    set_witness(&oracle);
    const RunReport report = scheduler.run(
        "main",
        [&] {
          Bench bench(litmus.policy, litmus.stw_sweep, litmus.concurrent_mark);
          litmus.setup(bench);
          current = &bench;
          engine::Thread left("left", [&] { litmus.left(bench); });
          engine::Thread right("right", [&] { litmus.right(bench); });
          left.join();
          right.join();
          current = nullptr;
          explored.wrong = litmus.after(bench);
          bench.finish();
        },
        watching, settings);
    set_witness(nullptr);
    current = nullptr;
    ++explored.schedules;
    explored.steps += report.steps;
    if (report.outcome == Outcome::kViolation)
      explored.wrong = report.violation.rule + ": " + report.violation.sentence;
    if (report.outcome == Outcome::kMisfit) explored.wrong = "the run did not follow the search";
    if (!explored.wrong.empty()) return explored;
    explored.redundant = search.redundant_runs();
  } while (explored.schedules < most && search.next());
  explored.complete = explored.schedules < most;
  return explored;
}

// Explores all interleavings, of which none may fail. `most`: limit of schedules; a wait that became a spin
// exceeds it.
inline Explored expect_right(const Litmus& litmus, uint64_t most = 500'000) {
  const Explored explored = explore(litmus, DepthFirst(std::nullopt), most);
  EXPECT_EQ(explored.wrong, "");
  EXPECT_TRUE(explored.complete) << "cut at " << explored.schedules << " schedules";
  EXPECT_GT(explored.schedules, 1u) << "nothing interleaved";
  std::printf("complete: %llu schedules (%llu redundant), %llu steps, %zu protocol states\n",
              static_cast<unsigned long long>(explored.schedules),
              static_cast<unsigned long long>(explored.redundant),
              static_cast<unsigned long long>(explored.steps), explored.states.size());
  return explored;
}

}  // namespace sweepscope::laboratory
