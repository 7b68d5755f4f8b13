#include "engine/gc/mark/mark_pool.h"

#include <algorithm>
#include <utility>

#include "engine/base/context.h"
#include "engine/base/fatal_codes.h"
#include "engine/base/reads.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

void MarkPool::begin(uint32_t workers) {
  workers_ = workers;
  hungry_.put(0);
}

void MarkPool::put(WorkBuffer& buffer) {
  full_.push(buffer, buffer);
  changed_.wake_one();
}

// A worker is hungry until it has found a buffer. It stops being so before it takes: else all might look hungry while
// one of them has work. All hungry and nothing there is the end, and stays so. (A worker that reads the two while
// another one puts its last buffer leaves early: the others do the rest.)
WorkBuffer* MarkPool::take() {
  ReadScope scope;
  hungry_.add(1, std::memory_order_acq_rel, "mark: hungry");
  while (true) {
    changed_.wait_until("mark: wait for work or the end",
                        [this] { return !empty() || hungry_.peek(std::memory_order_acquire) == workers_; });
    const bool none = empty();
    scope.holds(none ? 1 : 2);
    if (none) {
      if (hungry_.peek(std::memory_order_acquire) != workers_) continue;  // another worker was faster
      changed_.wake_all();
      return nullptr;
    }
    hungry_.sub(1, std::memory_order_acq_rel, "mark: try to take a buffer");
    if (WorkBuffer* buffer = try_take()) return buffer;
    hungry_.add(1, std::memory_order_acq_rel, "mark: hungry again");
  }
}

void MarkPool::end(Context& m) {
  const ReadScope scope;
  check(m, empty(), FatalCode::kLeftoverWork, Operand{"buffers_left", uint64_t{!empty()}});
}

void GreyWork::make_room() {
  std::swap(current_, spare_);
  if (current_ != nullptr && current_->used < WorkBuffer::kCapacity) return;
  if (current_ != nullptr) pool_.put(*current_);
  current_ = &pool_.buffers().take(m_);
}

void GreyWork::receive(WorkBuffer& buffer) {
  if constexpr (kLaboratory) {
    HeldValues contents;
    buffer.add_contents(contents);
    note_held(contents.hash());
  }
  if (current_ != nullptr && spare_ != nullptr)
    pool_.buffers().give_back(*current_);
  else if (current_ != nullptr)
    spare_ = current_;
  current_ = &buffer;
}

// The older half: what lies below was pushed earlier and often leads to more.
void GreyWork::share() {
  if (used(spare_) > 0) {
    hand_over(spare_);
    return;
  }
  const uint32_t half = used(current_) / 2;
  if (half == 0) return;
  WorkBuffer& shared = pool_.buffers().take(m_);
  std::copy_n(current_->entries, half, shared.entries);
  std::copy(current_->entries + half, current_->entries + current_->used, current_->entries);
  shared.used = half;
  current_->used -= half;
  pool_.put(shared);
}

void GreyWork::publish() {
  hand_over(current_);
  hand_over(spare_);
}

void GreyWork::hand_over(WorkBuffer*& buffer) {
  if (buffer == nullptr) return;
  WorkBuffer& gone = *std::exchange(buffer, nullptr);
  gone.used > 0 ? pool_.put(gone) : pool_.buffers().give_back(gone);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
