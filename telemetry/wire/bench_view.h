// The view of a node as a message of the schema, and what its conversions share with those of states and answers. For
// telemetry/wire only; any thread.
#pragma once

#include <string>
#include <vector>

#include "telemetry/model/bench.h"
#include "telemetry/proto/sweepscope.pb.h"

namespace sweepscope::telemetry::wire {

// A number that may be ~0 for "none" is one more in the schema, modulo 2^32 (a P: 2^16), so that none is 0.
inline uint32_t or_none(uint32_t number) { return number + 1; }
inline uint32_t none_or(uint32_t number) { return number - 1; }
inline uint32_t p_or_none(uint16_t p) { return p == kNoP ? 0 : p + 1u; }
inline uint16_t none_or_p(uint32_t p) { return p == 0 || p > kNoP ? kNoP : static_cast<uint16_t>(p - 1); }

template <class E>
E enumerator(int number, E last) {  // one of the schema of a later version: the first
  return number < 0 || number > static_cast<int>(last) ? E{} : static_cast<E>(number);
}

template <class List>
std::vector<std::string> strings(const List& from) {
  return {from.begin(), from.end()};
}

void put(v1::BenchView& to, const BenchView& from);
BenchView get(const v1::BenchView& from);

}  // namespace sweepscope::telemetry::wire
