#include "telemetry/store/history.h"

#include <fmt/format.h>

#include <algorithm>

namespace sweepscope::telemetry {

namespace {

constexpr size_t kSegmentEvents = 1 << 16;
constexpr size_t kShortSegment = 1 << 12;  // a cycle's start may close one this long

size_t estimate(const Replica& replica) {
  return replica.spans().size() * (sizeof(SpanPicture) + 24) + replica.ps().size() * sizeof(PPicture) +
         replica.page_extent() * sizeof(uint32_t) + 1024;
}

bool begins_cycle(const Event& event) {
  const auto* phase = std::get_if<PhaseChange>(&event.body);
  return phase != nullptr && phase->phase == Phase::kSweepTermination;
}

}  // namespace

void History::restart(uint64_t seq, const Replica& state) {
  segments_.clear();
  losses_.clear();
  marks_ = {};
  now_ = state;
  end_seq_ = seq;
}

void History::open_segment() {
  segments_.push_back({end_seq_, now_, estimate(now_), last_ns_, {}});
  forget();
}

void History::append(std::span<const Event> events, uint64_t lost, std::string why) {
  if (lost > 0) {
    losses_.push_back({end_seq_, events.empty() ? last_ns_ : events.front().ns, lost, std::move(why)});
    if (segments_.empty()) open_segment();
    now_.declare_loss(lost);
    marks_.heap().lose(losses_.back().ns);
  }
  if (!events.empty()) marks_.heap().begin(events.front().ns, now_);
  for (const Event& event : events) {
    // A state costs as much as many events: with a large heap the segments grow, so that states take at most
    // half.
    const bool full = segments_.empty() ||
                      segments_.back().events.size() >=
                          std::max(kSegmentEvents, segments_.back().replica_bytes / sizeof(Event)) ||
                      (segments_.back().events.size() >= kShortSegment && begins_cycle(event) &&
                       segments_.back().replica_bytes < segments_.back().events.size() * sizeof(Event));
    const bool lost_here = !losses_.empty() && losses_.back().seq == end_seq_;
    if (full && !lost_here) open_segment();
    if (segments_.empty()) open_segment();
    Segment& segment = segments_.back();
    segment.events.push_back(event);
    now_.apply(event);
    marks_.add(event, end_seq_);
    marks_.heap().add(now_.heap_changes());
    last_ns_ = std::max(last_ns_, event.ns);
    segment.max_ns = last_ns_;
    ++end_seq_;
  }
  marks_.show_heap();
  forget();
}

size_t History::bytes() const {
  size_t sum = 0;
  for (const Segment& segment : segments_)
    sum += segment.replica_bytes + segment.events.size() * sizeof(Event);
  return sum;
}

void History::forget() {
  if (segments_.size() < 2 || bytes() <= limit_) return;
  const auto kept = [&] {
    return kept_from_ && segments_[1].first_seq > *kept_from_ && bytes() <= 2 * limit_;
  };
  while (segments_.size() > 1 && bytes() > limit_ && !kept()) segments_.pop_front();
  const Segment& first = segments_.front();
  marks_.forget_before(first.first_seq, first.events.empty() ? last_ns_ : first.events.front().ns);
  losses_.erase(losses_.begin(), std::find_if(losses_.begin(), losses_.end(), [&](const LossMark& loss) {
                  return loss.seq >= first.first_seq;
                }));
}

Extent History::extent() const {
  if (segments_.empty()) return {end_seq_, end_seq_, last_ns_, last_ns_};
  const Segment& first = segments_.front();
  return {first.first_seq, end_seq_, first.events.empty() ? last_ns_ : first.events.front().ns, last_ns_};
}

size_t History::segment_of(uint64_t seq) const {
  const auto after =
      std::upper_bound(segments_.begin(), segments_.end(), seq,
                       [](uint64_t s, const Segment& segment) { return s < segment.first_seq; });
  return static_cast<size_t>(after - segments_.begin()) - 1;
}

Result<size_t> History::read(uint64_t seq, size_t max, std::vector<Event>& out) {
  size_t taken = 0;
  if (seq < extent().first_seq)
    return fail(
        fmt::format("Event {} is no longer in memory; the oldest one is {}.", seq, extent().first_seq));
  if (seq >= end_seq_) return taken;
  for (size_t i = segment_of(seq); i < segments_.size() && taken < max; ++i) {
    const auto& events = segments_[i].events;
    const auto from = static_cast<size_t>(seq + taken - segments_[i].first_seq);
    const size_t count = std::min(max - taken, events.size() - from);
    out.insert(out.end(), events.begin() + static_cast<std::ptrdiff_t>(from),
               events.begin() + static_cast<std::ptrdiff_t>(from + count));
    taken += count;
  }
  return taken;
}

Result<> History::seek(uint64_t seq, Replica& replica) {
  if (seq < extent().first_seq)
    return fail(
        fmt::format("Event {} is no longer in memory; the oldest one is {}.", seq, extent().first_seq));
  if (seq >= end_seq_) {
    replica = now_;
    return {};
  }
  const Segment& segment = segments_[segment_of(seq)];
  Replica state = segment.before;
  auto loss = std::find_if(losses_.begin(), losses_.end(),
                           [&](const LossMark& mark) { return mark.seq >= segment.first_seq; });
  for (uint64_t at = segment.first_seq; at < seq; ++at) {
    for (; loss != losses_.end() && loss->seq == at; ++loss) state.declare_loss(loss->count);
    state.apply(segment.events[static_cast<size_t>(at - segment.first_seq)]);
  }
  replica = std::move(state);
  return {};
}

uint64_t History::seq_at(int64_t ns) {
  for (const Segment& segment : segments_) {
    if (segment.max_ns < ns) continue;
    for (size_t i = 0; i < segment.events.size(); ++i)
      if (segment.events[i].ns >= ns) return segment.first_seq + i;
  }
  return end_seq_;
}

}  // namespace sweepscope::telemetry
