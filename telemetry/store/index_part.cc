#include "telemetry/store/index_part.h"

#include <utility>

#include "telemetry/proto/sweepscope.pb.h"
#include "telemetry/wire/batch.h"

namespace sweepscope::telemetry {

namespace {

// Differences are taken modulo 2^64: what a hostile file makes of them is checked, not believed.
int64_t less(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
int64_t plus(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

template <class First, class... Rest>
bool even(const First& first, const Rest&... rest) {
  return ((first.size() == rest.size()) && ...);
}

// The chunk of a row, or false if it lies outside the part.
bool advance(uint32_t step, uint32_t end, uint32_t& chunk) {
  if (chunk >= end || step >= end - chunk) return false;
  chunk += step;
  return true;
}

}  // namespace

std::string encode_index(const IndexPart& part) {
  v1::Index index;
  index.set_first_chunk(part.first_chunk);
  index.set_chunks(part.chunks);
  uint32_t chunk = part.first_chunk;
  uint64_t due = 0;
  int64_t ns = 0;
  for (const IndexPart::BatchRow& row : part.batches) {
    index.add_batch_chunk(row.chunk - std::exchange(chunk, row.chunk));
    index.add_batch_message(row.message);
    index.add_batch_events(row.events);
    index.add_batch_seq(static_cast<int64_t>(row.first_seq - due));
    due = row.first_seq + row.events;
    index.add_batch_lost(row.lost_before);
    index.add_batch_ns(less(row.first_ns, std::exchange(ns, row.first_ns)));
    index.add_batch_reach_ns(less(row.reach_ns, row.first_ns));
  }
  chunk = part.first_chunk;
  for (const IndexPart::KeyframeRow& row : part.keyframes) {
    index.add_keyframe_chunk(row.chunk - std::exchange(chunk, row.chunk));
    index.add_keyframe_message(row.message);
    index.add_keyframe_batches(row.batches);
  }
  index.set_marks(encode_batch(part.marks, 0, 0));
  uint64_t place = 0;
  for (const uint64_t mark : part.mark_places) index.add_mark_place(mark - std::exchange(place, mark));
  return index.SerializeAsString();
}

Result<IndexPart> decode_index(std::string_view bytes) {
  v1::Index index;
  if (!index.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return fail("An index is no protobuf message.");
  IndexPart part;
  part.first_chunk = index.first_chunk();
  part.chunks = index.chunks();
  const uint32_t end = part.first_chunk + part.chunks;
  if (end < part.first_chunk) return fail("An index covers more chunks than there can be.");
  if (!even(index.batch_chunk(), index.batch_message(), index.batch_events(), index.batch_seq(),
            index.batch_lost(), index.batch_ns(), index.batch_reach_ns()) ||
      !even(index.keyframe_chunk(), index.keyframe_message(), index.keyframe_batches()))
    return fail("An index has columns of unequal length.");
  uint32_t chunk = part.first_chunk;
  uint64_t due = 0, events = 0;
  int64_t ns = 0;
  part.batches.reserve(static_cast<size_t>(index.batch_chunk_size()));
  for (int i = 0; i < index.batch_chunk_size(); ++i) {
    if (!advance(index.batch_chunk(i), end, chunk)) return fail("An index names a chunk it does not cover.");
    if (index.batch_events(i) > kMaxBatchEvents) return fail("An index names a batch that is too large.");
    const uint64_t first_seq = due + static_cast<uint64_t>(index.batch_seq(i));
    due = first_seq + index.batch_events(i);
    events += index.batch_events(i);
    ns = plus(ns, index.batch_ns(i));
    part.batches.push_back({chunk, index.batch_message(i), index.batch_events(i), first_seq,
                            index.batch_lost(i), ns, plus(ns, index.batch_reach_ns(i))});
  }
  chunk = part.first_chunk;
  uint32_t before = 0;
  for (int i = 0; i < index.keyframe_chunk_size(); ++i) {
    if (!advance(index.keyframe_chunk(i), end, chunk) || index.keyframe_batches(i) < before ||
        index.keyframe_batches(i) > part.batches.size())
      return fail("An index names a keyframe that it does not cover.");
    before = index.keyframe_batches(i);
    part.keyframes.push_back({chunk, index.keyframe_message(i), before});
  }
  if (auto marks = decode_batch(index.marks(), part.marks); !marks) return tl::unexpected(marks.error());
  if (static_cast<size_t>(index.mark_place_size()) != part.marks.size())
    return fail("An index has columns of unequal length.");
  uint64_t place = 0;
  for (const uint64_t step : index.mark_place()) {
    if (place >= events || step >= events - place) return fail("An index shows an event that is not there.");
    part.mark_places.push_back(place += step);
  }
  return part;
}

}  // namespace sweepscope::telemetry
