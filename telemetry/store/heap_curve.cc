#include "telemetry/store/heap_curve.h"

#include <algorithm>
#include <utility>

namespace sweepscope::telemetry {

namespace {

using Kind = HeapChange::Kind;

constexpr size_t kMostWaiting = 1 << 16;
constexpr uint64_t kSteps = 128;  // of the highest figure

std::optional<uint64_t> after(std::optional<uint64_t> live, const HeapChange& change) {
  switch (change.kind) {
    case Kind::kAdd: return live ? std::optional(*live + change.bytes) : std::nullopt;
    case Kind::kSet: return change.bytes;
    case Kind::kUnknown: break;
  }
  return std::nullopt;
}

uint64_t distance(uint64_t a, uint64_t b) { return a > b ? a - b : b - a; }

}  // namespace

void HeapCurve::begin(int64_t ns, const Replica& replica) {
  if (last_ || !waiting_.empty() || !replica.heap_live()) return;
  const HeapChange start{ns, Kind::kSet, *replica.heap_live()};
  add({&start, 1});
}

void HeapCurve::add(std::span<const HeapChange> changes) {
  for (const HeapChange& change : changes) {
    const auto place = std::upper_bound(waiting_.begin(), waiting_.end(), change,
                                        [](const auto& a, const auto& b) { return a.ns < b.ns; });
    waiting_.insert(place, change);
    if (change.kind == Kind::kSet) {  // in a stopped world: all earlier changes have arrived
      settle(waiting_.size());
      continue;
    }
    const int64_t newest = waiting_.back().ns;
    const bool many = waiting_.size() >= kMostWaiting;
    if (!many && newest - waiting_.front().ns < 2 * kLateNs) continue;
    const auto late = std::find_if(waiting_.begin(), waiting_.end(),
                                   [&](const HeapChange& one) { return one.ns > newest - kLateNs; });
    settle(std::max(static_cast<size_t>(late - waiting_.begin()), many ? waiting_.size() / 2 : 0));
  }
}

void HeapCurve::lose(int64_t ns) {
  const HeapChange change{ns, Kind::kUnknown, 0};
  add({&change, 1});
}

void HeapCurve::resume(int64_t ns, const Replica& replica) {
  lose(ns);
  close();
  if (!replica.heap_live()) return;
  const HeapChange again{ns, Kind::kSet, *replica.heap_live()};
  add({&again, 1});
}

void HeapCurve::close() { settle(waiting_.size()); }

void HeapCurve::settle(size_t count) {
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
  for (auto change = waiting_.begin(); change != end; ++change) settle_one(*change);
  waiting_.erase(waiting_.begin(), end);
}

void HeapCurve::settle_one(const HeapChange& change) {
  live_ = after(live_, change);
  const auto shown = last_ ? last_->live : std::nullopt;
  if (change.kind != Kind::kSet && live_.has_value() == shown.has_value() &&
      (!live_ || distance(*live_, *shown) < std::max<uint64_t>(highest_ / kSteps, 1)))
    return;
  show({last_ ? std::max(last_->ns, change.ns) : change.ns, live_});
}

void HeapCurve::show(const HeapPoint& point) {
  if (point.live) highest_ = std::max(highest_, *point.live);
  last_ = point;
  points_.push_back(point);
}

std::vector<HeapPoint> HeapCurve::take_points() { return std::exchange(points_, {}); }

std::vector<HeapPoint> HeapCurve::tail() const {
  HeapCurve rest = *this;
  rest.points_.clear();
  rest.close();
  return rest.points_;
}

HeapCurve::Part HeapCurve::take_part() { return {take_points(), waiting_, live_}; }

void HeapCurve::append(const Part& part) {
  for (const HeapPoint& point : part.points) show(point);
  waiting_ = part.waiting;
  live_ = part.live;
}

}  // namespace sweepscope::telemetry
