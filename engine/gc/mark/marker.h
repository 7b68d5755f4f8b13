// Marking: sets the mark bit of every object that can be reached, with several threads.
//
// What is grey lies in buffers (mark_pool.h): references whose targets are still to be marked, and marked objects that
// are still to be scanned. In a stopped world the crew (gc/stopped_crew.h) drains until all are hungry and the pool is
// empty, which is the end of marking (checked: fatal "P has cached GC work at end of mark termination"); under
// concurrent marking threads come and go, and mutators keep putting into the pool (mark_phase.h). Long objects are
// scanned in oblets of 128 KiB (Go's term), so that one array of references does not serialise the workers.
//
// A marker spends most of its time waiting for memory: for an object or its mark word. So what it takes from its
// buffers goes through a ring of kRing entries first: on entry both are prefetched, and when the entry leaves they have
// arrived (Cher, Hosking and Vitek 2004). To know where the mark word is it reads the page's PageInfo and no MSpan;
// which table holds the marks follows from h (MHeap::marks_table). Large objects go by their span.
#pragma once

#include <algorithm>
#include <array>
#include <span>

#include "engine/base/prefetch.h"
#include "engine/gc/mark/mark_pool.h"
#include "engine/gc/mark/mark_thread.h"
#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// Marks the object that `address` points into and counts it for m. Returns the object if it must be scanned; 0 if it
// was marked before or is noscan.
uintptr_t mark_object(MarkThread& m, MHeap& heap, uintptr_t address);

// Where the mark of a small object lies, found by its page without its MSpan.
struct MarkPlace {
  uintptr_t object;  // its first word; of a large one: not set
  uint64_t* mark;    // the word with its mark bit; of a large one: null
  uint32_t slot;
  PageInfo info;
};

// Of the object that `address` points into; asks for the cache line of the mark. table: MHeap::marks_table().
inline MarkPlace find_mark(MarkThread& m, const HeapMemory& memory, unsigned table, uintptr_t address) {
  insist(m, memory.contains(address), FatalCode::kBadPointer, Operand{"address", address});
  const uint32_t page = memory.page_of(address);
  MarkPlace place;
  // acquire: pairs with the release of a layout that became bits (layout.cc).
  place.info = PageInfo::from_raw(memory.page_info(page).load(std::memory_order_acquire));
  insist(m, place.info.has_objects(), FatalCode::kBadPointer, Operand{"address", address});
  const uint8_t size_class = place.info.span_class().size_class();
  place.mark = nullptr;
  if (size_class == 0) return place;
  const uint32_t first_page = page - place.info.page_in_span();
  const uintptr_t base = memory.address_of(first_page);
  place.slot = class_magic(size_class).divide(static_cast<uint32_t>(address - base));
  place.object = base + uint64_t{place.slot} * class_size(size_class);
  place.mark = &memory.object_bits(first_page).word(table, place.slot / 64);
  prefetch_to_write(place.mark);
  return place;
}

// mark_object(), by the place that find_mark() found for the address.
inline uintptr_t mark_object_at(MarkThread& m, MHeap& heap, const MarkPlace& place, uintptr_t address) {
  if (place.mark == nullptr) return mark_object(m, heap, address);
  if (!set_mark(*place.mark, place.slot)) return 0;
  const SpanClass span_class = place.info.span_class();
  m.marked += {class_size(span_class.size_class()), 1};
  return span_class.noscan() ? 0 : place.object;
}

// mark_object() for each reference; calls `grey` with each object that must be scanned. Several at a time, so that
// their cache misses overlap: a write barrier's buffer holds references from all over the heap.
template <class F>
void mark_objects(MarkThread& m, MHeap& heap, std::span<const uint64_t> references, F grey) {
  constexpr size_t kAtOnce = 16;
  std::array<MarkPlace, kAtOnce> places;
  while (!references.empty()) {
    const std::span<const uint64_t> some = references.first(std::min(references.size(), kAtOnce));
    references = references.subspan(some.size());
    for (size_t i = 0; i < some.size(); ++i)
      places[i] = find_mark(m, heap.memory(), heap.marks_table(), some[i]);
    for (size_t i = 0; i < some.size(); ++i)
      if (const uintptr_t object = mark_object_at(m, heap, places[i], some[i]); object != 0) grey(object);
  }
}

// Whether the program writes references while they are scanned.
enum class Program : uint8_t { kStopped, kRunning };

// One thread's share of a mark phase: its own grey work. What it marks is counted in `m`; `worker` identifies it in
// events.
class Marker {
 public:
  Marker(MHeap& heap, MarkPool& pool, MarkThread& m, uint32_t worker, uint32_t cycle, Program program);
  void mark_root(uintptr_t address) { work_.push(GreyEntry::reference(address)); }
  void scan_root(uintptr_t object) {
    work_.push(GreyEntry::marked(object));
  }  // what it refers to, not itself

  // In a stopped world, one of the crew: until nothing is grey with any of them or in the pool.
  void drain();
  // Concurrent: piece by piece. scan_some: at most `n` entries, about as many bytes as one oblet; false: it has none.
  bool scan_some(uint32_t n);
  bool take_from_pool();
  void publish();                                // puts all it has into the pool, and reports
  uint64_t scanned() const { return scanned_; }  // bytes of objects that may hold references
  // Between two calls: what it found and has not scanned. Its other values follow from that and the heap.
  uint64_t held() const;

 private:
  struct Arriving {
    GreyEntry entry;
    MarkPlace place;
  };

  bool fill_ring();
  void leave(const Arriving& arrived);
  void scan_small(const MarkPlace& place, uint64_t bytes);
  void scan_large(GreyEntry entry);
  void follow(uintptr_t word);
  bool should_share() const;
  void report();

  static constexpr uint32_t kRing = kLaboratory ? 1 : 32;  // a power of two
  static constexpr uint32_t kEnterAtOnce = kLaboratory ? 1 : 8;
  static constexpr uint32_t kWorthSharing = 4;        // entries (Go: gcWork.balance)
  static constexpr uint32_t kScansBetweenLooks = 64;  // whether others are hungry
  static constexpr size_t kOblet = 128 << 10;
  static constexpr uint64_t kReportBytes = 64 << 10;
  MHeap& heap_;
  const HeapMemory& memory_;
  MarkPool& pool_;
  MarkThread& m_;
  uint32_t worker_, cycle_;
  Program program_;
  unsigned marks_table_;
  GreyWork work_;
  std::array<Arriving, kRing> ring_;
  uint32_t first_ = 0, arriving_ = 0;  // in ring_
  uint64_t scanned_ = 0;
  MarkTotals reported_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
