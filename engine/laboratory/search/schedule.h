// A schedule: all decisions of a run, as a short readable text that `step` replays exactly.
//
//   sweepscope-schedule 1
//   scenario sweep
//   policy lazy
//   fault acquirep-no-flush
//   procs 2
//   check bad span state=note
//   spans 2
//   seed 42
//   violation I1
//   steps 3
//   fiber 0 main
//   fiber 1 background sweeper
//
//   0 start
//   0 what the mutator does next [2]
//   1 pop unswept span
//
// A step is `fiber step-name` or, for a data choice, `fiber step-name [value]`. `fault`, `check` (there may
// be several) and `violation` may be absent. Lines that begin with # are comments. parse_schedule() accepts
// untrusted text: its errors have line numbers, and its limits bound the memory for a hostile file to a few
// times the file's size.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sweepscope::laboratory {

struct ScheduledStep {
  uint32_t fiber = 0;
  std::string name;
  std::optional<uint32_t> choice;  // the value, if the step is a data choice
  bool operator==(const ScheduledStep&) const = default;
};

struct Schedule {
  std::string scenario;
  std::string policy;
  std::string fault;                // empty: none
  std::vector<std::string> checks;  // settings of check_modes.h, as RULE=MODE
  uint32_t procs = 0;
  uint32_t spans = 0;
  uint64_t seed = 0;                // of the walk that found it; the replay does not need it
  std::string violation;            // the rule of the expected violation; empty: none
  std::vector<std::string> fibers;  // names, for the reader
  std::vector<ScheduledStep> steps;
  bool operator==(const Schedule&) const = default;
};

inline constexpr size_t kMaxScheduleBytes = 64u << 20;
inline constexpr size_t kMaxScheduleSteps = 1'000'000;
inline constexpr uint32_t kMaxScheduleFibers = 4096;

std::string format_schedule(const Schedule& schedule);

struct ParsedSchedule {
  std::optional<Schedule> schedule;
  std::string error;  // "line 7: ..." when there is no schedule
};
ParsedSchedule parse_schedule(std::string_view text);

// FNV-1a, as engine::Step does it at compile time: a step's id from its text.
uint32_t step_id(std::string_view name);

}  // namespace sweepscope::laboratory
