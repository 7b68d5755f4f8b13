// Runs a workload that is not in the catalogue, as sweepctl runs those of the catalogue.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "workloads/runner/run.h"

namespace sweepscope::workloads {

using Body = std::function<void(engine::Mutator&, RunControl&, uint32_t thread)>;

// A program that runs `body` on each mutator; without `self_check` it always passes.
class MadeUp final : public Workload {
 public:
  explicit MadeUp(Body body, std::function<std::optional<std::string>()> self_check = nullptr)
      : body_(std::move(body)), self_check_(std::move(self_check)) {}

  std::string_view name() const override { return "made_up"; }
  std::string_view summary() const override { return ""; }
  std::span<const Parameter> parameters() const override { return {}; }
  Expected<std::unique_ptr<Program>> create(const ParameterValues&, uint64_t) const override {
    struct OfOneFunction final : Program {
      explicit OfOneFunction(const MadeUp& made) : workload(made) {}
      void run(engine::Mutator& mutator, RunControl& control, uint32_t thread, uint32_t) override {
        workload.body_(mutator, control, thread);
      }
      std::optional<std::string> self_check() const override {
        return workload.self_check_ ? workload.self_check_() : std::nullopt;
      }
      const MadeUp& workload;
    };
    return std::make_unique<OfOneFunction>(*this);
  }

 private:
  const Body body_;
  const std::function<std::optional<std::string>()> self_check_;
};

inline Expected<RunResult> run_made_up(const MadeUp& workload, uint32_t procs, uint32_t threads,
                                       RunOptions options = {}) {
  RunSetup setup;
  setup.workload = "made_up";
  setup.engine.procs = procs;
  setup.threads = threads;
  options.quiet = true;
  Interrupts interrupts;
  return run(options, setup, workload, interrupts);
}

}  // namespace sweepscope::workloads
