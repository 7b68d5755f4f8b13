// Sweeping: mark bits become the new allocation bits, and no object is touched (Go's mgcsweep.go).
#pragma once

#include <optional>

#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// How a thread came by the span: popped from the unswept queue, or from a list or its mcache.
enum class Sweeper : uint8_t { kQueue, kDirect };

// Counts its thread in heap.sweepers for as long as it may hold a claimed span: on every path (repair of D3).
class Sweeping {
 public:
  explicit Sweeping(MHeap& heap, Sweeper kind = Sweeper::kDirect);
  ~Sweeping();
  Sweeping(const Sweeping&) = delete;
  Sweeping& operator=(const Sweeping&) = delete;

 private:
  MHeap& heap_;
  const bool counted_;
};

// Sweeps the span the token stands for. True: it was freed whole and is the heap's again (never with
// preserve). Non-preemptible from the claim to here; fatal "m is not locked" otherwise.
bool sweep(HeapThread& m, MHeap& heap, SweepToken token, MCentral::Preserve preserve, observe::Cause cause);

// Returns when the span, which is in use and stays so, is SWEPT or CACHED: sweeps it if it needs that,
// waits for its sweeper or for the flusher of its mcache otherwise. The caller stays non-preemptible
// (fatal "m is not locked") from before this call to its last use of what the sweep wrote;
// so no mcache that the caller would have to flush may hold the span.
void ensure_swept(HeapThread& m, MHeap& heap, MSpan& span);

// Sweeps one span of the unswept queue. Nothing: the queue is empty and sweep_done is set.
// Else the pages that went back to the heap, which may be 0.
std::optional<uint32_t> sweep_one(HeapThread& m, MHeap& heap, observe::Cause cause);

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
