// The self-checks of the workloads on a heap that loses or damages their objects.
//
// The workload runs on one mutator. Another one stops the world once in every run and damages the heap
// through internals of the engine. The stop may be too early or too late, so the workload runs up to
// kAttempts times, until its self-check fails.
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <filesystem>

#include "engine/gc/runtime.h"
#include "tests/workloads/made_up_workload.h"
#include "workloads/catalogue.h"
#include "workloads/runner/run_json.h"

namespace sweepscope::workloads {
namespace {

using engine::MSpan;
using engine::Runtime;

constexpr int kAttempts = 200;

// In a stopped world: calls `damage` for every object of `bytes` (0: of any size) with or without references.
void for_each_object(Runtime& runtime, uint32_t bytes, bool noscan,
                     const std::function<void(void*, MSpan&)>& damage) {
  for (uint32_t id = 0; id < runtime.heap().span_ids(); ++id) {
    MSpan& span = runtime.heap().span(id);
    if (span.state.peek() != engine::SpanState::kInUse || span.span_class.noscan() != noscan) continue;
    if (bytes != 0 && span.elem_size != bytes) continue;
    for (uint32_t slot = 0; slot < span.freeindex.peek(); ++slot)
      damage(reinterpret_cast<void*>(span.large() ? span.base : span.slot_address(slot)), span);
  }
}

using Damage = std::function<void(engine::M&, Runtime&)>;

RunResult run_on_damaged_heap(const char* name, const std::vector<std::string>& settings,
                              const Damage& damage, uint32_t procs = 2) {
  const Workload& workload = *find_workload(name);
  const Expected<ParameterValues> parameters = ParameterValues::parse(workload.parameters(), settings);
  std::optional<std::string> complaint;  // accessed only by the first mutator until both are joined
  std::atomic<int> run{0};               // kAttempts + 1: the end
  const MadeUp damaged(
      [&](engine::Mutator& mutator, RunControl& control, uint32_t thread) {
        if (thread == 1) {
          Runtime& runtime = control.engine().runtime();
          int seen = 0;
          while (true) {
            mutator.blocking([&] { run.wait(seen); });
            if ((seen = run) > kAttempts) return;
            runtime.collector().stopped(mutator.m(), observe::StwReason::kStats, 0,
                                        [&] { damage(mutator.m(), runtime); });
          }
        }
        const auto announce = [&](int number) {
          run = number;
          run.notify_one();
        };
        for (int attempt = 1; attempt <= kAttempts && !complaint; ++attempt) {
          announce(attempt);
          const std::unique_ptr<Program> program = *workload.create(*parameters, 1);
          program->run(mutator, control, 0, 1);
          complaint = program->self_check();
        }
        announce(kAttempts + 1);
      },
      [&] { return complaint; });
  Expected<RunResult> result = run_made_up(damaged, procs, 2);
  EXPECT_TRUE(result);
  return *result;
}

void expect_failed(const RunResult& result, const std::string& words) {
  EXPECT_EQ(result.outcome, Outcome::kSelfCheckFailed);
  EXPECT_EQ(exit_code(result), 1);
  EXPECT_NE(result.complaint.find(words), std::string::npos) << result.complaint;
  EXPECT_EQ(to_json(result)["outcome"], "self_check_failed");
}

TEST(SelfCheck, BinaryTreesDetectsLostNodes) {
  const auto prune = [](engine::M&, Runtime& runtime) {
    for_each_object(runtime, 16, false, [](void* node, MSpan&) { std::memset(node, 0, sizeof(uint64_t)); });
  };
  expect_failed(run_on_damaged_heap("binary_trees", {"depth=10"}, prune), "nodes instead of");
}

TEST(SelfCheck, IdlePsDetectsSpansThatLeftTheirMcache) {
  const auto flush_all = [](engine::M& m, Runtime& runtime) {
    const engine::NonPreemptible region(m);
    for (uint32_t p = 0; p < runtime.sched().procs(); ++p)
      engine::release_all(m, runtime.heap(), runtime.sched().p(p).mcache);
  };
  expect_failed(run_on_damaged_heap("idle_ps", {}, flush_all, 64), "when the collection began");
}

TEST(SelfCheck, TraceDetectsOverwrittenAndLostBlocks) {
  const std::vector<std::string> file{"file=tests/data/git.heaptrack.raw.zst"};
  const auto overwrite = [](engine::M&, Runtime& runtime) {
    for_each_object(runtime, 0, true,
                    [](void* block, MSpan& span) { std::memset(block, 0x55, span.object_bytes()); });
  };
  expect_failed(run_on_damaged_heap("trace", file, overwrite), "was overwritten before it was freed");
  // Clears the table of live blocks, as if the collector missed a root.
  const auto lose = [](engine::M&, Runtime& runtime) {
    for_each_object(runtime, 0, false,
                    [](void* table, MSpan& span) { std::memset(table, 0, span.object_bytes()); });
  };
  expect_failed(run_on_damaged_heap("trace", file, lose), "was overwritten before it was freed");
}

// Without damage the self-checks pass.
TEST(SelfCheck, UndamagedHeapPasses) {
  for (const auto& [name, setting] : {std::pair("binary_trees", "depth=8"),
                                      {"idle_ps", ""},
                                      {"trace", "file=tests/data/git.heaptrack.raw.zst"}}) {
    RunOptions options;
    options.workload = name;
    options.procs = 2;
    options.threads = 1;
    options.quiet = true;
    if (*setting != 0) options.settings = {setting};
    Interrupts interrupts;
    const Expected<RunResult> result = run(options, *resolve(options), interrupts);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->outcome, Outcome::kOk) << name << ": " << result->complaint;
  }
}

}  // namespace
}  // namespace sweepscope::workloads
