// sweepctl check: checks every recorded transition against the protocol.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <vector>

#include "telemetry/store/check_recording.h"
#include "workloads/cli/commands.h"
#include "workloads/cli/flag.h"
#include "workloads/cli/lost_text.h"
#include "workloads/counted.h"

namespace sweepscope::workloads {
namespace {

int check_one(const std::string& file, const Interrupts& interrupts) {
  if (interrupted(interrupts)) return report_interrupt(file);
  const auto report = telemetry::check_recording(file, until_interrupted(interrupts));
  if (!report && interrupted(interrupts)) return report_interrupt(file);
  if (!report) return refuse(report.error().message);
  for (const telemetry::RefusalAt& at : report->refusals)
    fmt::print("{}: event {} at {:.6f} s: rule {}: {}\n", file, at.seq, double(at.ns) / 1e9, at.refusal.rule,
               at.refusal.sentence);
  if (report->refusal_count > report->refusals.size())
    fmt::print("{}: {} more\n", file, counted(report->refusal_count - report->refusals.size(), "refusal"));
  for (const telemetry::LostStretch& lost : report->lost_stretches)
    fmt::print("{}: {}\n", file, lost_text(lost));
  const bool all_counted = std::ranges::none_of(
      report->lost_stretches,
      [](const telemetry::LostStretch& lost) { return lost.events == telemetry::kUnknownCount; });
  if (report->damaged_chunks + report->damaged_messages > 0)
    fmt::print("{}: skipped {} and {}\n", file, counted(report->damaged_chunks, "damaged chunk"),
               counted(report->damaged_messages, "damaged message"));
  if (report->trailing_bytes > 0)
    fmt::print("{}: ignored {} after the end of the recording\n", file,
               counted(report->trailing_bytes, "byte"));
  fmt::print("{}: {}: {}, {}, {}, {}, {}{} lost{}, final state {:016x}\n", file,
             report->sound() ? "sound" : "NOT SOUND", counted(report->events, "event"),
             counted(report->spans, "span"), counted(report->cycles, "cycle"),
             counted(report->refusal_count, "refusal"), all_counted ? "" : "at least ",
             counted(report->lost, "event"),
             report->complete ? std::string()
                              : fmt::format(", not finished by its recorder ({} at its end skipped)",
                                            counted(report->dropped_bytes, "incomplete byte")),
             report->final_hash);
  return report->sound() ? kExitFine : kExitViolation;
}

}  // namespace

void add_check(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("check",
                                         "Check every recorded transition against the protocol; times are in "
                                         "seconds since the recording's time 0");
  auto files = std::make_shared<std::vector<std::string>>();
  command->add_option("FILE", *files, "Recordings to check")->required()->check(not_empty);
  command->callback([&session, files] {
    session.chosen = [&session, files] {
      int worst = kExitFine;
      for (const std::string& file : *files) {
        const int code = check_one(file, session.interrupts);
        if (code == kExitInterrupted) return code;
        worst = std::max(worst, code);
      }
      return worst;
    };
  });
}

}  // namespace sweepscope::workloads
