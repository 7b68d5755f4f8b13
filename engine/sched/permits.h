// Run permits: how many mutators and idle mark workers may run at once,
// so that a thousand Ps on two cores take turns instead of thrashing.
//
// A fair counting semaphore: tickets are granted in the order they were drawn. Each waiter sleeps on
// a futex of its own ticket, so a grant wakes one thread. Beyond kPlaces waiters, tickets that lie kPlaces
// apart share a futex: a grant then wakes the threads of later tickets too, which sleep again.
#pragma once

#include <array>
#include <memory>

#include "engine/base/shared.h"
#include "engine/base/wait_point.h"
#include "engine/sched/sched_thread.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class Permits {
 public:
  // kEveryThread: none is needed, so none is taken.
  static constexpr uint32_t kEveryThread = ~0u;
  // attention: World's; counts one while a thread waits, so that running mutators check their slice.
  Permits(uint32_t count, Shared<uint32_t>& attention);

  void take(SchedThread& m);  // waits; m must not own a P
  void give(SchedThread& m);
  bool wanted() const { return wanted_beside(0); }        // a thread waits
  bool all_taken() const { return none_left_beside(0); }  // or even waited for
  // The same, were `lent` of them given up.
  bool wanted_beside(uint32_t lent) const {
    return static_cast<int32_t>(drawn_.peek() - granted_.peek() - lent) > 0;
  }
  bool none_left_beside(uint32_t lent) const {
    return needed_ && static_cast<int32_t>(drawn_.peek() - granted_.peek() - lent) >= 0;
  }
  // Whether m, at a poll, has had its slice. The laboratory has no clock: a choice.
  bool slice_over(const SchedThread& m) const;

  // base/state.h
  template <class State>
  void add_state(State& to) const {
    constexpr const char* kNone = "drawn in scenarios with run permits only, whose states are not searched";
    to.leave_out(drawn_, kNone);
    to.leave_out(granted_, kNone);
  }

  static constexpr uint64_t kSliceNs = 1'000'000;
  static constexpr uint32_t kPlaces = kLaboratory ? 1 : 4096;  // as many as a run has mutators at most

 private:
  // relaxed all: a permit guards no data, the world word and sched.lock pass that.
  Shared<uint32_t> drawn_;    // next ticket
  Shared<uint32_t> granted_;  // tickets below it may run
  Shared<uint32_t>& attention_;
  const bool needed_;
  std::unique_ptr<std::array<WaitPoint, kPlaces>> places_;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
