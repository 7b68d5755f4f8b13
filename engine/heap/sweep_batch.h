// SweepBatch: what a sweeper has swept and not yet published: spans for the swept queue, pages for the sweep credit,
// dead spans to free. Published together, because each is a read-modify-write of a shared word, or takes a lock.
//
// Owned by its thread, and empty whenever the thread may be stopped (I7, I8): a batch begins and ends in one
// non-preemptible region that is counted in `sweepers` (Sweeping). The verifier checks it in every stopped world.
#pragma once

#include <array>
#include <cstdint>

#include "engine/base/build.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class MSpan;

struct SweepBatch {
  // Spans. In the laboratory few, so that searches over states stay small: with two, one is held while another is
  // swept.
  static constexpr uint32_t kMost = kLaboratory ? 2 : 32;

  std::array<uint32_t, kMost> swept{};  // ids: SWEPT, not on the swept queue (T10 to come)
  std::array<MSpan*, kMost> dead{};     // SWEPT, on no list, in use (T9 to come)
  uint32_t swept_count = 0;
  uint32_t dead_count = 0;
  uint32_t pages = 0;  // of all swept spans, not in pages_swept

  bool empty() const { return swept_count == 0 && dead_count == 0 && pages == 0; }
  void add_swept(uint32_t id) { swept[swept_count++] = id; }
  void add_dead(MSpan& span) { dead[dead_count++] = &span; }
  bool full() const { return swept_count == kMost || dead_count == kMost; }

  // base/state.h. span_id: of an MSpan.
  template <class State, class F>
  void add_state(State& to, F span_id) const {
    for (uint32_t i = 0; i < swept_count; ++i) to.add(swept[i]);
    for (uint32_t i = 0; i < dead_count; ++i) to.add((uint64_t{1} << 32) | span_id(*dead[i]));
  }
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
