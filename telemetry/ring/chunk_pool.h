// Chunks of 64 KiB for the engine's threads to fill, taken and given back by any thread, once per 2,000
// events.
//
// Chunks are allocated when first needed, never beyond the cap, and kept until the pool is destroyed. The
// chunk given back last is taken first: it is still in a cache.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <type_traits>
#include <vector>

namespace sweepscope::telemetry {

// What happens when the readers do not keep up and the pool is empty.
enum class LossPolicy : uint8_t {
  kDrop,   // events are lost and counted
  kBlock,  // the engine waits
};

inline constexpr size_t kChunkBytes = 64 << 10;
inline constexpr size_t kDefaultPoolBytes = 128 << 20;

template <class Record>
class ChunkPool {
  static_assert(std::is_trivially_copyable_v<Record> && kChunkBytes % sizeof(Record) == 0);

 public:
  using Chunk = std::span<Record>;
  static constexpr size_t kRecords = kChunkBytes / sizeof(Record);

  // At least one chunk, whatever the cap.
  explicit ChunkPool(size_t cap_bytes = kDefaultPoolBytes)
      : cap_(std::max<size_t>(1, cap_bytes / kChunkBytes)) {}

  // Empty when no chunk is left; kBlock waits for one instead, until stop_waiting().
  Chunk take(LossPolicy policy) {
    std::unique_lock lock(mutex_);
    if (policy == LossPolicy::kBlock)
      freed_.wait(lock, [this] { return stopped_ || !free_.empty() || chunks_.size() < cap_; });
    if (!free_.empty()) {
      const Chunk chunk = free_.back();
      free_.pop_back();
      return chunk;
    }
    if (chunks_.size() == cap_) return {};
    chunks_.push_back(std::make_unique_for_overwrite<Record[]>(kRecords));
    free_.reserve(chunks_.size());  // give_back() never allocates
    return {chunks_.back().get(), kRecords};
  }

  void give_back(Chunk chunk) {
    {
      std::lock_guard lock(mutex_);
      free_.push_back(chunk);
    }
    freed_.notify_one();
  }

  // Wakes all waiters; from now on take() returns an empty chunk instead of waiting.
  void stop_waiting() {
    {
      std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    freed_.notify_all();
  }

  size_t allocated() const {
    std::lock_guard lock(mutex_);
    return chunks_.size();
  }

 private:
  const size_t cap_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  // Guarded by mutex_:
  std::vector<std::unique_ptr<Record[]>> chunks_;
  std::vector<Chunk> free_;
  bool stopped_ = false;
};

}  // namespace sweepscope::telemetry
