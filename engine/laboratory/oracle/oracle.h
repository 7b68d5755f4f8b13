// An independent witness of the heap: keeps its own account of spans, caches and objects from the facts that
// the engine reports (base/witness.h) and checks the rules of engine/README.md. It reads no word of the
// engine; the heap verifier and closing.cc check the rules that need a stopped world.
//
// One per run, on the run's OS thread; its methods run on the fiber that reports the fact. A violated rule
// abandons the run with its name and a sentence that can be understood without the code; if the rule's mode
// lets the run continue (check_modes.h), the account continues with the reported fact.
//
//   I1  an object comes from a span that is CACHED (raw = h+3) in the own mcache, whose flush_gen is h;
//       or from a STALE one (h+1) in the own mcache, whose flush_gen is h-2, and was made black
//   I2  no live slot is handed out again, and no sweep frees a live object
//   I3  a span in use at the bump is swept exactly once before the next cycle, one allocated after it never
//   I4  one sweeper a span at a time
//   I5  a span that is in a cache is swept by the flusher of that cache only
//   I6  a span is in one cache at most
//   I14 a span popped from the unswept queue that is not in use is at h or h+3 (I15: never at h-2)
//   I9  heap_live is what was marked, what was allocated since, and the free slots of fresh cached spans
//   I13 when a forced cycle returns every span is swept
//   I7  when a cycle begins, and when a sweep of everything in the pause has ended, every span in use is at h
//       or h+3 and every mcache at h
//   contents    a new object is zero, and a live one holds what was written to it when it was made
//   finalizers  a token is queued once, for an object that the program has dropped; it is queued after the next
//               complete cycle, and the object is alive and intact until the token is taken
//   pacing      a cycle that the pacer starts begins at its trigger or above; while a cycle is under way heap_live
//               exceeds the bound by what each thread and each mcache may take after its check at most
//   credit      the credit of background marking is what workers scanned less what assists stole
//   budget      no more dedicated and fractional workers own a P than the plan of the cycle has
//   permits     no more threads hold a run permit than there are
//   crew        helpers work in a stopped world only, and have done when it starts; if the policy flushes all mcaches in
//               the stop, each is flushed once; the coordinator counts the spans that its helpers flushed
//   accounting  slots and crumbs allocated and freed equal the engine's own statistics
//   L1 L2 L3    the operation that did not end in a deadlock or livelock: liveness()
//
// Objects carved from a tiny block are objects of their own; the block itself is none. A large object takes
// whole pages. An object with a finalizer stays in the account when the program drops it, as the program gets
// it back.
//
// Contents are a pattern in some words of an object that differs from object to object. A search over states
// copies what a run writes, so there they are left alone.
//
// A flusher that begins to sweep a span has taken it out of its cache: from then on the sweep owns it, and
// another P may cache it before the flusher reports that it emptied its cache's slot.
//
// Fault refill-no-cached-mark leaves raw at h: I1 would report the missing mark itself at the first
// allocation of every run. The oracle accepts h under that fault, to show the harm that the mark prevents.
// Under cached-is-plus-two the mark is h+2, for the same reason.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/witness.h"
#include "engine/laboratory/oracle/object_roster.h"
#include "engine/laboratory/seam/digest.h"
#include "engine/laboratory/seam/scheduler.h"

namespace sweepscope::laboratory {

class Oracle final : public engine::Witness {
 public:
  explicit Oracle(Scheduler& scheduler) : scheduler_(scheduler) {}

  uint64_t facts() const { return facts_; }  // facts received: a run without any proves nothing
  size_t live_objects() const { return objects_.size(); }
  void add_state(Digest& digest) const;  // everything that later checks depend on

  // I9, in a quiet heap: `marked` by the last termination, `promised` in free slots of CACHED spans.
  void heap_live(uint64_t heap_live, uint64_t marked, uint64_t promised);

  // The accounting equations, in a quiet heap after a complete sweep: the engine's counts of objects
  // allocated and freed, and of those that its spans hold.
  void accounts(uint64_t allocated, uint64_t freed, uint64_t held);

  // I11: a span that is swept and in no mcache, but holds nothing.
  void dead_span_kept(uint32_t span);

  // In a quiet heap: every live object holds what was written to it.
  void contents();
  // In a quiet heap, a complete cycle after the last drop: every finalizer has been queued.
  void finalizers_came();

  // What it believes of each span that it has heard of: visit(id, in use, P of the mcache or ~0, sweeping fiber or ~0).
  template <class F>
  void for_each_span(F visit) const {
    for (uint32_t id = 0; id < spans_.size(); ++id)
      visit(id, spans_[id].in_use, spans_[id].cache, spans_[id].sweeper);
  }

  // Of a run by hand: the objects of the program, for a picture of them.
  const ObjectRoster& roster() const { return roster_; }

  // After a deadlock or livelock: the liveness rule that it violates, "L1" to "L3", or empty.
  std::string liveness() const;

  void span_allocated(uint32_t span) override;
  void span_freed(uint32_t span) override;
  void cached(uint32_t p, uint32_t span, uint32_t raw, uint32_t h) override;
  void uncached(uint32_t p, uint32_t span) override;
  void allocated(uint32_t p, uint32_t span, uint32_t raw, uint32_t h, uint32_t flush_gen, uintptr_t address,
                 size_t bytes) override;
  void blackened(uint32_t span, uintptr_t address) override;
  void allocated_large(uint32_t span, uintptr_t address, size_t bytes) override;
  void tiny_block(uint32_t p, uint32_t span, uint32_t raw, uint32_t h, uint32_t flush_gen, uintptr_t address,
                  size_t bytes) override;
  void tiny_carved(uint32_t p, uint32_t span, uintptr_t address, size_t bytes) override;
  void object_made(uintptr_t address, size_t refs, size_t bytes) override;
  void object_dropped(uintptr_t address) override;
  void finalizer_set(uintptr_t address, uint64_t token) override;
  void finalizer_cleared(uintptr_t address) override;
  void finalizer_queued(uintptr_t address, uint64_t token) override;
  void finalizer_taken(uintptr_t address, uint64_t token) override;
  void sweep_begun(uint32_t span, uint32_t flusher) override;
  void slot_freed(uint32_t span, uintptr_t address, size_t bytes) override;
  void sweep_ended(uint32_t span) override;
  void turned(uint32_t h) override;
  void cycle_completed() override;
  void gc_start_span(uint32_t span, uint32_t raw, uint32_t h) override;
  void gc_start_mcache(uint32_t p, uint32_t flush_gen, uint32_t h) override;
  void popped_free(uint32_t span, uint32_t raw, uint32_t h) override;
  void paced(uint64_t trigger, uint64_t bound, engine::Paced when) override;
  void cycle_triggered(uint64_t heap_live) override;
  void heap_charged(uint64_t heap_live) override;
  void marking_paid(uint64_t given, uint64_t stolen, int64_t left) override;
  void budget_planned(uint32_t dedicated, uint32_t fractional) override;
  void worker_begun(engine::WorkerKind kind) override;
  void worker_ended(engine::WorkerKind kind) override;
  void permits_made(uint32_t permits) override;
  void permit_taken() override;
  void permit_given() override;
  void crew_made(uint32_t helpers) override;
  void helper_begun() override;
  void helper_ended() override;
  void world_stopped() override;
  void world_starting() override;
  void flushes_due(uint32_t procs) override;
  void mcache_flushed(uint32_t p, uint32_t spans) override;
  void pause_flushed(uint32_t spans) override;
  void duty_begun(engine::Duty duty) override;
  void duty_ended(engine::Duty duty) override;
  void in_hand(uintptr_t reference, engine::Grey grey) override;
  void out_of_hand(uintptr_t reference, engine::Grey grey) override;
  void globals_visited() override;
  void stw_swept_span(uint32_t span, uint32_t raw, uint32_t h) override;
  void stw_swept_mcache(uint32_t p, uint32_t flush_gen, uint32_t h) override;

 private:
  static constexpr uint32_t kNone = ~0u;
  static constexpr uint32_t kObjects = ~0u;  // in footprints: the set of live objects

  struct Span {
    bool in_use = false;
    uint32_t cache = kNone;      // P whose mcache holds it
    uint32_t sweeper = kNone;    // fiber
    uint32_t due = 0, done = 0;  // sweeps since the last bump
  };
  enum class Finalizer : uint8_t { kNone, kSet, kQueued };
  struct Object {  // allocated and not dropped by the program, or to come back to it
    uintptr_t address;
    size_t bytes;
    uint32_t span;
    uint32_t number;                             // 1 = first of the run
    size_t content_from = 0, content_bytes = 0;  // what the pattern is written in; 0 bytes: nothing
    Finalizer finalizer = Finalizer::kNone;
    bool dropped = false;  // with a finalizer
    uint64_t token = 0;
  };

  Span& at(uint32_t span);
  std::string running_name() const;  // "mutator 1 (fiber 3)"
  void hand_out(uint32_t span, uintptr_t address, size_t bytes);
  void check_cached(uint32_t p, uint32_t span, uint32_t raw, uint32_t h, uint32_t flush_gen,
                    uintptr_t address);
  void check_settled(const char* when, uint32_t span, uint32_t raw, uint32_t h);
  void check_flushed(const char* when, uint32_t p, uint32_t flush_gen, uint32_t h);
  void slot_taken(size_t bytes);
  Object* find(uintptr_t address);
  void check_content(const Object& object, const std::string& when);
  void broken(uint32_t rule, uint32_t span, const std::string& sentence);
  uint32_t cached_mark(uint32_t h) const;  // the sweepgen of a span in a cache

  Scheduler& scheduler_;
  std::vector<Span> spans_;
  std::vector<Object> objects_;
  uint32_t objects_made_ = 0;
  uint64_t slots_taken_ = 0, slots_freed_ = 0;
  uint64_t crumbs_ =
      0;  // carved from a block that had its first object; counted as made and freed at once (Go)
  uintptr_t black_ = 0;           // address of the last object that was made black
  uint64_t allocated_since_ = 0;  // bytes since the last turn
  struct OpenDuty {
    uint32_t fiber;
    engine::Duty duty;
  };
  std::vector<OpenDuty> duties_;
  // The account of the collector above the protocol (pacing_rules.cc). ~0: off, nothing is limited.
  struct Pacing {
    uint64_t least_trigger = ~uint64_t{0};  // since the last mark termination
    uint64_t most_bound = ~uint64_t{0};     // since the last mark termination
    std::vector<uint32_t> takers;           // fibers that took a span; each may take one after its check
    std::array<uint32_t, 2> planned{}, marking{};  // workers, by kind
    uint32_t permits = 0, held = 0;
  };
  Pacing pacing_;
  // The account of the crew of a stopped world (crew_rules.cc). Of an engine without helpers nothing is kept, so that
  // its states stay few.
  struct Crew {
    uint32_t helpers = 0, working = 0;
    bool stopped = false;
    // Of this stop:
    uint32_t spans = 0;             // that left mcaches
    std::vector<uint32_t> flushes;  // to come, by P, if the policy flushes all mcaches: 1, then 0
  };
  Crew crew_;
  ObjectRoster roster_;  // no part of the state: kept while a person steps, and in no search
  uint64_t facts_ = 0;
};

// The witness of the run on this OS thread; null: none. Set around a run.
void set_witness(engine::Witness* witness);

}  // namespace sweepscope::laboratory
