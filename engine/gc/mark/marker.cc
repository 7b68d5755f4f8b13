#include "engine/gc/mark/marker.h"

#include <algorithm>
#include <bit>

#include "engine/base/clock.h"
#include "engine/base/heap_word.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

void MarkPool::begin(uint32_t workers) {
  workers_ = workers;
  hungry_.put(0);
}

void MarkPool::end(MarkThread& m) {
  check(m, batches_count_.peek() == 0, FatalCode::kLeftoverWork, Operand{"batches", batches_count_.peek()});
}

void MarkPool::put(MarkThread& m, Batch batch) {
  {
    Guard guard(m, lock_, "mark: lock the pool to share work");
    batches_.push_back(std::move(batch));
    batches_count_.put(static_cast<uint32_t>(batches_.size()));
  }
  changed_.wake_one();
}

MarkPool::Batch MarkPool::try_take(MarkThread& m) {
  if (empty()) return {};
  Guard guard(m, lock_, "mark: lock the pool to look");
  if (batches_.empty()) return {};
  Batch batch = std::move(batches_.back());
  batches_.pop_back();
  batches_count_.put(static_cast<uint32_t>(batches_.size()));
  return batch;
}

MarkPool::Batch MarkPool::take(MarkThread& m) {
  {
    Guard guard(m, lock_, "mark: lock the pool to take work");
    hungry_.put(hungry_.peek() + 1);
  }
  while (true) {
    {
      Guard guard(m, lock_, "mark: lock the pool to look");
      if (!batches_.empty()) {
        Batch batch = std::move(batches_.back());
        batches_.pop_back();
        batches_count_.put(static_cast<uint32_t>(batches_.size()));
        hungry_.put(hungry_.peek() - 1);
        return batch;
      }
    }
    // Complete when all workers are hungry: one that is not may still share. Stays true once it is.
    if (hungry_.peek() == workers_) {
      changed_.wake_all();
      return {};
    }
    changed_.wait_until("mark: wait for work or the end",
                        [this] { return batches_count_.peek() > 0 || hungry_.peek() == workers_; });
  }
}

uintptr_t mark_object(MarkThread& m, MHeap& heap, uintptr_t address) {
  MSpan* span = heap.find(address);
  insist(m, span != nullptr && span->state.peek() == SpanState::kInUse, FatalCode::kBadPointer,
         Operand{"address", address});
  const uint32_t slot = span->slot_of(address);
  if (!span->set_mark(slot)) return 0;
  m.marked += {span->object_bytes(), 1};
  if (span->span_class.noscan()) return 0;  // nothing to scan: black at once
  return span->large() ? span->base : span->slot_address(slot);
}

Marker::Marker(MHeap& heap, MarkPool& pool, MarkThread& m, uint32_t worker, uint32_t cycle, Program program)
    : heap_(heap),
      pool_(pool),
      m_(m),
      worker_(worker),
      cycle_(cycle),
      program_(program),
      reported_(m.marked) {
  stack_.reserve(4 * MarkPool::kBatch);
}

void Marker::grey(uintptr_t address) {
  const uintptr_t object = mark_object(m_, heap_, address);
  if (object == 0) return;
  __builtin_prefetch(reinterpret_cast<const void*>(object));
  stack_.push_back(object);
}

// acquire: pairs with Ref::set, which published the target's zeroing and layout.
uint64_t Marker::read(uint64_t& word) const {
  if (program_ == Program::kStopped) return HeapWord(word).peek(std::memory_order_acquire);
  return HeapWord(word).load(std::memory_order_acquire, "mark: read a reference");
}

// Scans the object, or the oblet, that begins at `address`.
void Marker::scan(uintptr_t address) {
  MSpan& span = *heap_.find(address);
  uintptr_t end = 0;
  if (!span.large()) {
    end = address + span.elem_size;
  } else {
    end = span.base + std::min<uint64_t>(span.bytes(), (span.requested_bytes + 7) & ~uint64_t{7});
    if (address == span.base)
      for (uintptr_t oblet = address + kOblet; oblet < end; oblet += kOblet) stack_.push_back(oblet);
    end = std::min<uintptr_t>(end, address + kOblet);
  }
  scanned_ += end - address;
  uint64_t* const bits = heap_.memory().pointer_bits(span.first_page);
  uint64_t word = (address - span.base) / 8;
  const uint64_t last = (end - span.base) / 8;
  while (word < last) {
    // relaxed: the layout of neighbouring objects may be written now;
    // its own came with the reference to it.
    uint64_t pointers = HeapWord(bits[word / 64]).peek(std::memory_order_relaxed) >> (word % 64);
    const uint64_t in_group = std::min<uint64_t>(64 - word % 64, last - word);
    if (in_group < 64) pointers &= (uint64_t{1} << in_group) - 1;
    while (pointers != 0) {
      const uint64_t at = word + static_cast<uint64_t>(std::countr_zero(pointers));
      pointers &= pointers - 1;
      if (const uint64_t target = read(*reinterpret_cast<uint64_t*>(span.base + at * 8)); target != 0)
        grey(target);
    }
    word += in_group;
  }
}

// The crew shares when a helper waits. Under concurrent marking threads come and go: the pool always has something for
// one that comes.
bool Marker::should_share() const {
  if (program_ == Program::kStopped) return stack_.size() >= 2 && pool_.wants_work();
  return stack_.size() > kWorthSharing && pool_.empty();
}

void Marker::share() {
  const size_t half = stack_.size() / 2;
  pool_.put(m_, MarkPool::Batch(stack_.begin(), stack_.begin() + static_cast<ptrdiff_t>(half)));
  stack_.erase(stack_.begin(), stack_.begin() + static_cast<ptrdiff_t>(half));
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

bool Marker::scan_some(uint32_t n) {
  if (stack_.empty()) return false;
  const uint64_t enough = scanned_ + kOblet;
  for (; n > 0 && !stack_.empty() && scanned_ < enough; --n) {
    const uintptr_t address = stack_.back();
    stack_.pop_back();
    scan(address);
  }
  if (m_.marked.bytes - reported_.bytes >= kReportBytes) report();
  if (should_share()) share();
  return true;
}

void Marker::drain() {
  do {
    while (scan_some(kScansBetweenLooks)) {
    }
    stack_ = pool_.take(m_);
  } while (!stack_.empty());
  report();
}

bool Marker::take_from_pool() {
  stack_ = pool_.try_take(m_);
  return !stack_.empty();
}

void Marker::publish() {
  report();
  if (stack_.empty()) return;
  pool_.put(m_, std::move(stack_));
  stack_.clear();
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
