#include "engine/gc/allocator.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/base/fault.h"
#include "engine/base/reads.h"
#include "engine/base/witness.h"
#include "engine/gc/alloc_paths.h"
#include "engine/gc/assists.h"
#include "engine/gc/collector.h"
#include "engine/gc/policies/policy.h"
#include "engine/heap/layout.h"
#include "engine/mutator.h"
#include "engine/sched/sched.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

// Concurrent marking: black, since no marker will come to an object that nothing refers
// to yet, and what it will refer to the write barrier shades.
void blacken_new(M& m, MSpan& span, uint32_t slot) {
  if (fault(Fault::kNoAllocateBlack)) return;
  span.set_mark(slot);
  m.marked += {span.object_bytes(), 1};
}

// The first offset from `offset` on at which an object of `size` bytes may lie:
// aligned as the low bits of its size require.
constexpr uint32_t tiny_align(uint32_t offset, uint32_t size) {
  const uint32_t alignment = size % 8 == 0 ? 8 : size % 4 == 0 ? 4 : size % 2 == 0 ? 2 : 1;
  return (offset + alignment - 1) & ~(alignment - 1);
}

}  // namespace

// The object comes from a STALE span: black, so that the span's own sweep, which is still to come, keeps it.
void Allocator::blacken_stale(M& m, MSpan& span, uint32_t slot) {
  // plain: marking is over, and only the owner of the mcache touches the bits of a STALE span.
  span.mark_word_at(slot / 64) |= uint64_t{1} << (slot % 64);
  // relaxed: a counter. heap_live holds nothing of a STALE span's free slots,
  // so the object is new to it (I9).
  heap_.heap_live.add(span.elem_size, std::memory_order_relaxed,
                      "malloc: count the black object in heap_live");
  m.mcache->black_bytes += span.elem_size;
  ++m.stale_allocs;
  witness_blackened(span.id, span.slot_address(slot));
}

// Out of line, so that the fast path stays short.
[[gnu::noinline]] void Allocator::blacken(M& m, MSpan& span, uint32_t slot) {
  m.write_barrier ? blacken_new(m, span, slot) : blacken_stale(m, span, slot);
}

void Allocator::report_charge() {
  const ReadScope reported_only;
  witness_heap_charged(heap_.heap_live.peek());
}

// The span that `attempt` finds. Null at the heap limit: one thread makes room, the others wait, without their Ps.
template <class F>
MSpan& Allocator::find_room(M& m, SlowPath& path, uint64_t bytes, F attempt) {
  while (true) {
    policy_.at_slow_path(m);
    {
      NonPreemptible region(m);
      // relaxed: a thread that misses the lock ends its attempt before the stop with which the holder's next
      // collection begins, and sees the lock after it.
      if (!room_.held()) [[likely]] {
        if (MSpan* span = attempt()) [[likely]]
          return *span;
      }
    }
    path.took(AllocPath::kCollect);
    if (room_.try_lock(m, "malloc: try to be the one that makes room")) return make_room(m, bytes, attempt);
    sched_.blocking(m, [this] {
      room_free_.wait_until("malloc: wait until another thread has made room",
                            [this] { return !room_.held(); });
    });
  }
}

// The second collection takes what the first had to keep: it lost its last reference while that was marking. The
// verdict belongs to an attempt in a completely swept heap. The sweep is read before the attempt: read after it, it
// might have ended in between and freed what the attempt missed. No turn undoes it meanwhile, because the stop waits
// for us.
template <class F>
MSpan& Allocator::make_room(M& m, uint64_t bytes, F attempt) {
  constexpr int kCollections = 2;
  for (int collections = 0;; ++collections) {
    policy_.at_slow_path(m);
    bool all_swept = false;
    MSpan* span = nullptr;
    {
      NonPreemptible region(m);
      all_swept = heap_.sweep_complete();
      span = attempt();
    }
    if (span != nullptr) {
      room_.unlock(m, "malloc: room was made");
      room_free_.wake_all();
      return *span;
    }
    if (collections >= kCollections && all_swept) heap_.fail_out_of_memory(m, bytes);
    // No other begins meanwhile: an attempt that missed the lock ends before the first collection's stop.
    sched_.blocking(m, [this] {
      room_free_.wait_until("malloc: wait until large objects are clear",
                            [this] { return clearing_.peek() == 0; });
    });
    collector_.collect_now(m);
  }
}

// Before anything is taken, so that a collection cannot lose it. It may leave m on another P.
void Allocator::prepare(M& m, SlowPath& path) {
  if (collector_.collect_if_triggered(m)) path.took(AllocPath::kCollect);
  if (m.write_barrier && m.assist_bytes < 0) path.took(AllocPath::kAssist);
  assists_.pay(m);
}

void* Allocator::allocate_large(M& m, size_t bytes, size_t refs) {
  SlowPath path(m, heap_);
  path.took(AllocPath::kLarge);
  prepare(m, path);
  if (bytes > heap_.limit_bytes()) [[unlikely]]
    heap_.fail_out_of_memory(m, bytes);
  const uint32_t pages = static_cast<uint32_t>((bytes + kPageSize - 1) >> kPageShift);
  bool credit_paid = false;  // once for the object, not for each attempt
  MSpan& span = find_room(m, path, bytes, [&] {
    // alloc_span is going to sweep `pages` itself.
    if (!std::exchange(credit_paid, true))
      deduct_sweep_credit(m, heap_, uint64_t{pages} << kPageShift, pages, observe::Cause::kLargeAlloc);
    return heap_.alloc_span(m, pages, SpanClass(0, refs == 0), bytes);
  });
  // Before the next safepoint, in the cycle that its heap_live belongs to.
  if (m.write_barrier) blacken_new(m, span, 0);
  Assists::charge(m, span.bytes());
  if constexpr (kLaboratory) report_charge();
  witness_allocated_large(span.id, span.base, bytes);
  if (refs > 0 && fault(Fault::kLargeLayoutBeforeClear)) publish_large(span, refs);
  if (span.need_zero) clear_large(m, span);
  // No safepoint from here on.
  if (refs > 0) publish_large(span, refs);
  return reinterpret_cast<void*>(span.base);
}

// From the high end, so that the object's first words, which the program is going to use, are in the cache at the end.
// A poll may let a cycle pass and bring m back on another P.
void Allocator::clear_large(M& m, MSpan& span) {
  const uint32_t first = span.first_page;
  uint32_t end = clear_piece(first, first + span.pages);
  if (end == first) return;
  clearing_.add(1, std::memory_order_relaxed,
                "malloc: one more large object is being cleared");  // relaxed: see there
  void** const root = m.stack.push(m);
  *root = fault(Fault::kLargeNotHeld) ? nullptr : reinterpret_cast<void*>(span.base);
  do {
    sched_.poll(m);
    end = clear_piece(first, end);
  } while (end != first);
  m.stack.pop(m, root);
  // relaxed: as above.
  if (clearing_.fetch_sub(1, std::memory_order_relaxed, "malloc: a large object is clear") == 1)
    room_free_.wake_all();
}

// Clears the last dirty pages of [first, end), which m has in use, kClearedAtOnce at most. Returns the end of those
// before them; `first`: there are none.
uint32_t Allocator::clear_piece(uint32_t first, uint32_t end) {
  uint32_t left = kClearedAtOnce;
  while (true) {
    const PageRuns::Range dirty = heap_.last_dirty(first, end, std::max(left, 1u));
    if (dirty.pages == 0 || left == 0) return dirty.first + dirty.pages;
    std::memset(reinterpret_cast<void*>(heap_.memory().address_of(dirty.first)), 0,
                uint64_t{dirty.pages} << kPageShift);
    left -= dirty.pages;
    end = dirty.first;
  }
}

MSpan& Allocator::refill_span(M& m, SpanClass span_class) {
  SlowPath path(m, heap_);
  prepare(m, path);
  return find_room(m, path, class_bytes(span_class.size_class()), [&] {
    MSpan* span = m.mcache->alloc[span_class.raw()];
    if (!span->full()) return span;
    span = refill(m, heap_, span_class);
    if (span != nullptr) Assists::charge(m, uint64_t{span->nelems - span->allocated()} * span->elem_size);
    if constexpr (kLaboratory) report_charge();
    return span;
  });
}

// A free slot of the class, now taken, its memory as the last tenant left it.
inline Allocator::Slot Allocator::take_slot(M& m, SpanClass span_class) {
  MSpan* span = m.mcache->alloc[span_class.raw()];
  uint32_t slot = span->next_free();
  // clang-format off
  while (slot >= span->nelems) [[unlikely]] {
    span = &refill_span(m, span_class);
    slot = span->next_free();
  }
  // clang-format on
  if (m.mcache->colour != Colour::kWhite) [[unlikely]]
    blacken(m, *span, slot);
  return {span, slot};
}

// Tiny allocator (Go's): the block lives as long as any object in it, and as long as it is in the mcache.
// Carving sets no mark and reads no span: the block is a root while it is here (mcache.h).
void* Allocator::allocate_tiny(M& m, uint32_t size) {
  MCache& cache = *m.mcache;
  const uint32_t offset = tiny_align(cache.tiny_offset, size);
  if (cache.tiny != 0 && offset + size <= kTinyBytes) {
    cache.tiny_offset = offset + size;
    ++cache.frees.tiny;
    if constexpr (kLaboratory) {
      const MSpan* holder = heap_.find(cache.tiny);
      witness_tiny_carved(cache.p, holder != nullptr ? holder->id : kNoSpan, cache.tiny + offset, size);
    }
    return reinterpret_cast<void*>(cache.tiny + offset);
  }
  const auto [span, slot] = take_slot(m, kTinySpanClass);
  MCache& now = *m.mcache;  // a collection on the way may have left us on another P
  const uintptr_t block = span->slot_address(slot);
  if constexpr (kLaboratory) {
    witness_tiny_block(now.p, span->id, span->sweepgen.peek(), heap_.gen(), now.flush_gen.peek(), block,
                       kTinyBytes);
    witness_tiny_carved(now.p, span->id, block, size);
  }
  if (span->need_zero) std::memset(reinterpret_cast<void*>(block), 0, kTinyBytes);
  if (now.tiny == 0 || size < now.tiny_offset) {  // the block with more room left stays
    now.tiny = block;
    now.tiny_offset = size;
  }
  return reinterpret_cast<void*>(block);
}

void* Allocator::allocate(M& m, size_t bytes, size_t refs) {
  check_owns_p(m);
  check(m, refs <= bytes / 8, FatalCode::kMisuse, Operand{"refs_beyond_the_object", refs},
        Operand{"bytes", bytes});
  if (bytes > kMaxSmallSize) [[unlikely]]
    return allocate_large(m, bytes, refs);
  if (bytes < kTinyBytes && refs == 0 && tiny_blocks_ == TinyBlocks::kOn)
    return allocate_tiny(m, std::max(static_cast<uint32_t>(bytes), 1u));
  const SpanClass span_class(size_class_of(std::max<size_t>(bytes, 8)), refs == 0);
  const auto [span, slot] = take_slot(m, span_class);
  if constexpr (kLaboratory) {
    witness_allocated(m.mcache->p, span->id, span->sweepgen.peek(), heap_.gen(), m.mcache->flush_gen.peek(),
                      span->slot_address(slot), span->elem_size);
  }
  void* object = reinterpret_cast<void*>(span->slot_address(slot));
  if (span->need_zero) std::memset(object, 0, span->elem_size);
  if (refs > 0 && refs != span->refs) [[unlikely]]
    change_layout(heap_, *span, slot, refs);
  return object;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
