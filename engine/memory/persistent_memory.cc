#include "engine/memory/persistent_memory.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

PersistentMemory::~PersistentMemory() {
  while (newest_ != nullptr) {
    // Out of the memory that it is about to unmap.
    const Reservation memory = std::move(newest_->memory);
    newest_ = newest_->before;
  }
}

std::byte* PersistentMemory::take(size_t bytes, size_t alignment) {
  const auto aligned = [alignment](size_t at) { return (at + alignment - 1) & ~(alignment - 1); };
  if (newest_ == nullptr || bytes > newest_->memory.bytes() ||
      aligned(used_) > newest_->memory.bytes() - bytes) {
    const size_t wanted = aligned(sizeof(Chunk)) + bytes;
    if (wanted < bytes) return nullptr;
    Reservation memory =
        Reservation::reserve(std::max(wanted, kChunkBytes), kMostAligned, Protection::kReadWrite);
    if (!memory) return nullptr;
    Chunk* const chunk = reinterpret_cast<Chunk*>(memory.base());
    newest_ = std::construct_at(chunk, Chunk{std::move(memory), newest_});
    used_ = sizeof(Chunk);
  }
  const size_t begin = aligned(used_);
  used_ = begin + bytes;
  return newest_->memory.base() + begin;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
