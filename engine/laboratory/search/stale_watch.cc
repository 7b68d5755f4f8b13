#include "engine/laboratory/search/stale_watch.h"

#include <cstring>
#include <map>

#include "engine/laboratory/search/replay.h"

namespace sweepscope::laboratory {
namespace {

class StaleWatch final : public observe::Observer {
 public:
  bool found() const { return found_; }

 private:
  // A chunk holds one record, so an emitter hands over each record at once.
  std::span<observe::Record> take_chunk(uint32_t stream) override { return {&pending_[stream], 1}; }
  void hand_over(uint32_t stream, std::span<observe::Record> chunk, size_t used, uint64_t) override {
    if (used == 0 || stream != kStepStream || chunk[0].header.kind != observe::EventKind::kStep) return;
    observe::StepTaken step;
    std::memcpy(&step, &chunk[0], sizeof step);
    const auto word = static_cast<engine::Word>(step.word);
    if (word == engine::Word::kHeapGen) {
      sg_ = step.after;
      for (const auto& [span, sweepgen] : sweepgens_) found_ |= sweepgen == sg_ + 1;
    } else if (word == engine::Word::kSweepgen) {
      sweepgens_[step.object] = step.after;
    }
  }
  void drain_for_crash() noexcept override {}

  std::map<uint32_t, observe::Record> pending_;  // by stream; a map, so that records keep their addresses
  std::map<uint32_t, uint32_t> sweepgens_;       // by span
  uint32_t sg_ = 0;
  bool found_ = false;
};

}  // namespace

bool had_stale_span(Experiment& experiment, const Schedule& schedule) {
  StaleWatch watch;
  Replay replay(schedule);
  experiment.run(replay, Experiment::FairTail::kNo, &watch);
  return watch.found();
}

}  // namespace sweepscope::laboratory
