// An Observer for tests: keeps every record, in the order in which chunks were handed over.
//
// Any thread may call it, also while engine threads run: readers get copies.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "engine/observe/observer.h"

namespace sweepscope::testing {

class RecordObserver final : public observe::Observer {
 public:
  struct Batch {  // one hand_over
    uint32_t stream;
    uint64_t first;
    std::vector<observe::Record> records;
  };

  std::span<observe::Record> take_chunk(uint32_t) override {
    const std::lock_guard guard(mutex_);
    if (free_.empty()) {
      chunks_.push_back(std::make_unique<Chunk>());
      return *chunks_.back();
    }
    const std::span<observe::Record> chunk = free_.back();
    free_.pop_back();
    return chunk;
  }

  void hand_over(uint32_t stream, std::span<observe::Record> chunk, size_t used, uint64_t first) override {
    const std::lock_guard guard(mutex_);
    if (used > 0)
      batches_.push_back({stream, first, {chunk.begin(), chunk.begin() + static_cast<ptrdiff_t>(used)}});
    free_.push_back(chunk);
  }

  void drain_for_crash() noexcept override {}

  std::vector<Batch> batches() const {
    const std::lock_guard guard(mutex_);
    return batches_;
  }
  // All records, in the order of the hand_over calls.
  std::vector<observe::Record> records() const {
    std::vector<observe::Record> all;
    for (const Batch& batch : batches()) all.insert(all.end(), batch.records.begin(), batch.records.end());
    return all;
  }
  // The records of one kind.
  template <observe::Event T>
  std::vector<T> all(observe::EventKind kind) const {
    std::vector<T> found;
    for (const observe::Record& record : records())
      if (record.header.kind == kind) found.push_back(observe::restore<T>(record));
    return found;
  }
  void clear() {
    const std::lock_guard guard(mutex_);
    batches_.clear();
  }

 private:
  using Chunk = std::array<observe::Record, 64>;  // small, so that chunks change hands often
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::vector<std::span<observe::Record>> free_;
  std::vector<Batch> batches_;
};

}  // namespace sweepscope::testing
