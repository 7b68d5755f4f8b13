// A fiber: a stack, and the switch to another fiber.
//
// Used by the Scheduler only, on one OS thread. A Fiber is prepared with an entry function, entered with
// switch_to(), and never returns from its entry: it ends by switching to another fiber. An abandoned fiber is
// not resumed; prepare() resets it without running the destructors of its frames. An exception that leaves
// the entry function terminates the program.
//
// x86-64: some twenty instructions save the callee-saved state of the ABI (rbx, rbp, r12-r15, the x87 control
// word and mxcsr). Elsewhere, and under AddressSanitizer and ThreadSanitizer, which need a report of every
// switch: ucontext, two system calls a switch.
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

// Whether a run can be copied and restored (snapshot.h): not under sanitizers, whose shadow state would not
// match.
#ifdef SWEEPSCOPE_FIBER_UCONTEXT
inline constexpr bool kRunsHaveImages = false;
#else
inline constexpr bool kRunsHaveImages = true;
#endif

// 64 KiB of stack above a guard page, so that an overflow crashes at its cause. Frames under the sanitizers
// are several times larger.
#ifdef SWEEPSCOPE_FIBER_UCONTEXT
inline constexpr size_t kStackBytes = 512 * 1024;
#else
inline constexpr size_t kStackBytes = 64 * 1024;
#endif

class Fiber {
 public:
  using Entry = void (*)(void* argument);

  Fiber() = default;  // without prepare(): represents the stack that the first switch_to() leaves
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Makes it ready to run `entry(argument)` from the top of its stack, which is allocated once and kept.
  void prepare(Entry entry, void* argument);

  // Saves the running fiber, which must be `from`, and continues `to`. Returns when a fiber switches back.
  static void switch_to(Fiber& from, Fiber& to);

#ifndef SWEEPSCOPE_FIBER_UCONTEXT
  // The used part of the stack of a fiber that does not run, lowest byte first. To restore a copy of it, call
  // stand_at() with the stack pointer of the copy first.
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
  Fiber* left_ = nullptr;       // the fiber that last switched to this one
  void* fake_stack_ = nullptr;  // AddressSanitizer's
  const void* bounds_bottom_ = nullptr;
  size_t bounds_size_ = 0;
  void* tsan_ = nullptr;  // ThreadSanitizer's
#else
  void* stack_pointer_ = nullptr;
#endif
};

}  // namespace sweepscope::laboratory
