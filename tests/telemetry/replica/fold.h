// Folds a whole session in a test and keeps the refusals.
#pragma once

#include <vector>

#include "telemetry/replica/replica.h"

namespace sweepscope::testing {

struct Folded {
  telemetry::Replica replica;
  std::vector<telemetry::Refusal> refusals;
  bool refused(const std::string& rule) const {
    for (const auto& refusal : refusals)
      if (refusal.rule == rule) return true;
    return false;
  }
  std::string text() const {
    std::string all;
    for (const auto& refusal : refusals) all += refusal.rule + ": " + refusal.sentence + "\n";
    return all;
  }
};

inline void drain(Folded& into, std::optional<telemetry::Refusal> refusal) {
  for (; refusal; refusal = into.replica.next_refusal()) into.refusals.push_back(*refusal);
}

inline Folded fold_all(std::span<const telemetry::Event> events) {
  Folded folded;
  for (const telemetry::Event& event : events) drain(folded, folded.replica.apply(event));
  drain(folded, folded.replica.finish());
  return folded;
}

}  // namespace sweepscope::testing
