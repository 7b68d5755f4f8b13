// sweepctl run, compare, info and check on the real engine, end to end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "tests/cli/program.h"

namespace sweepscope::testing_support {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

Json run_json(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "run");
  arguments.insert(arguments.end(), {"--json", "-"});
  const Finished finished = sweepctl(arguments);
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  Json json = Json::parse(finished.out, nullptr, false);
  EXPECT_TRUE(json.is_object()) << finished.out;
  return json;
}

// Every stop is counted, those after which marking went on too, and none twice.
TEST(SweepctlRun, StopsAreCountedWhereverMarkingHappens) {
  for (const bool beside : {false, true}) {
    std::vector<std::string> arguments{"binary_trees", "--procs", "2",  "--threads", "2",  "--set",
                                       "depth=12",     "--gogc",  "20", "--cycles",  "30", "--verify"};
    if (beside) arguments.push_back("--concurrent-mark");
    const Json json = run_json(arguments);
    EXPECT_EQ(json["concurrent_mark"], beside);
    EXPECT_GT(json["objects_verified"], 0);
    uint64_t resumed = 0;
    for (const Json& cycle : json["per_cycle"]) resumed += cycle["mark_resumed"].get<uint64_t>();
    if (!beside) {
      EXPECT_EQ(resumed, 0u);
    }
    EXPECT_EQ(json["pause_us"]["mark_termination"]["count"], json["cycles"].get<uint64_t>() + resumed);
    EXPECT_EQ(json["pause_us"]["sweep_termination"]["count"], json["cycles"]);
    for (const auto& [window, part] : json["mmu"].items()) {
      EXPECT_GE(part, 0) << window;
      EXPECT_LE(part, 1) << window;
    }
  }
}

TEST(SweepctlRun, JsonHasTheDocumentedKeys) {
  const Json json = run_json({"idle_ps", "--procs", "3", "--cycles", "4", "--seed", "9"});
  for (const char* pointer : {"/schema_version",
                              "/environment/cpu",
                              "/environment/cores",
                              "/environment/kernel",
                              "/environment/thp",
                              "/environment/compiler",
                              "/environment/build",
                              "/environment/commit",
                              "/workload",
                              "/seed",
                              "/procs",
                              "/threads",
                              "/gogc",
                              "/flush_policy",
                              "/outcome",
                              "/wall_s",
                              "/cpu_s",
                              "/cycles",
                              "/per_cycle",
                              "/alloc_objects",
                              "/alloc_bytes",
                              "/restart_us",
                              "/gate_us",
                              "/flush_barrier_us/p50",
                              "/flush_barrier_us/p99",
                              "/flush_barrier_us/max",
                              "/flush_barrier_us/cpu_per_span_ns",
                              "/stale_allocs",
                              "/grow_while_unswept",
                              "/mutator_gap_us",
                              "/mmu/1ms",
                              "/mmu/10ms",
                              "/mmu/100ms",
                              "/telemetry/events",
                              "/telemetry/lost",
                              "/telemetry/bytes",
                              "/peak_rss_bytes",
                              "/live_bytes",
                              "/objects_verified"})
    EXPECT_TRUE(json.contains(Json::json_pointer(pointer))) << pointer;
  for (const std::string group : {"/pause_us/sweep_termination", "/pause_us/mark_termination",
                                  "/pause_go_us/sweep_termination", "/pause_go_us/mark_termination",
                                  "/ttsp_us/sweep_termination", "/ttsp_us/mark_termination", "/control_us"})
    for (const char* figure : {"/count", "/p50", "/p90", "/p99", "/max"})
      EXPECT_TRUE(json.contains(Json::json_pointer(group + figure))) << group << figure;
  for (const char* cause : {"acquire_p", "procresize", "for_each_p", "stw", "background", "slow_path",
                            "destroy", "stats", "gc_start"})
    EXPECT_TRUE(json["flushes"].contains(cause)) << cause;
  for (const char* cause : {"background", "proportional", "cache_span", "flush", "ensure_swept",
                            "large_alloc", "reclaim", "forced", "finish", "stw"})
    EXPECT_TRUE(json["swept_spans"].contains(cause)) << cause;
  EXPECT_EQ(json["outcome"], "ok");
  EXPECT_EQ(json["procs"], 3);
  EXPECT_EQ(json["seed"], 9);
  EXPECT_EQ(json["gogc"], "off");
  EXPECT_EQ(json["cycles"], 4);
  EXPECT_EQ(json["per_cycle"].size(), 4u);
  EXPECT_EQ(json["pause_us"]["mark_termination"]["count"], 4);
}

TEST(SweepctlRun, IdlePsCachesEverySpanClassInEveryP) {
  const Json json = run_json({"idle_ps", "--procs", "5", "--cycles", "3"});
  EXPECT_EQ(json["figures"]["span_classes"], 132);
  EXPECT_EQ(json["figures"]["cached_spans"], 5 * 132);
}

// The change itself: eager pays for every cached span in the pause, lazy for none.
TEST(SweepctlRun, EagerFlushesInThePauseAndLazyAfterIt) {
  const Json eager = run_json({"idle_ps", "--procs", "8", "--cycles", "3", "--flush", "eager"});
  const Json lazy = run_json({"idle_ps", "--procs", "8", "--cycles", "3", "--flush", "lazy"});
  for (const Json& cycle : eager["per_cycle"]) EXPECT_EQ(cycle["mark_termination"]["spans_flushed"], 8 * 132);
  // The coordinator's own P is flushed by procresize before the world starts.
  for (const Json& cycle : lazy["per_cycle"]) EXPECT_LE(cycle["mark_termination"]["spans_flushed"], 132);
  EXPECT_EQ(eager["flushes"]["for_each_p"], 0);
  EXPECT_GE(lazy["flushes"]["for_each_p"], 3 * 7);
}

TEST(SweepctlRun, BinaryTreesAllocatesEveryNodeAndVerifiesThem) {
  const Json json =
      run_json({"binary_trees", "--set", "depth=8", "--threads", "2", "--procs", "2", "--verify"});
  EXPECT_EQ(json["figures"]["rounds"], 2);
  EXPECT_GE(json["alloc_objects"], json["figures"]["nodes"]);
  EXPECT_EQ(json["threads"], 2);
}

// As in Go: not off, but a collection whenever memory is taken.
TEST(SweepctlRun, GogcZeroCollectsAllTheTimeAndEnds) {
  const Json json =
      run_json({"binary_trees", "--set", "depth=8", "--threads", "1", "--procs", "1", "--gogc", "0"});
  EXPECT_EQ(json["outcome"], "ok");
  EXPECT_EQ(json["gogc"], 0);
  EXPECT_GE(json["cycles"], 10);
}

TEST(SweepctlRun, TraceReplaysTheFilesCounts) {
  const Json json = run_json({"trace", "--set", "file=tests/data/git.heaptrack.raw.zst", "--threads", "1"});
  EXPECT_EQ(json["figures"]["replayed_allocations"], 29'028);
  EXPECT_EQ(json["figures"]["replayed_deaths"], 27'319);
  EXPECT_EQ(json["figures"]["replayed_bytes"], 119'063'790);
  EXPECT_EQ(json["figures"]["blocks_verified"], 27'319);
}

TEST(SweepctlRun, GctraceIsGosFormat) {
  const Finished finished =
      sweepctl({"run", "idle_ps", "--procs", "2", "--cycles", "2", "--gctrace", "--quiet"});
  EXPECT_EQ(finished.exit_code, 0);
  EXPECT_EQ(finished.out, "");
  const std::regex lines(
      R"((gc \d+ @\d+\.\d{3}s \d+%: .* ms clock, .* ms cpu, .* MB, \d+ MB goal, 2 P \(forced\)\n){2})");
  EXPECT_TRUE(std::regex_match(finished.err, lines)) << finished.err;
}

TEST(SweepctlRun, ARecordingIsSoundAndItsStateIsTheSameHoweverReached) {
  const Folder folder;
  const std::string file = folder / "run.mcap";
  const Json run = run_json({"binary_trees", "--set", "depth=10", "--threads", "2", "--procs", "4",
                             "--record", file, "--loss", "block"});
  EXPECT_GT(run["telemetry"]["events"], 0);
  EXPECT_EQ(run["telemetry"]["lost"], 0);
  const Finished check = sweepctl({"check", file});
  EXPECT_EQ(check.exit_code, 0) << check.out << check.err;
  EXPECT_THAT(check.out, HasSubstr(": sound: "));
  const Json info = Json::parse(sweepctl({"info", file, "--json"}).out);
  EXPECT_EQ(info["workload"], "binary_trees");
  EXPECT_EQ(info["events"], run["telemetry"]["events"]);
  EXPECT_EQ(info["complete"], true);
  const std::string end = "seq=" + info["events"].dump();
  const Json again = Json::parse(sweepctl({"info", file, "--json", "--at", end}).out);
  EXPECT_EQ(info["state"]["hash"], again["state"]["hash"]);
  EXPECT_THAT(check.out, HasSubstr(info["state"]["hash"].get<std::string>()));
}

TEST(SweepctlRun, CtrlCEndsItCleanlyAndKeepsTheRecording) {
  const Folder folder;
  const std::string file = folder / "run.mcap", address = folder / "live.sock";
  for (const int signal : {SIGINT, SIGTERM}) {
    Program program({"run", "binary_trees", "--set", "depth=6", "--seconds", "1000", "--record", file,
                     "--serve", address, "--json", "-"});
    ASSERT_TRUE(program.wait_for_error_output("serving at"));
    program.send(signal);
    const Finished finished = program.finish();
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    EXPECT_EQ(Json::parse(finished.out)["outcome"], "interrupted");
    EXPECT_EQ(sweepctl({"check", file}).exit_code, 0);
    EXPECT_EQ(Json::parse(sweepctl({"info", file, "--json"}).out)["complete"], true);
  }
}

TEST(SweepctlRun, GctraceLinesAppearWhenTheirCycleEnds) {
  Program program({"run", "binary_trees", "--set", "depth=12", "--seconds", "1000", "--gctrace", "--quiet"});
  EXPECT_TRUE(program.wait_for_error_output("gc 1 @"));
  EXPECT_TRUE(program.wait_for_error_output("gc 3 @"));
  program.send(SIGINT);
  EXPECT_EQ(program.finish().exit_code, 0);
}

// Out of memory is a failed check: 8 MiB and no collection.
TEST(SweepctlRun, AFailedCheckIsAnOutcomeOfTheJson) {
  const Folder folder;
  const std::string file = folder / "run.mcap";
  std::vector<std::string> arguments{
      "run", "binary_trees", "--set", "depth=8",  "--threads", "2",      "--gogc", "off", "--heap-limit",
      "8",   "--seconds",    "1000",  "--record", file,        "--json", "-"};
  const Finished finished = sweepctl(arguments);
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_THAT(finished.err, HasSubstr("fatal: out of memory: "));
  const Json json = Json::parse(finished.out, nullptr, false);
  ASSERT_TRUE(json.is_object()) << finished.out;
  EXPECT_EQ(json["outcome"], "check_failed");
  EXPECT_EQ(json["check"]["words"], "out of memory");
  EXPECT_EQ(json["check"]["values"]["limit"], 8 << 20);
  EXPECT_TRUE(json["check"]["span"].is_null());
  EXPECT_TRUE(json["check"]["p"].is_number());
  EXPECT_EQ(json["workload"], "binary_trees");
  EXPECT_TRUE(json["alloc_objects"].is_null());
  const Json info = Json::parse(sweepctl({"info", file, "--json"}).out);
  EXPECT_EQ(info["complete"], true);
  EXPECT_EQ(info["events"], json["telemetry"]["events"]);
  EXPECT_EQ(sweepctl({"check", file}).exit_code, 0) << "every transition up to the failed check was legal";

  arguments.push_back("--core");
  EXPECT_EQ(sweepctl(arguments).exit_code, 128 + SIGABRT);
}

TEST(SweepctlRun, PoisonedMemoryHarmsNoCorrectProgram) {
  const Json json = run_json({"binary_trees", "--set", "depth=10", "--poison", "--verify"});
  EXPECT_EQ(json["outcome"], "ok");
  EXPECT_GT(json["cycles"], 0);
}

TEST(SweepctlCompare, RunsEveryCombinationAndTellsTheRatio) {
  const Folder folder;
  const std::string json_file = folder / "compare.json", csv_file = folder / "compare.csv";
  const Finished finished =
      sweepctl({"compare", "idle_ps", "--flush", "eager,lazy", "--procs", "1,4", "--repeat", "2", "--cycles",
                "3", "--json", json_file, "--csv", csv_file});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("pause_go"));
  const Json json = Json::parse(std::ifstream(json_file));
  EXPECT_EQ(json["runs"].size(), 8u);
  ASSERT_EQ(json["rows"].size(), 4u);
  for (const Json& row : json["rows"]) {
    EXPECT_EQ(row["runs"], 2);
    EXPECT_TRUE(row["ratio_eager"].is_number());
  }
  std::string header;
  std::getline(std::ifstream(csv_file), header);
  EXPECT_TRUE(header.starts_with("procs,gogc,flush,runs,pause_go_p50_us"));
}

TEST(SweepctlCompare, PlanPrintsTheJobsAndRunsNone) {
  const Finished finished = sweepctl({"compare", "idle_ps", "--procs", "1,2", "--repeat", "3", "--plan"});
  EXPECT_EQ(finished.exit_code, 0);
  EXPECT_EQ(std::ranges::count(finished.out, '\n'), 2 * 2 * 3);
  EXPECT_THAT(finished.out, HasSubstr("run idle_ps --flush lazy --procs 2 --quiet --json -\n"));
}

TEST(SweepctlList, NamesWhatThereIs) {
  const Finished finished = sweepctl({"list", "--json"});
  ASSERT_EQ(finished.exit_code, 0);
  const Json json = Json::parse(finished.out);
  for (const char* list : {"workloads", "policies", "scenarios", "faults"}) {
    EXPECT_FALSE(json[list].empty()) << list;
    for (const Json& item : json[list]) {
      EXPECT_FALSE(item["name"].get<std::string>().empty());
      EXPECT_FALSE(item["summary"].get<std::string>().empty());
    }
  }
  EXPECT_EQ(json["policies"][0]["name"], "lazy") << "the default first";
}

}  // namespace
}  // namespace sweepscope::testing_support
