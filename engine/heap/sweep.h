// Sweeping: mark bits become the new allocation bits, and no object is touched (Go's mgcsweep.go).
#pragma once

#include <optional>

#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// How a thread came by the span: popped from the unswept queue, or from a list or its mcache.
enum class Sweeper : uint8_t { kQueue, kDirect };

// A batch: counts its thread in heap.sweepers for as long as it may hold a claimed span, on every path (repair of D3),
// and publishes at its end what was swept. It lies in one non-preemptible region, so no stop finds an open batch.
class Sweeping {
 public:
  explicit Sweeping(HeapThread& m, MHeap& heap, Sweeper kind = Sweeper::kDirect);
  ~Sweeping();
  Sweeping(const Sweeping&) = delete;
  Sweeping& operator=(const Sweeping&) = delete;

 private:
  HeapThread& m_;
  MHeap& heap_;
  const bool counted_;
};

// Publishes and empties the thread's batch, at its end or when it is full: the swept queue (T10), pages_swept, and the
// dead spans (T9, all under one mheap.lock).
void publish(HeapThread& m, MHeap& heap);

// Sweeps the span the token stands for, in a batch of the thread (Sweeping). True: the span is dead and is freed now or
// when the batch is published (a small span never with preserve). Non-preemptible from the claim to the end of the
// batch; fatal "m is not locked" otherwise.
bool sweep(HeapThread& m, MHeap& heap, SweepToken&& token, MCentral::Preserve preserve, observe::Cause cause);

// Returns when the span, which is in use and stays so, is SWEPT or CACHED: sweeps it if it needs that,
// waits for its sweeper or for the flusher of its mcache otherwise. The caller stays non-preemptible
// (fatal "m is not locked") from before this call to its last use of what the sweep wrote;
// so no mcache that the caller would have to flush may hold the span.
void ensure_swept(HeapThread& m, MHeap& heap, MSpan& span);

// Pops up to `most` spans from the unswept queue and sweeps those that need it, in one batch; repeats until at least
// one was swept. Returns the number of pages freed, which may be 0, or nothing when the queue is empty and sweep_done
// is set.
std::optional<uint32_t> sweep_batch(HeapThread& m, MHeap& heap, observe::Cause cause,
                                    uint32_t most = SweepBatch::kMost);
inline std::optional<uint32_t> sweep_one(HeapThread& m, MHeap& heap, observe::Cause cause) {
  return sweep_batch(m, heap, cause, 1);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
