// Marking: sets the mark bit of every object that can be reached, in a stopped world, with several threads.
//
// An object is grey while its address lies on a worker's stack or in the shared pool, black afterwards. Workers keep a
// stack of their own and share batches of it through the pool; marking ends when all workers are hungry and the pool is
// empty (checked: fatal "P has cached GC work at end of mark termination"). Long objects are scanned in oblets of 128
// KiB (Go's term), so that one array of references does not serialise the workers.
#pragma once

#include <memory>
#include <vector>

#include "engine/base/lock.h"
#include "engine/base/thread.h"
#include "engine/base/wait_point.h"
#include "engine/heap/mheap.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

struct MarkTotals {
  uint64_t bytes = 0;  // marked, in size class sizes
  uint64_t objects = 0;
};

// The shared pool of grey batches, and who is hungry.
class MarkPool {
 public:
  using Batch = std::vector<uintptr_t>;
  static constexpr size_t kBatch = 256;

  void begin(uint32_t workers);
  void put(M& m, Batch batch);
  // A batch, waiting while others may still produce one; empty when marking is complete.
  Batch take(M& m);
  bool wants_work() const { return hungry_.peek() > 0 && batches_count_.peek() == 0; }
  void end(M& m);  // after the last worker; fatal "P has cached GC work ..." when a batch is left

 private:
  Lock lock_{Rank::kWorkBuffers, Word::kOther};
  std::vector<Batch> batches_;       // under lock_
  Shared<uint32_t> batches_count_;   // written under lock_
  Shared<uint32_t> hungry_;          // workers waiting in take(); written under lock_
  uint32_t workers_ = 0;
  WaitPoint changed_;
};

// One worker's view: its stack and its counts.
class Marker {
 public:
  Marker(MHeap& heap, MarkPool& pool, M& m, uint32_t worker, uint32_t cycle);
  void mark_root(uintptr_t address) { grey(address); }
  void scan_root(uintptr_t object) { stack_.push_back(object); }  // what it refers to, not itself
  void drain();  // until marking is complete for everybody
  MarkTotals finish();  // after drain(); fatal "P has cached GC work ..." when something is still grey

 private:
  void grey(uintptr_t address);
  void scan(uintptr_t address);
  void share();
  void report();

  static constexpr size_t kOblet = 128 << 10;
  static constexpr uint64_t kReportBytes = 64 << 10;
  MHeap& heap_;
  MarkPool& pool_;
  M& m_;
  uint32_t worker_, cycle_;
  MarkPool::Batch stack_;
  MarkTotals totals_, reported_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
