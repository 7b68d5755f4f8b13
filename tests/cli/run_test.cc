// sweepctl run, compare, info and check on the real engine, end to end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>

#include "telemetry/store/recording.h"
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

std::vector<std::string> trees(const std::string& mode, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"binary_trees", "--procs", "2",  "--threads", "2", "--set",
                                     "depth=12",     "--gogc",  "20", "--cycles",  "30"};
  if (!mode.empty()) arguments.push_back(mode);
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

// One stop per collection, counted once, as mark termination; its parts are inside it.
TEST(SweepctlRun, StoppedMarkingIsOnePauseThatIncludesMarking) {
  const Json json = run_json(trees("--stw-mark", {"--verify"}));
  EXPECT_EQ(json["concurrent_mark"], false);
  EXPECT_GT(json["objects_verified"], 0);
  for (const char* figure :
       {"pause_us", "pause_go_us", "ttsp_us", "pause_mark_us", "pause_flush_us", "pause_start_us"}) {
    EXPECT_EQ(json[figure]["mark_termination"]["count"], json["cycles"]) << figure;
    EXPECT_EQ(json[figure]["sweep_termination"]["count"], 0) << figure;
    EXPECT_TRUE(json[figure]["sweep_termination"]["max"].is_null()) << figure;
  }
  double longest = 0;
  for (const Json& cycle : json["per_cycle"]) {
    EXPECT_TRUE(cycle["sweep_termination"].is_null());
    EXPECT_TRUE(cycle["mark_work"].is_null());
    EXPECT_EQ(cycle["mark_resumed"], 0);
    const Json& stop = cycle["mark_termination"];
    const auto us = [&](const char* key) { return stop[key].get<double>(); };
    EXPECT_EQ(stop["mark_us"], cycle["mark_us"]);
    EXPECT_LE(us("ttsp_us") + us("mark_us") + us("pause_go_us") + us("start_us"), us("pause_us") + 0.01);
    longest = std::max(longest, us("pause_us"));
  }
  EXPECT_EQ(json["pause_us"]["mark_termination"]["max"], longest);
  // mmu uses the same stops: the worst window of 100 ms contains the longest one.
  EXPECT_LE(json["mmu"]["100ms"].get<double>(), 1 - std::min(longest / 100'000, 1.0) + 1e-9);
}

// Two stops per collection, plus those after which marking was resumed; none is counted twice.
TEST(SweepctlRun, StopsOfConcurrentMarkingAreCountedSeparately) {
  const Json json = run_json(trees("", {"--verify"}));  // the default
  EXPECT_EQ(json["concurrent_mark"], true);
  EXPECT_GT(json["objects_verified"], 0);
  uint64_t resumed = 0;
  for (const Json& cycle : json["per_cycle"]) {
    resumed += std::min<uint64_t>(cycle["mark_resumed"].get<uint64_t>(), 8);  // so many are listed
    for (const char* stop : {"sweep_termination", "mark_termination"}) {
      EXPECT_TRUE(cycle[stop]["mark_us"].is_null());
      EXPECT_LE(cycle[stop]["ttsp_us"], cycle[stop]["pause_us"]);
    }
    EXPECT_GT(cycle["mark_us"], 0);
    const Json& work = cycle["mark_work"];
    EXPECT_GT(work["worker_bytes"].get<uint64_t>() + work["assist_bytes"].get<uint64_t>(), 0u);
    EXPECT_LE(work["credit_bytes"], work["worker_bytes"]);
    EXPECT_GE(work["utilisation"], 0.25) << "the workers' share is assumed to be that";
  }
  EXPECT_EQ(json["pause_us"]["mark_termination"]["count"], json["cycles"].get<uint64_t>() + resumed);
  EXPECT_EQ(json["pause_us"]["sweep_termination"]["count"], json["cycles"]);
  EXPECT_EQ(json["pause_mark_us"]["mark_termination"]["count"], 0);
  for (const auto& [window, part] : json["mmu"].items()) {
    EXPECT_GE(part, 0) << window;
    EXPECT_LE(part, 1) << window;
  }
}

TEST(SweepctlRun, AllocationsAreCountedByPath) {
  const Json json = run_json(trees(""));
  const std::vector<std::string> paths{"refill", "sweep_refill", "grow", "large", "assist", "collect"};
  const Json& all = json["alloc_us"];
  uint64_t counted = all["fast"]["count"].get<uint64_t>();
  EXPECT_GT(counted, json["alloc_objects"].get<uint64_t>() / 2);
  for (const std::string& path : paths) {
    const uint64_t count = all[path]["count"].get<uint64_t>();
    counted += count;
    uint64_t in_cycles = 0;
    for (const Json& cycle : json["per_cycle"]) in_cycles += cycle["alloc_us"][path]["count"].get<uint64_t>();
    EXPECT_LE(in_cycles, count) << path;
    if (count > 0)
      EXPECT_LE(all[path]["mean"], all[path]["max"]) << path;
    else
      EXPECT_TRUE(all[path]["mean"].is_null() && all[path]["max"].is_null()) << path;
  }
  EXPECT_LE(counted, json["alloc_objects"].get<uint64_t>());
  EXPECT_GT(all["grow"]["count"], 0);
  EXPECT_GT(all["collect"]["count"], 0) << "who reaches the trigger begins the collection";
}

TEST(SweepctlRun, SummaryShowsThePartsOfAStop) {
  const Finished stopped = sweepctl([] {
    auto arguments = trees("--stw-mark");
    arguments.insert(arguments.begin(), "run");
    return arguments;
  }());
  for (const char* row :
       {"pause, whole collection", "  time to stop", "  marking", "  mcache flushes", "  start of the world",
        "mark termination as in gctrace", "stop without work, to compare"})
    EXPECT_THAT(stopped.out, HasSubstr(row));
  EXPECT_EQ(stopped.out.find("sweep termination"), std::string::npos) << stopped.out;
}

// One definition of each part of a stop: the engine's figures are in the recording.
TEST(SweepctlRun, InfoPrintsTheFiguresOfTheResult) {
  const Folder folder;
  const std::string file = folder / "run.mcap";
  for (const char* mode : {"--stw-mark", "--concurrent-mark"}) {
    const Json json =
        run_json({"idle_ps", "--procs", "4", "--cycles", "8", "--flush", "eager", mode, "--record", file});
    const Json stops = Json::parse(sweepctl({"info", file, "--json"}).out)["stops"];
    for (const std::string reason : {"sweep_termination", "mark_termination"}) {
      const Json none{{"count", 0}, {"p50", nullptr}, {"p90", nullptr}, {"p99", nullptr}, {"max", nullptr}};
      const auto expect = [&](const char* of_run, const char* of_info) {
        const Json figure = stops.contains(reason) ? stops[reason][of_info] : none;
        EXPECT_EQ(json[of_run][reason], figure) << mode << " " << reason << " " << of_info;
      };
      expect("pause_us", "pause_us");
      expect("ttsp_us", "ttsp_us");
      expect("pause_mark_us", "mark_us");
      expect("pause_flush_us", "flush_us");
      expect("pause_start_us", "start_us");
    }
  }
}

// Counts, bytes and times exactly, the two shares to the millionth of the events.
TEST(SweepctlRun, InfoPrintsTheCostsOfTheResultForEachCycle) {
  const Folder folder;
  const std::string file = folder / "run.mcap";
  for (const char* mode : {"--stw-mark", "--concurrent-mark"}) {
    SCOPED_TRACE(mode);
    const Json json = run_json(trees(mode, {"--record", file}));
    ASSERT_EQ(json["telemetry"]["lost"], 0);
    const Json info = Json::parse(sweepctl({"info", file, "--json"}).out);
    ASSERT_EQ(info["per_cycle"].size(), json["per_cycle"].size());
    std::map<std::string, uint64_t> counts, bytes;
    for (size_t i = 0; i < json["per_cycle"].size(); ++i) {
      const Json &of_run = json["per_cycle"][i], &of_info = info["per_cycle"][i];
      EXPECT_EQ(of_info["cycle"], of_run["cycle"]);
      EXPECT_EQ(of_info["alloc_us"], of_run["alloc_us"]);
      for (const auto& [path, latency] : of_run["alloc_us"].items())
        counts[path] += latency["count"].get<uint64_t>();
      Json of_events = of_info["mark_work"], of_engine = of_run["mark_work"];
      ASSERT_EQ(of_events.is_null(), of_engine.is_null());
      if (of_engine.is_null()) continue;
      of_engine.erase("next_trigger_ratio");
      for (const char* share : {"utilisation", "trigger_ratio"}) {
        EXPECT_NEAR(of_events[share].get<double>(), of_engine[share].get<double>(), 1e-6);
        of_events.erase(share);
        of_engine.erase(share);
      }
      EXPECT_EQ(of_events, of_engine);
      for (const auto& [key, value] : of_engine.items())
        if (key.ends_with("_bytes")) bytes[key] += value.get<uint64_t>();
    }
    ASSERT_GT(counts["fast"], 0u);
    for (const auto& [path, count] : counts) EXPECT_EQ(info["alloc_us"][path]["count"], count) << path;
    EXPECT_EQ(info["mark_work"].is_null(), bytes.empty());
    for (const auto& [key, sum] : bytes) EXPECT_EQ(info["mark_work"][key], sum) << key;
  }
}

TEST(SweepctlRun, InfoHasASectionOnMarkingAndAllocations) {
  const Folder folder;
  const std::string file = folder / "run.mcap";
  run_json(trees("--concurrent-mark", {"--record", file}));
  const std::string out = sweepctl({"info", file}).out;
  size_t last = 0;
  for (const char* text :
       {"\n\nWhole recording", "\n\nMarking and allocations, until the last mark termination\n",
        "\n  marked by ", "dedicated ", ", assist ", "\n  utilisation ", "\n  fast ", "\n  grow ",
        "\n  collect ", "\n\nState after "}) {
    const size_t at = out.find(text, last);
    ASSERT_NE(at, std::string::npos) << text << out;
    last = at;
  }
  run_json(trees("--stw-mark", {"--record", file}));
  const std::string stopped = sweepctl({"info", file}).out;
  EXPECT_EQ(stopped.find("marked by"), std::string::npos) << stopped;
  EXPECT_EQ(stopped.find(" null"), std::string::npos) << stopped;
  EXPECT_THAT(stopped, HasSubstr("\n  grow "));
}

// Waking the sweeper is not a flush barrier.
TEST(SweepctlRun, FlushBarrierOfAPolicyWithoutOneIsNull) {
  for (const std::string policy : {"eager", "idle-first", "lazy"}) {
    const bool has_barrier = policy == "lazy";
    const Json json = run_json({"idle_ps", "--procs", "4", "--cycles", "3", "--flush", policy});
    EXPECT_EQ(json["flush_barrier_us"]["count"], has_barrier ? 3 : 0) << policy;
    EXPECT_EQ(json["flush_barrier_us"]["max"].is_null(), !has_barrier) << policy;
    EXPECT_EQ(json["flush_barrier_us"]["spans"].is_null(), !has_barrier) << policy;
    for (const Json& cycle : json["per_cycle"])
      for (const char* figure : {"flush_barrier_us", "flush_barrier_cpu_us", "flush_barrier_spans"})
        EXPECT_EQ(cycle[figure].is_null(), !has_barrier) << policy << " " << figure;
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

// Eager flushes every cached span in the pause, lazy only those of the coordinator's P.
TEST(SweepctlRun, EagerFlushesInThePauseAndLazyAfterIt) {
  const Json eager = run_json({"idle_ps", "--procs", "8", "--cycles", "3", "--flush", "eager"});
  const Json lazy = run_json({"idle_ps", "--procs", "8", "--cycles", "3", "--flush", "lazy"});
  for (const Json& cycle : eager["per_cycle"]) EXPECT_EQ(cycle["mark_termination"]["spans_flushed"], 8 * 132);
  // The coordinator's own P is flushed by procresize before the world starts.
  for (const Json& cycle : lazy["per_cycle"]) EXPECT_LE(cycle["mark_termination"]["spans_flushed"], 132);
  EXPECT_EQ(eager["flushes"]["for_each_p"], 0);
  // The other Ps: by the barrier, or before it by a thread that takes one, perhaps a mark worker.
  const Json& flushes = lazy["flushes"];
  EXPECT_GT(flushes["for_each_p"], 0);
  EXPECT_GE(flushes["for_each_p"].get<int>() + flushes["acquire_p"].get<int>(), 3 * 7);
}

TEST(SweepctlRun, BinaryTreesAllocatesEveryNodeAndVerifiesThem) {
  const Json json =
      run_json({"binary_trees", "--set", "depth=8", "--threads", "2", "--procs", "2", "--verify"});
  EXPECT_EQ(json["figures"]["rounds"], 2);
  EXPECT_GE(json["alloc_objects"], json["figures"]["nodes"]);
  EXPECT_EQ(json["threads"], 2);
}

// As in Go: 0 does not turn collection off.
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

// Go prints the goal of the collection itself (4 MB in the first), not that of the next.
TEST(SweepctlRun, GctraceHasTheGoalOfEachCycle) {
  std::vector<std::string> arguments{"run",       "binary_trees", "--procs",  "1",        "--threads",
                                     "1",         "--set",        "depth=12", "--cycles", "4",
                                     "--gctrace", "--quiet",      "--json",   "-",        "--stw-mark"};
  const Finished finished = sweepctl(arguments);
  const Json json = Json::parse(finished.out);
  EXPECT_THAT(finished.err, testing::ContainsRegex("^gc 1 @[^\n]* MB, 4 MB goal, 1 P"));
  std::string goals;
  for (const Json& cycle : json["per_cycle"])
    goals += std::to_string(cycle["goal_at_start_bytes"].get<uint64_t>() >> 20) + " MB goal\n";
  std::string printed;
  const std::regex goal(R"(\d+ MB goal)");
  for (std::sregex_iterator at(finished.err.begin(), finished.err.end(), goal), end; at != end; ++at)
    printed += at->str() + "\n";
  EXPECT_EQ(printed, goals);
  for (size_t i = 1; i < json["per_cycle"].size(); ++i)
    EXPECT_EQ(json["per_cycle"][i]["goal_at_start_bytes"], json["per_cycle"][i - 1]["goal_bytes"]);
}

// The recording and the JSON of the run contain the same stops.
TEST(SweepctlRun, InfoShowsTheStopsOfARecordingWithTheirParts) {
  const Folder folder;
  const std::string file = folder / "run.mcap";
  for (const std::string mode : {"--stw-mark", "--concurrent-mark"}) {
    const Json run = run_json(trees(mode, {"--record", file, "--loss", "block"}));
    EXPECT_EQ(sweepctl({"check", file}).exit_code, 0);
    const Json stops = Json::parse(sweepctl({"info", file, "--json"}).out)["stops"];
    EXPECT_EQ(stops["mark_termination"]["pause_us"]["count"], run["pause_us"]["mark_termination"]["count"]);
    const auto counted = [&](const char* reason, const char* figure) {
      return stops.contains(reason) ? stops[reason][figure]["count"].get<uint64_t>() : 0;
    };
    EXPECT_EQ(counted("sweep_termination", "pause_us"), run["pause_us"]["sweep_termination"]["count"]);
    EXPECT_EQ(counted("mark_termination", "mark_us"), run["pause_mark_us"]["mark_termination"]["count"]);
    EXPECT_THAT(sweepctl({"info", file}).out, HasSubstr("stops for mark_termination"));
  }
}

TEST(SweepctlRun, RecordingIsSoundAndAllCommandsGiveTheSameEndState) {
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

// At every event heap_live is at most the size of the pages in use.
void expect_heap_fits_its_pages(const std::string& file) {
  auto recording = telemetry::Recording::open(file);
  ASSERT_TRUE(recording);
  std::vector<telemetry::Event> events;
  ASSERT_TRUE((*recording)->read(0, (*recording)->extent().end_seq, events));
  telemetry::Replica replica;
  for (const telemetry::Event& event : events) {
    replica.apply(event);
    uint64_t pages = 0;
    for (const uint64_t of_state : replica.census().pages) pages += of_state;
    ASSERT_LE(replica.heap_live().value_or(0), pages * 8192);
  }
}

// The run's JSON takes live_bytes from the engine, `info` computes it from the events.
TEST(SweepctlRun, LiveHeapOfJsonEqualsThatOfTheRecording) {
  const Folder folder;
  const std::string file = folder / "run.mcap";
  const Json list = Json::parse(sweepctl({"list", "--json"}).out);
  ASSERT_GE(list["policies"].size(), 5u);
  for (const Json& policy : list["policies"]) {
    for (const char* gogc : {"50", "off"}) {
      const std::string name = policy["name"];
      const Json run = run_json({"binary_trees", "--set", "depth=12", "--threads", "3", "--procs", "4",
                                 "--gogc", gogc, "--flush", name, "--record", file, "--loss", "block"});
      const Finished check = sweepctl({"check", file});
      EXPECT_EQ(check.exit_code, 0) << name << ": " << check.out;
      const Json state = Json::parse(sweepctl({"info", file, "--json"}).out)["state"];
      EXPECT_EQ(state["heap_live_bytes"], run["live_bytes"]) << name << ", GOGC " << gogc;
      EXPECT_GT(run["live_bytes"], 0);
      expect_heap_fits_its_pages(file);
      EXPECT_EQ(state["trigger_bytes"].is_string(), std::string(gogc) == "off");
      EXPECT_THAT(sweepctl({"info", file}).out,
                  HasSubstr("\n  heap_live          " + run["live_bytes"].dump() + " B\n"));
    }
  }
}

TEST(SweepctlRun, HeapFiguresAreKnownBeforeAndAtTheFirstCycle) {
  const Folder folder;
  const std::string file = folder / "run.mcap";
  run_json({"binary_trees", "--set", "depth=12", "--procs", "2", "--gogc", "100", "--record", file});
  const auto at = [&](const std::string& anchor) {
    return Json::parse(sweepctl({"info", file, "--json", "--at", anchor}).out)["state"];
  };
  EXPECT_TRUE(at("seq=0")["heap_live_bytes"].is_null()) << "no event has been applied";
  EXPECT_TRUE(at("seq=0")["trigger_bytes"].is_null());
  EXPECT_EQ(at("seq=10")["trigger_bytes"], 4 << 20);
  EXPECT_EQ(at("seq=10")["goal_bytes"], 4 << 20);
  EXPECT_GE(at("cycle=1")["heap_live_bytes"], 4 << 20) << "the heap has reached the trigger";
}

TEST(SweepctlRun, CycleNumbersAgreeInGctraceJsonAndAnchors) {
  const Folder folder;
  const std::string file = folder / "run.mcap";
  const Finished finished =
      sweepctl({"run", "binary_trees", "--set", "depth=12", "--procs", "2", "--gogc", "50", "--record", file,
                "--loss", "block", "--gctrace", "--quiet", "--json", "-"});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const Json run = Json::parse(finished.out);
  uint32_t number = 0;
  for (const Json& cycle : run["per_cycle"]) {
    EXPECT_EQ(cycle["cycle"], ++number);
    EXPECT_THAT(finished.err, HasSubstr("gc " + std::to_string(number) + " @"));
    const std::string anchor = "cycle=" + std::to_string(number);
    const Json state = Json::parse(sweepctl({"info", file, "--json", "--at", anchor}).out)["state"];
    EXPECT_EQ(state["cycle"], number);
    EXPECT_EQ(state["phase"], "sweep termination");
    if (number == 5) break;
  }
  EXPECT_GE(number, 3u);
}

TEST(SweepctlRun, CtrlCStopsTheRunAndKeepsTheRecording) {
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

// Out of memory is a failed check: a limit of 8 MiB and no collection.
TEST(SweepctlRun, FailedCheckIsTheOutcomeInTheJson) {
  const Folder folder;
  const std::string file = folder / "run.mcap";
  std::vector<std::string> arguments{
      "run", "binary_trees", "--set", "depth=17", "--threads", "1",      "--gogc", "off", "--heap-limit",
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
  EXPECT_EQ(sweepctl({"check", file}).exit_code, 0) << "every transition before the failed check is legal";

  arguments.push_back("--core");
  EXPECT_EQ(sweepctl(arguments).exit_code, 128 + SIGABRT);
}

TEST(SweepctlRun, CorrectProgramPassesWithPoisonedMemory) {
  const Json json = run_json({"binary_trees", "--set", "depth=10", "--poison", "--verify"});
  EXPECT_EQ(json["outcome"], "ok");
  EXPECT_GT(json["cycles"], 0);
}

TEST(SweepctlCompare, RunsEveryCombinationAndReportsTheRatio) {
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

TEST(SweepctlCompare, PassesTheMarkingModeToEachRun) {
  for (const std::string mode : {"--stw-mark", "--concurrent-mark"}) {
    const Finished finished = sweepctl({"compare", "idle_ps", "--repeat", "1", mode, "--plan"});
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    EXPECT_THAT(finished.out, HasSubstr("run idle_ps --flush lazy " + mode + " --quiet --json -\n"));
  }
}

TEST(SweepctlCompare, PlanPrintsTheJobsAndRunsNone) {
  const Finished finished = sweepctl({"compare", "idle_ps", "--procs", "1,2", "--repeat", "3", "--plan"});
  EXPECT_EQ(finished.exit_code, 0);
  EXPECT_EQ(std::ranges::count(finished.out, '\n'), 2 * 2 * 3);
  EXPECT_THAT(finished.out, HasSubstr("run idle_ps --flush lazy --procs 2 --quiet --json -\n"));
}

TEST(SweepctlList, ListsWorkloadsPoliciesScenariosAndFaults) {
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
