// The strategies of a search: one for each schedule, until all schedules are done.
// Used by explorer.cc, on its OS thread.
#pragma once

#include <memory>
#include <string>

#include "engine/laboratory/search/explorer.h"

namespace sweepscope::laboratory {

class Source {
 public:
  virtual ~Source() = default;
  // The strategy of schedule `index` (from 0), valid until the next call; null: all schedules are done.
  virtual Strategy* next(uint64_t index) = 0;
  virtual void ran(const RunReport&) {}
  // What the schedules so far cover, without the scenario's own bounds; empty: nothing.
  virtual std::string complete() const { return {}; }
};

std::unique_ptr<Source> make_source(Method method, uint64_t seed, std::optional<uint32_t> preemptions);

}  // namespace sweepscope::laboratory
