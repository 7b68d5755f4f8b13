#include "workloads/laboratory/lesson_stepper.h"

#include "engine/base/step.h"
#include "telemetry/lessons/facts.h"
#include "workloads/laboratory/bench_convert.h"

namespace sweepscope::workloads {

static_assert(telemetry::lessons::kWordHeapGen == static_cast<uint8_t>(engine::Word::kHeapGen));
static_assert(telemetry::lessons::kWordSweepgen == static_cast<uint8_t>(engine::Word::kSweepgen));
static_assert(telemetry::lessons::kWordPhase == static_cast<uint8_t>(engine::Word::kPhase));
static_assert(telemetry::lessons::kWordMarkWork == static_cast<uint8_t>(engine::Word::kMarkWork));
static_assert(telemetry::lessons::kScanDone == engine::object(engine::MarkWord::kScanDone));

std::string LessonStepper::begin(const telemetry::BenchSetup& setup) {
  viewed_ = telemetry::kNoNode;
  const SetupOrError made = from_telemetry(setup);
  return made.error.empty() ? session_.begin(made.setup, setup.seed) : made.error;
}

const telemetry::BenchView& LessonStepper::view(uint32_t node) {
  if (viewed_ != node) view_ = to_telemetry(session_.view(node));
  viewed_ = node;
  return view_;
}

LessonStepper::Taken LessonStepper::step(uint32_t node, telemetry::BenchStepKind kind, uint32_t thread,
                                         uint32_t choice) {
  const laboratory::BenchSession::Taken taken =
      session_.step(node, static_cast<laboratory::StepKind>(kind), thread, choice);
  return {taken.node, taken.error};
}

void LessonStepper::rename(uint32_t node, const std::string& name) { session_.rename(node, name); }

}  // namespace sweepscope::workloads
