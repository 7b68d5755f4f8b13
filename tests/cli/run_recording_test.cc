// A recorded run, end to end: info, check and the result agree about it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <map>

#include "telemetry/store/recording.h"
#include "tests/cli/run_json.h"

namespace sweepscope::testing_support {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

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

}  // namespace
}  // namespace sweepscope::testing_support
