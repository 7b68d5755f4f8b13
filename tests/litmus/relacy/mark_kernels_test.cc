// Marking: stacks that another thread scans, buffers that change hands, layouts that change.
#include "tests/litmus/relacy/kernel.h"

namespace sweepscope::relacy {
namespace {

// A stack that another thread scans: claimed while its thread owns no P, released before the thread continues.
// The marker and the thread that enters the world, concurrently. `stack` stands for the whole shadow stack.
// The thread's earlier changes to it are ordered by the stop of the world in which the phase began (StopTheWorld).
// mirrors engine/gc/mark/mark_phase.cc: thread->stack_scan.compare_exchange(seen, StackScan::kClaimed, std::memory_order_acquire, std::memory_order_relaxed,
// mirrors engine/gc/mark/mark_phase.cc: thread->stack_scan.store(StackScan::kDone, std::memory_order_release,
// mirrors engine/gc/mark/mark_phase.cc: m.stack_scan.compare_exchange(seen, StackScan::kRunning, std::memory_order_acquire, std::memory_order_acquire,
// mirrors engine/gc/mark/mark_phase.cc: m.stack_scan.peek(std::memory_order_acquire) == StackScan::kDone
template <rl::memory_order kDone, rl::memory_order kLost, rl::memory_order kWaited>
struct ClaimedStack : rl::test_suite<ClaimedStack<kDone, kLost, kWaited>, 2> {
  enum : unsigned { kStackDone, kStackOutside, kStackRunning, kStackClaimed };
  rl::atomic<unsigned> stack_scan;
  rl::var<int> stack;

  void before() {
    stack_scan.store(kStackOutside, rl::mo_relaxed, $);
    stack($) = 1;
  }
  void thread(unsigned index) {
    unsigned seen = kStackOutside;
    if (index == 0) {  // claim_stacks
      if (!stack_scan.compare_exchange_strong(seen, kStackClaimed, rl::mo_acquire, $, rl::mo_relaxed, $)) return;
      RL_ASSERT(stack($) == 1);
      stack_scan.store(kStackDone, kDone, $);
      return;
    }
    // enters; a thread that would still have to wait ends here
    if (!stack_scan.compare_exchange_strong(seen, kStackRunning, rl::mo_acquire, $, kLost, $) &&
        seen == kStackClaimed && stack_scan.load(kWaited, $) != kStackDone)
      return;
    stack($) = 2;  // a handle's end
  }
};

TEST(ClaimedStack, IsScannedBeforeItsThreadChangesIt) {
  EXPECT_EQ((verdict<ClaimedStack<rl::mo_release, rl::mo_acquire, rl::mo_acquire>>()), rl::test_result_success);
}
TEST(ClaimedStack, DoneWithoutReleaseIsADataRace) {
  EXPECT_EQ((verdict<ClaimedStack<rl::mo_relaxed, rl::mo_acquire, rl::mo_acquire>>()), rl::test_result_data_race);
}
TEST(ClaimedStack, FindingItDoneWithoutAcquireIsADataRace) {
  EXPECT_EQ((verdict<ClaimedStack<rl::mo_release, rl::mo_relaxed, rl::mo_acquire>>()), rl::test_result_data_race);
}
TEST(ClaimedStack, WaitingWithoutAcquireIsADataRace) {
  EXPECT_EQ((verdict<ClaimedStack<rl::mo_release, rl::mo_acquire, rl::mo_relaxed>>()), rl::test_result_data_race);
}

// Two threads and a list of two buffers. Thread 0 pops, and pops again. Thread 1 pops both and gives the first back:
// with kTags the exchange of a thread 0 that slept meanwhile fails. `content` finds a buffer that two threads have.
// A failed exchange ends the thread: the loop adds nothing but time.
// mirrors engine/gc/mark/work_buffer.cc: last.next.store(index_of(head), std::memory_order_relaxed,
// mirrors engine/gc/mark/work_buffer.cc: head_.compare_exchange(head, tag << 32 | (first.index + 1), std::memory_order_release, std::memory_order_relaxed,
// mirrors engine/gc/mark/work_buffer.cc: uint64_t head = head_.load(std::memory_order_acquire,
// mirrors engine/gc/mark/work_buffer.cc: head_.compare_exchange(head, below, std::memory_order_acquire, std::memory_order_acquire,
template <unsigned kTags, rl::memory_order kPush, rl::memory_order kPop>
struct BufferStack : rl::test_suite<BufferStack<kTags, kPush, kPop>, 2> {
  rl::atomic<unsigned> head;
  rl::atomic<unsigned> next[2];
  rl::var<int> content[2];

  void before() {
    content[0]($) = content[1]($) = 0;
    next[0].store(2, rl::mo_relaxed, $);
    next[1].store(0, rl::mo_relaxed, $);
    head.store(1, rl::mo_relaxed, $);  // the first buffer, tag 0
  }
  unsigned pop() {  // index + 1; 0: nothing, or another thread was faster
    unsigned seen = head.load(kPop, $);
    if (seen % 4 == 0) return 0;
    const unsigned below = next[seen % 4 - 1].load(rl::mo_relaxed, $);
    const unsigned popped = seen % 4;
    return head.compare_exchange_strong(seen, seen / 4 * 4 + below, kPop, $, kPop, $) ? popped : 0;
  }
  void push(unsigned buffer) {
    unsigned seen = head.load(rl::mo_relaxed, $);
    next[buffer - 1].store(seen % 4, rl::mo_relaxed, $);
    head.compare_exchange_strong(seen, (seen / 4 + kTags) * 4 + buffer, kPush, $, rl::mo_relaxed, $);
  }
  void thread(unsigned index) {
    const unsigned first = pop();
    if (first != 0) content[first - 1]($) = 1;
    const unsigned second = pop();
    if (second != 0) content[second - 1]($) = 2;
    if (index == 1 && first != 0) {
      push(first);
      if (second != 0) content[second - 1]($) = 3;
    }
  }
};

TEST(BufferStack, ABufferHasOneOwner) {
  EXPECT_EQ((verdict<BufferStack<1, rl::mo_release, rl::mo_acquire>>()), rl::test_result_success);
}
TEST(BufferStack, WithoutATagABufferHasTwoOwners) {
  EXPECT_EQ((verdict<BufferStack<0, rl::mo_release, rl::mo_acquire>>()), rl::test_result_data_race);
}
TEST(BufferStack, RelaxedPushIsADataRace) {
  EXPECT_EQ((verdict<BufferStack<1, rl::mo_relaxed, rl::mo_acquire>>()), rl::test_result_data_race);
}
TEST(BufferStack, RelaxedPopIsADataRace) {
  EXPECT_EQ((verdict<BufferStack<1, rl::mo_release, rl::mo_relaxed>>()), rl::test_result_data_race);
}

// A layout that becomes bits: a marker that finds the new one sees the bits of the older objects, to which it came by a
// reference that is older than the change.
// mirrors engine/heap/layout.cc: .store(PageInfo(span.span_class, page, references).raw(), std::memory_order_release);
// mirrors engine/gc/mark/marker.h: memory.page_info(page).load(std::memory_order_acquire)
template <rl::memory_order kStore, rl::memory_order kLoad>
struct LayoutBits : rl::test_suite<LayoutBits<kStore, kLoad>, 2> {
  rl::atomic<unsigned> layout;  // 1: one reference each; 9: bits
  rl::atomic<unsigned> bits;

  void before() {
    layout.store(1, rl::mo_relaxed, $);
    bits.store(0, rl::mo_relaxed, $);
  }
  void thread(unsigned index) {
    if (index == 0) {  // change_layout
      bits.store(1, rl::mo_relaxed, $);
      layout.store(9, kStore, $);
    } else if (layout.load(kLoad, $) == 9) {  // Marker::enter, scan_small
      RL_ASSERT(bits.load(rl::mo_relaxed, $) == 1);
    }
  }
};

TEST(LayoutBits, AreThereWhenAMarkerIsSentToThem) {
  EXPECT_EQ((verdict<LayoutBits<rl::mo_release, rl::mo_acquire>>()), rl::test_result_success);
}
TEST(LayoutBits, RelaxedStoreSendsAMarkerTooEarly) {
  EXPECT_EQ((verdict<LayoutBits<rl::mo_relaxed, rl::mo_acquire>>()), rl::test_result_user_assert_failed);
}
TEST(LayoutBits, RelaxedLoadReadsThemTooEarly) {
  EXPECT_EQ((verdict<LayoutBits<rl::mo_release, rl::mo_relaxed>>()), rl::test_result_user_assert_failed);
}

}  // namespace
}  // namespace sweepscope::relacy
