// The bench session as the goal compiler of lessons drives it (telemetry/lessons/goal_compiler.h): translates its plain
// structs. On the thread of the session.
#pragma once

#include "engine/laboratory/bench/bench_session.h"
#include "telemetry/lessons/goal_compiler.h"

namespace sweepscope::workloads {

class LessonStepper final : public telemetry::lessons::Stepper {
 public:
  explicit LessonStepper(laboratory::BenchSession& session) : session_(session) {}

  std::string begin(const telemetry::BenchSetup& setup) override;
  const telemetry::BenchView& view(uint32_t node) override;
  Taken step(uint32_t node, telemetry::BenchStepKind kind, uint32_t thread, uint32_t choice) override;
  void rename(uint32_t node, const std::string& name) override;

 private:
  laboratory::BenchSession& session_;
  telemetry::BenchView view_;
  uint32_t viewed_ = telemetry::kNoNode;  // the node of view_
};

}  // namespace sweepscope::workloads
