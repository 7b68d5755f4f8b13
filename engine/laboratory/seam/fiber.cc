#include "engine/laboratory/seam/fiber.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#ifdef SWEEPSCOPE_FIBER_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef SWEEPSCOPE_FIBER_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace sweepscope::laboratory {
namespace {

constexpr size_t kGuardBytes = 4096;

}  // namespace

void Fiber::allocate_stack() {
  void* base = mmap(nullptr, kGuardBytes + kStackBytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (base == MAP_FAILED || mprotect(base, kGuardBytes, PROT_NONE) != 0) {
    std::fputs("fatal: cannot allocate the stack of a fiber\n", stderr);
    std::abort();
  }
  stack_ = static_cast<std::byte*>(base) + kGuardBytes;
}

void Fiber::enter(Fiber* self) noexcept {  // noexcept: an exception that gets here terminates
  self->arrived();
  self->entry_(self->argument_);
  std::fputs("fatal: a fiber returned from its entry function\n", stderr);
  std::abort();
}

#ifndef SWEEPSCOPE_FIBER_UCONTEXT

// sweepscope_switch_stacks(rdi = where to save the stack pointer, rsi = the stack pointer to continue with)
// A fresh stack holds the same frame, made by prepare(), whose return address is sweepscope_fiber_start; that
// finds its Fiber in r12 and the function to call in r13.
asm(R"(
.text
.p2align 4
.globl sweepscope_switch_stacks
.hidden sweepscope_switch_stacks
.type sweepscope_switch_stacks, @function
sweepscope_switch_stacks:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  subq $8, %rsp
  stmxcsr (%rsp)
  fnstcw 4(%rsp)
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  ldmxcsr (%rsp)
  fldcw 4(%rsp)
  addq $8, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size sweepscope_switch_stacks, .-sweepscope_switch_stacks

.p2align 4
.globl sweepscope_fiber_start
.hidden sweepscope_fiber_start
.type sweepscope_fiber_start, @function
sweepscope_fiber_start:
  .cfi_startproc
  .cfi_undefined rip
  movq %r12, %rdi
  call *%r13
  ud2
  .cfi_endproc
.size sweepscope_fiber_start, .-sweepscope_fiber_start
)");

extern "C" void sweepscope_switch_stacks(void** save, void* load);
extern "C" void sweepscope_fiber_start();

Fiber::~Fiber() {
  if (stack_ != nullptr) munmap(stack_ - kGuardBytes, kGuardBytes + kStackBytes);
}

void Fiber::prepare(Entry entry, void* argument) {
  if (stack_ == nullptr) allocate_stack();
  entry_ = entry;
  argument_ = argument;
  struct Frame {  // what sweepscope_switch_stacks pops
    uint32_t mxcsr;
    uint16_t x87_control, unused;
    uint64_t r15, r14, r13, r12, rbx, rbp;
    void (*return_address)();
    uint64_t top[1];
  };
  static_assert(sizeof(Frame) == 72);
  // After the `ret` the stack pointer is 16-byte aligned, as before every call instruction.
  auto* frame = reinterpret_cast<Frame*>(stack_ + kStackBytes - 16 - 64);
  *frame = Frame{.mxcsr = 0x1F80,        // all exceptions masked, round to nearest: the ABI's state at start
                 .x87_control = 0x037F,  // the same
                 .unused = 0,
                 .r15 = 0,
                 .r14 = 0,
                 .r13 = reinterpret_cast<uint64_t>(&Fiber::enter),
                 .r12 = reinterpret_cast<uint64_t>(this),
                 .rbx = 0,
                 .rbp = 0,
                 .return_address = &sweepscope_fiber_start,
                 .top = {0}};
  stack_pointer_ = frame;
}

void Fiber::arrived() {}

void Fiber::switch_to(Fiber& from, Fiber& to) {
  sweepscope_switch_stacks(&from.stack_pointer_, to.stack_pointer_);
}

#else

Fiber::~Fiber() {
#ifdef SWEEPSCOPE_FIBER_TSAN
  if (stack_ != nullptr) __tsan_destroy_fiber(tsan_);
#endif
  if (stack_ != nullptr) munmap(stack_ - kGuardBytes, kGuardBytes + kStackBytes);
}

void Fiber::prepare(Entry entry, void* argument) {
  const bool first = stack_ == nullptr;
  if (first) allocate_stack();
  entry_ = entry;
  argument_ = argument;
#ifdef SWEEPSCOPE_FIBER_ASAN
  if (!first) __asan_unpoison_memory_region(stack_, kStackBytes);  // red zones of an abandoned run
#endif
#ifdef SWEEPSCOPE_FIBER_TSAN
  if (!first) __tsan_destroy_fiber(tsan_);
  tsan_ = __tsan_create_fiber(0);
#endif
  bounds_bottom_ = stack_;
  bounds_size_ = kStackBytes;
  fake_stack_ = nullptr;
  getcontext(&context_);
  context_.uc_stack.ss_sp = stack_;
  context_.uc_stack.ss_size = kStackBytes;
  context_.uc_link = nullptr;
  const auto self = reinterpret_cast<uintptr_t>(this);  // makecontext passes ints
  makecontext(&context_, reinterpret_cast<void (*)()>(&Fiber::enter_halves), 2,
              static_cast<unsigned>(self >> 32), static_cast<unsigned>(self));
}

void Fiber::enter_halves(unsigned high, unsigned low) {
  enter(reinterpret_cast<Fiber*>((static_cast<uintptr_t>(high) << 32) | low));
}

void Fiber::arrived() {
#ifdef SWEEPSCOPE_FIBER_ASAN
  // Reports the bounds of the stack that was left, also those of the OS thread's own stack.
  __sanitizer_finish_switch_fiber(fake_stack_, &left_->bounds_bottom_, &left_->bounds_size_);
#endif
}

void Fiber::switch_to(Fiber& from, Fiber& to) {
  to.left_ = &from;
#ifdef SWEEPSCOPE_FIBER_TSAN
  if (from.tsan_ == nullptr) from.tsan_ = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(to.tsan_, 0);
#endif
#ifdef SWEEPSCOPE_FIBER_ASAN
  __sanitizer_start_switch_fiber(&from.fake_stack_, to.bounds_bottom_, to.bounds_size_);
#endif
  swapcontext(&from.context_, &to.context_);
  from.arrived();
}

#endif

}  // namespace sweepscope::laboratory
