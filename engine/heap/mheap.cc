#include "engine/heap/mheap.h"

#include <algorithm>
#include <new>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/fault.h"
#include "engine/base/reads.h"
#include "engine/base/witness.h"
#include "engine/heap/layout.h"
#include "engine/heap/reclaim.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

std::unique_ptr<MHeap> MHeap::create(const EngineOptions& options, std::string& error) {
#ifdef __POPCNT__
  if (!__builtin_cpu_supports("popcnt")) {
    error = "this processor has no POPCNT instruction; the engine was built with -mpopcnt (CMakeLists.txt)";
    return nullptr;
  }
#endif
  HeapMemoryOptions layout;
  layout.max_bytes = options.max_heap_bytes;
  layout.arena_bytes = options.arena_bytes;
  layout.huge_pages = options.huge_pages ? HugePages::kAlways : HugePages::kNever;
  std::optional<HeapMemory> memory = HeapMemory::create(layout, error);
  if (!memory) return nullptr;
  const uint32_t max_pages = memory->max_pages();
  std::optional<PageRuns> runs = PageRuns::create(max_pages, error);
  if (!runs) return nullptr;
  OsArray<MSpan> spans(max_pages);
  OsArray<uint32_t> free_ids(max_pages), q0(max_pages), q1(max_pages);
  for (int e : {spans.error(), free_ids.error(), q0.error(), q1.error()}) {
    if (e != 0) {
      error = "no address space for the tables of a heap of " + std::to_string(options.max_heap_bytes >> 20) +
              " MiB: " + describe_errno(e);
      return nullptr;
    }
  }
  std::unique_ptr<MHeap> heap(new MHeap(std::move(*memory), std::move(*runs), std::move(spans),
                                        std::move(free_ids), std::move(q0), std::move(q1)));
  heap->poison = options.poison;
  return heap;
}

MHeap::MHeap(HeapMemory memory, PageRuns runs, OsArray<MSpan> spans, OsArray<uint32_t> free_ids,
             OsArray<uint32_t> q0, OsArray<uint32_t> q1)
    : memory_(std::move(memory)),
      spans_(std::move(spans)),
      free_ids_(std::move(free_ids)),
      runs_(std::move(runs)),
      queues_{SweepQueue(std::move(q0), 0), SweepQueue(std::move(q1), 1)} {
  gen_.bind(Word::kHeapGen, 0);
  sweep_done.bind(Word::kSweepDone, 0);
  sweepers.bind(Word::kSweepers, 0);
  unflushed.bind(Word::kUnflushed, 0);
  sweep_completed.bind(Word::kSweepers, 0);
  heap_live.bind(Word::kHeapLive, 0);
  pages_swept.bind(Word::kPagesSwept, 0);
  unswept_large.bind(Word::kUnsweptLarge, 0);
  piece_out_.bind(Word::kScavenge, 0);
  piece_back_.bind(Word::kScavenge, 0);
  growth.bind(Word::kScavenge, 3);
  scavenged_bytes.bind(Word::kScavenge, 1);
  if (fault(Fault::kSpanZeroedOnReuse)) gen_.init(0);
  sweep_done.init(1);  // before the first cycle there is nothing to sweep
  for (size_t c = 0; c < centrals_.size(); ++c)
    centrals_[c] = std::make_unique<MCentral>(SpanClass::from_raw(static_cast<uint8_t>(c)));
}

void MHeap::turn(HeapThread& m, uint32_t cycle, uint32_t mcaches) {
  const ReadScope scope;
  Guard guard(m, lock_, "turn: lock mheap");
  check(m, unswept().size() == 0, FatalCode::kNonEmptySweptList, Operand{"spans", unswept().size()});
  const uint32_t from = gen_.peek();
  // release: threads that are not stopped (telemetry, statistics) read h with acquire.
  gen_.store(from + 2, std::memory_order_release, "turn: sg := sg + 2");
  witness_turned(from + 2);  // at once: a sweeper that the stop ignored must meet the new h
  // Stopped, so the order of the three is free;
  // no thread may see a complete sweep of the new h while sweepdone is still set.
  if (counts_unflushed)
    unflushed.store(mcaches, std::memory_order_seq_cst, "turn: unflushed := number of Ps");
  sweep_done.store(0, std::memory_order_seq_cst, "turn: sweepdone := 0");
  pages_swept.store(0, std::memory_order_relaxed, "turn: pages_swept := 0");
  unswept_large.put(large_in_use_);
  specials.turned();
  if (m.emitter.enabled()) {
    m.emitter.emit(observe::Turn{{stamp(), observe::EventKind::kTurn, 0, observe::kNoP, cycle},
                                 from,
                                 from + 2,
                                 spans_in_use_,
                                 mcaches});
  }
}

void MHeap::begin_sweeper() {
  // seq_cst: before any claim of ours, in one order with sweep_done.
  sweepers.add(1, std::memory_order_seq_cst, "sweepers: one more");
}

void MHeap::end_sweeper() {
  const ReadScope scope;
  // A thread that finds the queue empty sets sweep_done before it leaves, so the last one to leave sees it here.
  if (sweepers.fetch_sub(1, std::memory_order_seq_cst, "sweepers: one less") == 1 && sweep_done.peek() != 0)
    sweep_completed.wake_all();
}

void MHeap::mcache_flushed() {
  // The last to come wakes: if sweepers or the queue are last, end_sweeper does.
  if (unflushed.fetch_sub(1, std::memory_order_seq_cst, "unflushed: one less") == 1)
    sweep_completed.wake_all();
}

bool MHeap::grow(HeapThread& m, uint32_t pages) {
  const std::optional<PageRange> grown = memory_.grow(pages);
  if (!grown) return false;
  check(m, runs_.add(grown->first, grown->pages), FatalCode::kVerifyFailed, Operand{"page", grown->first});
  grown_end_.store(grown->first + grown->pages, std::memory_order_relaxed);  // relaxed, here and below: hints
  if (m.emitter.enabled()) {
    m.emitter.emit(observe::Log{{stamp(), observe::EventKind::kLog,
                                 static_cast<uint8_t>(observe::LogCode::kHeapGrown), observe::kNoP, 0},
                                grown->first,
                                grown->pages});
  }
  return true;
}

// Under lock_, which a wait gives up meanwhile.
std::optional<PageRuns::Allocation> MHeap::take_pages(HeapThread& m, uint32_t pages) {
  const std::optional<PageRuns::Allocation> place = find_pages(m, pages);
  if constexpr (!kLaboratory)
    if (place) note_used(place->first + pages);
  return place;
}

std::optional<PageRuns::Allocation> MHeap::find_pages(HeapThread& m, uint32_t pages) {
  do {
    if (std::optional<PageRuns::Allocation> place = runs_.allocate(pages)) return place;
    if (grow(m, pages)) return runs_.allocate(pages);
    // At the limit. The pages that are missing may be those that are out to be scavenged. Each piece makes dirty pages
    // clean, so the wait for one after the other ends.
  } while (wait_for_piece(m));
  // The rest before the limit may be enough together with the free pages in front of it.
  if (!grow(m, memory_.max_pages() - memory_.grown_pages())) return std::nullopt;
  return runs_.allocate(pages);
}

// Under lock_. The prefaulter's next piece may have changed at each huge page, and after it at the first page of an
// arena, which the heap had not grown to before. A wake-up is a system call: the next alloc_span makes it, without lock_.
void MHeap::note_used(uint32_t end) {
  const uint32_t before = used_end_.load(std::memory_order_relaxed);  // relaxed, both: hints
  if (end <= before) return;
  used_end_.store(end, std::memory_order_relaxed);
  if (end / kPagesPerHugePage != before / kPagesPerHugePage || before % kPagesPerHugePage == 0)
    piece_changed_ = true;
}

// On the caller's P: the scavenger needs neither a P nor a permit for the one system call that it is in.
bool MHeap::wait_for_piece(HeapThread& m) {
  if (piece_out_.peek() == 0) return false;
  lock_.unlock(m, "take_pages: unlock mheap to wait for scavenged pages");
  piece_back_.wait_until("take_pages: wait for scavenged pages", [this] { return piece_out_.peek() == 0; });
  lock_.lock(m, "take_pages: lock mheap again");
  return true;
}

bool MHeap::pages_are_valid(HeapThread& m) {
  // No fiber stops in the middle of a change, and a lock would be a step.
  if constexpr (kLaboratory) return runs_.is_valid();
  Guard guard(m, lock_, "verify: lock mheap to walk the free runs");
  return runs_.is_valid();
}

void MHeap::begin_scavenging(HeapThread& m) {
  Guard guard(m, lock_, "scavenge: lock mheap to begin a pass");
  runs_.begin_pass();
}

PageRuns::Look MHeap::take_piece(HeapThread& m, uint64_t keep) {
  Guard guard(m, lock_, "scavenge: lock mheap to take pages out");
  if (uint64_t{runs_.dirty_free_pages()} << kPageShift <= keep) return {0, 0, false};
  const PageRuns::Look piece = runs_.take_dirty();
  if (piece.pages == 0) return piece;
  if (fault(Fault::kScavengePageInUse))
    runs_.put_back(PageRuns::Contents::kUnknown);
  else
    piece_out_.put(1);
  return piece;
}

bool MHeap::return_piece(HeapThread& m, const PageRuns::Look& piece) {
  const uint64_t bytes = uint64_t{piece.pages} << kPageShift;
  // relaxed: a counter. Ahead of the system call: a step there.
  scavenged_bytes.add(bytes, std::memory_order_relaxed, "scavenge: give pages back to the system");
  const bool zero = memory_.decommit({piece.first, piece.pages});
  if (!zero) scavenged_bytes.sub(bytes, std::memory_order_relaxed, "scavenge: the system refused");
  {
    Guard guard(m, lock_, "scavenge: lock mheap to put pages back");
    if (!fault(Fault::kScavengePageInUse))
      runs_.put_back(zero ? PageRuns::Contents::kZero : PageRuns::Contents::kUnknown);
    piece_out_.put(0);
  }
  piece_back_.wake_all();
  return zero;
}

MSpan& MHeap::take_struct() {
  if (free_id_count_ > 0) {
    MSpan& again = spans_[free_ids_[--free_id_count_]];
    // relaxed: published by the release of `state`, like the rest of a fresh span.
    if (fault(Fault::kSpanZeroedOnReuse))
      again.sweepgen.store(0, std::memory_order_relaxed, "alloc: zero the struct");
    return again;
  }
  const uint32_t id = span_ids_++;
  MSpan& span = *new (&spans_[id]) MSpan();
  span.id = id;
  span.sweepgen.bind(Word::kSweepgen, id);
  span.state.bind(Word::kSpanState, id);
  span.marks_in.bind(Word::kBitsSwap, id);
  span.freeindex.bind(Word::kFreeIndex, id);
  span.specials.bind(Word::kSpecials, id);
  return span;
}

void MHeap::lay_out(MSpan& span, const PageRuns::Allocation& place, uint32_t pages, SpanClass span_class,
                    uint64_t requested) {
  const uint8_t size_class = span_class.size_class();
  span.first_page = place.first;
  span.pages = pages;
  span.base = memory_.address_of(place.first);
  span.span_class = span_class;
  classes_[span_class.raw() / 64] |= uint64_t{1} << span_class.raw() % 64;
  span.elem_size = class_size(size_class);
  span.nelems = size_class == 0 ? 1 : class_objects(size_class);
  span.magic = class_magic(size_class);
  span.requested_bytes = requested;
  span.need_zero = !place.known_zero;
  span.alloc_count = 0;
  span.freeindex.put(0);
  span.refs = size_class == 0 ? 0 : kNoLayout;
  span.marks_in.put(marks_table());
  span.bits = memory_.object_bits(place.first);
  for (unsigned table : {0u, 1u}) span.clear_bits(table);
  span.rewind_alloc_cache();
}

MSpan* MHeap::alloc_span(HeapThread& m, uint32_t pages, SpanClass span_class, uint64_t requested) {
  ReadScope scope;
  MSpan* span = nullptr;
  bool wake = false;
  {
    Guard guard(m, lock_, "alloc_span: lock mheap");
    span = alloc_locked(m, pages, span_class, requested);
    wake = std::exchange(piece_changed_, false);
  }
  if (wake) growth.wake_one();
  if (span == nullptr) return nullptr;
  map_pages(*span);
  scope.returns(span->id);
  return span;
}

MSpan* MHeap::alloc_locked(HeapThread& m, uint32_t pages, SpanClass span_class, uint64_t requested) {
  // relaxed: a stale value costs or saves the sweep of one span.
  if (sweep_done.load(std::memory_order_relaxed, "alloc_span: is there anything to reclaim?") == 0)
    reclaim_locked(m, *this, pages);
  const std::optional<PageRuns::Allocation> place = take_pages(m, pages);
  if (!place) return nullptr;
  MSpan& span = take_struct();
  lay_out(span, *place, pages, span_class, requested);
  if (span.large()) {
    span.alloc_count = 1;
    span.freeindex.put(1);
    span.rewind_alloc_cache();
    ++large_in_use_;
    busy_large_.push_back(m, span);
    ++large_allocs;
    large_alloc_bytes += span.bytes();
    heap_live.add(span.bytes(), std::memory_order_relaxed, "alloc_span: count the large object in heap_live");
  }
  ++m.spans_made;
  ++spans_in_use_;
  pages_in_use_ += pages;
  arc_allocate(m, span, gen());
  swept().push(span.id);
  // release, last of all: a thread that reads kInUse with acquire sees a complete span with its new sweepgen.
  span.state.store(SpanState::kInUse, std::memory_order_release, "alloc_span: state := in use");
  witness_span_allocated(span.id);
  return &span;
}

// Without the lock, because an object of 8 GiB has a million pages. No reference leads to the pages yet, so no thread
// looks them up. The caller is non-preemptible, so no stop comes before this returns.
void MHeap::map_pages(MSpan& span) {
  for (uint32_t page = span.first_page; page < span.first_page + span.pages; ++page) {
    // relaxed: a thread with a reference into the page acquired it after this. No layout yet: there is no object.
    memory_.page_info(page).store(
        PageInfo(span.span_class, span.large() ? 0 : page - span.first_page, 0).raw(),
        std::memory_order_relaxed);
    // release: pairs with the acquire in find().
    memory_.span_slot(page)->store(&span, std::memory_order_release);
  }
}

// No reference leads to the pages any more; a wrong one finds that out now or in the next mark phase.
void MHeap::unmap_pages(const MSpan& span) {
  for (uint32_t page = span.first_page; page < span.first_page + span.pages; ++page) {
    memory_.page_info(page).store(PageInfo().raw(), std::memory_order_relaxed);  // relaxed: as in map_pages
    // release: pairs with the acquire in find(), after which no thread reads the span.
    memory_.span_slot(page)->store(nullptr, std::memory_order_release);
  }
}

MSpan* MHeap::alloc_manual(HeapThread& m, uint32_t pages) {
  Guard guard(m, lock_, "alloc_manual: lock mheap");
  const std::optional<PageRuns::Allocation> place = take_pages(m, pages);
  if (!place) return nullptr;
  MSpan& span = take_struct();
  span.first_page = place->first;
  span.pages = pages;
  span.base = memory_.address_of(place->first);
  span.span_class = SpanClass();
  span.nelems = span.alloc_count = 0;
  manual_pages_ += pages;
  emit_manual_allocated(m, span);
  // release, last: a sweeper that pops its recycled id from the unswept queue reads state,
  // then a sweepgen that is as old as its free.
  span.state.store(SpanState::kManual, std::memory_order_release, "alloc_manual: state := manual");
  return &span;
}

void MHeap::free_manual(HeapThread& m, MSpan& span) {
  Guard guard(m, lock_, "free_manual: lock mheap");
  check(m, span.state.peek() == SpanState::kManual && span.alloc_count == 0, FatalCode::kInvalidFree,
        Operand{"span", span.id}, Operand{"allocCount", span.alloc_count});
  span.next = nullptr;
  emit_manual_freed(m, span);
  // release, like every store of `state`.
  span.state.store(SpanState::kFree, std::memory_order_release, "free_manual: state := free");
  manual_pages_ -= span.pages;
  check(m, runs_.free(span.first_page, span.pages), FatalCode::kInvalidFree, Operand{"span", span.id},
        Operand{"page", span.first_page});
  free_ids_[free_id_count_++] = span.id;
}

void MHeap::fail_out_of_memory(HeapThread& m, uint64_t bytes) {
  lock_.lock(m, "out of memory: lock mheap to look");
  const uint64_t in_use = in_use_bytes();
  lock_.unlock(m, "out of memory: unlock mheap");
  fail(m, FatalCode::kOutOfMemory, {{"bytes", bytes}, {"heap_bytes", in_use}, {"limit", limit_bytes()}});
}

void MHeap::free_spans(HeapThread& m, std::span<MSpan* const> dead) {
  const ReadScope scope;
  for (const MSpan* span : dead) unmap_pages(*span);
  Guard guard(m, lock_, "free_span: lock mheap");
  for (size_t i = 0; i < dead.size();) {
    // Spans that were made one after the other often die together: neighbours go back as one run of pages.
    uint32_t first = dead[i]->first_page, end = first;
    const uint32_t id = dead[i]->id;
    for (; i < dead.size() && (dead[i]->first_page == end || dead[i]->first_page + dead[i]->pages == first);
         ++i) {
      first = std::min(first, dead[i]->first_page);
      end = std::max(end, dead[i]->first_page + dead[i]->pages);
      free_locked(m, *dead[i]);
    }
    check(m, runs_.free(first, end - first), FatalCode::kInvalidFree, Operand{"span", id},
          Operand{"page", first});
  }
}

// All of T9 but the pages.
void MHeap::free_locked(HeapThread& m, MSpan& span) {
  arc_free(m, span, gen());
  witness_span_freed(span.id);
  if (span.large()) {
    busy_large_.remove(m, span);
    --large_in_use_;
  }
  --spans_in_use_;
  pages_in_use_ -= span.pages;
  free_ids_[free_id_count_++] = span.id;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
