// A bench session in code, for the tests of the step mode: two Ps, four spans, a turn, a sweep, and the fault
// cached-is-plus-two if asked for.
#pragma once

#include "gui/models/bench_scene.h"

namespace sweepscope::testing {

enum class Story : uint8_t { kCorrect, kCachedIsPlusTwo };

// Nodes, the last one current, and the view of each node.
struct BenchFixture {
  telemetry::BenchState state;  // its view is that of the current node
  std::vector<telemetry::BenchView> views;
  telemetry::BenchCatalogue catalogue;
};

BenchFixture benchFixture(Story story);
// The scene with all views, looking at the current node.
gui::BenchScene benchScene(const BenchFixture& fixture);
// As large as the limits of a message allow or nearly so.
BenchFixture hostileFixture(uint32_t spans, uint32_t threads);

}  // namespace sweepscope::testing
