#include "telemetry/store/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sweepscope::telemetry {

namespace {

constexpr size_t kSegmentEvents = 1 << 16;
constexpr size_t kShortSegment = 1 << 12;  // the start of a cycle closes a segment of at least this length

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
  while (!segments_.empty()) pin_oldest();
  if (seq < end_seq_) pinned_.clear();  // another session: its events have other numbers
  now_ = state;
  end_seq_ = seq;
  if (pinned_.empty()) {
    losses_.clear();
    marks_ = {};
  } else {
    marks_.interrupt(last_ns_);
    resumes_ = true;
    drop_marks();
  }
}

void History::open_segment() {
  segments_.push_back({end_seq_, now_, estimate(now_), last_ns_, {}});
  drop_oldest();
}

void History::append(std::span<const Event> events, uint64_t lost, std::string why) {
  if (lost > 0) {
    losses_.push_back({end_seq_, events.empty() ? last_ns_ : events.front().ns, lost, std::move(why)});
    if (segments_.empty()) open_segment();
    now_.declare_loss(lost);
    marks_.heap().lose(losses_.back().ns);
  }
  if (!events.empty()) {
    if (std::exchange(resumes_, false))
      marks_.heap().resume(events.front().ns, now_);
    else
      marks_.heap().begin(events.front().ns, now_);
  }
  for (const Event& event : events) {
    // A state takes as much memory as many events. With a large heap the segments grow, so that states take
    // at most half of the memory.
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
  drop_oldest();
}

size_t History::bytes() const {
  size_t sum = 0;
  for (const Segment& segment : segments_) sum += segment.bytes();
  return sum;
}

size_t History::held_bytes() const {
  size_t sum = 0;
  for (const Segment& segment : pinned_) sum += segment.bytes();
  return sum;
}

void History::drop_oldest() {
  if (segments_.size() < 2 || bytes() <= limit_) return;
  const auto kept = [&] {
    return kept_from_ && segments_[1].first_seq > *kept_from_ && bytes() <= 2 * limit_;
  };
  while (segments_.size() > 1 && bytes() > limit_ && !kept()) {
    pin_oldest();
  }
  drop_marks();
}

// Drops marks and losses before the extent and in the gap.
void History::drop_marks() {
  const Extent now = extent();
  marks_.drop_before(now.first_seq, now.first_ns);
  const auto gap = this->gap();
  if (gap) marks_.drop_between(*gap);
  std::erase_if(losses_, [&](const LossMark& loss) {
    return loss.seq < now.first_seq || (gap && gap->holds(loss.seq));
  });
}

void History::hold(std::optional<uint64_t> seq) {
  held_ = seq;
  unpin_unneeded();
}

// Unpins the segments if the held moment is in none of their cycles.
void History::unpin_unneeded() {
  if (pinned_.empty()) return;
  const bool here =
      held_ && *held_ >= pinned_.front().first_seq &&
      (*held_ <= pinned_end() || (!gap() && held_range(Reach::kNeighbours).first < pinned_end()));
  if (here) return;
  pinned_.clear();
  drop_marks();
}

// The events to keep for the held moment.
History::Range History::held_range(Reach reach) const {
  const auto& cycles = marks_.marks().cycles;
  const auto after = std::upper_bound(cycles.begin(), cycles.end(), *held_,
                                      [](uint64_t seq, const CycleMark& cycle) { return seq < cycle.seq; });
  const auto before = static_cast<size_t>(after - cycles.begin());  // cycles begun at or before the moment
  const size_t neighbours = reach == Reach::kNeighbours ? 1 : 0;
  Range range{0, end_seq_};
  if (before > neighbours) range.first = cycles[before - 1 - neighbours].seq;
  if (before + neighbours < cycles.size()) range.end = cycles[before + neighbours].seq + 1;
  if (reach == Reach::kAround) {
    const uint64_t side = held_limit_ / 4 / sizeof(Event);  // the other half is for states
    range.first = std::max(range.first, *held_ - std::min(*held_, side));
    range.end = std::min(range.end, *held_ + side);
  }
  return range;
}

// Moves the oldest segment out of the ring; pins it if the held moment needs it.
void History::pin_oldest() {
  Segment segment = std::move(segments_.front());
  segments_.pop_front();
  if (!held_ || segment.events.empty()) return;
  const bool follows = pinned_.empty() ? segment.first_seq <= *held_ : segment.first_seq == pinned_end();
  const Range range = held_range(Reach::kNeighbours);
  if (!follows || segment.end_seq() <= range.first || segment.first_seq >= range.end) return;
  pinned_.push_back(std::move(segment));
  bound_pinned();
}

void History::bound_pinned() {
  while (pinned_.size() > 1 && pinned_[1].first_seq <= held_range(Reach::kNeighbours).first)
    pinned_.pop_front();
  for (const Reach reach : {Reach::kNeighbours, Reach::kCycle, Reach::kAround}) {
    if (held_bytes() <= held_limit_) return;
    trim_pinned(held_range(reach));
  }
  while (pinned_.size() > 1 && held_bytes() > held_limit_) {
    if (pinned_.back().first_seq > *held_)
      pinned_.pop_back();
    else
      pinned_.pop_front();
  }
}

void History::trim_pinned(Range range) {
  while (pinned_.size() > 1 && pinned_.back().first_seq >= range.end) pinned_.pop_back();
  while (pinned_.size() > 1 && pinned_[1].first_seq <= range.first) pinned_.pop_front();
  Segment& last = pinned_.back();
  if (range.end > last.first_seq && range.end < last.end_seq()) {
    last.events.resize(static_cast<size_t>(range.end - last.first_seq));
    last.events.shrink_to_fit();
    last.max_ns = pinned_.size() > 1 ? pinned_[pinned_.size() - 2].max_ns : 0;
    for (const Event& event : last.events) last.max_ns = std::max(last.max_ns, event.ns);
  }
  Segment& first = pinned_.front();
  if (range.first <= first.first_seq || range.first >= first.end_seq()) return;
  if (Replica state; seek(range.first, state)) {
    first.events.erase(first.events.begin(),
                       first.events.begin() + static_cast<std::ptrdiff_t>(range.first - first.first_seq));
    first.events.shrink_to_fit();
    first.first_seq = range.first;
    first.before = std::move(state);
    first.replica_bytes = estimate(first.before);
  }
}

Extent History::extent() const {
  if (segments() == 0) return {end_seq_, end_seq_, last_ns_, last_ns_};
  const Segment& first = segment(0);
  return {first.first_seq, end_seq_, first.events.empty() ? last_ns_ : first.events.front().ns, last_ns_};
}

std::optional<Gap> History::gap() const {
  if (pinned_.empty() || pinned_end() == ring_first_seq()) return std::nullopt;
  const bool empty = segments_.empty() || segments_.front().events.empty();
  const int64_t from = pinned_.back().max_ns, to = empty ? last_ns_ : segments_.front().events.front().ns;
  return Gap{pinned_end(), ring_first_seq(), from, std::max(from, to)};
}

uint64_t History::next_in_memory(uint64_t seq) const {
  const auto gap = this->gap();
  return gap && gap->holds(seq) ? gap->end_seq : std::max(seq, extent().first_seq);
}

size_t History::segment_of(uint64_t seq) const {
  const auto in = [&](const std::deque<Segment>& row) {
    const auto after = std::upper_bound(row.begin(), row.end(), seq, [](uint64_t s, const Segment& segment) {
      return s < segment.first_seq;
    });
    return static_cast<size_t>(after - row.begin()) - 1;
  };
  return !segments_.empty() && seq >= ring_first_seq() ? pinned_.size() + in(segments_) : in(pinned_);
}

Error History::not_in_memory(uint64_t seq) const {
  const auto gap = this->gap();
  return {fmt::format("Event {} is no longer in memory; the {} one is {}.", seq,
                      gap && seq >= gap->first_seq ? "next" : "oldest",
                      gap && seq >= gap->first_seq ? gap->end_seq : extent().first_seq)};
}

Result<size_t> History::read(uint64_t seq, size_t max, std::vector<Event>& out) {
  size_t taken = 0;
  const auto gap = this->gap();
  if (seq < extent().first_seq || (gap && gap->holds(seq))) return tl::unexpected(not_in_memory(seq));
  if (seq >= end_seq_) return taken;
  for (size_t i = segment_of(seq); i < segments() && taken < max; ++i) {
    if (segment(i).first_seq > seq + taken) break;  // the gap
    const auto& events = segment(i).events;
    const auto from = static_cast<size_t>(seq + taken - segment(i).first_seq);
    const size_t count = std::min(max - taken, events.size() - from);
    out.insert(out.end(), events.begin() + static_cast<std::ptrdiff_t>(from),
               events.begin() + static_cast<std::ptrdiff_t>(from + count));
    taken += count;
  }
  return taken;
}

Result<> History::seek(uint64_t seq, Replica& replica) {
  const auto gap = this->gap();
  if (seq < extent().first_seq || (gap && gap->holds(seq) && seq != gap->first_seq))
    return tl::unexpected(not_in_memory(seq));
  if (seq >= end_seq_) {
    replica = now_;
    return {};
  }
  const Segment& segment = this->segment(segment_of(seq));
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
  for (size_t at = 0; at < segments(); ++at) {
    const Segment& segment = this->segment(at);
    if (segment.max_ns < ns) continue;
    for (size_t i = 0; i < segment.events.size(); ++i)
      if (segment.events[i].ns >= ns) return segment.first_seq + i;
  }
  return end_seq_;
}

}  // namespace sweepscope::telemetry
