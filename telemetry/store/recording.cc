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

const char* why_no_session(const McapReader& reader) {
  return reader.has_summary() ? "it holds no Sweepscope session."
                              : "it was cut off before its session began.";
}

}  // namespace

Result<std::unique_ptr<Recording>> Recording::open(const std::string& path, OpenBy by,
                                                   const OpenProgress& progress) {
  std::unique_ptr<Recording> recording(new Recording);
  if (auto opened = recording->reader_.open(path); !opened) return tl::unexpected(opened.error());
  if (auto indexed = recording->index(by, progress); !indexed)
    return fail(fmt::format("{} cannot be played: {}", path, indexed.error().message));
  return recording;
}

Result<> Recording::probe(const std::string& path) {
  McapReader reader;
  if (auto opened = reader.open(path); !opened) return opened;
  if (reader.channel(topics::kHello) == 0 || reader.channel(topics::kBatch) == 0)
    return fail(fmt::format("{} cannot be played: {}", path, why_no_session(reader)));
  return {};
}

// Where parts of the index lie is known before: the chunks that a part covers come before the part itself,
// and are not looked at.
Result<> Recording::index(OpenBy by, const OpenProgress& progress) {
  if (reader_.channel(topics::kHello) == 0 || reader_.channel(topics::kBatch) == 0)
    return fail(why_no_session(reader_));
  const uint16_t topic = by == OpenBy::kIndex ? reader_.channel(topics::kIndex) : uint16_t{0};
  const size_t chunks = reader_.chunks();
  size_t chunk = 0;
  const auto scan_to = [&](size_t end) -> Result<> {
    for (; chunk < end; ++chunk) {
      if (progress && !progress(static_cast<double>(chunk) / static_cast<double>(chunks)))
        return fail("opening it was cancelled.");
      if (auto scanned = scan_chunk(chunk); !scanned) return scanned;
    }
    return {};
  };
  for (size_t at = 0; topic != 0 && at < chunks; ++at) {
    if (!reader_.says_holds(at, topic)) continue;
    const auto part = index_part(at);
    if (!part || part->first_chunk < chunk || part->first_chunk + part->chunks > at) continue;
    if (auto scanned = scan_to(part->first_chunk); !scanned) return scanned;
    take_part(*part);
    chunk = part->first_chunk + part->chunks;
    if (chunk == at) ++chunk;  // the part itself
  }
  if (auto scanned = scan_to(chunks); !scanned) return scanned;
  find_lost();
  return {};
}

// Cycles that left no phase behind between the phases before and after a loss are lost whole.
void Recording::find_lost() {
  const auto& phases = marks_.marks().phases;
  for (const LossMark& loss : losses_) {
    LostStretch stretch;
    const size_t after = loss.seq == 0 ? 0 : batch_of(loss.seq - 1);
    if (loss.seq > 0) stretch.from_ns = static_cast<uint64_t>(batches_[after].max_ns);
    stretch.to_ns = std::max(stretch.from_ns, static_cast<uint64_t>(loss.ns));
    stretch.events = loss.count;
    stretch.why = loss.why;
    const auto next = std::find_if(phases.begin(), phases.end(),
                                   [&](const PhaseMark& phase) { return phase.seq >= loss.seq; });
    const uint32_t seen = next == phases.begin() ? 0 : (next - 1)->cycle;
    if (next != phases.end() && next->cycle > seen + 1) {
      stretch.first_cycle = seen + 1;
      stretch.last_cycle = next->cycle - 1;
    }
    lost_.push_back(std::move(stretch));
  }
}

std::optional<IndexPart> Recording::index_part(size_t chunk) {
  const auto messages = reader_.read_chunk(chunk, unpacked_bytes_);
  unpacked_ = ~size_t{0};
  if (!messages || messages->size() != 1) return std::nullopt;
  auto part = decode_index(messages->front().data);
  if (!part) return std::nullopt;
  return std::move(*part);
}

Result<> Recording::scan_chunk(size_t chunk) {
  const uint16_t hello = reader_.channel(topics::kHello), batch = reader_.channel(topics::kBatch),
                 keyframe = reader_.channel(topics::kKeyframe);
  unpacked_ = ~size_t{0};
  const auto messages = reader_.read_chunk(chunk, unpacked_bytes_);
  if (!messages) {
    ++damaged_chunks_;
    return {};
  }
  for (size_t i = 0; i < messages->size(); ++i) {
    const McapMessage& message = (*messages)[i];
    const Place place{static_cast<uint32_t>(chunk), static_cast<uint32_t>(i)};
    if (message.channel == hello && !greeted_) {
      auto decoded = decode_hello(message.data);
      if (!decoded) return fail(decoded.error().message);
      info_ = std::move(decoded->info);
      greeted_ = true;
    } else if (message.channel == batch) {
      scan_batch(message.data, place);
    } else if (message.channel == keyframe && keyframe != 0) {
      keyframes_.push_back({place, extent_.end_seq, losses_.size()});
    }
  }
  return {};
}

void Recording::scan_batch(std::string_view data, Place place) {
  std::vector<Event> events;
  const auto header = decode_batch(data, events);
  if (!header) {
    ++damaged_messages_;
    return;
  }
  const uint64_t seq = extent_.end_seq;
  int64_t reach = events.empty() ? 0 : events.front().ns;
  for (const Event& event : events) reach = std::max(reach, event.ns);
  if (!take_batch(place, *header, static_cast<uint32_t>(events.size()),
                  events.empty() ? 0 : events.front().ns, reach))
    return;
  for (size_t i = 0; i < events.size(); ++i) marks_.add(events[i], seq + i);
}

// False: it holds no event, only news of a loss.
bool Recording::take_batch(Place place, const BatchHeader& header, uint32_t events, int64_t first_ns,
                           int64_t reach_ns) {
  const uint64_t seq = extent_.end_seq;
  const int64_t ns = events == 0 ? extent_.last_ns : first_ns;
  if (header.first_seq > next_written_seq_ && (batch_seen_ || damaged_chunks_ > 0))
    losses_.push_back({seq, ns, header.first_seq - next_written_seq_,
                       damaged_chunks_ > 0 ? "damaged chunk" : "not seen by who recorded"});
  if (header.lost_before > 0)
    losses_.push_back({seq, ns, header.lost_before, "the engine's chunk pool was full"});
  next_written_seq_ = header.first_seq + header.count;
  if (events == 0) return false;
  if (!batch_seen_) {
    extent_.first_ns = ns;
    extent_.last_ns = std::max(extent_.last_ns, ns);
  }
  batch_seen_ = true;
  extent_.last_ns = std::max(extent_.last_ns, reach_ns);
  extent_.end_seq += events;
  batches_.push_back({place, seq, events, ns, extent_.last_ns});
  return true;
}

void Recording::take_part(const IndexPart& part) {
  const uint64_t first = extent_.end_seq;
  size_t keyframe = 0;
  const auto keyframes_before = [&](size_t batch) {
    for (; keyframe < part.keyframes.size() && part.keyframes[keyframe].batches <= batch; ++keyframe)
      keyframes_.push_back({{part.keyframes[keyframe].chunk, part.keyframes[keyframe].message},
                            extent_.end_seq,
                            losses_.size()});
  };
  for (size_t i = 0; i < part.batches.size(); ++i) {
    keyframes_before(i);
    const IndexPart::BatchRow& row = part.batches[i];
    take_batch({row.chunk, row.message}, {row.first_seq, row.events, row.lost_before, row.first_ns},
               row.events, row.first_ns, row.reach_ns);
  }
  keyframes_before(part.batches.size());
  for (size_t i = 0; i < part.marks.size(); ++i) marks_.add(part.marks[i], first + part.mark_places[i]);
}

Result<std::string_view> Recording::load(Place place) {
  if (place.chunk >= reader_.chunks()) return fail("The recording's index names a chunk that is not there.");
  if (unpacked_ != place.chunk) {
    unpacked_ = ~size_t{0};
    auto messages = reader_.read_chunk(place.chunk, unpacked_bytes_);
    if (!messages) return tl::unexpected(messages.error());
    unpacked_messages_ = std::move(*messages);
    unpacked_ = place.chunk;
  }
  if (place.message >= unpacked_messages_.size())
    return fail("The recording is not what its index says it is.");
  return unpacked_messages_[place.message].data;
}

Result<> Recording::decode(const BatchEntry& batch, std::vector<Event>& events) {
  const auto bytes = load(batch.place);
  if (!bytes) return tl::unexpected(bytes.error());
  if (auto header = decode_batch(*bytes, events); !header) return tl::unexpected(header.error());
  if (events.size() != batch.count) return fail("The recording is not what its index says it is.");
  return {};
}

Result<const std::vector<Event>*> Recording::events_of(size_t batch) {
  const auto kept = std::find_if(decoded_.begin(), decoded_.end(),
                                 [&](const Decoded& each) { return each.batch == batch; });
  if (kept != decoded_.end()) {
    decoded_.splice(decoded_.begin(), decoded_, kept);
    return &decoded_.front().events;
  }
  Decoded fresh{batch, {}};
  if (auto decoded = decode(batches_[batch], fresh.events); !decoded) {
    damaged_.store(true, std::memory_order_relaxed);
    return tl::unexpected(decoded.error());
  }
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
  auto loss = losses_.begin();
  const auto after = std::upper_bound(keyframes_.begin(), keyframes_.end(), seq,
                                      [](uint64_t s, const KeyframeEntry& entry) { return s < entry.seq; });
  for (auto i = static_cast<size_t>(after - keyframes_.begin()); i-- > 0;) {
    if (!read_keyframe(i, state)) continue;  // a damaged one: the next older will do
    at = keyframes_[i].seq;
    loss = losses_.begin() + static_cast<std::ptrdiff_t>(keyframes_[i].losses);
    break;
  }
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
