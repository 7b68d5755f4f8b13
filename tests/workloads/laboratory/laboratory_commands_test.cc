// explore and step as called by the command line: exit codes, files, output.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/laboratory/seam/fiber.h"
#include "telemetry/store/recording.h"
#include "tests/support/sanitizer_remark.h"
#include "workloads/laboratory/explore_command.h"
#include "workloads/laboratory/matrix.h"
#include "workloads/laboratory/step_command.h"

namespace sweepscope::workloads {
namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

class LaboratoryCommands : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "/laboratory_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string path(const char* name) const { return (directory_ / name).string(); }

  ExploreOptions faulty() const {
    ExploreOptions options;
    options.scenario = "sweep";
    options.fault = "acquirep-no-flush";
    options.schedules = 5000;
    options.seed = 1;
    options.out = path("found.txt");
    options.first = true;
    return options;
  }

  struct Output {
    int code;
    std::string out, err;
  };
  template <class Command, class Options>
  static Output run_command(Command command, const Options& options) {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code = command(options);
    Output output{code, ::testing::internal::GetCapturedStdout(), ::testing::internal::GetCapturedStderr()};
    sweepscope::testing::drop_sanitizer_remark(output.err);
    return output;
  }
  static void expect_refused(const Output& output, const std::string& words) {
    EXPECT_EQ(output.code, 2);
    EXPECT_NE(output.err.find(words), std::string::npos) << output.err;
    EXPECT_EQ(std::count(output.err.begin(), output.err.end(), '\n'), 1) << output.err;
  }

  std::filesystem::path directory_;
};

TEST_F(LaboratoryCommands, FaultIsFoundAndItsScheduleReplays) {
  const Output found = run_command(explore_command, faulty());
  EXPECT_EQ(found.code, 1) << found.err;
  EXPECT_NE(found.out.find("VIOLATION "), std::string::npos) << found.out;
  EXPECT_NE(found.out.find("seed 1"), std::string::npos) << found.out;

  StepOptions step;
  step.schedule = path("found.txt");
  step.json = path("step.json");
  const Output stepped = run_command(step_command, step);
  EXPECT_EQ(stepped.code, 1) << stepped.err;
  const auto json = nlohmann::json::parse(read(step.json));
  EXPECT_EQ(json["outcome"], "violation");
  EXPECT_EQ(json["expected"], json["violation"]["rule"]);
  EXPECT_NE(stepped.out.find("prepare_for_sweep"), std::string::npos) << "the list of steps is missing";
}

TEST_F(LaboratoryCommands, CorrectEngineExitsZeroWithAFullReport) {
  ExploreOptions options;
  options.scenario = "sweep";
  options.schedules = 200;
  options.seed = 1;
  options.json = "-";
  const Output output = run_command(explore_command, options);
  EXPECT_EQ(output.code, 0) << output.out << output.err;
  const auto json = nlohmann::json::parse(output.out);
  EXPECT_EQ(json["outcome"], "no violation");
  EXPECT_EQ(json["searches"][0]["schedules"], 200);
  EXPECT_GT(json["searches"][0]["steps"], 200 * 50);
  EXPECT_GT(json["searches"][0]["facts_checked"], 200 * 10);
}

TEST_F(LaboratoryCommands, DfsReportsTheCompletedBoundAndTheCut) {
  ExploreOptions options;
  // With sanitizers dfs has no images and enumerates schedules, of which a small scenario has few.
  options.scenario = laboratory::kRunsHaveImages ? "pair" : "two-cycles";
  options.strategy = "dfs";
  options.schedules = laboratory::kRunsHaveImages ? 300 : 3000;
  options.json = "-";
  const Output output = run_command(explore_command, options);
  EXPECT_EQ(output.code, 0) << output.out << output.err;
  const std::string coverage = nlohmann::json::parse(output.out)["searches"][0]["coverage"];
  EXPECT_NE(coverage.find("complete within: 2 Ps"), std::string::npos) << coverage;
  EXPECT_NE(coverage.find("preemptions <= 0"), std::string::npos) << coverage;
  EXPECT_NE(coverage.find("cut at "), std::string::npos) << coverage;
}

TEST_F(LaboratoryCommands, MatrixReplacesOnlyTheTextBetweenTheMarkers) {
  if (!laboratory::kRunsHaveImages) GTEST_SKIP() << "takes minutes with the fibers of a sanitizer build";
  std::ofstream(path("README.md")) << "before\n" << kMatrixBegin << "\nold\n" << kMatrixEnd << "\nafter\n";
  ExploreOptions options;
  options.matrix = true;
  options.schedules = 300;
  options.out = path("README.md");
  const Output output = run_command(explore_command, options);
  EXPECT_NE(output.code, 2) << output.err;
  const std::string text = read(options.out);
  EXPECT_EQ(text.rfind("before\n", 0), 0u);
  EXPECT_NE(text.find("\nafter\n"), std::string::npos);
  EXPECT_EQ(text.find("\nold\n"), std::string::npos);
  EXPECT_NE(text.find("| acquirep-no-flush | lazy | I1 | sweep |"), std::string::npos) << text;
  EXPECT_NE(text.find("| none | lazy | - | - |"), std::string::npos) << text;

  options.out = path("found.txt");
  std::ofstream(path("found.txt")) << "no markers";
  expect_refused(run_command(explore_command, options), "lacks the marker lines");
}

// The exit code of a result that could not be written, not that of bad usage; before the first search.
TEST_F(LaboratoryCommands, MatrixThatCannotBeWrittenIsAFailure) {
  std::ofstream(path("README.md")) << kMatrixBegin << "\nold\n" << kMatrixEnd << "\n";
  const std::string part = path("README.md") + "." + std::to_string(getpid()) + ".part";
  std::ofstream(part) << "mine";  // where the new file is written first
  ExploreOptions options;
  options.matrix = true;
  options.schedules = 1;
  options.out = path("README.md");
  const Output output = run_command(explore_command, options);
  EXPECT_EQ(output.code, 1);
  EXPECT_EQ(output.out, "");
  EXPECT_EQ(output.err, "sweepctl: Cannot write " + options.out + ": File exists.\n");
  EXPECT_EQ(read(part), "mine");
}

TEST_F(LaboratoryCommands, InterruptedMatrixLeavesTheFileAndHasItsOwnExitCode) {
  std::ofstream(path("README.md")) << kMatrixBegin << "\nold\n" << kMatrixEnd << "\n";
  const std::atomic<bool> interrupted = true;
  ExploreOptions options;
  options.matrix = true;
  options.interrupted = &interrupted;
  options.out = path("README.md");
  const Output output = run_command(explore_command, options);
  EXPECT_EQ(output.code, 130);
  EXPECT_EQ(output.out.find("| none |"), std::string::npos) << "a cut search has no row: " << output.out;
  EXPECT_EQ(output.err, "sweepctl: the matrix was interrupted before its end\n");
  EXPECT_NE(read(options.out).find("\nold\n"), std::string::npos);
}

TEST_F(LaboratoryCommands, QuietPrintsErrorsOnly) {
  ExploreOptions options = faulty();
  options.quiet = true;
  const Output found = run_command(explore_command, options);
  EXPECT_EQ(found.code, 1);
  EXPECT_EQ(found.out + found.err, "");
  EXPECT_FALSE(read(options.out).empty());
  StepOptions step;
  step.schedule = options.out;
  step.quiet = true;
  const Output stepped = run_command(step_command, step);
  EXPECT_EQ(stepped.code, 1);
  EXPECT_EQ(stepped.out + stepped.err, "");
}

TEST_F(LaboratoryCommands, DfsPrintsOneCountOfStatesAndNoSeed) {
  ExploreOptions options;
  options.scenario = laboratory::kRunsHaveImages ? "pair" : "two-cycles";
  options.strategy = "dfs";
  options.schedules = laboratory::kRunsHaveImages ? 300 : 3000;
  const Output output = run_command(explore_command, options);
  EXPECT_EQ(output.out.find("seed"), std::string::npos) << output.out;
  if (!laboratory::kRunsHaveImages) return;  // then it counts schedules
  const size_t first = output.out.find(" states visited");
  EXPECT_NE(first, std::string::npos) << output.out;
  EXPECT_EQ(output.out.rfind(" states"), first) << output.out;
}

TEST_F(LaboratoryCommands, TwoRecordingsOfOneScheduleAreEqualByteForByte) {
  ExploreOptions options = faulty();
  options.record = path("explored.mcap");
  ASSERT_EQ(run_command(explore_command, options).code, 1);
  StepOptions step;
  step.schedule = options.out;
  step.quiet = true;
  step.record = path("stepped.mcap");
  const Output output = run_command(step_command, step);
  ASSERT_EQ(output.code, 1) << output.err;
  const std::string one = read(options.record), two = read(step.record);
  EXPECT_GT(one.size(), 1000u);
  EXPECT_TRUE(one == two) << one.size() << " and " << two.size() << " bytes";
}

TEST_F(LaboratoryCommands, RecordingDescribesTheFaultAndTheBrokenRule) {
  ExploreOptions options = faulty();
  options.record = path("explored.mcap");
  ASSERT_EQ(run_command(explore_command, options).code, 1);
  const auto recording = telemetry::Recording::open(options.record);
  ASSERT_TRUE(recording) << recording.error().message;
  const telemetry::SessionInfo& info = (*recording)->info();
  EXPECT_EQ(info.fault, options.fault);
  EXPECT_EQ(info.fault_text, "acquire_p does not flush a stale mcache");
  EXPECT_EQ(info.broken_rule, "I1");
  EXPECT_NE(info.broken_text.find("allocates"), std::string::npos) << info.broken_text;
}

TEST_F(LaboratoryCommands, SameSeedWritesTheSameSchedule) {
  ExploreOptions options = faulty();
  options.first = !laboratory::kRunsHaveImages;
  ASSERT_EQ(run_command(explore_command, options).code, 1);
  const std::string first = read(options.out);
  ASSERT_EQ(run_command(explore_command, options).code, 1);
  EXPECT_EQ(read(options.out), first);
}

TEST_F(LaboratoryCommands, TheReportNamesTheHarmThatFollows) {
  if (!laboratory::kRunsHaveImages)
    GTEST_SKIP() << "shortening eight counterexamples takes a minute in a sanitizer build";
  ExploreOptions options = faulty();
  options.first = false;
  options.json = path("found.json");
  const Output chosen = run_command(explore_command, options);
  ASSERT_EQ(chosen.code, 1) << chosen.err;
  const auto json = nlohmann::json::parse(read(options.json)), search = json["searches"][0];
  EXPECT_EQ(json["harm"], "memory");
  const std::string text = json["harm_text"];
  EXPECT_NE(text.find("live object"), std::string::npos) << text;
  EXPECT_NE(text.find("later, with I1 noted"), std::string::npos) << text;
  EXPECT_GT(json["harm_step"], json["violation"]["step"]);
  EXPECT_NE(chosen.out.find("\n  harm: memory: " + text + "\n"), std::string::npos) << chosen.out;
  EXPECT_EQ(search["harm_text"], text);
  EXPECT_TRUE(search["stale_span"]);
  EXPECT_GT(search["chosen_of"], 1);
  EXPECT_NE(chosen.out.find("counterexamples; a stale span existed\n"), std::string::npos) << chosen.out;

  options.first = true;
  const Output first = run_command(explore_command, options);
  ASSERT_EQ(first.code, 1) << first.err;
  const auto kept = nlohmann::json::parse(read(options.json))["searches"][0];
  EXPECT_EQ(kept["chosen_of"], 1);
  EXPECT_EQ(kept["schedules"], kept["found_after_schedules"]) << "it searched on";
  EXPECT_EQ(first.out.find("chosen of"), std::string::npos) << first.out;
  EXPECT_NE(first.out.find("\n  harm: "), std::string::npos) << first.out;
}

TEST_F(LaboratoryCommands, FaultWithoutScenarioSearchesTheScenariosThatFit) {
  ExploreOptions options = faulty();
  options.scenario.clear();
  options.fault = "new-mcache-no-flushgen";
  const Output output = run_command(explore_command, options);
  EXPECT_EQ(output.code, 1) << output.err;
  EXPECT_NE(output.out.find("grow: policy lazy"), std::string::npos) << output.out;
  EXPECT_NE(output.out.find("VIOLATION bad flushGen (engine check)"), std::string::npos) << output.out;
}

TEST_F(LaboratoryCommands, NotedChecksAreReportedAndReplayedFromTheSchedule) {
  ExploreOptions options = faulty();
  options.scenario = "refill";
  options.fault = "swept-before-sweep";
  options.checks = {"bad span state=note"};
  const Output output = run_command(explore_command, options);
  EXPECT_EQ(output.code, 1) << output.err;
  EXPECT_NE(output.out.find("VIOLATION "), std::string::npos) << output.out;
  EXPECT_NE(output.out.find("noted bad span state, "), std::string::npos) << output.out;
  EXPECT_NE(read(path("found.txt")).find("\ncheck bad span state=note\n"), std::string::npos);
  StepOptions step;
  step.schedule = path("found.txt");
  const Output stepped = run_command(step_command, step);
  EXPECT_EQ(stepped.code, 1) << stepped.err;
  EXPECT_NE(stepped.out.find("noted bad span state, "), std::string::npos) << stepped.out;

  options.checks = {"bad span state=stop"};  // replaces the default settings of the fault
  EXPECT_NE(run_command(explore_command, options).out.find("VIOLATION bad span state"), std::string::npos);
}

TEST_F(LaboratoryCommands, EditedScheduleIsRefused) {
  ASSERT_EQ(run_command(explore_command, faulty()).code, 1);
  std::string text = read(path("found.txt"));
  const size_t at = text.find("what the mutator does next");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 4, "WHAT");
  std::ofstream(path("edited.txt")) << text;
  StepOptions step;
  step.schedule = path("edited.txt");
  expect_refused(run_command(step_command, step), "does not fit at step");
}

TEST_F(LaboratoryCommands, BadInputIsRefusedInOneLine) {
  auto explore = [this](auto change) {
    ExploreOptions options = faulty();
    change(options);
    return run_command(explore_command, options);
  };
  expect_refused(explore([](auto& o) { o.scenario = "swep"; }), "unknown scenario 'swep'");
  expect_refused(explore([](auto& o) { o.fault = "no-fault"; }), "unknown fault 'no-fault'");
  expect_refused(explore([](auto& o) { o.flush = "sleepy"; }), "unknown flush policy 'sleepy'");
  expect_refused(explore([](auto& o) { o.flush = "eager"; }), "does not exist under policy 'eager'");
  expect_refused(explore([](auto& o) { o.fault = "cached-store-relaxed"; }), "`ctest -L relacy` finds it");
  expect_refused(explore([](auto& o) { o.scenario = "grow"; }),
                 "cannot show in scenario 'grow', only in: sweep");
  expect_refused(explore([](auto& o) { o.checks = {"I3=perhaps"}; }), "stop, note or off, not 'perhaps'");
  expect_refused(explore([](auto& o) { o.checks = {"gossip=note"}; }), "unknown rule 'gossip'");
  expect_refused(explore([](auto& o) { o.preemptions = "few"; }), "--preemptions takes 0 to 1000 or none");
  expect_refused(explore([](auto& o) { o.strategy = "luck"; }), "unknown strategy 'luck'");
  expect_refused(explore([](auto& o) { o.procs = 9; }), "takes 1 to 8 procs");
  expect_refused(explore([](auto& o) { o.spans = 65; }), "takes 1 to 64 spans");
  expect_refused(explore([](auto& o) { o.seconds = -1; }),
                 "--seconds must be a finite number of seconds and not negative");
  expect_refused(explore([](auto& o) { o.out = "/nowhere/x.txt"; }),
                 "Cannot write /nowhere/x.txt: No such file or directory.");

  StepOptions step;
  step.schedule = path("absent.txt");
  expect_refused(run_command(step_command, step), "Cannot open ");
  std::ofstream(path("bad.txt")) << "sweepscope-schedule 1\nscenario sweep\ncolour blue\n";
  step.schedule = path("bad.txt");
  expect_refused(run_command(step_command, step), "bad.txt: line 3: unknown header 'colour'");
}

TEST_F(LaboratoryCommands, ListsNameScenariosAndFaults) {
  EXPECT_EQ(laboratory_scenarios().front().name, "sweep");
  const auto faults = laboratory_faults();
  const auto found =
      std::find_if(faults.begin(), faults.end(), [](const auto& f) { return f.name == "acquirep-no-flush"; });
  ASSERT_NE(found, faults.end());
  EXPECT_EQ(std::count(found->policies.begin(), found->policies.end(), "eager"), 0);
}

}  // namespace
}  // namespace sweepscope::workloads
