// Specials: records about single objects, kept with their span and not in the object (Go's mspan.specials).
//
// A span's records hang on MSpan::specials in the order of (offset, kind). offset counts bytes from the
// span's base and may lie inside an object: with tiny objects a record belongs to a part of a 16-byte slot.
//
// Who may touch the list of a span:
//   add, remove    SWEPT or CACHED, under the lock of its stripe, in a non-preemptible region that reaches
//                  from before ensure_swept to after the link: no turn can make the span NEEDS meanwhile
//   the sweeper    SWEEPING, without the lock: all others wait in ensure_swept
//   the markers    SWEPT or CACHED, under the lock of its stripe; no sweep is under way
// So the list's plain fields pass with sweepgen: T8's release to the acquire in ensure_swept.
// Records come from a pool in memory mapped from the system; they, their count and the finalizer queue have one lock (rank
// kFinalizerQueue). A sweep may take it under any lock of the heap; under it a marker may take the lock of the work
// buffers. The queue is a list of the records themselves, so a sweep never needs memory.
//
// Life of a finalizer: set -> its object is found dead by a sweep, which keeps it for one more cycle
// and moves the record to the queue -> taken by the program. A queued object is a root, as in Go, where the
// blocks of the queue are: the taker of the token gets the object intact. Afterwards it dies like any other.
#pragma once

#include <array>
#include <optional>
#include <utility>

#include "engine/base/lock.h"
#include "engine/heap/heap_thread.h"
#include "engine/heap/mspan.h"
#include "engine/memory/persistent_memory.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class MHeap;

// Finalizers sort before the others of one offset, so that a sweep meets them first.
enum class SpecialKind : uint8_t {
  kFinalizer = 1,  // keeps its dead object for a cycle
  kProfile,        // only wants to be forgotten together with its object
};

struct Special {
  Special* next = nullptr;  // on its span, in the queue, or among the free ones
  uint32_t offset = 0;      // bytes from the span's base
  SpecialKind kind{};
  uint64_t token = 0;    // the program's
  uintptr_t object = 0;  // in the queue: the address that the finalizer was set for
};

struct QueuedFinalizer {
  uintptr_t object;  // the address that the finalizer was set for
  uint64_t token;
};

// First in, first out. Under the lock of the records, or in a stopped world.
class FinalizerQueue {
 public:
  bool empty() const { return first_ == nullptr; }
  size_t size() const { return size_; }
  QueuedFinalizer front() const { return {first_->object, first_->token}; }  // not empty
  template <class F>
  void for_each(F visit) const {
    for (const Special* record = first_; record != nullptr; record = record->next)
      visit(QueuedFinalizer{record->object, record->token});
  }
  void push(Special& record) {
    record.next = nullptr;
    (last_ != nullptr ? last_->next : first_) = &record;
    last_ = &record;
    ++size_;
  }
  Special& pop() {  // not empty
    Special& record = *std::exchange(first_, first_->next);
    if (first_ == nullptr) last_ = nullptr;
    --size_;
    return record;
  }

 private:
  Special* first_ = nullptr;
  Special* last_ = nullptr;
  size_t size_ = 0;
};

class Specials {
 public:
  // Hangs a record on the object at `address`, which the caller keeps alive. False: it has one of this kind.
  // Sweeps the span first, or waits until its sweeper or flusher is done.
  // Fatal "found bad pointer in Go heap" when there is no object.
  bool add(HeapThread& m, MHeap& heap, uintptr_t address, SpecialKind kind, uint64_t token);
  // Takes the record off again and returns its token; nothing if there is none. Sweeps or waits like add.
  std::optional<uint64_t> remove(HeapThread& m, MHeap& heap, uintptr_t address, SpecialKind kind);

  // By the sweeper of the span, before it counts the marks: a dead object with a finalizer gets its mark bit
  // and its finalizers go to the queue; the other records of dead objects are dropped.
  void sweep(HeapThread& m, MSpan& span);

  std::optional<QueuedFinalizer> take(HeapThread& m);  // the oldest

  // The records of a swept span, in their order, while no thread adds or removes one.
  template <class F>
  void for_each(Context& m, const MSpan& span, F visit) {
    Guard guard(m, lock_of(span), "specials: lock the span's to read them");
    for (const Special* record = span.specials.peek(); record != nullptr; record = record->next)
      visit(*record);
  }

  // The queue, while threads may take from it.
  template <class F>
  void for_each_queued(Context& m, F visit) {
    Guard guard(m, lock_, "specials: lock the queue of finalizers to read it");
    queue_.for_each(visit);
  }

  // base/state.h
  template <class State>
  static void add_records(State& to, const MSpan& span) {
    for (const Special* record = span.specials.peek(); record != nullptr; record = record->next) {
      to.add((uint64_t{record->offset} << 32) | static_cast<uint64_t>(record->kind));
      to.add(record->token);
    }
  }
  template <class State>
  void add_state(State& to) const {
    queue_.for_each([&to](const QueuedFinalizer& queued) { to.add(queued.object); });
    to.add(kept_bytes_);
  }

  // World stopped.
  uint32_t records() const { return records_; }
  const FinalizerQueue& queue() const { return queue_; }
  // Bytes of dead objects that the sweeps since the turn kept for their finalizers: in no mark, and so not in
  // heap_live (I9).
  uint64_t kept_bytes() const { return kept_bytes_; }
  void turned() { kept_bytes_ = 0; }

 private:
  static constexpr size_t kStripes = 16, kChunk = 64;
  struct alignas(64) Stripe {
    Lock lock{Rank::kSpecials, Word::kSpecials};
  };
  Lock& lock_of(const MSpan& span) { return stripes_[span.id % kStripes].lock; }
  Special* make(HeapThread& m);
  void free_locked(Special& record);

  std::array<Stripe, kStripes> stripes_;
  Lock lock_{Rank::kFinalizerQueue, Word::kSpecials, ~0u};
  // Under lock_:
  Special* free_ = nullptr;
  PersistentMemory memory_;
  uint32_t records_ = 0;  // that hang on spans
  FinalizerQueue queue_;
  uint64_t kept_bytes_ = 0;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
