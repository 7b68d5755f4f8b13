// Marking: sets the mark bit of every object that can be reached, with several threads.
//
// An object is grey while its address lies on a marking thread's stack or in the shared pool, black afterwards.
// Threads keep a stack of their own and share batches of it through the pool. In a stopped world the crew
// (mark_crew.h) drains until all are hungry and the pool is empty, which is the end of marking (checked:
// fatal "P has cached GC work at end of mark termination"); under concurrent marking threads come and go, and
// mutators keep putting into the pool (mark_phase.h). Long objects are scanned in oblets of 128 KiB (Go's term), so that one array
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
  Batch try_take(MarkThread& m);  // empty when there is none now
  bool wants_work() const { return hungry_.peek() > 0 && empty(); }
  void end(MarkThread& m);  // after the last worker; fatal "P has cached GC work ..." when a batch is left

 private:
  Lock lock_{Rank::kWorkBuffers, Word::kOther};
  std::vector<Batch> batches_;      // under lock_
  Shared<uint32_t> batches_count_;  // written under lock_
  Shared<uint32_t> hungry_;         // workers waiting in take(); written under lock_
  uint32_t workers_ = 0;
  WaitPoint changed_;
};

// One thread's view of a marking: its stack. What it marks is counted in its thread, `worker` is its name in events.
class Marker {
 public:
  Marker(MHeap& heap, MarkPool& pool, MarkThread& m, uint32_t worker, uint32_t cycle, Program program);
  void mark_root(uintptr_t address) { grey(address); }
  void scan_root(uintptr_t object) { stack_.push_back(object); }  // what it refers to, not itself

  // In a stopped world, one of the crew: until nothing is grey with any of them or in the pool.
  void drain();
  // Concurrent: piece by piece. scan_some: at most `n` objects, about as many bytes as one oblet; false: the stack was empty.
  bool scan_some(uint32_t n);
  bool take_from_pool();
  void publish();                                // puts all it has into the pool, and reports
  uint64_t scanned() const { return scanned_; }  // bytes of objects that may hold references

 private:
  void grey(uintptr_t address);
  void scan(uintptr_t address);
  uint64_t read(uint64_t& word) const;
  bool should_share() const;
  void share();
  void report();

  static constexpr size_t kWorthSharing = 4;          // grey objects (Go: gcWork.balance)
  static constexpr uint32_t kScansBetweenLooks = 16;  // whether others are hungry
  static constexpr size_t kOblet = 128 << 10;
  static constexpr uint64_t kReportBytes = 64 << 10;
  MHeap& heap_;
  MarkPool& pool_;
  MarkThread& m_;
  uint32_t worker_, cycle_;
  Program program_;
  MarkPool::Batch stack_;
  uint64_t scanned_ = 0;
  MarkTotals reported_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
