// Marking: sets the mark bit of every object that can be reached, with several threads.
//
// An object is grey while its address lies on a worker's stack or in the shared pool, black afterwards.
// Workers keep a stack of their own and share batches of it through the pool; they are done when
// all are hungry and the pool is empty. In a stopped world that is the end of marking (checked:
// fatal "P has cached GC work at end of mark termination"); under concurrent marking mutators keep putting
// into the pool (mark_phase.h). Long objects are scanned in oblets of 128 KiB (Go's term), so that one array
// of references does not serialise the workers.
#pragma once

#include <memory>
#include <vector>

#include "engine/base/lock.h"
#include "engine/base/thread.h"
#include "engine/base/wait_point.h"
#include "engine/gc/mark/mark_thread.h"
#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

// Marks the object that `address` points into, for m. Where its scan begins;
// 0: marked before, or without references.
uintptr_t mark_object(MarkThread& m, MHeap& heap, uintptr_t address);

// Whether the program writes references while they are scanned.
enum class Program : uint8_t { kStopped, kRunning };

// The shared pool of grey batches, and the count of hungry workers.
class MarkPool {
 public:
  using Batch = std::vector<uintptr_t>;
  static constexpr size_t kBatch = 256;

  void begin(uint32_t workers);  // no worker is there; what was put stays
  void put(MarkThread& m, Batch batch);
  bool empty() const { return batches_count_.peek() == 0; }  // exact in a stopped world
  // A batch, waiting while other workers may still produce one; empty when none will.
  Batch take(MarkThread& m);
  bool wants_work() const { return hungry_.peek() > 0 && batches_count_.peek() == 0; }
  void end(MarkThread& m);  // after the last worker; fatal "P has cached GC work ..." when a batch is left

 private:
  Lock lock_{Rank::kWorkBuffers, Word::kOther};
  std::vector<Batch> batches_;      // under lock_
  Shared<uint32_t> batches_count_;  // written under lock_
  Shared<uint32_t> hungry_;         // workers waiting in take(); written under lock_
  uint32_t workers_ = 0;
  WaitPoint changed_;
};

// One worker's view: its stack. What it marks is counted in its thread.
class Marker {
 public:
  Marker(MHeap& heap, MarkPool& pool, MarkThread& m, uint32_t worker, uint32_t cycle, Program program);
  void mark_root(uintptr_t address) { grey(address); }
  void scan_root(uintptr_t object) { stack_.push_back(object); }  // what it refers to, not itself
  void drain();  // until nothing is grey with any worker or in the pool

 private:
  void grey(uintptr_t address);
  void scan(uintptr_t address);
  uint64_t read(uint64_t& word) const;
  void share();
  void report();

  static constexpr size_t kOblet = 128 << 10;
  static constexpr uint64_t kReportBytes = 64 << 10;
  MHeap& heap_;
  MarkPool& pool_;
  MarkThread& m_;
  uint32_t worker_, cycle_;
  Program program_;
  MarkPool::Batch stack_;
  MarkTotals reported_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
