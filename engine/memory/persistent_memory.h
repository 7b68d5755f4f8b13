// Memory from the system for structures that the heap makes at any time and never gives back: they live as long as their
// engine (Go: persistentalloc). Pieces are cut from chunks; the chunks are a list through their own beginnings.
//
// Callers hold a lock of theirs or are single-threaded. No step points.
#pragma once

#include "engine/memory/os_memory.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class PersistentMemory {
 public:
  PersistentMemory() = default;
  ~PersistentMemory();
  PersistentMemory(const PersistentMemory&) = delete;
  PersistentMemory& operator=(const PersistentMemory&) = delete;

  // Zero bytes, until the end of this object. alignment: a power of two, at most kMostAligned. Null: the system refused.
  [[nodiscard]] std::byte* take(size_t bytes, size_t alignment);

  static constexpr size_t kMostAligned = 64;
  static constexpr size_t kChunkBytes = kLaboratory ? 8 << 10 : 64 << 10;  // or what one piece needs

 private:
  struct Chunk {
    Reservation memory;  // that it lies in
    Chunk* before;
  };
  Chunk* newest_ = nullptr;
  size_t used_ = 0;  // bytes of the newest
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
