#include "engine/heap/specials.h"

#include <new>
#include <utility>

#include "engine/base/fault.h"
#include "engine/base/witness.h"
#include "engine/heap/sweep.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

bool before(const Special& record, uint32_t offset, SpecialKind kind) {
  return record.offset != offset ? record.offset < offset : record.kind < kind;
}

// The span of a live object's address.
MSpan& span_of(HeapThread& m, MHeap& heap, uintptr_t address) {
  MSpan* span = heap.find(address);
  check(m, span != nullptr && span->state.peek() == SpanState::kInUse, FatalCode::kBadPointer,
        Operand{"address", address});
  return *span;
}

// A span's records as a plain list: changed in private, put back with one store.
class Records {
 public:
  explicit Records(MSpan& span) : span_(span), head_{.next = span.specials.peek()} {}
  Special* anchor() { return &head_; }
  void put_back() {
    // relaxed: under the stripe's lock or by the owner of the sweep;
    // sweepers and markers of later phases come after a stop.
    if (head_.next != span_.specials.peek())
      span_.specials.store(head_.next, std::memory_order_relaxed,
                           "specials: another record is the span's first");
  }
  // The last record before the place of (offset, kind).
  Special* find(uint32_t offset, SpecialKind kind) {
    Special* at = &head_;
    while (at->next != nullptr && before(*at->next, offset, kind)) at = at->next;
    return at;
  }

 private:
  MSpan& span_;
  Special head_;
};

bool is(const Special* record, uint32_t offset, SpecialKind kind) {
  return record != nullptr && record->offset == offset && record->kind == kind;
}

}  // namespace

Special* Specials::make(HeapThread& m) {
  Guard guard(m, lock_, "specials: lock the records to take one");
  if (free_ == nullptr) {
    std::byte* const chunk = memory_.take(kChunk * sizeof(Special), alignof(Special));
    insist(m, chunk != nullptr, FatalCode::kOutOfMemory, Operand{"special_records", records_});
    for (size_t i = kChunk; i > 0; --i)
      free_ = new (chunk + (i - 1) * sizeof(Special)) Special{.next = free_};
  }
  Special* record = free_;
  free_ = record->next;
  ++records_;
  return record;
}

// It hangs on no span any more.
void Specials::free_locked(Special& record) { record.next = std::exchange(free_, &record); }

bool Specials::add(HeapThread& m, MHeap& heap, uintptr_t address, SpecialKind kind, uint64_t token) {
  std::optional<NonPreemptible> region;
  if (!fault(Fault::kEnsurePreemptible)) region.emplace(m);
  MSpan& span = span_of(m, heap, address);
  Special* record = make(m);
  ensure_swept(m, heap, span);
  *record = {.offset = static_cast<uint32_t>(address - span.base), .kind = kind, .token = token};
  {
    Guard guard(m, lock_of(span), "specials: lock the span's to add one");
    Records records(span);
    Special* at = records.find(record->offset, kind);
    if (!is(at->next, record->offset, kind)) {
      record->next = at->next;
      at->next = record;
      records.put_back();
      if (kind == SpecialKind::kFinalizer) witness_finalizer_set(address, token);
      return true;
    }
  }
  Guard guard(m, lock_, "specials: lock the records to give one back");
  --records_;
  free_locked(*record);
  return false;
}

std::optional<uint64_t> Specials::remove(HeapThread& m, MHeap& heap, uintptr_t address, SpecialKind kind) {
  NonPreemptible region(m);
  MSpan& span = span_of(m, heap, address);
  ensure_swept(m, heap, span);
  const auto offset = static_cast<uint32_t>(address - span.base);
  Special* record = nullptr;
  {
    Guard guard(m, lock_of(span), "specials: lock the span's to remove one");
    Records records(span);
    Special* at = records.find(offset, kind);
    if (!is(at->next, offset, kind)) return std::nullopt;
    record = at->next;
    at->next = record->next;
    records.put_back();
    if (kind == SpecialKind::kFinalizer) witness_finalizer_cleared(address);
  }
  const uint64_t token = record->token;
  Guard guard(m, lock_, "specials: lock the records to give one back");
  --records_;
  free_locked(*record);
  return token;
}

void Specials::sweep(HeapThread& m, MSpan& span) {
  Records records(span);
  Special* gone = nullptr;  // unlinked, the last one first
  uint64_t kept = 0;
  Special* at = records.anchor();
  while (at->next != nullptr) {
    const uint32_t slot = span.slot_of(span.base + at->next->offset);
    uint64_t& marks = span.mark_word_at(slot / 64);
    const uint64_t bit = uint64_t{1} << (slot % 64);
    const bool live = (marks & bit) != 0;
    // All records of this object; they may be about different bytes of it.
    const auto of_object = [&](const Special* record) {
      return record != nullptr && span.slot_of(span.base + record->offset) == slot;
    };
    bool finalizer = false;
    for (Special* record = at->next; of_object(record); record = record->next)
      finalizer |= record->kind == SpecialKind::kFinalizer;
    if (!live && finalizer) {
      marks |= bit;  // not atomic: the marks are ours
      kept += span.object_bytes();
    }
    while (of_object(at->next)) {
      Special* record = at->next;
      if (live || (finalizer && record->kind != SpecialKind::kFinalizer)) {
        at = record;
        continue;
      }
      at->next = record->next;
      record->next = gone;
      gone = record;
    }
  }
  records.put_back();
  if (gone == nullptr) return;

  Special* in_order = nullptr;
  while (gone != nullptr) in_order = std::exchange(gone, std::exchange(gone->next, in_order));
  Guard guard(m, lock_, "sweep: lock the records and the queue of finalizers");
  kept_bytes_ += kept;
  while (in_order != nullptr) {
    Special& record = *std::exchange(in_order, in_order->next);
    --records_;
    if (record.kind == SpecialKind::kFinalizer) {
      record.object = span.base + record.offset;
      queue_.push(record);
      witness_finalizer_queued(record.object, record.token);
    } else {
      free_locked(record);
    }
  }
}

std::optional<QueuedFinalizer> Specials::take(HeapThread& m) {
  Guard guard(m, lock_, "specials: lock the queue of finalizers to take one");
  if (queue_.empty()) return std::nullopt;
  const QueuedFinalizer oldest = queue_.front();
  free_locked(queue_.pop());
  witness_finalizer_taken(oldest.object, oldest.token);
  return oldest;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
