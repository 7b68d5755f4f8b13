#include "engine/base/wait_point.h"

#ifndef SWEEPSCOPE_LABORATORY
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

static_assert(sizeof(std::atomic<uint32_t>) == 4, "the futex word is the atomic's storage");

void WaitPoint::pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

void spin_pause(uint32_t spins) {
  if (spins >= 100) {
    sched_yield();  // the partner may need this core
    return;
  }
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

void WaitPoint::sleep(uint32_t ticket, uint64_t ns) {
  // Returns at once if the ticket has changed; spurious returns are fine, the caller checks again.
  const timespec limit{static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
  syscall(SYS_futex, &ticket_, FUTEX_WAIT_PRIVATE, ticket, ns == kNoLimit ? nullptr : &limit, nullptr, 0);
}

void WaitPoint::wake(int count) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (sleepers_.load(std::memory_order_relaxed) == 0) return;
  ticket_.fetch_add(1, std::memory_order_release);
  syscall(SYS_futex, &ticket_, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
#endif
