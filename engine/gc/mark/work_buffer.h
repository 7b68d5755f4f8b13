// WorkBuffer: grey objects and references, in pieces of a fixed size that threads hand to each other (Go: workbuf).
// Off the heap: their memory is reserved with the heap and grows by whole chunks, so marking never calls malloc.
//
// BufferList is a lock-free stack (Treiber 1986; Go: lfstack). A buffer is at any time on one list, or one thread's.
//
// For searches over states: which buffer a thread has, and the tags, have no influence on anything else, so its reads of
// them end with each access (base/reads.h). What is in its buffers it holds (GreyWork).
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/lock.h"
#include "engine/base/reads.h"
#include "engine/base/shared.h"
#include "engine/memory/os_array.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// What a buffer holds: the address of a reference's target, which is still to be marked, or of an object or a piece
// of one that is marked and still to be scanned.
class GreyEntry {
 public:
  constexpr GreyEntry() = default;
  static constexpr GreyEntry reference(uintptr_t target) { return GreyEntry(target); }
  static constexpr GreyEntry marked(uintptr_t object) { return GreyEntry(object | kMarked); }
  constexpr uintptr_t address() const { return bits_ & ~kMarked; }
  constexpr bool is_marked() const { return (bits_ & kMarked) != 0; }
  constexpr uint64_t bits() const { return bits_; }
  friend constexpr bool operator==(GreyEntry, GreyEntry) = default;

 private:
  static constexpr uintptr_t kMarked = uintptr_t{1} << 63;  // no address of a program has it
  constexpr explicit GreyEntry(uintptr_t bits) : bits_(bits) {}
  uintptr_t bits_ = 0;
};

struct WorkBuffer {
  static constexpr uint32_t kCapacity = kLaboratory ? 2 : 254;

  Shared<uint32_t> next;  // index + 1 of the buffer below on its list; 0: none
  uint32_t index = 0;
  uint32_t used = 0;
  GreyEntry entries[kCapacity];

  // What it holds (base/state.h). Not which buffer it is: nothing depends on that.
  template <class State>
  void add_contents(State& to) const {
    to.add(used);
    for (uint32_t i = 0; i < used; ++i) to.add(entries[i].bits());
  }
};
static_assert(kLaboratory || sizeof(WorkBuffer) == 2048);

class BufferList {
 public:
  explicit BufferList(MarkWord list) { head_.bind(Word::kMarkWork, object(list)); }

  bool empty() const {
    ReadScope scope;
    return scope.returns(index_of(head_.peek()) == 0);
  }
  // Forgets all. By the only thread that uses it now.
  void clear() { head_.put(head_.peek() >> 32 << 32); }
  // first to last: linked by `next`, the pusher's own.
  void push(WorkBuffer& first, WorkBuffer& last);
  WorkBuffer* pop(WorkBuffer* all);  // null: empty

  // base/state.h. The contents, in their order, of the buffers in `all`.
  template <class State>
  void add_state(State& to, const WorkBuffer* all) const {
    to.leave_out(
        head_,
        "what the buffers hold is state; the tag only grows, and no thread remembers one at a decision "
        "(Scheduler::merges)");
    for (uint32_t at = index_of(head_.peek()); at != 0; at = all[at - 1].next.peek())
      all[at - 1].add_contents(to);
    to.add(~uint64_t{0});
  }
  template <class State>
  void add_empty(State& to) const {
    to.leave_out(head_, "which empty buffer a thread gets makes no difference");
  }

 private:
  static constexpr uint32_t index_of(uint64_t head) { return static_cast<uint32_t>(head); }

  // Index + 1 of the first buffer; above it a tag that each push changes. Without the tag a pop that is delayed between
  // its read of `next` and its exchange would succeed although the buffer was popped and pushed again above another
  // `next` (ABA). Each change is a read-modify-write: an acquire that reads any later one pairs with the release of
  // every push before it.
  Shared<uint64_t> head_;
};

// The memory of all buffers, and the list of empty buffers that no thread owns.
class WorkBuffers {
 public:
  explicit WorkBuffers(uint64_t heap_bytes);
  int error() const { return memory_.error(); }  // errno; 0: usable

  // Empty. Fatal "out of memory" when the system refuses a chunk, or the reservation, sized from the heap limit, is
  // used up.
  WorkBuffer& take(Context& m);
  void give_back(WorkBuffer& buffer);      // empty
  uint32_t made() const { return made_; }  // in a stopped world
  // Gives the memory of buffers back to the system that no marking used since the last but one call. By one thread,
  // between two markings: all buffers are on the list of empty ones, and none is taken meanwhile. Not in the
  // laboratory.
  void shrink(Context& m);
  // base/state.h. How many are empty follows from what the others hold.
  template <class State>
  void add_state(State& to) const {
    to.add(made_);
    to.leave_out(out_, "follows from what the lists and the threads hold");
    to.leave_out(most_out_, "read by shrink() alone, which the laboratory does not have");
    empty_.add_empty(to);
    for (uint32_t i = 0; i < made_; ++i) to.leave_out(all()[i].next, "the order on the lists is state");
  }
  WorkBuffer* all() const { return reinterpret_cast<WorkBuffer*>(memory_.base()); }

 private:
  static constexpr uint32_t kChunk = kLaboratory ? 16 : 512;  // buffers; 1 MiB
  // Chunks given back by one call: its thread may be one that allocates.
  static constexpr uint32_t kMostChunksBack = 64;
  WorkBuffer& grow(Context& m);
  void count_taken();

  Reservation memory_;
  Lock lock_{Rank::kWorkBuffers, Word::kOther};
  uint32_t made_ = 0;  // buffers; under lock_
  BufferList empty_{MarkWord::kEmptyBuffers};
  // Buffers that are not on the list of empty ones, and the most since the last shrink(). relaxed: counts, read when no
  // thread has any.
  Shared<uint32_t> out_, most_out_;
  uint32_t most_out_before_ = 0;  // of the shrink() before
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
