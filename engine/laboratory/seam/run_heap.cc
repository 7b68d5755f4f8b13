// operator new of a program that links the laboratory: allocates from the image while a fiber of a run with
// an image runs, else from malloc. So an engine's containers, closures and threads lie in its image.
//
// Not under sanitizers: they have their own operator new, and runs have no image there.
#include <cstdlib>
#include <new>

#include "engine/laboratory/seam/fiber.h"
#include "engine/laboratory/seam/run_image.h"

namespace sweepscope::laboratory {
namespace {

// Belongs to the OS thread that explores, like engine::driver().
thread_local RunImage* current = nullptr;

}  // namespace

RunImage* allocate_from(RunImage* image) {
  RunImage* const before = current;
  current = image;
  return before;
}

#ifndef SWEEPSCOPE_FIBER_UCONTEXT

namespace {

void* take(size_t bytes, size_t alignment) noexcept {
  if (current != nullptr) [[unlikely]]
    if (void* const block = current->allocate(bytes, alignment)) return block;
  if (bytes == 0) bytes = 1;
  if (alignment <= alignof(std::max_align_t)) return std::malloc(bytes);
  return std::aligned_alloc(alignment, (bytes + alignment - 1) & ~(alignment - 1));
}

void* take_or_throw(size_t bytes, size_t alignment) {
  while (true) {
    if (void* const block = take(bytes, alignment)) return block;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

// A block of an image is freed only during its own run: later the image belongs to another run.
void give(void* block) noexcept {
  if (!RunImage::owns(block)) [[likely]]
    return std::free(block);
  if (current != nullptr) current->give_back(block);
}

}  // namespace
#endif

}  // namespace sweepscope::laboratory

#ifndef SWEEPSCOPE_FIBER_UCONTEXT

using sweepscope::laboratory::give;
using sweepscope::laboratory::take;
using sweepscope::laboratory::take_or_throw;

void* operator new(size_t n) { return take_or_throw(n, alignof(std::max_align_t)); }
void* operator new[](size_t n) { return take_or_throw(n, alignof(std::max_align_t)); }
void* operator new(size_t n, std::align_val_t a) { return take_or_throw(n, static_cast<size_t>(a)); }
void* operator new[](size_t n, std::align_val_t a) { return take_or_throw(n, static_cast<size_t>(a)); }
void* operator new(size_t n, const std::nothrow_t&) noexcept { return take(n, alignof(std::max_align_t)); }
void* operator new[](size_t n, const std::nothrow_t&) noexcept { return take(n, alignof(std::max_align_t)); }
void* operator new(size_t n, std::align_val_t a, const std::nothrow_t&) noexcept {
  return take(n, static_cast<size_t>(a));
}
void* operator new[](size_t n, std::align_val_t a, const std::nothrow_t&) noexcept {
  return take(n, static_cast<size_t>(a));
}
void operator delete(void* p) noexcept { give(p); }
void operator delete[](void* p) noexcept { give(p); }
void operator delete(void* p, size_t) noexcept { give(p); }
void operator delete[](void* p, size_t) noexcept { give(p); }
void operator delete(void* p, std::align_val_t) noexcept { give(p); }
void operator delete[](void* p, std::align_val_t) noexcept { give(p); }
void operator delete(void* p, size_t, std::align_val_t) noexcept { give(p); }
void operator delete[](void* p, size_t, std::align_val_t) noexcept { give(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { give(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { give(p); }
void operator delete(void* p, std::align_val_t, const std::nothrow_t&) noexcept { give(p); }
void operator delete[](void* p, std::align_val_t, const std::nothrow_t&) noexcept { give(p); }

#endif
