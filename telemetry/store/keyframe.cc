#include "telemetry/store/keyframe.h"

#include <fmt/format.h>

#include <algorithm>

#include "telemetry/proto/sweepscope.pb.h"
#include "telemetry/replica/replica_state.h"
#include "telemetry/wire/batch.h"

namespace sweepscope::telemetry {

namespace {

enum Flags : uint32_t {
  kEpochKnown = 1,
  kProcsKnown = 2,
  kTurned = 4,
  kDoubt = 8,
  kLossUnderWay = 16,
  kHeapKnown = 32,
  kPaced = 64,
  kMarkedUnknown = 128
};
enum SpanFlags : uint32_t { kUnknown = 1, kGapAccepted = 2 };

// Columns hold differences to the row before, modulo the field's width.
template <class T>
T step(T& previous, T value) {
  return static_cast<T>(value - std::exchange(previous, value));
}

std::vector<Waiting> all_waiting(const KeyframeAccess::State& s) {
  std::vector<Waiting> all;
  for (const auto& [id, mine] : s.early) all.insert(all.end(), mine.begin(), mine.end());
  for (const auto& [key, mine] : s.held) all.insert(all.end(), mine.begin(), mine.end());
  all.insert(all.end(), s.edges.begin(), s.edges.end());
  std::sort(all.begin(), all.end(), [](const Waiting& a, const Waiting& b) { return a.arrival < b.arrival; });
  return all;
}

void write_spans(const KeyframeAccess::State& s, v1::SpanTable& table) {
  uint32_t id = 0, page = 0, number = 0;
  int64_t ns = 0;
  for (const SpanPicture& span : s.spans) {
    if (span.id == kNoId) continue;
    const SpanOrder& order = s.order[span.id];
    table.add_id(step(id, span.id));
    table.add_status(static_cast<uint32_t>(span.status));
    table.add_list(static_cast<uint32_t>(span.list));
    table.add_span_class(span.span_class);
    table.add_flags((span.unknown ? kUnknown : 0u) | (order.losses_seen != s.losses ? kGapAccepted : 0u));
    table.add_owner(static_cast<uint16_t>(span.owner + 1));
    table.add_alloc_count(span.alloc_count);
    table.add_first_page(static_cast<int32_t>(step(page, span.first_page)));
    table.add_pages(span.pages);
    table.add_sweepgen(static_cast<int32_t>(span.sweepgen - s.sweepgen));
    table.add_number(static_cast<int32_t>(step(number, span.number)));
    table.add_changed_ns(
        static_cast<int64_t>(static_cast<uint64_t>(span.changed_ns) - static_cast<uint64_t>(ns)));
    ns = span.changed_ns;
    table.add_sweeper_stream(order.sweeper_stream + 1);
    table.add_sweeper_p(static_cast<uint16_t>(order.sweeper_p + 1));
  }
}

void write_ps(const KeyframeAccess::State& s, v1::PTable& table) {
  int64_t ns = 0;
  uint32_t slot = 0, held = 0;
  for (size_t i = 0; i < s.ps.size(); ++i) {
    const PPicture& p = s.ps[i];
    table.add_status(static_cast<v1::PStatus>(p.status));
    table.add_owner(p.owner + 1);
    table.add_flush_gen(static_cast<int32_t>(p.flush_gen - s.sweepgen));
    table.add_flushed_ns(
        static_cast<int64_t>(static_cast<uint64_t>(p.flushed_ns) - static_cast<uint64_t>(ns)));
    ns = p.flushed_ns;
    table.add_cached(p.cached);
    for (size_t c = 0; c < p.cache.size(); ++c) {
      if (p.cache[c] == kNoId) continue;
      table.add_slot(step(slot, static_cast<uint32_t>(i * kSpanClasses + c)));
      table.add_slot_span(static_cast<int32_t>(step(held, p.cache[c])));
    }
  }
}

// A column is absent (all 0) or has a value for each row.
template <class Column>
bool fits(const Column& column, int rows) {
  return column.empty() || column.size() == rows;
}
template <class Column>
auto cell(const Column& column, int row) {
  return column.empty() ? 0 : column.Get(row);
}

Result<> read_spans(const v1::SpanTable& table, uint32_t extent, KeyframeAccess::State& s) {
  const int rows = table.id_size();
  if (!fits(table.status(), rows) || !fits(table.list(), rows) || !fits(table.span_class(), rows) ||
      !fits(table.flags(), rows) || !fits(table.owner(), rows) || !fits(table.alloc_count(), rows) ||
      !fits(table.first_page(), rows) || !fits(table.pages(), rows) || !fits(table.sweepgen(), rows) ||
      !fits(table.number(), rows) || !fits(table.changed_ns(), rows) || !fits(table.sweeper_stream(), rows) ||
      !fits(table.sweeper_p(), rows))
    return fail("The keyframe's span table has columns of different lengths.");
  if (extent > kMaxSpans)
    return fail(fmt::format("The keyframe has {} spans; the limit is {}.", extent, kMaxSpans));
  s.spans.resize(extent);
  s.order.assign(extent, SpanOrder{.losses_seen = s.losses});
  uint64_t id = 0;
  uint32_t page = 0, number = 0;
  uint64_t ns = 0;
  for (int row = 0; row < rows; ++row) {
    id += table.id(row);
    if (id >= extent || (row > 0 && table.id(row) == 0))
      return fail("The keyframe's span ids are out of order or too large.");
    SpanPicture& span = s.spans[id];
    SpanOrder& order = s.order[id];
    const uint32_t status = cell(table.status(), row), list = cell(table.list(), row);
    if (status > static_cast<uint32_t>(SpanStatus::kManual) ||
        list > static_cast<uint32_t>(ListMembership::kBusyLarge))
      return fail(fmt::format("The keyframe's span {} has an unknown status or list.", id));
    page += static_cast<uint32_t>(cell(table.first_page(), row));
    number += static_cast<uint32_t>(cell(table.number(), row));
    ns += static_cast<uint64_t>(cell(table.changed_ns(), row));
    const uint32_t pages = cell(table.pages(), row);
    if (pages > s.page_extent || page > s.page_extent - pages)
      return fail(fmt::format("The keyframe's span {} is out of range.", id));
    span.id = static_cast<SpanId>(id);
    span.status = static_cast<SpanStatus>(status);
    span.list = static_cast<ListMembership>(list);
    span.span_class = static_cast<uint8_t>(cell(table.span_class(), row));
    span.unknown = (cell(table.flags(), row) & kUnknown) != 0;
    span.owner = static_cast<uint16_t>(cell(table.owner(), row) - 1);
    span.alloc_count = static_cast<uint16_t>(cell(table.alloc_count(), row));
    span.first_page = page;
    span.pages = pages;
    span.sweepgen = s.sweepgen + static_cast<uint32_t>(cell(table.sweepgen(), row));
    span.number = number;
    span.changed_ns = static_cast<int64_t>(ns);
    if ((cell(table.flags(), row) & kGapAccepted) != 0) order.losses_seen = s.losses - 1;
    order.sweeper_stream = cell(table.sweeper_stream(), row) - 1;
    order.sweeper_p = static_cast<uint16_t>(cell(table.sweeper_p(), row) - 1);
  }
  return {};
}

Result<> read_ps(const v1::PTable& table, KeyframeAccess::State& s) {
  const int rows = table.status_size();
  if (rows > static_cast<int>(kMaxPs))
    return fail(fmt::format("The keyframe has {} Ps; the limit is {}.", rows, kMaxPs));
  if (!fits(table.owner(), rows) || !fits(table.flush_gen(), rows) || !fits(table.flushed_ns(), rows) ||
      !fits(table.cached(), rows) || !fits(table.slot_span(), table.slot_size()))
    return fail("The keyframe's P table has columns of different lengths.");
  s.ps.resize(static_cast<size_t>(rows));
  uint64_t ns = 0;
  for (int row = 0; row < rows; ++row) {
    PPicture& p = s.ps[static_cast<size_t>(row)];
    if (static_cast<uint32_t>(table.status(row)) > static_cast<uint32_t>(PStatus::kDead))
      return fail(fmt::format("The keyframe's P{} has an unknown status.", row));
    p.status = static_cast<PStatus>(table.status(row));
    p.owner = cell(table.owner(), row) - 1;
    p.flush_gen = s.sweepgen + static_cast<uint32_t>(cell(table.flush_gen(), row));
    ns += static_cast<uint64_t>(cell(table.flushed_ns(), row));
    p.flushed_ns = static_cast<int64_t>(ns);
  }
  uint64_t slot = 0;
  uint32_t span = 0;
  for (int i = 0; i < table.slot_size(); ++i) {
    slot += table.slot(i);
    span += static_cast<uint32_t>(cell(table.slot_span(), i));
    if (slot >= s.ps.size() * kSpanClasses || span >= s.spans.size() || s.spans[span].id == kNoId ||
        s.spans[span].owner != slot / kSpanClasses || s.spans[span].span_class != slot % kSpanClasses)
      return fail("The keyframe's caches and spans contradict each other.");
    PPicture& p = s.ps[slot / kSpanClasses];
    if (p.cache[slot % kSpanClasses] != kNoId) return fail("The keyframe fills one slot of a cache twice.");
    p.cache[slot % kSpanClasses] = span;
    ++p.cached;
  }
  return {};
}

}  // namespace

std::string encode_keyframe(const Replica& replica) {
  const KeyframeAccess::State& s = KeyframeAccess::state(replica);
  v1::Keyframe frame;
  frame.set_sweepgen(s.sweepgen);
  frame.set_cycle(s.cycle);
  frame.set_phase(static_cast<v1::Phase>(s.phase));
  frame.set_world_stopped(s.stw == StwEdge::kStopped);
  frame.set_heap_live(s.heap_live);
  frame.set_heap_marked(s.heap_marked);
  frame.set_marked_now(s.marked_now);
  frame.set_trigger(s.trigger);
  frame.set_goal(s.goal);
  frame.set_events(s.events_folded);
  frame.set_lost(s.lost);
  frame.set_page_extent(s.page_extent);
  uint32_t extent = 0;
  for (const SpanPicture& span : s.spans)
    if (span.id != kNoId) extent = span.id + 1;
  frame.set_span_extent(extent);
  frame.set_stw(static_cast<v1::StwEdge>(s.stw));
  frame.set_procs(s.procs);
  frame.set_flags((s.epoch_known ? kEpochKnown : 0u) | (s.procs_known ? kProcsKnown : 0u) |
                  (s.turned ? kTurned : 0u) | (s.doubt ? kDoubt : 0u) |
                  (s.loss_under_way ? kLossUnderWay : 0u) | (s.heap_known ? kHeapKnown : 0u) |
                  (s.paced ? kPaced : 0u) | (s.marked_known ? 0u : kMarkedUnknown));
  frame.set_losses_declared(s.losses);
  write_spans(s, *frame.mutable_spans());
  write_ps(s, *frame.mutable_ps());
  if (s.check_fired) {
    const Event event{0, 0, *s.check_fired};
    frame.mutable_check_fired()->ParseFromString(encode_batch({&event, 1}, 0, 0));
  }
  if (s.waiting > 0) {
    std::vector<Event> waiting;
    for (const Waiting& one : all_waiting(s)) waiting.push_back(one.event);
    frame.mutable_waiting()->ParseFromString(encode_batch(waiting, 0, 0));
  }
  return frame.SerializeAsString();
}

Result<> decode_keyframe(std::string_view bytes, Replica& replica) {
  v1::Keyframe frame;
  if (bytes.size() > (size_t{1} << 30) || !frame.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return fail("The keyframe cannot be read: it is not a Keyframe message.");
  if (frame.page_extent() > kMaxPages)
    return fail(fmt::format("The keyframe has {} pages; the limit is {}.", frame.page_extent(), kMaxPages));
  if (static_cast<uint32_t>(frame.phase()) > static_cast<uint32_t>(Phase::kMarkTermination) ||
      static_cast<uint32_t>(frame.stw()) > static_cast<uint32_t>(StwEdge::kStarted) || frame.procs() > kMaxPs)
    return fail("The keyframe has an unknown phase, an unknown edge of a stop of the world, or too many Ps.");

  Replica decoded;
  KeyframeAccess::State& s = KeyframeAccess::state(decoded);
  s.sweepgen = frame.sweepgen();
  s.cycle = frame.cycle();
  s.phase = static_cast<Phase>(frame.phase());
  s.stw = frame.stw() == 0 ? StwEdge::kStarted : static_cast<StwEdge>(frame.stw());
  s.heap_live = frame.heap_live();
  s.heap_marked = frame.heap_marked();
  s.marked_now = frame.marked_now();
  s.page_extent = frame.page_extent();
  s.procs = frame.procs();
  s.epoch_known = (frame.flags() & kEpochKnown) != 0;
  s.procs_known = (frame.flags() & kProcsKnown) != 0;
  s.turned = (frame.flags() & kTurned) != 0;
  s.doubt = (frame.flags() & kDoubt) != 0;
  s.loss_under_way = (frame.flags() & kLossUnderWay) != 0;
  s.heap_known = (frame.flags() & kHeapKnown) != 0;
  s.paced = (frame.flags() & kPaced) != 0;
  s.marked_known = (frame.flags() & kMarkedUnknown) == 0;
  if (s.paced) s.trigger = frame.trigger(), s.goal = frame.goal();
  s.losses = static_cast<uint32_t>(frame.losses_declared());
  s.lost = frame.lost();
  if (auto read = read_spans(frame.spans(), frame.span_extent(), s); !read) return read;
  if (auto read = read_ps(frame.ps(), s); !read) return read;
  for (const SpanPicture& span : s.spans)
    if (span.owner != kNoP && (span.owner >= s.ps.size() || span.span_class >= kSpanClasses ||
                               s.ps[span.owner].cache[span.span_class] != span.id))
      return fail(fmt::format("The keyframe's span {} names a cache that does not hold it.", span.id));
  if (!s.rebuild_derived()) return fail("The keyframe assigns one page to two spans.");

  std::vector<Event> events;
  if (frame.has_check_fired()) {
    if (auto read = decode_batch(frame.check_fired().SerializeAsString(), events); !read)
      return fail(read.error().message);
    if (events.size() != 1 || !std::holds_alternative<CheckFired>(events[0].body))
      return fail("The keyframe's fired check is not a CheckFired event.");
    s.check_fired = std::get<CheckFired>(events[0].body);
  }
  events.clear();
  if (frame.has_waiting()) {
    if (auto read = decode_batch(frame.waiting().SerializeAsString(), events); !read)
      return fail(read.error().message);
    if (events.size() > kMaxWaiting) return fail("The keyframe has too many waiting events.");
    for (const Event& event : events) decoded.apply(event);
  }
  s.events_folded = frame.events();
  s.refused.clear();
  replica = std::move(decoded);
  return {};
}

}  // namespace sweepscope::telemetry
