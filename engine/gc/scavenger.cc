#include "engine/gc/scavenger.h"

#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "engine/base/reads.h"
#include "engine/gc/pacer.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

Scavenger::Scavenger(MHeap& heap, const Pacing& pacing, HeapThread& m) : heap_(heap), pacing_(pacing), m_(m) {
  quit_.bind(Word::kThread, m.id);
  resting_.bind(Word::kThread, m.id);
  thread_ = Thread("scavenger", [this] { run(); });
}

Scavenger::~Scavenger() {
  quit_.put(1);
  heap_.sweep_completed.wake_all();
  resting_.wake_all();
  thread_.join();
}

void Scavenger::run() {
  uint32_t scavenged = heap_.gen_acquire();  // the generation of the last pass
  while (true) {
    begin_operation(0);
    uint32_t now = scavenged;
    heap_.sweep_completed.wait_until("scavenger: parked", [&] {
      // The generation first: if a turn follows, its sweep has yet to be seen complete.
      now = heap_.gen_acquire();
      return quit_.peek() != 0 || (now != scavenged && heap_.sweep_complete());
    });
    if (quit_.peek() != 0) break;
    scavenged = now;
    pass();
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
  return pacer::retained_free(pacing_.goal(), heap_.heap_live.peek());
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
