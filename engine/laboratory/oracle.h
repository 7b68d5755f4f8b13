// An independent witness of the heap: keeps its own account of spans, caches and objects from the engine's
// plain statements (base/witness.h) and judges invariants I1-I7, I9 and I13 of PROTOCOL.md section 8. It
// reads no word of the engine.
//
// One per run, on the run's OS thread; its methods run on the fiber that states the fact. A broken invariant
// abandons the run with the rule and a sentence that a person understands without the code.
//
//   I1  an object comes from a span that is CACHED (raw = h+3) in the own mcache, whose flush_gen is h
//   I2  no live slot is handed out again, and no sweep frees a live object
//   I3  a span in use at the bump is swept exactly once before the next cycle, one allocated after it never
//   I4  one sweeper a span at a time
//   I5  a span that is in a cache is swept by the flusher of that cache and nobody else
//   I6  a span is in one cache at most
//   I9  heap_live is what was marked, what was allocated since, and the free slots of fresh cached spans
//   I13 when a forced cycle returns every span is swept
//   I7  when a cycle begins, and when a sweep of everything in the pause has ended, every span in use is at h or
//       h+3 and every mcache at h
//
// Objects carved from a tiny block are objects of their own; the block itself is none.
//
// A flusher that begins to sweep a span has taken it out of its cache: from there on the sweep owns it, and
// somebody else may rightly cache it before the flusher has told that it emptied its cache's slot.
//
// Fault refill-no-cached-mark leaves raw at h: I1 (and the entry of the span) would name the missing mark
// itself at the first allocation of every run. The oracle lets h pass under that fault, to show the harm that
// the mark prevents.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/witness.h"
#include "engine/laboratory/scheduler.h"

namespace sweepscope::laboratory {

class Oracle final : public engine::Witness {
 public:
  explicit Oracle(Scheduler& scheduler) : scheduler_(scheduler) {}

  uint64_t facts() const { return facts_; }  // statements heard: a silent engine proves nothing
  size_t live_objects() const { return objects_.size(); }

  // I9, in a quiet heap: `marked` by the last termination, `promised` in free slots of CACHED spans.
  void heap_live(uint64_t heap_live, uint64_t marked, uint64_t promised);

  void span_allocated(uint32_t span) override;
  void span_freed(uint32_t span) override;
  void cached(uint32_t p, uint32_t span, uint32_t raw, uint32_t h) override;
  void uncached(uint32_t p, uint32_t span) override;
  void allocated(uint32_t p, uint32_t span, uint32_t raw, uint32_t h, uint32_t flush_gen, uintptr_t address,
                 size_t bytes) override;
  void allocated_large(uint32_t span, uintptr_t address, size_t bytes) override;
  void tiny_block(uint32_t p, uint32_t span, uint32_t raw, uint32_t h, uint32_t flush_gen, size_t bytes) override;
  void tiny_carved(uint32_t p, uint32_t span, uintptr_t address, size_t bytes) override;
  void object_dropped(uintptr_t address) override;
  void sweep_begun(uint32_t span, uint32_t flusher) override;
  void slot_freed(uint32_t span, uintptr_t address, size_t bytes) override;
  void sweep_ended(uint32_t span) override;
  void turned(uint32_t h) override;
  void cycle_completed() override;
  void gc_start_span(uint32_t span, uint32_t raw, uint32_t h) override;
  void gc_start_mcache(uint32_t p, uint32_t flush_gen, uint32_t h) override;
  void stw_swept_span(uint32_t span, uint32_t raw, uint32_t h) override;
  void stw_swept_mcache(uint32_t p, uint32_t flush_gen, uint32_t h) override;

 private:
  static constexpr uint32_t kNobody = ~0u;
  static constexpr uint32_t kObjects = ~0u;  // in footprints: the set of live objects

  struct Span {
    bool in_use = false;
    uint32_t cache = kNobody;    // P whose mcache holds it
    uint32_t sweeper = kNobody;  // fiber
    uint32_t due = 0, done = 0;  // sweeps since the last bump
  };
  struct Object {  // allocated and not dropped by the program
    uintptr_t address;
    size_t bytes;
    uint32_t span;
    uint32_t number;  // 1 = first of the run
  };

  Span& at(uint32_t span);
  std::string who() const;  // "mutator 1 (fiber 3)"
  void hand_out(uint32_t span, uintptr_t address, size_t bytes);
  void check_cached(uint32_t p, uint32_t span, uint32_t raw, uint32_t h, uint32_t flush_gen);
  void check_settled(const char* when, uint32_t span, uint32_t raw, uint32_t h);
  void check_flushed(const char* when, uint32_t p, uint32_t flush_gen, uint32_t h);
  [[noreturn]] void broken(uint32_t invariant, uint32_t span, const std::string& sentence);

  Scheduler& scheduler_;
  std::vector<Span> spans_;
  std::vector<Object> objects_;
  uint32_t objects_made_ = 0;
  uint64_t allocated_since_ = 0;  // bytes since the last turn
  uint64_t facts_ = 0;
};

// The witness of the run on this OS thread; null: none. Set around a run.
void set_witness(engine::Witness* witness);

}  // namespace sweepscope::laboratory
