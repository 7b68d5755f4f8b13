#include "engine/gc/mark/marker.h"

#include <algorithm>
#include <bit>

#include "engine/base/clock.h"
#include "engine/base/heap_word.h"
#include "engine/base/prefetch.h"
#include "engine/base/reads.h"
#include "engine/base/witness.h"
#include "engine/heap/layout.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

uintptr_t mark_object(MarkThread& m, MHeap& heap, uintptr_t address) {
  MSpan* span = heap.find(address);
  insist(m, span != nullptr && span->state.peek() == SpanState::kInUse, FatalCode::kBadPointer,
         Operand{"address", address});
  const uint32_t slot = span->slot_of(address);
  const bool was_white = span->set_mark(slot);
  note_held(was_white ? 1 : 0);
  if (!was_white) return 0;
  m.marked += {span->object_bytes(), 1};
  if (span->span_class.noscan()) return 0;  // nothing to scan: black at once
  return span->large() ? span->base : span->slot_address(slot);
}

Marker::Marker(MHeap& heap, MarkPool& pool, MarkThread& m, uint32_t worker, uint32_t cycle, Program program)
    : heap_(heap),
      memory_(heap.memory()),
      pool_(pool),
      m_(m),
      worker_(worker),
      cycle_(cycle),
      program_(program),
      marks_table_(heap.marks_table()),
      work_(pool, m),
      reported_(m.marked) {}

void Marker::leave(const Arriving& arrived) {
  const MarkPlace& place = arrived.place;
  if (place.mark == nullptr) {
    scan_large(arrived.entry);
    return;
  }
  const SpanClass span_class = place.info.span_class();
  const uint64_t bytes = class_size(span_class.size_class());
  if (!arrived.entry.is_marked()) {
    const bool was_white = set_mark(*place.mark, place.slot);
    note_held(was_white ? 1 : 0);
    if (!was_white) return;
    m_.marked += {bytes, 1};
  }
  if (!span_class.noscan()) scan_small(place, bytes);
}

// acquire, both: pairs with Ref::set, which published the target's zeroing and layout.
void Marker::follow(uintptr_t word) {
  HeapWord reference(*reinterpret_cast<uint64_t*>(word));
  const uint64_t target = program_ == Program::kStopped
                              ? reference.peek(std::memory_order_acquire)
                              : reference.load(std::memory_order_acquire, "mark: read a reference");
  if (target != 0) work_.push(GreyEntry::reference(target));
}

void Marker::scan_small(const MarkPlace& place, uint64_t bytes) {
  scanned_ += bytes;
  if (const uint32_t references = place.info.references(); references != PageInfo::kBitmap) {
    for (uint32_t i = 0; i < references; ++i) follow(place.object + i * uint64_t{8});
    return;
  }
  const uint32_t first_page = memory_.page_of(place.object) - place.info.page_in_span();
  const uintptr_t base = memory_.address_of(first_page);
  uint64_t* const bits = memory_.pointer_bits(first_page);
  uint64_t word = (place.object - base) / 8;
  const uint64_t last = word + bytes / 8;
  while (word < last) {
    // relaxed: the layout of neighbouring objects may be written now;
    // its own came with the reference to it.
    uint64_t pointers = HeapWord(bits[word / 64]).peek(std::memory_order_relaxed) >> (word % 64);
    const uint64_t in_group = std::min<uint64_t>(64 - word % 64, last - word);
    if (in_group < 64) pointers &= (uint64_t{1} << in_group) - 1;
    for (; pointers != 0; pointers &= pointers - 1)
      follow(base + (word + static_cast<uint64_t>(std::countr_zero(pointers))) * 8);
    word += in_group;
  }
}

// Marks the object, or scans the oblet that begins at a marked address.
void Marker::scan_large(GreyEntry entry) {
  uintptr_t address = entry.address();
  if (!entry.is_marked()) {
    address = mark_object(m_, heap_, address);
    if (address == 0) return;
  }
  MSpan& span = *heap_.find(address);
  const uintptr_t end = span.base + references_of_large(span) * 8;
  if (address == span.base)
    for (uintptr_t oblet = address + kOblet; oblet < end; oblet += kOblet)
      work_.push(GreyEntry::marked(oblet));
  const uintptr_t end_of_oblet = std::min<uintptr_t>(end, address + kOblet);
  scanned_ += end_of_oblet - address;
  for (uintptr_t word = address; word < end_of_oblet; word += 8) follow(word);
}

// The crew shares when a helper waits. Under concurrent marking threads come and go: the pool always has something for
// one that comes.
bool Marker::should_share() const {
  if (program_ == Program::kStopped) return work_.size() >= 2 && pool_.wants_work();
  return work_.size() > kWorthSharing && pool_.empty();
}

void Marker::report() {
  if (m_.emitter.enabled() && m_.marked.objects != reported_.objects) {
    m_.emitter.emit(
        observe::MarkProgress{{stamp(), observe::EventKind::kMarkProgress, 0, observe::kNoP, cycle_},
                              m_.marked.bytes - reported_.bytes,
                              static_cast<uint32_t>(m_.marked.objects - reported_.objects),
                              worker_});
  }
  reported_ = m_.marked;
}

// Whether something is arriving. Entries enter kEnterAtOnce at a time, in three short loops, so that the cache misses of
// all of them overlap; in one loop each miss would delay the next.
bool Marker::fill_ring() {
  if (arriving_ + kEnterAtOnce > kRing) return true;
  std::array<Arriving*, kEnterAtOnce> entering;
  uint32_t n = 0;
  for (; n < kEnterAtOnce; ++n) {
    entering[n] = &ring_[(first_ + arriving_ + n) % kRing];
    if (!work_.pop(entering[n]->entry)) break;
    memory_.prefetch_page_info(entering[n]->entry.address());
  }
  for (uint32_t i = 0; i < n; ++i)
    entering[i]->place = find_mark(m_, memory_, marks_table_, entering[i]->entry.address());
  for (uint32_t i = 0; i < n; ++i) {
    const MarkPlace& place = entering[i]->place;
    if (place.mark != nullptr && !place.info.span_class().noscan())
      prefetch_to_read(reinterpret_cast<const void*>(place.object));
  }
  arriving_ += n;
  return arriving_ > 0;
}

bool Marker::scan_some(uint32_t n) {
  if (!fill_ring()) return false;
  const uint64_t enough = scanned_ + kOblet;
  do {
    const Arriving arrived = ring_[first_];
    first_ = (first_ + 1) % kRing;
    --arriving_;
    witness_in_hand(arrived.entry.address(), Grey::kToScan);
    leave(arrived);
    witness_out_of_hand(arrived.entry.address(), Grey::kToScan);
  } while (--n > 0 && scanned_ < enough && fill_ring());
  if (m_.marked.bytes - reported_.bytes >= kReportBytes) report();
  if (should_share()) work_.share();
  return true;
}

void Marker::drain() {
  do {
    while (scan_some(kScansBetweenLooks)) {
    }
    WorkBuffer* const buffer = pool_.take();
    if (buffer == nullptr) break;
    work_.receive(*buffer);
  } while (true);
  publish();
}

bool Marker::take_from_pool() {
  WorkBuffer* const buffer = pool_.try_take();
  if (buffer == nullptr) return false;
  work_.receive(*buffer);
  return true;
}

uint64_t Marker::held() const {
  HeldValues values;
  work_.add_held(values);
  for (uint32_t i = 0; i < arriving_; ++i) values.add(ring_[(first_ + i) % kRing].entry.bits());
  return values.hash();
}

void Marker::publish() {
  report();
  for (; arriving_ > 0; --arriving_, first_ = (first_ + 1) % kRing) work_.push(ring_[first_].entry);
  work_.publish();
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
