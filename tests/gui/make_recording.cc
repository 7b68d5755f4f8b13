// Writes a recording of a modelled session to the file named by the first argument, for real_window.sh.
#include <cstdio>
#include <span>

#include "telemetry/store/recorder.h"
#include "telemetry/wire/batch.h"
#include "tests/gui/support/sessions.h"

int main(int argc, char** argv) {
  using namespace sweepscope;
  if (argc != 2) {
    std::fprintf(stderr, "usage: gui_make_recording FILE\n");
    return 2;
  }
  telemetry::SessionInfo info;
  info.workload = "model";
  info.procs = 4;
  auto recorder = telemetry::Recorder::create(argv[1], info);
  if (!recorder) {
    std::fprintf(stderr, "%s\n", recorder.error().message.c_str());
    return 1;
  }
  const auto events = testing::chunkedSession(1);
  constexpr size_t kBatch = 1000;
  for (size_t at = 0; at < events.size(); at += kBatch) {
    const auto part = std::span(events).subspan(at, std::min(kBatch, events.size() - at));
    (*recorder)->consume(
        {at, static_cast<uint32_t>(part.size()), 0, telemetry::encode_batch(part, at, 0), part});
  }
  if (auto finished = (*recorder)->finish(); !finished) {
    std::fprintf(stderr, "%s\n", finished.error().message.c_str());
    return 1;
  }
  return 0;
}
