// Recordings that are damaged, followed by other bytes, cut off by a full disk, or read until Ctrl-C.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "telemetry/store/recording.h"
#include "tests/cli/program.h"
#include "tests/telemetry/store/record.h"

namespace sweepscope::testing_support {
namespace {

using Json = nlohmann::json;
using telemetry::Event;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr uint64_t kMostFileBytes = 200'000;  // enough for the schemas and some chunks of a recording

std::vector<Event> session() { return testing::generate_session({.seed = 20, .cycles = 6, .ops = 600}); }

// A recording whose chunk with cycle 3 is damaged.
class DamagedRecording : public ::testing::Test {
 protected:
  void SetUp() override {
    testing::record_by_cycle(file_, events_);
    whole_ = sweepctl({"info", file_, "--json", "--at", "cycle=5"});
    testing::damage_chunk(file_, 4);
  }

  const Folder folder_;
  const std::string file_ = folder_ / "run.mcap";
  const std::vector<Event> events_ = session();
  const std::vector<size_t> starts_ = testing::cycle_starts(events_);
  Finished whole_;
};

TEST_F(DamagedRecording, ReportsTheLostCycleAndItsTimes) {
  Json info = Json::parse(sweepctl({"info", file_, "--json"}).out);
  ASSERT_EQ(info["lost_stretches"].size(), 1u);
  const Json& lost = info["lost_stretches"][0];
  EXPECT_EQ(lost["events"], starts_[3] - starts_[2]);
  EXPECT_EQ(lost["first_cycle"], 3);
  EXPECT_EQ(lost["last_cycle"], 3);
  EXPECT_LT(lost["from_ns"], lost["to_ns"]);
  EXPECT_EQ(info["complete"], true);
  EXPECT_THAT(sweepctl({"info", file_}).out,
              AllOf(HasSubstr("\n  lost: "), HasSubstr("all of cycle 3 (damaged chunk)")));
  const Finished check = sweepctl({"check", file_});
  EXPECT_EQ(check.exit_code, 1);
  EXPECT_THAT(check.out, AllOf(HasSubstr(": lost: "), HasSubstr(" events, all of cycle 3 (damaged chunk)")));
}

TEST_F(DamagedRecording, AnchorInTheLostPartIsRefused) {
  for (const std::string& anchor : {std::string("cycle=3"), "seq=" + std::to_string(starts_[2]),
                                    "seq=" + std::to_string(starts_[3] - 1)}) {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"info", file_, "--at", anchor}, {"info", file_ + "#" + anchor}}) {
      const Finished info = sweepctl(arguments);
      EXPECT_EQ(info.exit_code, 2) << anchor << info.out;
      EXPECT_THAT(info.err, AllOf(HasSubstr(anchor), HasSubstr("lost: "), HasSubstr("cycle 3")));
    }
  }
  const Finished far = sweepctl({"info", file_, "--at", "seq=" + std::to_string(events_.size() + 1)});
  EXPECT_EQ(far.exit_code, 2);
  EXPECT_THAT(far.err, HasSubstr("holds events 0 to " + std::to_string(events_.size())));
}

// seq=N and cycle=N name the same event before and after the damage.
TEST_F(DamagedRecording, AnchorAfterTheLostPartNamesTheSameEvent) {
  ASSERT_EQ(whole_.exit_code, 0) << whole_.err;
  const Json before = Json::parse(whole_.out)["state"];
  for (const std::string& anchor : {std::string("cycle=5"), "seq=" + before["seq"].dump()}) {
    const Finished info = sweepctl({"info", file_ + "#" + anchor, "--json"});
    ASSERT_EQ(info.exit_code, 0) << info.err;
    const Json after = Json::parse(info.out)["state"];
    EXPECT_EQ(after["seq"], before["seq"]) << anchor;
    EXPECT_EQ(after["cycle"], before["cycle"]) << anchor;
    EXPECT_EQ(after["sweepgen"], before["sweepgen"]) << anchor;
  }
}

// An event that breaks a rule can wait in vain for an earlier one: info and check fold it in alike.
TEST(SweepctlInfo, EndsInTheStateThatCheckReports) {
  const Folder folder;
  const std::string file = folder / "found.mcap";
  ASSERT_EQ(sweepctl({"explore", "sweep", "--fault", "acquirep-no-flush", "--seed", "2", "--first",
                      "--record", file, "--out", folder / "found.txt"})
                .exit_code,
            1);
  const std::string hash = Json::parse(sweepctl({"info", file, "--json"}).out)["state"]["hash"];
  const Finished check = sweepctl({"check", file});
  EXPECT_EQ(check.exit_code, 1);
  EXPECT_THAT(check.out, HasSubstr("NOT SOUND: "));
  EXPECT_THAT(check.out, HasSubstr("final state " + hash));
}

TEST(SweepctlInfo, AcceptsOnlyOneAnchor) {
  const Folder folder;
  const std::string file = folder / "run#2.mcap";
  testing::record_by_cycle(file, session());
  EXPECT_EQ(sweepctl({"info", file}).exit_code, 0) << "the '#' is part of the file name";
  EXPECT_EQ(sweepctl({"info", file + "#cycle=2"}).exit_code, 0);
  EXPECT_THAT(sweepctl({"info", file + "#cycle=2", "--at", "cycle=3"}).err, HasSubstr("give only one"));
  EXPECT_THAT(sweepctl({"info", file + "#noon"}).err, HasSubstr("expected cycle=N, seq=N or end"));
}

TEST(SweepctlInfo, BytesAfterTheEndAreCountedAndIgnored) {
  const Folder folder;
  const std::string file = folder / "run.mcap";
  testing::record_by_cycle(file, session());
  const Json before = Json::parse(sweepctl({"info", file, "--json"}).out);
  testing::spill(file, testing::slurp(file) + "twelve bytes");
  Json after = Json::parse(sweepctl({"info", file, "--json"}).out);
  EXPECT_EQ(after["complete"], true);
  EXPECT_EQ(after["trailing_bytes"], 12);
  EXPECT_EQ(after["state"], before["state"]);
  EXPECT_THAT(sweepctl({"info", file}).out, HasSubstr("ignored 12 bytes after the end of the recording"));
  const Finished check = sweepctl({"check", file});
  EXPECT_EQ(check.exit_code, 0);
  EXPECT_THAT(check.out,
              AllOf(HasSubstr("12 bytes after the end of the recording"), Not(HasSubstr("not finished"))));
}

TEST(SweepctlInfo, CostsThatAreNotRecordedAreNullAndNotPrinted) {
  const Folder folder;
  const std::string file = folder / "run.mcap";
  testing::record_by_cycle(file, session());
  const Json info = Json::parse(sweepctl({"info", file, "--json"}).out);
  EXPECT_TRUE(info.at("mark_work").is_null());
  EXPECT_TRUE(info.at("alloc_us").is_null());
  EXPECT_TRUE(info.at("per_cycle").empty());
  EXPECT_THAT(sweepctl({"info", file}).out,
              AllOf(Not(HasSubstr("Marking and allocations")), Not(HasSubstr("mark_work"))));
}

// Shares of the marking, means and the unit of time, which in the laboratory is the step.
TEST(SweepctlInfo, PrintsCostsInTheUnitOfTheRecording) {
  using namespace telemetry;
  const Folder folder;
  const std::string file = folder / "run.mcap";
  std::vector<Event> events = session();
  for (const Body& body :
       {Body(MarkWork{6, MarkedBy::kDedicated, 3'000, 64}), Body(MarkWork{6, MarkedBy::kAssist, 1'000, 8}),
        Body(MarkShare{6, 260'000, 875'000, 16}), Body(AllocLatency{6, AllocPath::kFast, 5, 0, 0}),
        Body(AllocLatency{6, AllocPath::kGrow, 2, 5'000, 4'500})})
    events.push_back({events.back().ns, events.back().stream, body});
  const auto record = [&](const char* build) {
    SessionInfo info;
    info.engine_build = build;
    auto recorder = Recorder::create(file, info);
    ASSERT_TRUE(recorder) << recorder.error().message;
    (*recorder)->consume({0, static_cast<uint32_t>(events.size()), 0, encode_batch(events, 0, 0), events});
    ASSERT_TRUE((*recorder)->finish());
  };
  record("production");
  EXPECT_THAT(sweepctl({"info", file}).out,
              AllOf(HasSubstr("dedicated 75.0 %, fractional 0.0 %, idle 0.0 %, assist 25.0 % of 4.0 us\n"),
                    HasSubstr("26.0 % of the Ps on average, 1 cycle\n"),
                    HasSubstr("  fast               5 allocations\n"),
                    HasSubstr("  grow               2 allocations, mean 2.5, max 4.5 us\n"),
                    HasSubstr("  large              0 allocations\n")));
  Json info = Json::parse(sweepctl({"info", file, "--json"}).out);
  EXPECT_EQ(info.at("mark_work").at("dedicated_us"), 3);
  EXPECT_EQ(info.at("mark_work").at("utilisation"), 0.26);
  EXPECT_EQ(info.at("mark_work").at("trigger_ratio"), 0.875);
  EXPECT_FALSE(info.at("mark_work").contains("next_trigger_ratio")) << "it is not recorded";
  EXPECT_EQ(info.at("alloc_us").at("grow"), (Json{{"count", 2}, {"mean", 2.5}, {"max", 4.5}}));
  EXPECT_EQ(info.at("per_cycle"),
            (Json::array(
                {{{"cycle", 6}, {"mark_work", info.at("mark_work")}, {"alloc_us", info.at("alloc_us")}}})));
  record("laboratory");
  EXPECT_THAT(sweepctl({"info", file}).out,
              AllOf(HasSubstr("assist 25.0 % of 4000 steps\n"), Not(HasSubstr("\n  grow "))));
  info = Json::parse(sweepctl({"info", file, "--json"}).out);
  EXPECT_EQ(info.at("mark_work").at("dedicated_steps"), 3000);
  EXPECT_FALSE(info.at("mark_work").contains("dedicated_us"));
  EXPECT_TRUE(info.at("alloc_us").is_null());
}

// The run continues after the message, until the interrupt.
TEST(SweepctlRun, ReportsAFullDiskAtOnceAndContinues) {
  const Folder folder;
  const std::string file = folder / "run.mcap", result = folder / "run.json";
  Program program({"run", "binary_trees", "--set", "depth=10", "--threads", "2", "--seconds", "1000",
                   "--record", file, "--json", result},
                  {.out = "", .most_file_bytes = kMostFileBytes});
  ASSERT_TRUE(program.wait_for_error_output("continues without recording\n"));
  program.send(SIGINT);
  const Finished finished = program.finish();
  EXPECT_EQ(finished.exit_code, 1) << "the recording is incomplete";
  EXPECT_EQ(std::ranges::count(finished.err, '\n'), 1) << finished.err;
  EXPECT_THAT(finished.err, AllOf(HasSubstr("sweepctl: Writing " + file + " failed after "),
                                  HasSubstr("File too large"), HasSubstr(" events are readable")));
  EXPECT_THAT(finished.out, HasSubstr("recording " + file + " is incomplete"));
  const Json json = Json::parse(testing::slurp(result), nullptr, false);
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["outcome"], "interrupted");
  const Json& recording = json["telemetry"]["recording"];
  EXPECT_EQ(recording["complete"], false);
  EXPECT_EQ(recording["file"], file);
  EXPECT_EQ(recording["bytes"], std::filesystem::file_size(file));
  EXPECT_GT(json["telemetry"]["events"], recording["events"]);
  const Json info = Json::parse(sweepctl({"info", file, "--json"}).out);
  EXPECT_EQ(info["events"], recording["events"]);
  EXPECT_EQ(info["complete"], false);
  EXPECT_EQ(info["dropped_bytes"], 0);
  EXPECT_EQ(sweepctl({"check", file}).exit_code, 0);
}

TEST(SweepctlInfo, PrintsTheFileThenTheWholeRecordingThenTheState) {
  const Folder folder;
  const std::string file = folder / "run.mcap";
  testing::record_by_cycle(file, session());
  const std::string out = sweepctl({"info", file, "--at", "cycle=2"}).out;
  size_t last = 0;
  for (const char* text : {"File\n", "\n  workload  ", "\n\nWhole recording (times in seconds since time 0: ",
                           "\n  first_event_s  ", "\n  stops for mark_termination ", "\n\nState after ",
                           "\n  hash  ", "\n  spans swept  "}) {
    const size_t at = out.find(text);
    ASSERT_NE(at, std::string::npos) << text << out;
    EXPECT_GE(at, last) << text;
    last = at;
  }
  EXPECT_EQ(out.find("\n  stops", last), std::string::npos);
}

// The times in the result and in the recording have one origin: a cycle's events lie within the cycle.
// Telemetry converts its stamps with an error below a millisecond.
TEST(SweepctlRun, TimesOfTheResultAreThoseOfTheRecording) {
  const Folder folder;
  const std::string file = folder / "run.mcap";
  const Finished run = sweepctl({"run", "idle_ps", "--cycles", "5", "--record", file, "--json", "-"});
  const Json json = Json::parse(run.out);
  const auto recording = telemetry::Recording::open(file);
  ASSERT_TRUE(recording) << recording.error().message;
  const auto& cycles = (*recording)->marks().cycles;
  ASSERT_EQ(cycles.size(), 5u);
  for (size_t i = 0; i < cycles.size(); ++i) {
    const Json& cycle = json["per_cycle"][i];
    EXPECT_GE(double(cycles[i].ns) / 1e6, cycle["start_ms"].get<double>() - 1);
    EXPECT_LE(double(cycles[i].ns) / 1e6, cycle["end_ms"].get<double>() + 1);
    EXPECT_GE(cycle["start_ms"], json["mutators_start_ms"]);
  }
  EXPECT_GT(json["mutators_start_ms"], 0);
}

TEST(SweepctlRun, ReportsACompleteRecording) {
  const Folder folder;
  const Finished recorded =
      sweepctl({"run", "idle_ps", "--cycles", "2", "--record", folder / "run.mcap", "--json", "-"});
  EXPECT_EQ(recorded.exit_code, 0);
  const Json json = Json::parse(recorded.out);
  EXPECT_EQ(json["telemetry"]["recording"]["complete"], true);
  EXPECT_EQ(json["telemetry"]["recording"]["events"], json["telemetry"]["events"]);
  const Finished unrecorded = sweepctl({"run", "idle_ps", "--cycles", "2", "--json", "-"});
  EXPECT_TRUE(Json::parse(unrecorded.out)["telemetry"]["recording"].is_null());
}

TEST(Sweepctl, FullDiskForTheResultIsAFailure) {
  const Folder folder;
  const std::string file = folder / "run.mcap";
  testing::record_by_cycle(file, session());
  // A link, so that a command that replaces its output file replaces the link, not the device.
  const std::string full = folder / "full";
  std::filesystem::create_symlink("/dev/full", full);
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"run", "idle_ps", "--cycles", "2", "--json", full},
        {"compare", "idle_ps", "--cycles", "2", "--repeat", "1", "--json", full, "--quiet"},
        {"compare", "idle_ps", "--cycles", "2", "--repeat", "1", "--csv", full, "--quiet"},
        {"explore", "blocking", "--schedules", "10", "--json", full, "--quiet"}}) {
    const Finished finished = sweepctl(arguments);
    EXPECT_EQ(finished.exit_code, 1) << arguments[0] << finished.err;
    EXPECT_THAT(finished.err, AllOf(HasSubstr(full), HasSubstr("No space left on device")));
    EXPECT_EQ(std::ranges::count(finished.err, '\n'), 1) << finished.err;
  }
  EXPECT_TRUE(std::filesystem::is_symlink(full)) << "written through, not replaced";
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"run", "idle_ps", "--cycles", "2", "--json", "-"},
        {"run", "idle_ps", "--cycles", "2"},
        {"list"},
        {"list", "--json"},
        {"info", file},
        {"info", file, "--json"},
        {"check", file},
        {"explore", "blocking", "--schedules", "10", "--json", "-"},
        {"explore", "blocking", "--schedules", "10"}}) {
    const Finished finished = sweepctl(arguments, {.out = "/dev/full", .most_file_bytes = 0});
    EXPECT_EQ(finished.exit_code, 1) << arguments[0];
    EXPECT_THAT(finished.err, HasSubstr("sweepctl: Cannot write standard output: No space left on device.\n"))
        << arguments[0];
    EXPECT_EQ(std::ranges::count(finished.err, '\n'), 1) << finished.err;
  }
}

// So many files that the interrupt arrives before the last one is read.
TEST(SweepctlCheck, CtrlCStopsIt) {
  const Folder folder;
  const std::string file = folder / "run.mcap";
  testing::record_by_cycle(file, session());
  std::vector<std::string> arguments(20'000, file);
  arguments.insert(arguments.begin(), "check");
  Program program(arguments);
  ASSERT_TRUE(program.wait_for_output(": sound: "));
  program.send(SIGINT);
  const Finished finished = program.finish();
  EXPECT_EQ(finished.exit_code, 130) << finished.err;
  EXPECT_LT(std::ranges::count(finished.out, '\n'), 20'000);
}

}  // namespace
}  // namespace sweepscope::testing_support
