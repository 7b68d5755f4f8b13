// Calls an observer outside the run: its allocations must outlive the run's image.
#pragma once

#include "engine/laboratory/seam/run_image.h"
#include "engine/observe/observer.h"

namespace sweepscope::laboratory {

class OutsideObserver final : public observe::Observer {
 public:
  explicit OutsideObserver(observe::Observer& observer) : observer_(observer) {}

  std::span<observe::Record> take_chunk(uint32_t stream) override {
    const OutsideRun laboratory;
    return observer_.take_chunk(stream);
  }
  void hand_over(uint32_t stream, std::span<observe::Record> chunk, size_t used, uint64_t first) override {
    const OutsideRun laboratory;
    observer_.hand_over(stream, chunk, used, first);
  }
  void drain_for_crash() noexcept override {
    const OutsideRun laboratory;
    observer_.drain_for_crash();
  }

 private:
  observe::Observer& observer_;
};

}  // namespace sweepscope::laboratory
