// Records a generated session into the file named on the command line
// and prints how many events it wrote, as JSON.
#include <cstdio>

#include "telemetry/store/recorder.h"
#include "telemetry/wire/batch.h"
#include "telemetry/wire/schema.h"
#include "tests/support/session_model.h"

int main(int argc, char** argv) {
  using namespace sweepscope;
  if (argc != 2) return 2;
  const auto events = testing::generate_session({.seed = 1, .cycles = 12, .ops = 20000});
  telemetry::SessionInfo info;
  info.schema_version = telemetry::kSchemaVersion;
  info.workload = "model";
  info.started_unix_ns = 1'700'000'000'000'000'000;
  auto recorder = telemetry::Recorder::create(argv[1], info);
  if (!recorder) return 1;
  for (size_t at = 0; at < events.size(); at += 4096) {
    const auto part = std::span(events).subspan(at, std::min<size_t>(4096, events.size() - at));
    (*recorder)->consume(
        {at, static_cast<uint32_t>(part.size()), 0, telemetry::encode_batch(part, at, 0), part});
    if (at % 16384 == 0) (*recorder)->drain();
  }
  if (!(*recorder)->finish()) return 1;
  std::printf("{\"events\": %zu}\n", events.size());
}
