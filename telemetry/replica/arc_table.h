// The arcs of engine/README.md that move one span, as distances of its sweepgen from the heap's.
//
//            T2 refill                 turn (T5)               T7 flusher of its cache
//   0 SWEPT ----------> +3 CACHED  - - - - - - -> +1 STALE -----------------------------.
//   ^  ^  ^                |   |                                                         v
//   |  |  `--- T3 replaced-'   |      turn        T6 compare-and-swap, any sweeper      -1 SWEEPING
//   |  `------ T4 uncached ----'   0 - - -> -2 NEEDS ----------------------------------->|
//   `------------------------------------ T8a / T8b, the sweeper that moved it there ----'
//
// One table serves the replica's checks, its sentences and the tests of every arc.
#pragma once

#include <array>
#include <cstdint>

#include "telemetry/model/event.h"

namespace sweepscope::telemetry {

struct ArcSpec {
  Arc arc;
  const char* name;
  int8_t from, to;  // distance from the heap's sweepgen
};

inline constexpr std::array<ArcSpec, 7> kArcs = {{
    {Arc::kT2, "T2", 0, +3},
    {Arc::kT3, "T3", +3, 0},
    {Arc::kT4, "T4", +3, 0},
    {Arc::kT6, "T6", -2, -1},
    {Arc::kT7, "T7", +1, -1},
    {Arc::kT8a, "T8a", -1, 0},
    {Arc::kT8b, "T8b", -1, 0},
}};

// Null for an unknown code: events are untrusted input, an enumerator may hold any value.
constexpr const ArcSpec* find_arc(Arc arc) {
  for (const ArcSpec& spec : kArcs)
    if (spec.arc == arc) return &spec;
  return nullptr;
}

constexpr bool leaves_cache(Arc arc) { return arc == Arc::kT3 || arc == Arc::kT4 || arc == Arc::kT7; }
constexpr bool begins_sweep(Arc arc) { return arc == Arc::kT6 || arc == Arc::kT7; }
constexpr bool ends_sweep(Arc arc) { return arc == Arc::kT8a || arc == Arc::kT8b; }

}  // namespace sweepscope::telemetry
