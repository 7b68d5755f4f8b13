#include "engine/gc/scavenger.h"

#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "engine/base/reads.h"
#include "engine/gc/pacer.h"
#include "engine/gc/pacing.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

Scavenger::Scavenger(MHeap& heap, const Pacing& pacing, HeapThread& m) : heap_(heap), pacing_(pacing), m_(m) {
  quit_.bind(Word::kThread, m.id);
  resting_.bind(Word::kThread, m.id);
  parked_.bind(Word::kScavenge, 2);
  sweeps_.bind(Word::kScavenge, 2);
  thread_ = Thread("scavenger", [this] { run(); });
}

Scavenger::~Scavenger() {
  quit_.put(1);
  for (WaitPoint* point : {&parked_, &heap_.sweep_completed, &resting_}) point->wake_all();
  thread_.join();
}

void Scavenger::wake() {
  // release: pairs with the acquire below, so that the scavenger reads what the turn wrote.
  sweeps_.add(1, std::memory_order_release, "mark termination: a sweep has begun");
  parked_.wake_one();
}

// It does not sleep on sweep_completed while there is nothing to wait for: each refill of a swept heap would pay for
// waking it.
void Scavenger::run() {
  uint32_t seen = 0;  // sweeps
  while (true) {
    begin_operation(0);
    // acquire: pairs with wake().
    const auto newer = [&] { return quit_.peek() != 0 || sweeps_.peek(std::memory_order_acquire) != seen; };
    parked_.wait_until("scavenger: parked", newer);
    if (quit_.peek() != 0) break;
    seen = sweeps_.peek(std::memory_order_acquire);  // acquire: as above
    heap_.sweep_completed.wait_until("scavenger: wait until the sweep is complete",
                                     [&] { return newer() || heap_.sweep_complete(); });
    if (!newer()) pass();
  }
}

void Scavenger::pass() {
  heap_.begin_scavenging(m_);
  while (quit_.peek() == 0) {
    begin_operation(1);
    const uint64_t begin = now_ns();
    const PageRuns::Look look = heap_.take_piece(m_, keep());
    if (!look.more) return;
    // A refusal has a reason that other pages share, such as locked memory.
    if (look.pages > 0 && !heap_.return_piece(m_, look)) return;
    resting_.wait_for("scavenger: rests", kRest * (now_ns() - begin), [this] { return quit_.peek() != 0; });
  }
}

uint64_t Scavenger::keep() const {
  if constexpr (kLaboratory)
    return Random(0).choose("scavenger: give pages back?", 2) != 0 ? 0 : ~uint64_t{0};
  // relaxed both: the program allocates meanwhile, so the figures are old at once.
  return pacer::retained_free(pacing_.highest_goal(), heap_.heap_live.peek());
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
