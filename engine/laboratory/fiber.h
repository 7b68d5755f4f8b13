// A stack of its own and the switch between two of them.
//
// Used by the Scheduler alone, on one OS thread. A Fiber is prepared with an entry function, entered with
// switch_to(), and never returns from its entry: its last act is a switch to somebody else. A fiber that is
// not wanted any more is simply not resumed; prepare() resets it, whatever was on its stack is forgotten and
// no destructor runs. Exceptions do not cross: one that leaves the entry function terminates the program.
//
// x86-64: some twenty instructions keep what the ABI says a callee keeps (rbx, rbp, r12-r15, the x87
// control word and mxcsr). Elsewhere, and under AddressSanitizer and ThreadSanitizer, which must be told of
// every switch: ucontext, two system calls a switch.
#pragma once

#include <cstddef>
#include <span>

#if defined(__SANITIZE_ADDRESS__)
#define SWEEPSCOPE_FIBER_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__)
#define SWEEPSCOPE_FIBER_TSAN 1
#endif
#if !defined(__x86_64__) || defined(SWEEPSCOPE_FIBER_ASAN) || defined(SWEEPSCOPE_FIBER_TSAN)
#define SWEEPSCOPE_FIBER_UCONTEXT 1
#include <ucontext.h>
#endif

namespace sweepscope::laboratory {

// Whether a run can be copied and put back (snapshot.h):
// sanitizers keep accounts that a copy would not know of.
#ifdef SWEEPSCOPE_FIBER_UCONTEXT
inline constexpr bool kRunsHaveImages = false;
#else
inline constexpr bool kRunsHaveImages = true;
#endif

// 64 KiB of stack above a page that faults, so that an overflow is a crash at its cause. Frames under the
// sanitizers are several times larger.
#ifdef SWEEPSCOPE_FIBER_UCONTEXT
inline constexpr size_t kStackBytes = 512 * 1024;
#else
inline constexpr size_t kStackBytes = 64 * 1024;
#endif

class Fiber {
 public:
  using Entry = void (*)(void* argument);

  Fiber() = default;  // without prepare(): stands for the stack that the first switch_to() leaves
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Makes it ready to run `entry(argument)` from the top of its stack, which is allocated once and kept.
  void prepare(Entry entry, void* argument);

  // Saves the running fiber in `from`, which it must be, and continues `to`. Returns when somebody switches
  // back.
  static void switch_to(Fiber& from, Fiber& to);

#ifndef SWEEPSCOPE_FIBER_UCONTEXT
  // Of a fiber that does not run: what is on its stack, lowest byte first.
  // To copy it, and to put it back after stand_at() with the stack pointer of the copy.
  std::span<std::byte> stacked() const {
    return {static_cast<std::byte*>(stack_pointer_), stack_ + kStackBytes};
  }
  void* stands_at() const { return stack_pointer_; }
  void stand_at(void* stack_pointer) { stack_pointer_ = stack_pointer; }
#endif

 private:
  static void enter(Fiber* self) noexcept;
  void allocate_stack();
  void arrived();

  Entry entry_ = nullptr;
  void* argument_ = nullptr;
  std::byte* stack_ = nullptr;  // lowest usable byte
#ifdef SWEEPSCOPE_FIBER_UCONTEXT
  static void enter_halves(unsigned high, unsigned low);
  ucontext_t context_;
  Fiber* left_ = nullptr;       // who switched to this one last
  void* fake_stack_ = nullptr;  // AddressSanitizer's
  const void* bounds_bottom_ = nullptr;
  size_t bounds_size_ = 0;
  void* tsan_ = nullptr;  // ThreadSanitizer's
#else
  void* stack_pointer_ = nullptr;
#endif
};

}  // namespace sweepscope::laboratory
