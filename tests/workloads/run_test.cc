// Runs that cannot end in order: their result, recording and exit code.
#include "workloads/runner/run.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/gc/runtime.h"
#include "telemetry/store/check_recording.h"
#include "telemetry/store/recording.h"
#include "tests/workloads/made_up_workload.h"
#include "workloads/runner/run_json.h"

namespace sweepscope::workloads {
namespace {

using Json = nlohmann::json;

// The files of the run. Each death test forks, so parent and child use the same paths.
struct RunDeathTest : ::testing::Test {
  RunDeathTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "run_test.XXXXXX";
    folder = mkdtemp(pattern.data());
    options.json = folder + "/run.json";
    options.record = folder + "/run.mcap";
  }
  ~RunDeathTest() override { std::filesystem::remove_all(folder); }
  Json json() const { return Json::parse(std::ifstream(options.json), nullptr, false); }

  std::string folder;
  RunOptions options;
};

struct Node {
  static constexpr size_t kRefs = 1;
  engine::Ref<Node> next;
};

// One mutator breaks a rule of the engine while another one allocates and collects continuously.
const MadeUp rule_breaker([](engine::Mutator& mutator, RunControl& control, uint32_t thread) {
  if (thread == 1) {
    while (true) {
      for (int i = 0; i < 100; ++i) engine::make<Node>(mutator);
      mutator.poll();
    }
  }
  while (control.cycles(mutator) < 3) mutator.collect();
  engine::make<Node>(mutator);
  const engine::NonPreemptible region(mutator.m());
  engine::refill(mutator.m(), control.engine().runtime().heap(),
                 engine::SpanClass(engine::size_class_of(sizeof(Node)), false));
});

TEST_F(RunDeathTest, FailedCheckIsTheOutcomeAndTheLastEventOfTheRecording) {
  EXPECT_EXIT(static_cast<void>(run_made_up(rule_breaker, 2, 2, options)), ::testing::ExitedWithCode(1),
              "fatal: refill of span with free space remaining: ");
  const Json result = json();
  ASSERT_TRUE(result.is_object());
  EXPECT_EQ(result["outcome"], "check_failed");
  EXPECT_EQ(result["check"]["words"], "refill of span with free space remaining");
  EXPECT_EQ(result["complaint"],
            "refill of span with free space remaining: refill was asked to replace a usable span");
  EXPECT_TRUE(result["check"]["p"] == 0 || result["check"]["p"] == 1);
  EXPECT_TRUE(result["check"]["span"].is_number());
  EXPECT_EQ(result["check"]["values"]["span"], result["check"]["span"]);
  EXPECT_GE(result["cycles"], 3);
  EXPECT_EQ(result["per_cycle"].size(), result["cycles"]);
  EXPECT_GT(result["wall_s"], 0);
  EXPECT_EQ(result["control_us"]["count"], 32);
  for (const char* unknown : {"alloc_objects", "flushes", "live_bytes", "figures", "mutator_gap_us"})
    EXPECT_TRUE(result.contains(unknown) && result[unknown].is_null()) << unknown;

  auto recording = telemetry::Recording::open(options.record);
  ASSERT_TRUE(recording) << recording.error().message;
  EXPECT_TRUE((*recording)->complete());
  const uint64_t end = (*recording)->extent().end_seq;
  EXPECT_EQ(end, result["telemetry"]["events"]);
  std::vector<telemetry::Event> last;
  ASSERT_TRUE((*recording)->read(end - 1, 1, last));
  ASSERT_EQ(last.size(), 1u);
  const auto* fired = std::get_if<telemetry::CheckFired>(&last[0].body);
  ASSERT_NE(fired, nullptr);
  EXPECT_EQ(fired->code, result["check"]["code"]);
  EXPECT_EQ(fired->span, result["check"]["span"]);
  EXPECT_EQ(fired->p, result["check"]["p"]);
}

TEST_F(RunDeathTest, WithCoreAFailedCheckAbortsAfterTheResultIsWritten) {
  RunSetup setup;
  setup.workload = "made_up";
  setup.engine.procs = setup.threads = 2;
  setup.engine.core_on_fatal = true;
  EXPECT_EXIT(
      {
        Interrupts interrupts;
        static_cast<void>(run(options, setup, rule_breaker, interrupts));
      },
      ::testing::KilledBySignal(SIGABRT), "fatal: ");
  EXPECT_EQ(json()["outcome"], "check_failed");
  auto recording = telemetry::Recording::open(options.record);
  ASSERT_TRUE(recording);
  EXPECT_TRUE((*recording)->complete());
}

// The first mutator polls, but never checks finished().
TEST_F(RunDeathTest, EndsWithoutAMutatorThatIgnoresTheTimeLimit) {
  options.stop_patience_s = 0.2;
  const MadeUp endless([](engine::Mutator& mutator, RunControl& control, uint32_t thread) {
    while (thread == 0 || !control.finished(mutator)) {
      engine::make<Node>(mutator);
      mutator.poll();
    }
  });
  RunSetup setup;
  setup.workload = "made_up";
  setup.engine.procs = setup.threads = 2;
  setup.limits.seconds = 0.1;
  EXPECT_EXIT(
      {
        Interrupts interrupts;
        static_cast<void>(run(options, setup, endless, interrupts));
      },
      ::testing::ExitedWithCode(1),
      "sweepctl: [12] of 2 mutators did not stop within 0.2 s of the run's end after 0.1 s; the run ends "
      "without them\n");
  const Json result = json();
  ASSERT_TRUE(result.is_object());
  EXPECT_EQ(result["outcome"], "interrupted");
  EXPECT_NE(result["complaint"].get<std::string>().find("of the run's end after 0.1 s"), std::string::npos);
  const auto report = telemetry::check_recording(options.record);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->complete);
}

// A pause by a viewer does not extend the run beyond its time limit.
TEST(Run, EndsAtTheTimeLimitWhilePaused) {
  const MadeUp paused([](engine::Mutator& mutator, RunControl& control, uint32_t) {
    control.engine().pause_mutators(true);
    while (!control.finished(mutator)) mutator.poll();
  });
  RunSetup setup;
  setup.workload = "made_up";
  setup.limits.seconds = 0.1;
  RunOptions options;
  options.quiet = true;
  Interrupts interrupts;
  const Expected<RunResult> result = run(options, setup, paused, interrupts);
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->outcome, Outcome::kOk);
}

// The first mutator never reaches a safepoint again, the second does.
TEST_F(RunDeathTest, EndsWithoutAMutatorThatIgnoresTheInterrupt) {
  options.stop_patience_s = 0.2;
  const MadeUp stubborn([](engine::Mutator& mutator, RunControl& control, uint32_t thread) {
    if (thread == 1) {
      while (!control.finished(mutator)) {
        engine::make<Node>(mutator);
        mutator.poll();
      }
      return;
    }
    engine::make<Node>(mutator);
    kill(getpid(), SIGINT);
    while (true) {
    }
  });
  EXPECT_EXIT(
      static_cast<void>(run_made_up(stubborn, 2, 2, options)), ::testing::ExitedWithCode(1),
      "sweepctl: [12] of 2 mutators did not stop within 0.2 s of the interrupt; the run ends without them\n");
  const Json result = json();
  ASSERT_TRUE(result.is_object());
  EXPECT_EQ(result["outcome"], "interrupted");
  // The other mutator may be late as well. A sanitizer prints more about the remaining threads.
  EXPECT_NE(
      result["complaint"].get<std::string>().find("of 2 mutators did not stop within 0.2 s of the interrupt"),
      std::string::npos);
  EXPECT_TRUE(result["alloc_objects"].is_null());
  const auto report = telemetry::check_recording(options.record);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->complete);
  EXPECT_TRUE(report->sound());
}

TEST_F(RunDeathTest, SecondInterruptEndsTheProcessAtOnce) {
  options.stop_patience_s = 1e6;
  const MadeUp twice([](engine::Mutator&, RunControl& control, uint32_t) {
    kill(getpid(), SIGTERM);
    while (!control.interrupted()) {
    }
    kill(getpid(), SIGTERM);
    while (true) {
    }
  });
  EXPECT_EXIT(static_cast<void>(run_made_up(twice, 1, 1, options)), ::testing::ExitedWithCode(128 + SIGTERM),
              "");
}

TEST(Run, ExitCodeIsZeroUnlessTheRunFailed) {
  RunResult result;
  const auto code = [&](Outcome outcome) {
    result.outcome = outcome;
    return exit_code(result);
  };
  EXPECT_EQ(code(Outcome::kOk), 0);
  EXPECT_EQ(code(Outcome::kInterrupted), 0);
  EXPECT_EQ(code(Outcome::kCheckFailed), 1);
  EXPECT_EQ(code(Outcome::kSelfCheckFailed), 1);
  result.telemetry.recording = RecordingResult{"run.mcap", 100, 10, ""};
  EXPECT_EQ(code(Outcome::kOk), 0);
  result.telemetry.recording->error = "No space left on device.";
  EXPECT_EQ(code(Outcome::kOk), 1);
}

}  // namespace
}  // namespace sweepscope::workloads
