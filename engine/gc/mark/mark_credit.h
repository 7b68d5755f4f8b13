// MarkCredit: what background marking pays for allocations (Go: bgScanCredit).
// Workers give, assists steal; reset in the stop in which a cycle begins to mark.
#pragma once

#include "engine/base/shared.h"
#include "engine/gc/pacer.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class MarkCredit {
 public:
  MarkCredit() {
    credit_.bind(Word::kMarkWork, object(MarkWord::kCredit));
    scan_done_.bind(Word::kMarkWork, object(MarkWord::kScanDone));
  }

  void reset() {
    credit_.put(0);
    scan_done_.put(0);
  }
  // So many bytes of objects with references were scanned.
  void add_scanned(uint64_t bytes) {
    scan_done_.add(bytes, std::memory_order_relaxed, "mark: count what was scanned");  // relaxed: see credit_
  }
  void give(uint64_t bytes) {  // relaxed: see credit_
    credit_.add(static_cast<int64_t>(bytes), std::memory_order_relaxed, "mark worker: give credit");
  }
  void steal(uint64_t bytes) {  // relaxed: see credit_
    credit_.sub(static_cast<int64_t>(bytes), std::memory_order_relaxed, "assist: steal credit");
  }
  // Below 0 when two threads stole at once.
  int64_t left() const {  // relaxed: see credit_
    return credit_.load(std::memory_order_relaxed, "assist: how much credit is there?");
  }
  int64_t left_stopped() const { return credit_.peek(); }  // in a stopped world
  // For predicates: whether it pays what an assist does at least. The laboratory's heaps hold less than that.
  bool worth_a_wake() const {
    return credit_.peek() >= (kLaboratory ? 1 : static_cast<int64_t>(pacer::kAssistQuantum));
  }
  uint64_t scan_done() const { return scan_done_.peek(); }
  uint64_t scan_done_now() const {  // relaxed: see credit_
    return scan_done_.load(std::memory_order_relaxed, "assist: how much is scanned?");
  }

  // base/state.h
  template <class State>
  void add_state(State& to) const {
    to.add(credit_);
    to.leave_out(scan_done_,
                 "sets the price of an assist, so low with GOGC off that one quantum pays any debt");
  }

 private:
  // Bytes. relaxed: sums that guard no other data; a thread that decides by one may see it a little late.
  Shared<int64_t> credit_;
  Shared<uint64_t> scan_done_;  // by workers and assists
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
