// sweepctl info: prints the contents of a recording and the state of the heap at an anchor.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "telemetry/store/recording.h"
#include "workloads/cli/commands.h"
#include "workloads/cli/flag.h"
#include "workloads/cli/lost_text.h"
#include "workloads/counted.h"
#include "workloads/expected.h"
#include "workloads/runner/distribution.h"
#include "workloads/runner/run_json.h"

namespace sweepscope::workloads {
namespace {

using Json = nlohmann::ordered_json;
using telemetry::Recording;

struct InfoFlags {
  std::string file;
  std::optional<std::string> at;
  bool json = false;
};

// FILE#ANCHOR, as in the dashboard. The name of a file may contain a '#'.
Expected<> split_anchor(InfoFlags& flags) {
  const size_t hash = flags.file.rfind('#');
  if (hash == std::string::npos || hash == 0 || std::filesystem::exists(flags.file)) return {};
  if (flags.at)
    return wrong(
        fmt::format("{}: names a place in the recording, and --at names another; give only one", flags.file));
  flags.at = flags.file.substr(hash + 1);
  flags.file.resize(hash);
  return {};
}

tl::unexpected<std::string> lost_anchor(const std::string& anchor, const telemetry::LostStretch& lost) {
  return wrong(fmt::format("--at {}: this part of the recording is {}; name a place outside it", anchor,
                           lost_text(lost)));
}

// `number` counts the events of the recording as it was written, lost ones included.
Expected<uint64_t> find_event(const Recording& recording, const std::string& anchor, uint64_t number) {
  const telemetry::LostStretches& stretches = recording.lost_stretches();
  const uint64_t end_seq = recording.extent().end_seq, end = stretches.number_of(end_seq);
  if (number == end) return end_seq;
  const auto found = stretches.find(number);
  if (found.lost != nullptr) return lost_anchor(anchor, *found.lost);
  if (number > end) return wrong(fmt::format("--at {}: the recording holds events 0 to {}", anchor, end));
  return found.seq;
}

Expected<uint64_t> find_cycle(const Recording& recording, const std::string& anchor, uint64_t number) {
  const auto& cycles = recording.marks().cycles;
  if (const auto seq = telemetry::seq_of_cycle(recording.marks(), number)) return *seq;
  const telemetry::LostStretch* lost = nullptr;
  if (number <= UINT32_MAX) lost = recording.lost_stretches().with_start_of(static_cast<uint32_t>(number));
  if (lost != nullptr) return lost_anchor(anchor, *lost);
  return wrong(cycles.empty() ? fmt::format("--at {}: the recording holds no collection", anchor)
                              : fmt::format("--at {}: the recording holds the starts of cycles {} to {}",
                                            anchor, cycles.front().cycle, cycles.back().cycle));
}

// "cycle=N": where cycle N has just begun; "seq=N": before event N; "end".
Expected<uint64_t> find_anchor(const Recording& recording, const std::string& anchor) {
  if (anchor == "end") return recording.extent().end_seq;
  const size_t equals = anchor.find('=');
  const std::string kind = anchor.substr(0, equals);
  uint64_t number = 0;
  const char* last = anchor.data() + anchor.size();
  const char* first = equals == std::string::npos ? last : anchor.data() + equals + 1;
  const auto [end, error] = std::from_chars(first, last, number);
  if ((kind != "cycle" && kind != "seq") || error != std::errc() || end != last)
    return wrong(fmt::format("--at {}: expected cycle=N, seq=N or end", anchor.empty() ? "''" : anchor));
  return kind == "seq" ? find_event(recording, anchor, number) : find_cycle(recording, anchor, number);
}

const char* reason_key(telemetry::StwReason reason) {
  constexpr const char* kKeys[] = {"unknown", "sweep_termination", "mark_termination", "procresize",
                                   "stats",   "control",           "stw_sweep"};
  return size_t(reason) < std::size(kKeys) ? kKeys[size_t(reason)] : kKeys[0];
}

// An unknown figure is null, never 0.
Json or_null(std::optional<uint64_t> bytes) { return bytes ? Json(*bytes) : Json(nullptr); }
Json limit(std::optional<uint64_t> bytes) { return bytes == ~uint64_t{0} ? Json("off") : or_null(bytes); }

Json state_json(const telemetry::Replica& replica, uint64_t number) {
  Json spans = Json::object();
  const telemetry::Census& census = replica.census();
  for (size_t i = 0; i < census.spans.size(); ++i)
    spans[telemetry::name(telemetry::SweepState(i))] = census.spans[i];
  return {{"seq", number},
          {"hash", fmt::format("{:016x}", replica.hash())},
          {"sweepgen", replica.sweepgen()},
          {"cycle", replica.cycle()},
          {"phase", telemetry::name(replica.phase())},
          {"procs", std::ranges::count_if(
                        replica.ps(), [](const auto& p) { return p.status != telemetry::PStatus::kDead; })},
          {"heap_live_bytes", or_null(replica.heap_live())},
          {"trigger_bytes", limit(replica.trigger())},
          {"goal_bytes", limit(replica.goal())},
          {"spans", spans}};
}

// Keys of `info --json` that describe the file and its session; the other ones are figures of the events.
const std::set<std::string, std::less<>> kFileFacts{
    "schema_version", "file",          "program_version", "engine_build",   "workload",        "flush_policy",
    "command_line",   "seed",          "procs",           "threads",        "started_unix_ns", "environment",
    "complete",       "dropped_bytes", "trailing_bytes",  "damaged_chunks", "damaged_messages"};

// The stops of the world by reason, each with its parts; one whose end was lost has no length. A recording of the
// laboratory counts time in steps.
Json stops_json(const Recording& recording) {
  using telemetry::PauseMark;
  const bool steps = recording.info().engine_build == "laboratory";
  const std::string unit = steps ? "_steps" : "_us";
  std::map<telemetry::StwReason, std::vector<const PauseMark*>> by_reason;
  for (const PauseMark& stop : recording.marks().pauses)
    if (stop.ended) by_reason[stop.reason].push_back(&stop);
  Json json = Json::object();
  for (const auto& [reason, stops] : by_reason) {
    const auto spread = [&, &stops = stops](auto length, bool zero_means_none = false) {
      std::vector<double> values;
      for (const PauseMark* stop : stops)
        if (const int64_t ns = length(*stop); ns > 0 || !zero_means_none)
          values.push_back(steps ? double(ns) : double(ns) / 1e3);
      return to_json(distribution(std::move(values)));
    };
    json[reason_key(reason)] = {
        {"pause" + unit, spread([](const PauseMark& stop) { return stop.length_ns(); })},
        {"ttsp" + unit, spread([](const PauseMark& stop) { return stop.ttsp_ns(); })},
        {"mark" + unit, spread([](const PauseMark& stop) { return stop.mark_ns(); }, true)},
        {"flush" + unit, spread([](const PauseMark& stop) { return stop.flush_ns; })},
        {"start" + unit, spread([](const PauseMark& stop) { return stop.start_ns(); })}};
  }
  return json;
}

// The costs of cycles in the engine's own types, so that their keys are those of `run --json`.
engine::MarkWork mark_work(const telemetry::CycleCosts& costs) {
  using enum telemetry::MarkedBy;
  const double mean_of_millionths = 1e6 * double(costs.marked_cycles);
  return {.dedicated_ns = costs.by(kDedicated).ns,
          .fractional_ns = costs.by(kFractional).ns,
          .idle_ns = costs.by(kIdle).ns,
          .assist_ns = costs.by(kAssist).ns,
          .dedicated_bytes = costs.by(kDedicated).bytes,
          .fractional_bytes = costs.by(kFractional).bytes,
          .idle_bytes = costs.by(kIdle).bytes,
          .assist_bytes = costs.by(kAssist).bytes,
          .credit_bytes = costs.credit_bytes,
          .utilisation = double(costs.utilisation) / mean_of_millionths,
          .ratio = double(costs.ratio) / mean_of_millionths,
          .next_ratio = 0};
}

engine::AllocPaths alloc_paths(const telemetry::CycleCosts& costs) {
  engine::AllocPaths paths{};
  paths.fast = costs.of(telemetry::AllocPath::kFast).count;
  for (size_t i = 0; i < paths.slow.size(); ++i) {
    const auto& [count, total_ns, max_ns] = costs.allocations[i + 1];
    paths.slow[i] = {count, total_ns, max_ns};
  }
  return paths;
}
static_assert(telemetry::kAllocPaths == engine::kAllocPaths + 1 &&
              size_t(telemetry::AllocPath::kRefill) == size_t(engine::AllocPath::kRefill) + 1 &&
              size_t(telemetry::AllocPath::kCollect) == size_t(engine::AllocPath::kCollect) + 1);

// Null: no cycle of them marked concurrently.
Json mark_work_json(const Recording& recording, const telemetry::CycleCosts& costs) {
  if (costs.marked_cycles == 0) return nullptr;
  const bool steps = recording.info().engine_build == "laboratory";
  Json json = to_json(mark_work(costs), steps ? TimeIn::kSteps : TimeIn::kUs);
  json.erase("next_trigger_ratio");  // not recorded
  return json;
}

// Null: in the laboratory, which does not time them.
Json alloc_json(const Recording& recording, const telemetry::CycleCosts& costs) {
  return recording.info().engine_build == "laboratory" ? Json(nullptr) : to_json(alloc_paths(costs));
}

telemetry::CycleCosts sum_of(const std::vector<telemetry::CostMark>& cycles) {
  telemetry::CycleCosts sum;
  for (const telemetry::CostMark& cycle : cycles) sum += cycle.costs;
  return sum;
}

Json per_cycle(const Recording& recording) {
  Json cycles = Json::array();
  for (const telemetry::CostMark& mark : recording.marks().costs)
    cycles.push_back({{"cycle", mark.cycle},
                      {"mark_work", mark_work_json(recording, mark.costs)},
                      {"alloc_us", alloc_json(recording, mark.costs)}});
  return cycles;
}

Json info_json(const Recording& recording, const InfoFlags& flags) {
  const telemetry::SessionInfo& info = recording.info();
  const telemetry::Extent extent = recording.extent();
  uint64_t lost = 0;
  for (const telemetry::LossMark& loss : recording.losses()) lost += loss.count;
  Json stretches = Json::array();
  for (const telemetry::LostStretch& stretch : recording.lost()) stretches.push_back(lost_json(stretch));
  const telemetry::CycleCosts costs = sum_of(recording.marks().costs);
  return {{"schema_version", 1},
          {"file", flags.file},
          {"program_version", info.program_version},
          {"engine_build", info.engine_build},
          {"workload", info.workload},
          {"flush_policy", info.policy},
          {"command_line", info.command_line},
          {"seed", info.seed},
          {"procs", info.procs},
          {"threads", info.threads},
          {"started_unix_ns", info.started_unix_ns},
          {"environment", Json::parse(info.environment_json, nullptr, false).is_object()
                              ? Json::parse(info.environment_json)
                              : Json(nullptr)},
          {"events", extent.end_seq - extent.first_seq},
          {"first_event_s", double(extent.first_ns) / 1e9},
          {"last_event_s", double(extent.last_ns) / 1e9},
          {"seconds", double(extent.last_ns - extent.first_ns) / 1e9},
          {"cycles", recording.marks().cycles.size()},
          {"stops", stops_json(recording)},
          {"mark_work", mark_work_json(recording, costs)},
          {"alloc_us", recording.marks().costs.empty() ? Json(nullptr) : alloc_json(recording, costs)},
          {"lost", lost},
          {"complete", recording.complete()},
          {"damaged_chunks", recording.damaged_chunks()},
          {"damaged_messages", recording.damaged_messages()},
          {"dropped_bytes", recording.dropped_bytes()},
          {"trailing_bytes", recording.trailing_bytes()},
          {"lost_stretches", stretches},
          {"per_cycle", per_cycle(recording)}};
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

void print_heading(const char* heading) { fmt::print("{}\n", heading); }
void print_fact(std::string_view name, const std::string& value) { fmt::print("  {:<18} {}\n", name, value); }

void print_file(const Recording& recording, const Json& info) {
  print_heading("File");
  for (const auto& [key, value] : info.items())
    if (!value.is_structured() && kFileFacts.contains(key)) print_fact(key, text_of(value));
  if (!recording.complete())
    fmt::print("  unfinished: skipped {} at its end\n",
               counted(recording.dropped_bytes(), "incomplete byte"));
  if (recording.trailing_bytes() > 0)
    fmt::print("  ignored {} after the end of the recording\n", counted(recording.trailing_bytes(), "byte"));
}

void print_whole(const Recording& recording, const Json& info) {
  const bool steps = recording.info().engine_build == "laboratory";
  fmt::print("\nWhole recording (times in seconds since time 0: {})\n",
             steps ? "a step counts as 1 ns" : "the start of telemetry, as on the dashboard's clock");
  for (const auto& [key, value] : info.items())
    if (!value.is_structured() && !value.is_null() && !kFileFacts.contains(key))
      print_fact(key, text_of(value));
  for (const telemetry::LostStretch& lost : recording.lost()) fmt::print("  {}\n", lost_text(lost));
  for (const auto& [reason, figures] : info["stops"].items())
    for (const auto& [part, spread] : figures.items())
      if (spread["count"] != 0 && (part.starts_with("pause") || spread["max"] != 0))
        fmt::print("  stops for {:<18} {:<11} p50 {:.1f}, p99 {:.1f}, max {:.1f}, {}\n", reason, part,
                   spread["p50"].get<double>(), spread["p99"].get<double>(), spread["max"].get<double>(),
                   counted(spread["count"].get<uint64_t>(), "stop"));
}

void print_marking(const Recording& recording, const Json& work, uint64_t cycles) {
  const bool steps = recording.info().engine_build == "laboratory";
  const std::string suffix = steps ? "_steps" : "_us";
  const std::vector<std::string> kinds{"dedicated", "fractional", "idle", "assist"};
  double sum = 0;
  for (const std::string& kind : kinds) sum += work[kind + suffix].get<double>();
  std::string shares;
  for (const std::string& kind : kinds)
    shares += fmt::format("{}{} {:.1f} %", shares.empty() ? "" : ", ", kind,
                          sum > 0 ? 100 * work[kind + suffix].get<double>() / sum : 0.0);
  print_fact("marked by", shares + (steps ? fmt::format(" of {}", counted(uint64_t(sum), "step"))
                                          : fmt::format(" of {:.1f} us", sum)));
  print_fact("utilisation", fmt::format("{:.1f} % of the Ps on average, {}",
                                        100 * work["utilisation"].get<double>(), counted(cycles, "cycle")));
}

// Without the allocations after the last cycle, which no event reports.
void print_costs(const Recording& recording, const Json& info) {
  const Json &work = info["mark_work"], &allocs = info["alloc_us"];
  if (work.is_null() && allocs.is_null()) return;
  fmt::print("\nMarking and allocations, until the last mark termination\n");
  if (!work.is_null()) print_marking(recording, work, sum_of(recording.marks().costs).marked_cycles);
  if (allocs.is_null()) return;
  for (const auto& [path, latency] : allocs.items()) {
    const std::string count = counted(latency["count"].get<uint64_t>(), "allocation");
    const bool timed = latency.contains("mean") && !latency["mean"].is_null();
    print_fact(path, timed ? fmt::format("{}, mean {:.1f}, max {:.1f} us", count,
                                         latency["mean"].get<double>(), latency["max"].get<double>())
                           : count);
  }
}

void print_state(const Json& state) {
  const auto bytes = [&](const Json& value) {
    return value.is_null() ? "not known" : value.is_string() ? text_of(value) : text_of(value) + " B";
  };
  fmt::print("\nState after {}\n", counted(state["seq"].get<uint64_t>(), "event"));
  for (const char* key : {"hash", "sweepgen", "cycle", "phase", "procs"})
    print_fact(key, text_of(state[key]));
  print_fact("heap_live", bytes(state["heap_live_bytes"]));
  print_fact("trigger", bytes(state["trigger_bytes"]));
  print_fact("goal", bytes(state["goal_bytes"]));
  for (const auto& [name, count] : state["spans"].items()) print_fact("spans " + name, text_of(count));
}

void print_info(const Recording& recording, const Json& info, const Json& state) {
  print_file(recording, info);
  print_whole(recording, info);
  print_costs(recording, info);
  print_state(state);
}

int info_command(InfoFlags& flags, const Interrupts& interrupts) {
  if (const Expected<> split = split_anchor(flags); !split) return refuse(split.error());
  auto recording = Recording::open(flags.file, telemetry::OpenBy::kReadingAll, until_interrupted(interrupts));
  if (!recording && interrupted(interrupts)) return report_interrupt(flags.file);
  if (!recording) return refuse(recording.error().message);
  const Expected<uint64_t> seq = find_anchor(**recording, flags.at.value_or("end"));
  if (!seq) return refuse(seq.error());
  telemetry::Replica replica;
  if (const auto sought = (*recording)->seek(*seq, replica); !sought) return refuse(sought.error().message);
  Json info = info_json(**recording, flags);
  const Json state = state_json(replica, (*recording)->lost_stretches().number_of(*seq));
  if (!flags.json) {
    print_info(**recording, info, state);
    return kExitFine;
  }
  info["state"] = state;
  fmt::print("{}\n", info.dump(2));
  return kExitFine;
}

}  // namespace

void add_info(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("info", "Print the contents of a recording");
  auto flags = std::make_shared<InfoFlags>();
  command->add_option("FILE", flags->file, "A recording; FILE#cycle=N or FILE#seq=N sets --at")
      ->required()
      ->check(not_empty);
  command->add_option(
      "--at", flags->at,
      "Print the heap at the start of cycle N, before event N (cycle=N, seq=N) or at the end (default: end)");
  command->add_flag("--json", flags->json, "Print JSON, with the hash of the heap's state");
  command->callback([&session, flags] {
    session.chosen = [&session, flags] { return info_command(*flags, session.interrupts); };
  });
}

}  // namespace sweepscope::workloads
