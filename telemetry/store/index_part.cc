#include "telemetry/store/index_part.h"

#include <utility>

#include "telemetry/proto/sweepscope.pb.h"
#include "telemetry/wire/batch.h"

namespace sweepscope::telemetry {

namespace {

// Differences modulo 2^64: values of a hostile file may overflow; the decoder checks the results.
int64_t less(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
int64_t plus(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

template <class First, class... Rest>
bool equal_lengths(const First& first, const Rest&... rest) {
  return ((first.size() == rest.size()) && ...);
}

// Moves to the chunk of the next row; false if it lies outside the part.
bool advance(uint32_t step, uint32_t end, uint32_t& chunk) {
  if (chunk >= end || step >= end - chunk) return false;
  chunk += step;
  return true;
}

// A figure plus one; 0 = unknown.
uint64_t encode_optional(std::optional<uint64_t> bytes) { return bytes ? *bytes + 1 : 0; }
std::optional<uint64_t> decode_optional(uint64_t code) {
  return code == 0 ? std::nullopt : std::optional(code - 1);
}

void write_heap(const HeapCurve::Part& heap, v1::HeapCurve& to) {
  int64_t ns = 0;
  uint64_t live = 0;
  for (const HeapPoint& point : heap.points) {
    to.add_point_ns(less(point.ns, std::exchange(ns, point.ns)));
    to.add_point_live(
        static_cast<int64_t>(encode_optional(point.live) - std::exchange(live, encode_optional(point.live))));
  }
  ns = 0;
  for (const HeapChange& change : heap.waiting) {
    to.add_waiting_ns(less(change.ns, std::exchange(ns, change.ns)));
    to.add_waiting_kind(static_cast<uint32_t>(change.kind));
    to.add_waiting_bytes(static_cast<int64_t>(change.bytes));
  }
  to.set_live(encode_optional(heap.live));
}

Result<> read_heap(const v1::HeapCurve& from, HeapCurve::Part& heap) {
  if (!equal_lengths(from.point_ns(), from.point_live()) ||
      !equal_lengths(from.waiting_ns(), from.waiting_kind(), from.waiting_bytes()))
    return fail("An index has columns of unequal length.");
  int64_t ns = 0;
  uint64_t live = 0;
  for (int i = 0; i < from.point_ns_size(); ++i) {
    ns = plus(ns, from.point_ns(i));
    live += static_cast<uint64_t>(from.point_live(i));
    if (!heap.points.empty() && ns < heap.points.back().ns)
      return fail("An index has a heap curve that goes back in time.");
    heap.points.push_back({ns, decode_optional(live)});
  }
  ns = 0;
  for (int i = 0; i < from.waiting_ns_size(); ++i) {
    ns = plus(ns, from.waiting_ns(i));
    if (from.waiting_kind(i) > static_cast<uint32_t>(HeapChange::Kind::kUnknown) ||
        (!heap.waiting.empty() && ns < heap.waiting.back().ns))
      return fail("An index has a heap change of an unknown kind or out of order.");
    heap.waiting.push_back({ns, static_cast<HeapChange::Kind>(from.waiting_kind(i)),
                            static_cast<uint64_t>(from.waiting_bytes(i))});
  }
  heap.live = decode_optional(from.live());
  return {};
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
  if (part.heap) write_heap(*part.heap, *index.mutable_heap());
  return index.SerializeAsString();
}

Result<IndexPart> decode_index(std::string_view bytes) {
  v1::Index index;
  if (!index.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return fail("An index is not a protobuf message.");
  IndexPart part;
  part.first_chunk = index.first_chunk();
  part.chunks = index.chunks();
  const uint32_t end = part.first_chunk + part.chunks;
  if (end < part.first_chunk) return fail("An index covers more chunks than a file can have.");
  if (!equal_lengths(index.batch_chunk(), index.batch_message(), index.batch_events(), index.batch_seq(),
                     index.batch_lost(), index.batch_ns(), index.batch_reach_ns()) ||
      !equal_lengths(index.keyframe_chunk(), index.keyframe_message(), index.keyframe_batches()))
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
      return fail("An index names a keyframe it does not cover.");
    before = index.keyframe_batches(i);
    part.keyframes.push_back({chunk, index.keyframe_message(i), before});
  }
  if (auto marks = decode_batch(index.marks(), part.marks); !marks) return tl::unexpected(marks.error());
  if (static_cast<size_t>(index.mark_place_size()) != part.marks.size())
    return fail("An index has columns of unequal length.");
  uint64_t place = 0;
  for (const uint64_t step : index.mark_place()) {
    if (place >= events || step >= events - place) return fail("An index names an event it does not cover.");
    part.mark_places.push_back(place += step);
  }
  if (index.has_heap()) {
    if (auto read = read_heap(index.heap(), part.heap.emplace()); !read) return tl::unexpected(read.error());
  }
  return part;
}

}  // namespace sweepscope::telemetry
