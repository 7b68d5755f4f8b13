#include "tests/gui/support/sessions.h"

#include "tests/support/session_model.h"

namespace sweepscope::testing {

std::vector<telemetry::Event> session(uint64_t seed) {
  SessionOptions options;
  options.seed = seed;
  options.cycles = 6;
  options.ops = 600;
  return generate_session(options);
}

std::vector<telemetry::Event> chunkedSession(uint64_t seed, uint32_t cycles, uint32_t ops) {
  SessionOptions options;
  options.seed = seed;
  options.cycles = cycles;
  options.ops = ops;
  options.handover = Handover::kChunked;
  return generate_session(options);
}

}  // namespace sweepscope::testing
