#include "telemetry/store/cycle_costs.h"

#include <algorithm>

namespace sweepscope::telemetry {
namespace {

void operator+=(CycleCosts::Marking& sum, const CycleCosts::Marking& more) {
  sum.ns += more.ns;
  sum.bytes += more.bytes;
}
void operator+=(CycleCosts::Allocations& sum, const CycleCosts::Allocations& more) {
  sum.count += more.count;
  sum.total_ns += more.total_ns;
  sum.max_ns = std::max(sum.max_ns, more.max_ns);
}

}  // namespace

void CycleCosts::add(const MarkWork& work) {
  marking[static_cast<size_t>(work.by)] += Marking{work.ns, work.bytes};
}

void CycleCosts::add(const MarkShare& share) {
  ++marked_cycles;
  utilisation += share.utilisation;
  ratio += share.ratio;
  credit_bytes += share.credit_bytes;
}

void CycleCosts::add(const AllocLatency& latency) {
  allocations[static_cast<size_t>(latency.path)] +=
      Allocations{latency.count, latency.total_ns, latency.max_ns};
}

void CycleCosts::operator+=(const CycleCosts& other) {
  marked_cycles += other.marked_cycles;
  utilisation += other.utilisation;
  ratio += other.ratio;
  credit_bytes += other.credit_bytes;
  for (size_t kind = 0; kind < marking.size(); ++kind) marking[kind] += other.marking[kind];
  for (size_t path = 0; path < allocations.size(); ++path) allocations[path] += other.allocations[path];
}

}  // namespace sweepscope::telemetry
