#include "workloads/laboratory/step_command.h"

#include <fmt/format.h>

#include <cstdio>

#include "engine/laboratory/search/replay.h"
#include "workloads/counted.h"
#include "workloads/laboratory/recording.h"
#include "workloads/laboratory/report.h"
#include "workloads/laboratory/text_file.h"

namespace sweepscope::workloads {
namespace {

using laboratory::Experiment;
using laboratory::Outcome;
using laboratory::RunReport;
using laboratory::Schedule;

void print(const Schedule& schedule, const RunReport& report) {
  for (size_t i = 0; i < schedule.steps.size(); ++i) {
    const laboratory::ScheduledStep& step = schedule.steps[i];
    const bool named = step.fiber < schedule.fibers.size();
    std::printf("%5zu  %2u %-20s %s", i + 1, step.fiber, named ? schedule.fibers[step.fiber].c_str() : "",
                step.name.c_str());
    if (step.choice) std::printf(" [%u]", *step.choice);
    std::fputc('\n', stdout);
  }
  fmt::print("{}, {}, {}, event hash {:016x}\n", counted(report.steps, "step"),
             counted(report.switches, "switch", "switches"), counted(report.fibers, "fiber"), report.hash);
}

}  // namespace

int step_command(const StepOptions& options) {
  const TextFile file = read_text_file(options.schedule, laboratory::kMaxScheduleBytes);
  if (!file.error.empty()) return bad_input(file.error);
  const laboratory::ParsedSchedule parsed = laboratory::parse_schedule(file.text);
  if (!parsed.schedule) return bad_input(options.schedule + ": " + parsed.error);
  const Schedule& schedule = *parsed.schedule;
  const laboratory::SetupOf setup = laboratory::setup_of(schedule);
  if (!setup.error.empty()) return bad_input(options.schedule + ": " + setup.error);

  for (const std::string& path : {options.record, options.json})
    if (const std::string problem = problem_with_output(path); !problem.empty()) return bad_input(problem);

  Experiment experiment(setup.setup);
  laboratory::Replay replay(schedule);
  const RunReport report = experiment.run(replay, Experiment::FairTail::kNo);
  if (report.outcome == Outcome::kMisfit) return bad_input(options.schedule + ": " + report.misfit);
  const bool violated = report.outcome == Outcome::kViolation;
  if (!options.record.empty())
    if (const std::string error = record_replay(experiment, schedule, options.record).error; !error.empty())
      return failed(error);

  const bool summary = !options.quiet && options.json != "-";  // standard output is for the JSON only
  if (summary) print(schedule, report);
  if (summary) print(report.notes);
  if (summary && violated) {
    std::printf("VIOLATION %s\n", describe(report.violation).c_str());
    if (!schedule.violation.empty() && schedule.violation != report.violation.rule)
      std::printf("  the schedule expected %s\n", schedule.violation.c_str());
  } else if (summary) {
    std::printf("no violation%s%s\n", schedule.violation.empty() ? "" : "; the schedule expected ",
                schedule.violation.c_str());
  }
  if (!options.json.empty()) {
    nlohmann::json json{{"schema_version", 1},
                        {"command", "step"},
                        {"scenario", schedule.scenario},
                        {"flush_policy", schedule.policy},
                        {"fault", schedule.fault},
                        {"procs", schedule.procs},
                        {"spans", schedule.spans},
                        {"outcome", violated ? "violation" : "no violation"},
                        {"expected", schedule.violation},
                        {"checks", schedule.checks},
                        {"notes", to_json(report.notes)},
                        {"steps", report.steps},
                        {"switches", report.switches},
                        {"event_hash", report.hash}};
    if (violated) json["violation"] = to_json(report.violation);
    if (const std::string error = write_json(options.json, json); !error.empty()) return failed(error);
  }
  return violated ? 1 : 0;
}

}  // namespace sweepscope::workloads
