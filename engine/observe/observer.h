// The two sides of observation: an Observer takes chunks of records, an Emitter fills them.
//
// Each engine thread owns one Emitter; no other thread touches it, so emitting costs a store and no atomic
// operation. Order that an Observer may rely on: the calls of hand_over() happen in an order in which all
// records of one epoch (one value of h) come before the kTurn record and all records of the next epoch after
// it, because every thread hands its chunk over before the world counts as stopped, and the coordinator
// hands over its own before it starts the world. Within an epoch, records of one span may arrive out of order
// across chunks; their transition numbers order them.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "engine/observe/event.h"

namespace sweepscope::observe {

class Observer {
 public:
  virtual ~Observer() = default;

  // An empty chunk for the thread `stream` to fill. May block (loss policy `block`).
  // An empty span means: no room, the next records of this stream are lost; the emitter counts
  // them in its sequence and asks again later.
  virtual std::span<Record> take_chunk(uint32_t stream) = 0;

  // Takes back a chunk, of which the first `used` records are filled. `first` is the sequence number,
  // in this stream, of its first record: a gap to the last hand_over of the stream is a loss.
  // used == 0 just returns the chunk.
  virtual void hand_over(uint32_t stream, std::span<Record> chunk, size_t used, uint64_t first) = 0;

  // Called by a fatal check, on the failing thread, after it handed over its chunk:
  // returns when everything handed over so far is safe (written to the recording, sent). Bounded in time.
  virtual void drain_for_crash() noexcept = 0;

  // Raised by the drain thread about every 16 ms: each emitter hands over its chunk at its next poll when
  // this differs from the value it saw last. relaxed: a stale value costs only latency.
  std::atomic<uint32_t> seal_requests{0};
};

class Emitter {
 public:
  Emitter() = default;
  Emitter(Observer* observer, uint32_t stream) : observer_(observer), stream_(stream) {}
  Emitter(const Emitter&) = delete;
  Emitter& operator=(const Emitter&) = delete;
  ~Emitter() { seal(); }

  // Before the first record, by the owner-to-be. A null observer makes every emit() one predictable branch.
  void attach(Observer* observer, uint32_t stream) {
    observer_ = observer;
    stream_ = stream;
  }

  bool enabled() const { return observer_ != nullptr; }
  uint32_t stream() const { return stream_; }
  uint64_t emitted() const { return first_ + used_; }

  template <Event T>
  void emit(const T& event) {
    if (observer_ == nullptr) [[likely]]
      return;
    if (used_ == chunk_.size()) exchange();
    if (!chunk_.empty()) [[likely]]
      chunk_[used_++] = erase(event);
    else
      ++first_;  // lost, and visible as a gap in the sequence
    if (used_ == chunk_.size()) seal();
  }

  // Hands over what there is: at release_p, after a stop, at the poll after a seal request, at the end.
  void seal() {
    if (chunk_.empty()) return;
    observer_->hand_over(stream_, chunk_, used_, first_);
    first_ += used_;
    used_ = 0;
    chunk_ = {};
  }

  void seal_if_requested() {
    if (observer_ == nullptr) return;
    const uint32_t requests = observer_->seal_requests.load(std::memory_order_relaxed);
    if (requests == seen_seal_) return;
    seen_seal_ = requests;
    seal();
  }

 private:
  void exchange() { chunk_ = observer_->take_chunk(stream_); }

  Observer* observer_ = nullptr;
  std::span<Record> chunk_;
  size_t used_ = 0;
  uint64_t first_ = 0;
  uint32_t stream_ = 0;
  uint32_t seen_seal_ = 0;
};

}  // namespace sweepscope::observe
