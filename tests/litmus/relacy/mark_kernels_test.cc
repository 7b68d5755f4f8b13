// A stack that another thread scans: claimed while its thread owns no P, released before the thread continues.
#include "tests/litmus/relacy/kernel.h"

namespace sweepscope::relacy {
namespace {

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

}  // namespace
}  // namespace sweepscope::relacy
