// Turns the JSON of the runs into the comparison: medians, the table on the terminal, CSV and JSON.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "workloads/runner/compare.h"
#include "workloads/runner/distribution.h"

namespace sweepscope::workloads {
namespace {

using Json = nlohmann::ordered_json;
using Figures = std::vector<double>;

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

// None where the run has null or no such key.
std::optional<double> figure(const Json& run, const char* pointer) {
  const Json::json_pointer at(pointer);
  if (!run.contains(at) || !run[at].is_number()) return std::nullopt;
  return run[at].get<double>();
}

std::optional<double> median_of(const Figures& figures) {
  if (figures.empty()) return std::nullopt;
  return median(figures);
}

std::optional<double> median_figure(const std::vector<const Json*>& runs, const char* pointer,
                                    double scale = 1) {
  Figures figures;
  for (const Json* run : runs)
    if (const auto value = figure(*run, pointer)) figures.push_back(*value * scale);
  return median_of(figures);
}

std::optional<double> spans_in_pause(const std::vector<const Json*>& runs) {
  Figures figures;
  for (const Json* run : runs) {
    if (!run->contains("per_cycle")) continue;
    for (const Json& cycle : (*run)["per_cycle"])
      if (const auto spans = figure(cycle, "/mark_termination/spans_flushed")) figures.push_back(*spans);
  }
  return median_of(figures);
}

CompareRow row_of(const std::vector<const Json*>& runs) {
  const Json& first = *runs.front();
  CompareRow row;
  row.flush = text_of(first["flush_policy"]);
  row.procs = text_of(first["procs"]);
  row.gogc = text_of(first["gogc"]);
  row.runs = uint32_t(runs.size());
  row.pause_go_p50_us = median_figure(runs, "/pause_go_us/mark_termination/p50");
  row.pause_go_p99_us = median_figure(runs, "/pause_go_us/mark_termination/p99");
  row.pause_p50_us = median_figure(runs, "/pause_us/mark_termination/p50");
  row.ttsp_p50_us = median_figure(runs, "/ttsp_us/mark_termination/p50");
  row.control_p50_us = median_figure(runs, "/control_us/p50");
  row.control_go_p50_us = median_figure(runs, "/control_go_us/p50");
  row.flush_barrier_p50_us = median_figure(runs, "/flush_barrier_us/p50");
  row.barrier_ns_per_span = median_figure(runs, "/flush_barrier_us/cpu_per_span_ns");
  row.wall_s = median_figure(runs, "/wall_s");
  row.cpu_s = median_figure(runs, "/cpu_s");
  row.peak_rss_mib = median_figure(runs, "/peak_rss_bytes", 1.0 / (1 << 20));
  row.spans_per_pause = spans_in_pause(runs);
  if (row.pause_go_p50_us && row.spans_per_pause.value_or(0) > 0)
    row.pause_ns_per_span =
        1000 * (*row.pause_go_p50_us - row.control_go_p50_us.value_or(0)) / *row.spans_per_pause;
  return row;
}

struct Column {
  const char* key;    // CSV and JSON
  const char* title;  // terminal
  std::optional<double> CompareRow::*figure;
  int decimals;
  constexpr size_t width() const { return std::max<size_t>(9, std::string_view(title).size()); }
};
constexpr Column kColumns[] = {
    {"pause_go_p50_us", "pause_go", &CompareRow::pause_go_p50_us, 1},
    {"ratio_eager", "ratio", &CompareRow::ratio, 1},
    {"pause_go_p99_us", "p99", &CompareRow::pause_go_p99_us, 1},
    {"pause_p50_us", "pause", &CompareRow::pause_p50_us, 1},
    {"ttsp_p50_us", "ttsp", &CompareRow::ttsp_p50_us, 1},
    {"control_p50_us", "control", &CompareRow::control_p50_us, 1},
    {"control_go_p50_us", "ctl_go", &CompareRow::control_go_p50_us, 2},
    {"spans_per_pause", "spans", &CompareRow::spans_per_pause, 0},
    {"pause_ns_per_span", "pause_ns/span", &CompareRow::pause_ns_per_span, 1},
    {"flush_barrier_p50_us", "barrier", &CompareRow::flush_barrier_p50_us, 1},
    {"barrier_ns_per_span", "barrier_ns/span", &CompareRow::barrier_ns_per_span, 1},
    {"wall_s", "wall_s", &CompareRow::wall_s, 3},
    {"cpu_s", "cpu_s", &CompareRow::cpu_s, 3},
    {"peak_rss_mib", "RSS_MiB", &CompareRow::peak_rss_mib, 1},
};

}  // namespace

std::vector<CompareRow> medians(const std::vector<Json>& runs) {
  struct Group {
    std::string key;
    std::vector<const Json*> runs;
  };
  std::vector<Group> groups;  // in the order of first appearance
  for (const Json& run : runs) {
    if (!run.contains("outcome") || run["outcome"] != "ok") continue;
    const std::string key =
        text_of(run["procs"]) + "/" + text_of(run["gogc"]) + "/" + text_of(run["flush_policy"]);
    auto group = std::ranges::find(groups, key, &Group::key);
    if (group == groups.end()) group = groups.insert(groups.end(), Group{key, {}});
    group->runs.push_back(&run);
  }
  std::vector<CompareRow> rows;
  for (const Group& group : groups) rows.push_back(row_of(group.runs));
  for (CompareRow& row : rows) {
    const auto eager = std::ranges::find_if(rows, [&](const CompareRow& other) {
      return other.flush == "eager" && other.procs == row.procs && other.gogc == row.gogc;
    });
    if (eager != rows.end() && eager->pause_go_p50_us && row.pause_go_p50_us.value_or(0) > 0)
      row.ratio = *eager->pause_go_p50_us / *row.pause_go_p50_us;
  }
  return rows;
}

std::string table(const std::vector<CompareRow>& rows) {
  std::string out =
      "mark termination in microseconds, medians of the runs' p50; ratio = pause_go of eager / pause_go of "
      "this row\n"
      "pause_go, p99 and ctl_go: Go's clock, which excludes marking\n"
      "pause and control: the whole stop, from its request to the release, stopped marking included\n"
      "spans: flushed in the pause; pause_ns/span: (pause_go - ctl_go) / spans\n"
      "barrier: the flush barrier after the pause; barrier_ns/span: its CPU time per span\n";
  fmt::format_to(std::back_inserter(out), "{:>6} {:>6} {:<10} {:>4}", "procs", "gogc", "flush", "runs");
  for (const Column& column : kColumns)
    fmt::format_to(std::back_inserter(out), " {:>{}}", column.title, column.width());
  out += '\n';
  for (const CompareRow& row : rows) {
    fmt::format_to(std::back_inserter(out), "{:>6} {:>6} {:<10} {:>4}", row.procs, row.gogc, row.flush,
                   row.runs);
    for (const Column& column : kColumns) {
      if (const auto value = row.*column.figure)
        fmt::format_to(std::back_inserter(out), " {:>{}.{}f}", *value, column.width(), column.decimals);
      else
        fmt::format_to(std::back_inserter(out), " {:>{}}", "-", column.width());
    }
    out += '\n';
  }
  return out;
}

std::string csv(const std::vector<CompareRow>& rows) {
  std::string out = "procs,gogc,flush,runs";
  for (const Column& column : kColumns) fmt::format_to(std::back_inserter(out), ",{}", column.key);
  out += '\n';
  for (const CompareRow& row : rows) {
    fmt::format_to(std::back_inserter(out), "{},{},{},{}", row.procs, row.gogc, row.flush, row.runs);
    for (const Column& column : kColumns) {
      if (const auto value = row.*column.figure)
        fmt::format_to(std::back_inserter(out), ",{}", *value);
      else
        out += ',';
    }
    out += '\n';
  }
  return out;
}

Json to_json(const CompareOptions& options, const CompareResult& result) {
  Json rows = Json::array();
  for (const CompareRow& row : result.rows) {
    Json json{{"procs", row.procs}, {"gogc", row.gogc}, {"flush_policy", row.flush}, {"runs", row.runs}};
    for (const Column& column : kColumns) {
      const auto value = row.*column.figure;
      json[column.key] = value ? Json(*value) : Json(nullptr);
    }
    rows.push_back(std::move(json));
  }
  return {{"schema_version", 1},
          {"workload", options.workload},
          {"repeat", options.repeat},
          {"outcome", !result.failures.empty() ? "failed"
                      : result.interrupted     ? "interrupted"
                                               : "ok"},
          {"failures", result.failures},
          {"rows", std::move(rows)},
          {"runs", result.runs}};
}

}  // namespace sweepscope::workloads
