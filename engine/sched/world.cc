#include "engine/sched/world.h"

#include "engine/base/reads.h"
#include "engine/base/witness.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

World::World() {
  attention.bind(Word::kAttention, 0);
  word_.bind(Word::kWorld, 0);
  all_stopped_.bind(Word::kWorld, 0);
  started_.bind(Word::kWorld, 0);
}

void World::enter() {
  ReadScope scope;
  uint32_t seen = word_.load(std::memory_order_relaxed, "world: may I run?");
  while (true) {
    scope.holds(seen);
    if ((seen & kStop) != 0) {
      started_.wait_until("world: wait for the start", [this] { return !stopping(); });
      seen = word_.load(std::memory_order_relaxed, "world: may I run now?");
    } else if (word_.compare_exchange(seen, seen + 1, std::memory_order_acq_rel, std::memory_order_relaxed,
                                      "world: one more is running")) {
      return;
    }
  }
}

void World::leave() {
  const ReadScope scope;
  const uint32_t before = word_.fetch_sub(1, std::memory_order_acq_rel, "world: one less is running");
  if ((before & kStop) != 0) all_stopped_.wake_all();
}

void World::request_stop() {
  const ReadScope scope;
  word_.fetch_or(kStop, std::memory_order_acq_rel, "world: stop");
  // relaxed: a stale value only delays the stop.
  attention.add(1, std::memory_order_relaxed, "world: put polls on the slow path");
}

void World::wait_stopped() {
  // acquire (the fetch of the predicate): pairs with the leave() of every thread that ran.
  all_stopped_.wait_until("world: wait until all have stopped",
                          [this] { return word_.peek(std::memory_order_acquire) == (kStop | 1); });
  witness_world_stopped();
}

void World::start() {
  const ReadScope scope;
  attention.sub(1, std::memory_order_relaxed, "world: put polls back on the fast path");
  witness_world_starting();
  word_.fetch_and(~kStop, std::memory_order_acq_rel, "world: start");
  started_.wake_all();
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
