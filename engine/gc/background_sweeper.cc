#include "engine/gc/background_sweeper.h"

#include "engine/base/fault.h"
#include "engine/base/reads.h"
#include "engine/heap/sweep.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

BackgroundSweeper::BackgroundSweeper(MHeap& heap, World& world, FlushPolicy& policy, SchedThread& m)
    : heap_(heap), world_(world), policy_(policy), m_(m) {
  quit_.bind(Word::kThread, m.id);
  work_.bind(Word::kSweepDone, 0);
}

BackgroundSweeper::~BackgroundSweeper() = default;

void BackgroundSweeper::start() {
  thread_ = Thread("bgsweep", [this] { run(); });
}

void BackgroundSweeper::finish() {
  quit_.put(1);
  work_.wake_all();
  thread_.join();
}

void BackgroundSweeper::run() {
  while (true) {
    begin_operation(0);
    work_.wait_until("background sweeper: parked", [this] {
      return heap_.sweep_done.peek() == 0 || policy_.background_wanted() || quit_.peek() != 0;
    });
    if (quit_.peek() != 0) break;
    bool more = true;
    while (more) {
      begin_operation(1);
      if (!fault(Fault::kStwIgnoresSweeper)) world_.enter();
      m_.emitter.seal_if_requested();
      more = policy_.background_claim(m_) || sweep_batch(m_, heap_, observe::Cause::kBackground).has_value();
      begin_operation(more ? 2 : 3);
      if (!more) m_.emitter.seal();
      if (!fault(Fault::kStwIgnoresSweeper)) world_.leave();
      if (fault(Fault::kBatchHeldOverStop)) publish(m_, heap_);
    }
  }
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
