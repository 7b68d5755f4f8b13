// MarkPool: buffers of grey objects and references that no thread owns; for stopped marking also the number of hungry
// workers, that is those without work.
//
// GreyWork is one thread's own work (Go: gcWork); it exchanges whole buffers with the pool.
#pragma once

#include <utility>

#include "engine/base/wait_point.h"
#include "engine/base/witness.h"
#include "engine/gc/mark/work_buffer.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class MarkPool {
 public:
  explicit MarkPool(WorkBuffers& buffers) : buffers_(buffers) {
    hungry_.bind(Word::kMarkWork, object(MarkWord::kHungry));
    changed_.bind(Word::kMarkWork, object(MarkWord::kHungry));
  }

  WorkBuffers& buffers() { return buffers_; }
  void begin(uint32_t workers);                 // before any worker starts; keeps the buffers already put
  void put(WorkBuffer& buffer);                 // not empty
  bool empty() const { return full_.empty(); }  // exact in a stopped world
  WorkBuffer* try_take() { return full_.pop(buffers_.all()); }  // null: there is none now
  // Waits while other workers may still put one; null when none will.
  WorkBuffer* take();
  bool wants_work() const { return hungry_.peek() > 0 && empty(); }
  void end(Context& m);  // after the last worker; fatal "P has cached GC work ..." when a buffer is left

  // base/state.h
  template <class State>
  void add_state(State& to) const {
    full_.add_state(to, buffers_.all());
    to.leave_out(hungry_, "the workers' places say how many are without work");
  }

 private:
  WorkBuffers& buffers_;
  BufferList full_{MarkWord::kFullBuffers};
  // Workers without work. acq_rel: the last one to become hungry comes after what the others put.
  Shared<uint32_t> hungry_;
  uint32_t workers_ = 0;
  WaitPoint changed_;
};

// Two buffers, so that pushes and pops around the border of one do not go to the pool each time.
class GreyWork {
 public:
  GreyWork(MarkPool& pool, Context& m) : pool_(pool), m_(m) {}
  GreyWork(const GreyWork&) = delete;
  GreyWork& operator=(const GreyWork&) = delete;
  ~GreyWork() { publish(); }

  void push(GreyEntry entry) {
    note_held(entry.bits());  // before the steps of making room: a root is read without a step
    witness_in_hand(entry.address(), entry.is_marked() ? Grey::kToScan : Grey::kToMark);
    if (current_ == nullptr || current_->used == WorkBuffer::kCapacity) [[unlikely]]
      make_room();
    current_->entries[current_->used++] = entry;
    witness_out_of_hand(entry.address(), entry.is_marked() ? Grey::kToScan : Grey::kToMark);
  }
  bool pop(GreyEntry& entry) {  // false: nothing is left here
    if (current_ == nullptr || current_->used == 0) [[unlikely]] {
      if (spare_ == nullptr || spare_->used == 0) return false;
      std::swap(current_, spare_);
    }
    entry = current_->entries[--current_->used];
    return true;
  }
  uint32_t size() const { return used(current_) + used(spare_); }
  void add_held(HeldValues& to) const {
    for (const WorkBuffer* buffer : {current_, spare_}) {
      to.add(buffer != nullptr ? 1 : 0);
      if (buffer != nullptr) buffer->add_contents(to);
    }
  }
  void receive(WorkBuffer& buffer);  // of the pool; nothing is left here
  void share();                      // half of what it has goes to the pool
  void publish();                    // everything does

 private:
  static uint32_t used(const WorkBuffer* buffer) { return buffer != nullptr ? buffer->used : 0; }
  void make_room();
  void hand_over(WorkBuffer*& buffer);

  MarkPool& pool_;
  Context& m_;
  WorkBuffer* current_ = nullptr;
  WorkBuffer* spare_ = nullptr;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
