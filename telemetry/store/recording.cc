#include "telemetry/store/recording.h"

#include <fmt/format.h>

#include <algorithm>

#include "telemetry/store/keyframe.h"
#include "telemetry/store/topics.h"
#include "telemetry/wire/batch.h"
#include "telemetry/wire/messages.h"

namespace sweepscope::telemetry {

namespace {

constexpr size_t kDecodedBatches = 16;

}  // namespace

Result<std::unique_ptr<Recording>> Recording::open(const std::string& path) {
  std::unique_ptr<Recording> recording(new Recording);
  if (auto opened = recording->reader_.open(path); !opened) return tl::unexpected(opened.error());
  if (auto indexed = recording->index(); !indexed)
    return fail(fmt::format("{} cannot be played: {}", path, indexed.error().message));
  return recording;
}

Result<> Recording::index() {
  const uint16_t hello = reader_.channel(topics::kHello), batch = reader_.channel(topics::kBatch),
                 keyframe = reader_.channel(topics::kKeyframe);
  if (hello == 0 || batch == 0)
    return fail(reader_.has_summary() ? "it holds no Sweepscope session."
                                      : "it was cut off before its session began.");
  bool greeted = false;
  std::string bytes;
  for (size_t chunk = 0; chunk < reader_.chunks(); ++chunk) {
    const auto messages = reader_.read_chunk(chunk, bytes);
    if (!messages) {
      ++damaged_chunks_;
      continue;
    }
    for (size_t i = 0; i < messages->size(); ++i) {
      const McapMessage& message = (*messages)[i];
      const Place place{static_cast<uint32_t>(chunk), static_cast<uint32_t>(i)};
      if (message.channel == hello && !greeted) {
        auto decoded = decode_hello(message.data);
        if (!decoded) return fail(decoded.error().message);
        info_ = std::move(decoded->info);
        greeted = true;
      } else if (message.channel == batch) {
        index_batch(message.data, place);
      } else if (message.channel == keyframe && keyframe != 0) {
        keyframes_.push_back({place, extent_.end_seq});
      }
    }
  }
  return {};
}

void Recording::index_batch(std::string_view data, Place place) {
  std::vector<Event> events;
  const auto header = decode_batch(data, events);
  if (!header) {
    ++damaged_messages_;
    return;
  }
  const uint64_t seq = extent_.end_seq;
  const int64_t ns = events.empty() ? extent_.last_ns : events.front().ns;
  if (header->first_seq > next_written_seq_ && (batch_seen_ || damaged_chunks_ > 0))
    losses_.push_back({seq, ns, header->first_seq - next_written_seq_, "damaged chunk"});
  if (header->lost_before > 0)
    losses_.push_back({seq, ns, header->lost_before, "the engine's chunk pool was full"});
  next_written_seq_ = header->first_seq + header->count;
  if (events.empty()) return;
  if (!batch_seen_) extent_.first_ns = ns;
  batch_seen_ = true;
  for (size_t i = 0; i < events.size(); ++i) {
    marks_.add(events[i], seq + i);
    extent_.last_ns = std::max(extent_.last_ns, events[i].ns);
  }
  extent_.end_seq += events.size();
  batches_.push_back({place, seq, static_cast<uint32_t>(events.size()), ns, extent_.last_ns});
}

Result<std::string> Recording::load(Place place) {
  std::string bytes;
  const auto messages = reader_.read_chunk(place.chunk, bytes);
  if (!messages) return tl::unexpected(messages.error());
  if (place.message >= messages->size()) return fail("The recording changed while it was open.");
  return std::string((*messages)[place.message].data);
}

Result<const std::vector<Event>*> Recording::events_of(size_t batch) {
  const auto kept = std::find_if(decoded_.begin(), decoded_.end(),
                                 [&](const Decoded& each) { return each.batch == batch; });
  if (kept != decoded_.end()) {
    decoded_.splice(decoded_.begin(), decoded_, kept);
    return &decoded_.front().events;
  }
  const auto bytes = load(batches_[batch].place);
  if (!bytes) return tl::unexpected(bytes.error());
  Decoded fresh{batch, {}};
  if (auto header = decode_batch(*bytes, fresh.events); !header) return tl::unexpected(header.error());
  if (fresh.events.size() != batches_[batch].count) return fail("The recording changed while it was open.");
  decoded_.push_front(std::move(fresh));
  if (decoded_.size() > kDecodedBatches) decoded_.pop_back();
  return &decoded_.front().events;
}

size_t Recording::batch_of(uint64_t seq) const {
  const auto after =
      std::upper_bound(batches_.begin(), batches_.end(), seq,
                       [](uint64_t s, const BatchEntry& entry) { return s < entry.first_seq; });
  return static_cast<size_t>(after - batches_.begin()) - 1;
}

Result<size_t> Recording::read(uint64_t seq, size_t max, std::vector<Event>& out) {
  size_t taken = 0;
  if (seq >= extent_.end_seq) return taken;
  for (size_t batch = batch_of(seq); batch < batches_.size() && taken < max; ++batch) {
    const auto events = events_of(batch);
    if (!events) return tl::unexpected(events.error());
    const size_t from = static_cast<size_t>(seq + taken - batches_[batch].first_seq);
    const size_t count = std::min(max - taken, (*events)->size() - from);
    out.insert(out.end(), (*events)->begin() + static_cast<std::ptrdiff_t>(from),
               (*events)->begin() + static_cast<std::ptrdiff_t>(from + count));
    taken += count;
  }
  return taken;
}

Result<> Recording::read_keyframe(size_t i, Replica& replica) {
  const auto bytes = load(keyframes_[i].place);
  if (!bytes) return tl::unexpected(bytes.error());
  return decode_keyframe(*bytes, replica);
}

Result<> Recording::seek(uint64_t seq, Replica& replica) {
  seq = std::min(seq, extent_.end_seq);
  Replica state;
  uint64_t at = 0;
  for (size_t i = keyframes_.size(); i-- > 0;) {
    if (keyframes_[i].seq > seq || !read_keyframe(i, state))
      continue;  // a damaged one: the next older will do
    at = keyframes_[i].seq;
    break;
  }
  auto loss =
      std::find_if(losses_.begin(), losses_.end(), [&](const LossMark& mark) { return mark.seq >= at; });
  std::vector<Event> events;
  while (at < seq) {
    events.clear();
    const auto count = read(at, std::min<uint64_t>(seq - at, 1 << 16), events);
    if (!count) return tl::unexpected(count.error());
    for (const Event& event : events) {
      for (; loss != losses_.end() && loss->seq == at; ++loss) state.declare_loss(loss->count);
      state.apply(event);
      ++at;
    }
  }
  replica = std::move(state);
  return {};
}

uint64_t Recording::seq_at(int64_t ns) {
  const auto entry = std::lower_bound(batches_.begin(), batches_.end(), ns,
                                      [](const BatchEntry& batch, int64_t t) { return batch.max_ns < t; });
  if (entry == batches_.end()) return extent_.end_seq;
  const auto events = events_of(static_cast<size_t>(entry - batches_.begin()));
  if (!events) return entry->first_seq;
  const auto found =
      std::find_if((*events)->begin(), (*events)->end(), [&](const Event& event) { return event.ns >= ns; });
  return entry->first_seq + static_cast<uint64_t>(found - (*events)->begin());
}

}  // namespace sweepscope::telemetry
