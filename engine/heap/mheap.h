// MHeap: pages to spans, the sweep protocol's shared words, and everything found by address (Go's mheap).
#pragma once

#include <array>
#include <bit>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "engine/base/lock.h"
#include "engine/base/wait_point.h"
#include "engine/heap/colour.h"
#include "engine/heap/mcentral.h"
#include "engine/heap/repairs.h"
#include "engine/heap/specials.h"
#include "engine/heap/stack_pool.h"
#include "engine/heap/sweep_credit.h"
#include "engine/heap/sweep_queue.h"
#include "engine/memory/heap_memory.h"
#include "engine/memory/page_runs.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class MHeap {
 public:
  // Null and one line in `error` when the address space or the limit does not allow it.
  static std::unique_ptr<MHeap> create(const EngineOptions& options, std::string& error);

  // h. Written by turn() in a stopped world only, so a thread that runs on a P,
  // or sweeps as one that the stop waits for, may read it without synchronisation;
  // not a step, because no such thread can see it change.
  uint32_t gen() const { return gen_.peek(); }
  uint8_t parity() const { return gen() / 2 % 2; }  // of the sweep phase
  // Which of the two bit tables holds the mark bits of swept spans, of all of them while marking: each sweep swaps the
  // tables of its span, and every span is swept once between two turns (I3).
  uint8_t marks_table() const { return parity(); }
  // For threads that are not stopped. acquire: pairs with the release in turn().
  uint32_t gen_acquire() const { return gen_.peek(std::memory_order_acquire); }

  // T5. World stopped, swept queue-to-be empty (fatal "non-empty swept list").
  // h += 2, queues swap, sweep not done.
  void turn(HeapThread& m, uint32_t cycle, uint32_t mcaches);

  // Of objects from an mcache without STALE spans. Written in a stopped world only, so plain: black while marking
  // is concurrent.
  Colour birth_colour() const { return birth_colour_; }
  void set_birth_colour(Colour colour) { birth_colour_ = colour; }

  // A span of `pages` pages in state kInUse, SWEPT, on the swept queue; null when the heap cannot grow.
  // While spans are unswept, as many pages are reclaimed first. Non-preemptible, no lock of the heap held.
  // Small classes: the caller puts it on its list. Large (size class 0): heap_live counts it; `requested`
  // is the object's size.
  MSpan* alloc_span(HeapThread& m, uint32_t pages, SpanClass span_class, uint64_t requested);

  // T9: swept spans without objects become free pages, under one mheap.lock. The caller has unlinked them.
  void free_spans(HeapThread& m, std::span<MSpan* const> dead);
  void free_span(HeapThread& m, MSpan& span) {
    MSpan* const dead = &span;
    free_spans(m, {&dead, 1});
  }

  // A span of `pages` pages in state kManual: memory for stacks. It has no objects and no sweep state, is on
  // no queue and no list, is not found by address and not counted in use. Null when the heap cannot grow.
  MSpan* alloc_manual(HeapThread& m, uint32_t pages);
  void free_manual(HeapThread& m, MSpan& span);

  // Scavenging: one piece of free pages that hold old contents goes back to the system, and is known to be zero
  // afterwards. By one thread, the scavenger, which takes part in no stop of the world and may own no P.
  // take_piece: one look of a pass (PageRuns::take_dirty), nothing while at most `keep` bytes of free pages hold old
  // contents. return_piece: gives the memory back without mheap.lock, then the pages to the free runs. False: the
  // system refused. An allocation at the heap limit waits in between.
  void begin_scavenging(HeapThread& m);
  [[nodiscard]] PageRuns::Look take_piece(HeapThread& m, uint64_t keep);
  bool return_piece(HeapThread& m, const PageRuns::Look& piece);

  // Fatal "out of memory", after an alloc_span that found nothing. bytes: what was wanted.
  [[noreturn]] void fail_out_of_memory(HeapThread& m, uint64_t bytes);

  // The span that contains the address, or null. Any thread; acquire pairs with the release in map_pages.
  MSpan* find(uintptr_t address) const {
    if (!memory_.contains(address)) return nullptr;
    return memory_.span_slot(memory_.page_of(address))->load(std::memory_order_acquire);
  }

  MSpan& span(uint32_t id) { return spans_[id]; }
  uint32_t span_ids() const { return span_ids_; }  // ids are 0..span_ids-1; under lock or in a stopped world
  // The next one last.
  std::span<const uint32_t> free_structs() const { return {free_ids_.data(), free_id_count_}; }
  uint32_t spans_in_use() const { return spans_in_use_; }
  MCentral& central(SpanClass span_class) { return *centrals_[span_class.raw()]; }
  // Classes that ever had a span, in their order: of all others every list,
  // slot and counter is as it was made.
  template <class F>
  void for_each_class_in_use(F visit) const {  // under lock or in a stopped world
    for (size_t word = 0; word < classes_.size(); ++word)
      for (uint64_t left = classes_[word]; left != 0; left &= left - 1)
        visit(SpanClass::from_raw(
            static_cast<uint8_t>(64 * word + static_cast<size_t>(std::countr_zero(left)))));
  }
  SweepQueue& swept() { return queues_[fault(Fault::kQueuesNotSwapped) ? 0 : gen() / 2 % 2]; }
  SweepQueue& unswept() { return queues_[fault(Fault::kQueuesNotSwapped) ? 1 : 1 - gen() / 2 % 2]; }
  const HeapMemory& memory() const { return memory_; }
  const PageRuns& pages() const {
    return runs_;
  }                                     // under lock: the scavenger changes them in a stopped world too
  bool pages_are_valid(HeapThread& m);  // takes the lock
  // Of pages that the caller has in use: the last ones to be cleared (PageRuns::last_dirty). Needs no lock.
  PageRuns::Range last_dirty(uint32_t from, uint32_t end, uint32_t most) const {
    return runs_.last_dirty(from, end, most);
  }
  // Both under lock or in a stopped world.
  uint64_t in_use_bytes() const { return uint64_t{pages_in_use_} << kPageShift; }
  uint64_t manual_bytes() const { return uint64_t{manual_pages_} << kPageShift; }
  uint64_t limit_bytes() const { return uint64_t{memory_.max_pages()} << kPageShift; }
  Lock& lock() { return lock_; }

  // For the thread that touches new memory ahead of the program (gc/prefaulter.h): the end of the pages that were ever
  // in use, and of those that the heap has grown to. relaxed: hints.
  uint32_t used_end() const { return used_end_.load(std::memory_order_relaxed); }
  uint32_t grown_end() const { return grown_end_.load(std::memory_order_relaxed); }
  WaitPoint growth;  // used_end() has entered another huge page or another arena; woken without the lock

  // Protocol words. sweep_done: the unswept queue was seen empty. sweepers: threads that may hold
  // a claimed span. Both seq_cst: "sweep_done && sweepers == 0" must mean that every span in use
  // is swept (I13), which is an argument about one order of the two words (a sweeper counts itself
  // before it pops, the queue is seen empty after).
  // What each refill or sweep writes has a cache line of its own here: a write invalidates the line for the threads that
  // only read other words of it.
  alignas(64) Shared<uint32_t> sweepers;
  alignas(64) Shared<uint32_t> sweep_done;
  // Mcaches that were not flushed since the turn. Only if the flush policy has no other token for them;
  // else always 0. Set to the number of mcaches at the turn, one less at the end of each flush
  // of a stale mcache and of each destroyed one.
  // seq_cst too: it comes down after the sweeps of its flush, so that at 0 every STALE span is swept.
  Shared<uint32_t> unflushed;
  bool counts_unflushed = false;  // of the flush policy; written once, before any thread runs
  void mcache_flushed();          // by the flusher; the last one wakes the waiters
  void begin_sweeper();
  void end_sweeper();            // wakes the threads that wait for the end of the sweep
  bool sweep_complete() const {  // for predicates; stays true until the next turn (I13)
    // Three reads, not one. Queue empty at the first, no claim open at the second:
    // every NEEDS span is swept by then. Every STALE one is by the third, its flusher having left
    // `sweepers` before it came off `unflushed`.
    return sweep_done.peek(std::memory_order_seq_cst) != 0 && sweepers.peek(std::memory_order_seq_cst) == 0 &&
           (unflushed.peek(std::memory_order_seq_cst) == 0 || fault(Fault::kCompletionIgnoresFlushers));
  }
  WaitPoint sweep_completed;

  // Bytes considered live: marked at the last termination plus what was promised since (I9).
  // relaxed counters.
  alignas(64) Shared<uint64_t> heap_live;
  alignas(64) Shared<uint64_t> pages_swept;

  MSpan empty_span;  // full, of no class: what an mcache slot holds when it has no span

  Repairs repairs;      // of the flush policy
  bool poison = false;  // EngineOptions::poison

  Specials specials;
  SweepCredit credit;

  // Large spans in use, and how many of them were not swept since the turn:
  // only a hint where to search.
  const SpanList& busy_large() const { return busy_large_; }  // under lock or in a stopped world
  void busy_large_to_back(Context& by, MSpan& span) {         // under lock
    busy_large_.remove(by, span);
    busy_large_.push_back(by, span);
  }
  Shared<uint32_t> unswept_large;

  Shared<uint64_t> scavenged_bytes;  // given back to the system, ever; relaxed: a counter

  StackPool stacks{*this};

  uint64_t large_allocs = 0, large_alloc_bytes = 0;  // under lock

  // base/state.h
  template <class State>
  void add_state(State& to);

 private:
  MHeap(HeapMemory memory, PageRuns runs, OsArray<MSpan> spans, OsArray<uint32_t> free_ids,
        OsArray<uint32_t> q0, OsArray<uint32_t> q1);
  std::optional<PageRuns::Allocation> take_pages(HeapThread& m, uint32_t pages);
  std::optional<PageRuns::Allocation> find_pages(HeapThread& m, uint32_t pages);
  bool grow(HeapThread& m, uint32_t pages);
  bool wait_for_piece(HeapThread& m);
  MSpan& take_struct();
  MSpan* alloc_locked(HeapThread& m, uint32_t pages, SpanClass span_class, uint64_t requested);
  void free_locked(HeapThread& m, MSpan& span);
  void note_used(uint32_t end);
  void map_pages(MSpan& span);
  void unmap_pages(const MSpan& span);
  void lay_out(MSpan& span, const PageRuns::Allocation& place, uint32_t pages, SpanClass span_class,
               uint64_t requested);

  alignas(64) Shared<uint32_t> gen_{kFirstHeapGen};
  Colour birth_colour_ = Colour::kWhite;
  HeapMemory memory_;           // guarded by lock_ where it changes
  OsArray<MSpan> spans_;        // by id; type-stable
  OsArray<uint32_t> free_ids_;  // a stack
  alignas(64) Lock lock_{Rank::kMHeap, Word::kHeapLock};
  uint32_t free_id_count_ = 0;
  uint32_t span_ids_ = 0;
  uint32_t spans_in_use_ = 0;
  uint32_t pages_in_use_ = 0;
  uint32_t manual_pages_ = 0;
  uint32_t large_in_use_ = 0;
  PageRuns runs_;
  // No protocol words: no thread of the laboratory reads them.
  std::atomic<uint32_t> used_end_{0}, grown_end_{0};
  bool piece_changed_ = false;  // of the prefaulter, which is to be woken; under lock_
  Shared<uint32_t> piece_out_;  // a piece is being scavenged; under lock_, for predicates
  WaitPoint piece_back_;
  SpanList busy_large_{observe::ListMembership::kBusyLarge, Rank::kMHeap};
  SweepQueue queues_[2];
  std::array<std::unique_ptr<MCentral>, kNumSpanClasses> centrals_;
  std::array<uint64_t, (kNumSpanClasses + 63) / 64> classes_{};  // bit = had a span; under lock_
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
