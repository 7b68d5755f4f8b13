// MSpan: a run of pages cut into equal slots, or one large object (Go's mspan).
//
// Span structs are type-stable: a recycled struct keeps its sweepgen and its transition number, so that a
// thread that still holds its id reads something it can judge, never a NEEDS that was not meant (I15).
//
// Who may touch what:
//   place, class, size      written under mheap.lock before `state` becomes kInUse; constant while in use
//   sweepgen                one arc at a time, see arcs.h; owning an arc owns the fields below
//   freeindex, alloc_cache  the P whose mcache holds the span; else the sweeper
//   alloc_count             as of the last sweep or flush; a cached span's is freeindex-derived: allocated()
//   bits                    alloc bits: the P or the sweeper
//                           mark bits: markers (atomic or), then the sweeper
//   next, previous, list    the lock of the mcentral of its class; of large spans mheap.lock. `list` may be read by
//                           the sweeper without it: no other thread moves a span that is SWEEPING
//   specials                see specials.h
// Equations (I12): allocated() = freeindex + popcount(alloc bits from freeindex on) <= nelems; after a sweep
// freeindex = 0 and alloc_count = popcount(alloc bits) = popcount(mark bits before).
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <utility>

#include "engine/base/prefetch.h"
#include "engine/base/shared.h"
#include "engine/heap/sweepgen.h"
#include "engine/memory/object_bits.h"
#include "engine/memory/size_class.h"
#include "engine/observe/event.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

struct Special;

inline uint32_t count_bits(uint64_t word) { return static_cast<uint32_t>(std::popcount(word)); }

enum class SpanState : uint8_t { kFree = 0, kInUse, kManual };

// Marks the slot, whose mark bit is in `word`; false: it was marked. By markers, and by the owner of the span for a new
// object while they are at work.
inline bool set_mark(uint64_t& word, uint32_t slot) {
  const uint64_t bit = uint64_t{1} << (slot % 64);
  // relaxed: the sweep that reads the marks comes after a stop, which orders it.
  // A read-modify-write, because others mark other slots of the same word; not one if it is marked
  // already, which is what a marker mostly finds.
  std::atomic_ref<uint64_t> marks(word);
  return (marks.load(std::memory_order_relaxed) & bit) == 0 &&
         (marks.fetch_or(bit, std::memory_order_relaxed) & bit) == 0;
}

class alignas(64) MSpan {
 public:
  // First cache line: the protocol words, and everything that a sweep touches if it moves the span to no other list.
  Shared<uint32_t> sweepgen;
  Shared<SpanState> state;
  Shared<uint8_t> marks_in;  // which table of `bits` holds the mark bits; the other holds the alloc bits
  observe::ListMembership list = observe::ListMembership::kNone;
  SpanClass span_class;
  Shared<uint32_t> freeindex;  // slots below it are allocated; relaxed: its owner's
  uint32_t nelems = 0;
  uint64_t alloc_cache = 0;  // free slots of group alloc_word that are not yet handed out; bit = slot % 64
  uint32_t alloc_count = 0;
  uint16_t alloc_word = 0;  // slots 64 * alloc_word ..., whose free ones alloc_cache holds
  // Slots may hold old data; a span from fresh pages is known to be zero. Large: some pages may (PageRuns::last_dirty).
  bool need_zero = false;
  // bytes; large: npages * 8 KiB rounded down to 32 bits is never needed, see bytes()
  uint32_t elem_size = 0;
  uint32_t number = 0;  // transition number, incremented by the owner of the arc
  ObjectBits bits;
  Shared<Special*> specials;  // the first, see specials.h
  uint32_t id = 0;
  uint32_t pages = 0;

  // Second: place and list links.
  uintptr_t base = 0;
  MSpan* next = nullptr;
  MSpan* previous = nullptr;
  uint32_t first_page = 0;
  DivMagic magic;
  uint64_t requested_bytes = 0;  // large objects
  uint64_t refs = 0;             // of each object, or how to find out (layout.h)

  // Asks for what its owner is going to touch. No access: the span may be another thread's.
  void prefetch() const {
    prefetch_to_write(this);
    prefetch_to_write(reinterpret_cast<const char*>(this) + 64);
  }
  // By its owner: the bits that it is going to sweep or count.
  void prefetch_bits() const { bits.prefetch(words()); }

  uint64_t bytes() const { return uint64_t{pages} << kPageShift; }
  bool large() const { return span_class.size_class() == 0; }
  uint64_t object_bytes() const { return large() ? bytes() : elem_size; }
  uint32_t words() const { return (nelems + 63) / 64; }
  uint64_t& alloc_word_at(uint32_t word) const { return bits.word(1u - marks_in.peek(), word); }
  uint64_t& mark_word_at(uint32_t word) const { return bits.word(marks_in.peek(), word); }
  bool set_mark(uint32_t slot) { return engine::set_mark(mark_word_at(slot / 64), slot); }
  bool is_marked(uint32_t slot) {
    std::atomic_ref<uint64_t> marks(mark_word_at(slot / 64));
    return (marks.load(std::memory_order_relaxed) >> (slot % 64) & 1) != 0;  // relaxed: as in set_mark
  }
  // While no marker is at work.
  bool has_mark_bit(uint32_t slot) const { return (mark_word_at(slot / 64) >> (slot % 64) & 1) != 0; }
  uint32_t count_marks() const {
    uint32_t count = 0;
    for (uint32_t word = 0; word < words(); ++word) count += count_bits(mark_word_at(word));
    return count;
  }
  void clear_bits(unsigned table) const {
    for (uint32_t word = 0; word < words(); ++word) bits.word(table, word) = 0;
  }
  uint32_t slot_of(uintptr_t address) const {
    return large() ? 0 : magic.divide(static_cast<uint32_t>(address - base));
  }
  uintptr_t slot_address(uint32_t slot) const { return base + uint64_t{slot} * elem_size; }
  bool full() const { return freeindex.peek() == nelems; }

  bool holds_object(uint32_t slot) const {  // whether the slot was handed out; exact for the owner
    return slot < freeindex.peek() || (alloc_word_at(slot / 64) >> (slot % 64) & 1) != 0;
  }
  // Objects handed out, exact at any moment for the owner.
  uint32_t allocated() const {
    const uint32_t from = freeindex.peek();
    uint32_t count = from, word = from / 64;
    if (word >= words()) return count;
    count += count_bits(alloc_word_at(word) & (~uint64_t{0} << (from % 64)));
    while (++word < words()) count += count_bits(alloc_word_at(word));
    return count;
  }

  // alloc_count := now; returns how many more that are.
  uint32_t count_allocated(uint32_t now) { return now - std::exchange(alloc_count, now); }

  // Free slots of group `word`: what next_free() hands out one after the other.
  uint64_t free_slots(uint32_t word) const {
    uint64_t free = ~alloc_word_at(word);
    const uint32_t left = nelems - word * 64;
    if (left < 64) free &= (uint64_t{1} << left) - 1;
    return free;
  }

  // Begins handing out free slots at freeindex. By the owner of the span, after alloc bits or freeindex changed.
  void rewind_alloc_cache() {
    const uint32_t from = freeindex.peek();
    alloc_word = static_cast<uint16_t>(from / 64);
    alloc_cache = alloc_word < words() ? free_slots(alloc_word) & (~uint64_t{0} << (from % 64)) : 0;
  }

  // Nothing can be handed out before the next rewind, which cache_span makes.
  void forget_alloc_cache() {
    alloc_word = 0;
    alloc_cache = 0;
  }

  // base/state.h. Its records: Specials::add_records. What its objects refer to: add_references (layout.h).
  template <class State>
  void add_state(State& to) const {
    to.add(sweepgen);
    to.add(state);
    to.leave_out(specials, "the records are state");
    if (state.peek() == SpanState::kFree) {
      to.leave_out(marks_in, "of a free span: set when it is made");
      to.leave_out(freeindex, "of a free span: set when it is made");
      return;
    }
    to.add(marks_in);
    to.add(freeindex);
    to.add((uint64_t{first_page} << 32) | pages);
    to.add((uint64_t{span_class.raw()} << 8) | static_cast<uint64_t>(list));
    to.add((uint64_t{alloc_count} << 33) | (uint64_t{alloc_word} << 1) | (need_zero ? 1 : 0));
    to.add(refs);
    to.add(alloc_cache);
    if (state.peek() == SpanState::kManual) return;  // no bits; alloc_count counts segments in use
    for (unsigned table : {0u, 1u})
      for (uint32_t word = 0; word < words(); ++word) to.add(bits.word(table, word));
  }

  // The lowest free slot at or above freeindex, now taken; nelems when the span is full. By the owning P.
  uint32_t next_free() {
    // clang-format off
    while (alloc_cache == 0) [[unlikely]] {
      if (alloc_word + 1u >= words()) {
        if (freeindex.peek() != nelems)
          freeindex.store(nelems, std::memory_order_relaxed, "malloc: span is full, freeindex := nelems");
        return nelems;
      }
      alloc_cache = free_slots(++alloc_word);
    }
    // clang-format on
    return take_cached();
  }
  // The same; alloc_cache is not empty.
  uint32_t take_cached() {
    const uint32_t slot = alloc_word * 64u + static_cast<uint32_t>(std::countr_zero(alloc_cache));
    alloc_cache &= alloc_cache - 1;
    // relaxed: only the owner reads it, or a verifier that stopped the world.
    freeindex.store(slot + 1, std::memory_order_relaxed, "malloc: take a slot, freeindex := slot + 1");
    return slot;
  }
};

static_assert(kLaboratory || (sizeof(MSpan) == 128 && offsetof(MSpan, base) == 64));

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
