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
constexpr const char* kDamagedChunk = "damaged chunk";
constexpr const char* kDamagedMessage = "damaged message";

const char* no_session_reason(const McapReader& reader) {
  return reader.has_summary() ? "it contains no Sweepscope session."
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
    return fail(fmt::format("{} cannot be played: {}", path, no_session_reason(reader)));
  return {};
}

// The positions of the index parts are known from the file's chunk index. A part follows the chunks that it
// covers; these are not read.
Result<> Recording::index(OpenBy by, const OpenProgress& progress) {
  if (reader_.channel(topics::kHello) == 0 || reader_.channel(topics::kBatch) == 0)
    return fail(no_session_reason(reader_));
  const uint16_t topic = by == OpenBy::kIndex ? reader_.channel(topics::kIndex) : uint16_t{0};
  const size_t chunks = reader_.chunks();
  size_t chunk = 0;
  const auto scan_to = [&](size_t end) -> Result<> {
    if (chunk < end && !folded_) {
      Replica state;
      if (!seek(extent_.end_seq, state)) state = Replica();
      folded_ = std::move(state);
    }
    for (; chunk < end; ++chunk) {
      if (progress && !progress(static_cast<double>(chunk) / static_cast<double>(chunks)))
        return fail("opening it was cancelled.");
      if (auto scanned = scan_chunk(chunk); !scanned) return scanned;
    }
    return {};
  };
  for (size_t at = 0; topic != 0 && at < chunks; ++at) {
    if (!reader_.index_lists(at, topic)) continue;
    const auto part = index_part(at);
    if (!part || part->first_chunk < chunk || part->first_chunk + part->chunks > at) continue;
    if (auto scanned = scan_to(part->first_chunk); !scanned) return scanned;
    take_part(*part);
    chunk = part->first_chunk + part->chunks;
    if (chunk == at) ++chunk;  // the part itself
  }
  auto scanned = scan_to(chunks);
  folded_.reset();
  marks_.show_heap();
  if (scanned) end();
  return scanned;
}

void Recording::end() {
  if (damage_ != nullptr)
    lost_.add({extent_.end_seq, kUnknownCount, 0, extent_.last_ns, extent_.last_ns, damage_});
  lost_.finish();
  end_known_ = true;
}

bool Recording::settles_at(uint64_t seq) const {
  if (EventLog::settles_at(seq)) return true;
  return end_known_ && seq >= extent_.end_seq && complete() && !lost_.ends_at(extent_.end_seq);
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
    lose_chunk(chunk);
    return {};
  }
  for (size_t i = 0; i < messages->size(); ++i) {
    const McapMessage& message = (*messages)[i];
    const Place place{static_cast<uint32_t>(chunk), static_cast<uint32_t>(i)};
    if (message.channel == hello && !hello_read_) {
      auto decoded = decode_hello(message.data, HelloFrom::kRecording);
      if (!decoded) return fail(decoded.error().message);
      info_ = std::move(decoded->info);
      hello_read_ = true;
    } else if (message.channel == batch) {
      scan_batch(message.data, place);
    } else if (message.channel == keyframe && keyframe != 0) {
      keyframes_.push_back({place, extent_.end_seq, losses_.size()});
      scan_keyframe(message.data);
    }
  }
  return {};
}

// The state at the begin of a recording, or after events that its recorder missed.
void Recording::scan_keyframe(std::string_view data) {
  if (folded_->heap_live()) return;
  Replica state;
  if (!decode_keyframe(data, state) || !state.heap_live()) return;
  if (batch_seen_) marks_.heap().resume(extent_.last_ns, state);
  folded_ = std::move(state);
}

void Recording::scan_batch(std::string_view data, Place place) {
  std::vector<Event> events;
  const auto header = decode_batch(data, events);
  if (!header) {
    ++damaged_messages_;
    damage_ = kDamagedMessage;
    return;
  }
  const uint64_t seq = extent_.end_seq;
  int64_t reach = events.empty() ? 0 : events.front().ns;
  for (const Event& event : events) reach = std::max(reach, event.ns);
  const bool any = take_batch(place, *header, static_cast<uint32_t>(events.size()),
                              events.empty() ? 0 : events.front().ns, reach);
  for (; folded_losses_ < losses_.size(); ++folded_losses_) {
    folded_->declare_loss(losses_[folded_losses_].count);
    marks_.heap().lose(losses_[folded_losses_].ns);
  }
  if (!any) return;
  marks_.heap().begin(events.front().ns, *folded_);
  for (size_t i = 0; i < events.size(); ++i) {
    marks_.add(events[i], seq + i);
    lost_.add_event(events[i], seq + i);
    folded_->apply(events[i]);
    marks_.heap().add(folded_->heap_changes());
  }
}

// False: the batch holds no event, only a loss.
bool Recording::take_batch(Place place, const BatchHeader& header, uint32_t events, int64_t first_ns,
                           int64_t reach_ns) {
  const uint64_t seq = extent_.end_seq;
  const int64_t ns = events == 0 ? extent_.last_ns : first_ns;
  if (header.first_seq > next_written_seq_ && (written_seq_known_ || damage_ != nullptr)) {
    const uint64_t missing = header.first_seq - next_written_seq_;
    if (damage_ != nullptr) lose(missing, 0, ns, damage_);
    if (damage_ == nullptr) lose(0, missing, ns, "missed by the recorder");
  }
  if (header.lost_before > 0) lose(0, header.lost_before, ns, "the engine's chunk pool was full");
  damage_ = nullptr;
  next_written_seq_ = header.first_seq + header.count;
  if (events == 0) return false;
  for (auto loss = losses_.rbegin(); loss != losses_.rend() && loss->seq == seq; ++loss) loss->ns = ns;
  lost_.set_end(seq, ns);
  if (!batch_seen_) {
    extent_.first_ns = ns;
    extent_.last_ns = std::max(extent_.last_ns, ns);
  }
  batch_seen_ = written_seq_known_ = true;
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
  for (size_t i = 0; i < part.marks.size(); ++i) {
    marks_.add(part.marks[i], first + part.mark_places[i]);
    lost_.add_event(part.marks[i], first + part.mark_places[i]);
  }
  if (part.heap)
    marks_.heap().append(*part.heap);
  else
    marks_.add_heap_at_edges(part.marks);
  folded_.reset();
  folded_losses_ = losses_.size();  // the part's curve includes them
}

void Recording::lose(uint64_t damaged, uint64_t never_written, int64_t to_ns, const std::string& why) {
  losses_.push_back({extent_.end_seq, to_ns, damaged + never_written, why});
  lost_.add({extent_.end_seq, damaged, never_written, batch_seen_ ? extent_.last_ns : 0, to_ns, why});
}

void Recording::lose_chunk(size_t chunk) {
  ++damaged_chunks_;
  const IndexPart* part = part_covering(chunk);
  if (part == nullptr) {
    const bool held_batches =
        !reader_.is_indexed(chunk) || reader_.index_lists(chunk, reader_.channel(topics::kBatch));
    if (held_batches) damage_ = kDamagedChunk;
    return;
  }
  uint64_t damaged = 0, never_written = 0, event = 0;
  int64_t reach_ns = extent_.last_ns;
  auto mark = part->mark_places.begin();
  for (const IndexPart::BatchRow& row : part->batches) {
    event += row.events;  // the end of this batch among the events of the part
    for (; mark != part->mark_places.end() && *mark < event; ++mark)
      if (row.chunk == chunk)
        lost_.add_lost_event(part->marks[static_cast<size_t>(mark - part->mark_places.begin())]);
    if (row.chunk != chunk) continue;
    if (written_seq_known_ && row.first_seq > next_written_seq_)
      never_written += row.first_seq - next_written_seq_;
    never_written += row.lost_before;
    damaged += row.events;
    reach_ns = std::max(reach_ns, row.reach_ns);
    next_written_seq_ = row.first_seq + row.events;
    written_seq_known_ = true;
  }
  if (damaged + never_written > 0) lose(damaged, never_written, reach_ns, kDamagedChunk);
}

// The index part that covers a chunk is the first one after it.
const IndexPart* Recording::part_covering(size_t chunk) {
  if (chunk < covering_.from || chunk >= covering_.to) {
    const uint16_t topic = reader_.channel(topics::kIndex);
    covering_ = {chunk, chunk + 1, std::nullopt};
    while (covering_.to < reader_.chunks() && !(topic != 0 && reader_.index_lists(covering_.to, topic)))
      ++covering_.to;
    if (covering_.to < reader_.chunks()) covering_.part = index_part(covering_.to);
  }
  const auto& part = covering_.part;
  return part && part->first_chunk <= chunk && chunk - part->first_chunk < part->chunks ? &*part : nullptr;
}

Result<std::string_view> Recording::load(Place place) {
  if (place.chunk >= reader_.chunks())
    return fail("The recording's index names a chunk that does not exist.");
  if (unpacked_ != place.chunk) {
    unpacked_ = ~size_t{0};
    auto messages = reader_.read_chunk(place.chunk, unpacked_bytes_);
    if (!messages) return tl::unexpected(messages.error());
    unpacked_messages_ = std::move(*messages);
    unpacked_ = place.chunk;
  }
  if (place.message >= unpacked_messages_.size()) return fail("The recording does not match its index.");
  return unpacked_messages_[place.message].data;
}

Result<> Recording::decode(const BatchEntry& batch, std::vector<Event>& events) {
  const auto bytes = load(batch.place);
  if (!bytes) return tl::unexpected(bytes.error());
  if (auto header = decode_batch(*bytes, events); !header) return tl::unexpected(header.error());
  if (events.size() != batch.count) return fail("The recording does not match its index.");
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
    if (!read_keyframe(i, state)) continue;  // damaged: try the next older one
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
      if (settles_at(++at) && !state.settled()) state.finish();
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
