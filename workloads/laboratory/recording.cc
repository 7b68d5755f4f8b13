#include "workloads/laboratory/recording.h"

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "engine/base/fatal_codes.h"
#include "engine/base/fault.h"
#include "engine/laboratory/search/replay.h"
#include "telemetry/probe/collector.h"
#include "telemetry/store/recorder.h"

namespace sweepscope::workloads {
namespace {

using laboratory::Experiment;
using laboratory::Schedule;

constexpr int64_t kFixedStart =
    1'542'585'600'000'000'000;  // 2018-11-19, the day of the Go change, as Unix time in ns

// Stores the records of all emitters in the order of emission: a chunk holds one record, so an emitter hands
// over each record at once. They are written to the file after the run, so that the file does not depend on
// real time.
class Tape final : public observe::Observer {
 public:
  std::span<observe::Record> take_chunk(uint32_t stream) override { return {&pending_[stream], 1}; }
  void hand_over(uint32_t stream, std::span<observe::Record> chunk, size_t used, uint64_t first) override {
    if (used != 0) entries_.push_back({stream, first, chunk[0]});
  }
  void drain_for_crash() noexcept override {}

  // Passes all records to `collector`; consecutive records of one stream share a chunk.
  void play(telemetry::Collector& collector) const {
    for (size_t i = 0; i < entries_.size();) {
      const Entry& begin = entries_[i];
      const std::span<observe::Record> chunk = collector.take_chunk(begin.stream);
      size_t n = 0;
      for (; n < chunk.size() && i < entries_.size() && entries_[i].stream == begin.stream; ++i, ++n)
        chunk[n] = entries_[i].record;
      collector.hand_over(begin.stream, chunk, n, begin.first);
    }
  }

 private:
  struct Entry {
    uint32_t stream;
    uint64_t first;
    observe::Record record;
  };
  std::map<uint32_t, observe::Record> pending_;  // by stream; a map, so that records keep their addresses
  std::vector<Entry> entries_;
};

telemetry::SessionInfo describe(const Schedule& schedule, const laboratory::RunReport& report) {
  telemetry::SessionInfo info;
  info.engine_build = "laboratory";
  info.workload = schedule.scenario;
  info.policy = schedule.policy;
  info.command_line = "sweepctl step" + (schedule.fault.empty() ? "" : " (fault " + schedule.fault + ")");
  info.fault = schedule.fault;
  if (const std::optional<engine::Fault> fault = engine::find_fault(schedule.fault))
    info.fault_text = engine::describe(*fault);
  if (report.outcome == laboratory::Outcome::kViolation) {
    info.broken_rule = report.violation.rule;
    info.broken_text = report.violation.sentence;
  }
  info.seed = schedule.seed;
  info.procs = schedule.procs;
  info.threads = static_cast<uint32_t>(schedule.fibers.size());
  info.started_unix_ns = kFixedStart;
  std::map<uint32_t, std::string> names;
  for (const laboratory::ScheduledStep& step : schedule.steps)
    names[laboratory::step_id(step.name)] = step.name;
  info.step_names.assign(names.begin(), names.end());
  for (uint32_t fiber = 0; fiber < schedule.fibers.size(); ++fiber)
    info.stream_names.emplace_back(fiber, schedule.fibers[fiber]);
  for (uint32_t code = 0; code < static_cast<uint32_t>(engine::FatalCode::kCount); ++code)
    info.check_names.emplace_back(code, engine::words(static_cast<engine::FatalCode>(code)));
  return info;
}

}  // namespace

RecordedReplay record_replay(Experiment& experiment, const Schedule& schedule, const std::string& path) {
  RecordedReplay result;
  Tape tape;
  laboratory::Replay replay(schedule);
  result.report = experiment.run(replay, Experiment::FairTail::kNo, &tape);

  auto recorder = telemetry::Recorder::create(path, describe(schedule, result.report));
  if (!recorder) {
    result.error = recorder.error().message;
    return result;
  }
  telemetry::Collector collector(
      {.draining = telemetry::Draining::kSynchronous, .pool_bytes = telemetry::kChunkBytes});
  collector.add_sink(**recorder);
  tape.play(collector);
  collector.finish();
  if (const auto finished = (*recorder)->finish(); !finished) result.error = finished.error().message;
  return result;
}

}  // namespace sweepscope::workloads
