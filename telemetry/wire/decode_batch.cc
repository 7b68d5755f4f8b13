#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "telemetry/wire/batch.h"
#include "telemetry/wire/batch_fields.h"
#include "telemetry/wire/varint.h"

namespace sweepscope::telemetry {
namespace {

using namespace wire;

// A column being read. open() has checked that it holds exactly as many varints as are taken.
struct InColumn {
  std::string_view bytes;
  const char* at = nullptr;  // null: absent, all zeros
  uint32_t previous = 0;

  // False if the varint is longer than 64 bits; it is consumed anyway.
  bool take(uint64_t& value) {
    if (at == nullptr) {
      value = 0;
      return true;
    }
    uint8_t byte = static_cast<uint8_t>(*at++);
    if (byte < 0x80) [[likely]] {
      value = byte;
      return true;
    }
    uint64_t sum = byte & 0x7f;
    int shift = 7;
    do {
      byte = static_cast<uint8_t>(*at++);
      if (shift < 64) sum |= static_cast<uint64_t>(byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80);
    value = sum;
    return shift <= 70;
  }
};

// The Io of rows.h that reads. An invalid value sets `bad_field`; the row is then unusable.
struct Reader {
  static constexpr bool kWrites = false;
  template <class T>
  using Of = T;

  InColumn* columns;
  uint32_t& heap_gen;
  uint32_t bad_field = 0;

  template <class T>
  void plain(uint32_t field, T& value) {
    uint64_t raw;
    if (!columns[field - 1].take(raw) || raw > std::numeric_limits<T>::max()) bad_field = field;
    value = static_cast<T>(raw);
  }
  void signed_plain(uint32_t field, uint32_t& value) {
    plain(field, value);
    value = unzigzag(value);
  }
  void delta(uint32_t field, uint32_t& value) {
    plain(field, value);
    value = columns[field - 1].previous += unzigzag(value);
  }
  void gen(uint32_t field, uint32_t& value) {
    signed_plain(field, value);
    value += heap_gen;
  }
  template <class T>
  void plus_one(uint32_t field, T& value) {
    plain(field, value);
    --value;
  }
  template <class E>
  void choice(uint32_t field, E& value, E first, E last) {
    uint64_t raw;
    if (!columns[field - 1].take(raw) || raw < static_cast<uint64_t>(first) ||
        raw > static_cast<uint64_t>(last)) {
      bad_field = field;
      raw = static_cast<uint64_t>(first);
    }
    value = static_cast<E>(raw);
  }
  bool require(bool holds, uint32_t field) {
    if (!holds) bad_field = field;
    return holds;
  }
};

template <size_t K>
uint32_t take_rows(std::span<Event> events, InColumn* columns, uint32_t& heap_gen) {
  Reader reader{columns, heap_gen};
  for (Event& event : events) {
    std::variant_alternative_t<K, Body> body{};
    row(reader, body);
    event.body.emplace<K>(body);
  }
  return reader.bad_field;
}
using TakeRows = uint32_t (*)(std::span<Event>, InColumn*, uint32_t&);
constexpr auto kTakeRows = []<size_t... K>(std::index_sequence<K...>) {
  return std::array<TakeRows, kKinds>{&take_rows<K>...};
}
(std::make_index_sequence<kKinds>());

// For messages; in the order of Body.
// clang-format off
constexpr std::array<const char*, kKinds> kKindNames{
    "transition", "span_allocated", "span_freed", "turn", "flush", "phase_change", "stw", "mark_progress",
    "sweep_credit", "pacer", "procresize", "p_status_change", "check_fired", "log", "step_taken",
    "mark_work", "mark_share", "alloc_latency"};
// clang-format on

tl::unexpected<Error> damaged(const std::string& what) { return fail("damaged batch: " + what); }

// The header fields of a batch and its columns as bytes, not yet checked against each other.
struct Outline {
  BatchHeader header;
  uint32_t sweepgen_base = 0;
  InColumn kind_runs, run_stream, run_length, run_ns, ns_delta;
  std::array<std::string_view, kKinds> kinds;
};

bool is_column(uint32_t batch_field) {
  return (batch_field >= kKindRuns && batch_field <= kNsDelta) ||
         (batch_field >= kFirstColumns && batch_field < kFirstColumns + kKinds);
}

Result<Outline> outline(std::string_view bytes) {
  Outline o;
  uint64_t count = 0;
  FieldReader fields(bytes);
  while (fields.next()) {
    if (fields.type() == WireType::kVarint) {
      switch (fields.field()) {
        case kFirstSeq: o.header.first_seq = fields.number(); break;
        case kCount: count = fields.number(); break;
        case kLostBefore: o.header.lost_before = fields.number(); break;
        case kBaseNs: o.header.base_ns = static_cast<int64_t>(unzigzag(fields.number())); break;
        case kSweepgenBase: o.sweepgen_base = static_cast<uint32_t>(fields.number()); break;
        default:
          if (is_column(fields.field())) return damaged("a column is not packed");
      }
    } else if (fields.type() == WireType::kBytes) {
      switch (fields.field()) {
        case kKindRuns: o.kind_runs.bytes = fields.bytes(); break;
        case kRunStream: o.run_stream.bytes = fields.bytes(); break;
        case kRunLength: o.run_length.bytes = fields.bytes(); break;
        case kRunNs: o.run_ns.bytes = fields.bytes(); break;
        case kNsDelta: o.ns_delta.bytes = fields.bytes(); break;
        default:
          if (is_column(fields.field())) o.kinds[fields.field() - kFirstColumns] = fields.bytes();
      }
    }
  }
  if (!fields.ok()) return damaged("cannot parse its fields");
  if (count > kMaxBatchEvents)
    return damaged(std::to_string(count) + " events, the limit is " + std::to_string(kMaxBatchEvents));
  if (o.header.first_seq > std::numeric_limits<uint64_t>::max() - count)
    return damaged("its sequence numbers overflow");
  o.header.count = static_cast<uint32_t>(count);
  return o;
}

// The number of varints in the bytes, ~0 if the last one is truncated.
size_t count_varints(std::string_view bytes) {
  if (!bytes.empty() && static_cast<uint8_t>(bytes.back()) >= 0x80) return ~size_t{0};
  return static_cast<size_t>(
      std::count_if(bytes.begin(), bytes.end(), [](char c) { return static_cast<uint8_t>(c) < 0x80; }));
}

// Prepares the column for reading; false unless it holds exactly `values` values or is absent.
bool open(InColumn& column, size_t values) {
  if (column.bytes.empty()) return true;
  column.at = column.bytes.data();
  return count_varints(column.bytes) == values;
}

// The kinds of the batch's events as runs, and the number of events of each kind.
struct Runs {
  struct Run {
    uint32_t kind, length;
  };
  std::vector<Run> runs;
  std::array<size_t, kKinds> counts{};
};

Result<Runs> read_kind_runs(Outline& o) {
  Runs result;
  const size_t values = count_varints(o.kind_runs.bytes);
  if (values > 2 * uint64_t{o.header.count} || !open(o.kind_runs, values))
    return damaged("kind_runs is truncated or too long");
  result.runs.reserve(values);
  uint64_t total = 0;
  for (size_t i = 0; i < values; ++i) {
    uint64_t value;
    if (!o.kind_runs.take(value)) return damaged("kind_runs holds a number beyond 64 bits");
    uint64_t kind = value & ((1u << kKindBits) - 1);
    const uint64_t length = (value >> kKindBits) + 1;
    if (kind == kKindEscape) {
      uint64_t beyond;
      if (++i == values) return damaged("kind_runs ends inside an event kind");
      if (!o.kind_runs.take(beyond)) return damaged("kind_runs holds a number beyond 64 bits");
      if (beyond > kKinds - kFirstEscapedKind)
        return damaged("event kind " + std::to_string(kFirstEscapedKind) + " + " + std::to_string(beyond) +
                       " is unknown");
      kind = kFirstEscapedKind + beyond;
    }
    if (length > o.header.count - total) return damaged("kind_runs holds more events than the count");
    total += length;
    result.counts[kind - 1] += length;
    result.runs.push_back({static_cast<uint32_t>(kind - 1), static_cast<uint32_t>(length)});
  }
  if (total != o.header.count) return damaged("kind_runs holds fewer events than the count");
  return result;
}

Result<> read_times(Outline& o, std::span<Event> events) {
  const size_t runs = o.run_length.bytes.empty() ? 0 : count_varints(o.run_length.bytes);
  if (runs > events.size() || !open(o.run_length, runs) || !open(o.run_stream, runs) ||
      !open(o.run_ns, runs) || !open(o.ns_delta, events.size() - runs))
    return damaged("the columns of times and streams differ in length");
  uint64_t ns = static_cast<uint64_t>(o.header.base_ns);
  size_t next = 0;
  for (size_t run = 0; run < runs; ++run) {
    uint64_t stream, length, delta;
    if (!o.run_stream.take(stream) || !o.run_length.take(length) || !o.run_ns.take(delta))
      return damaged("a run holds a number beyond 64 bits");
    if (stream > std::numeric_limits<uint32_t>::max()) return damaged("a stream number beyond 32 bits");
    if (length == 0 || length > events.size() - next)
      return damaged("the runs hold more events than the count");
    ns += unzigzag(delta);
    for (uint64_t i = 0; i < length; ++i) {
      if (i != 0) {
        if (!o.ns_delta.take(delta)) return damaged("ns_delta holds a number beyond 64 bits");
        ns += delta;
      }
      events[next].ns = static_cast<int64_t>(ns);
      events[next].stream = static_cast<uint32_t>(stream);
      ++next;
    }
  }
  if (next != events.size()) return damaged("the runs hold fewer events than the count");
  return {};
}

using Columns = std::array<std::array<InColumn, kMaxColumns>, kKinds>;

Result<> open_columns(const Outline& o, const Runs& runs, Columns& columns) {
  for (size_t kind = 0; kind < kKinds; ++kind) {
    FieldReader fields(o.kinds[kind]);
    while (fields.next()) {
      if (fields.field() > kMaxColumns) continue;
      if (fields.type() != WireType::kBytes) return damaged("a column is not packed");
      columns[kind][fields.field() - 1].bytes = fields.bytes();
    }
    if (!fields.ok()) return damaged(std::string("cannot parse the columns of ") + kKindNames[kind]);
    for (InColumn& column : columns[kind])
      if (!open(column, runs.counts[kind]))
        return damaged(std::string("a column of ") + kKindNames[kind] + " does not have one value per event");
  }
  return {};
}

Result<> fill(Outline& o, std::span<Event> events, const Runs& runs) {
  Columns columns;
  if (auto opened = open_columns(o, runs, columns); !opened) return opened;
  if (auto timed = read_times(o, events); !timed) return timed;
  uint32_t heap_gen = o.sweepgen_base;
  size_t next = 0;
  for (const Runs::Run& run : runs.runs) {
    const uint32_t bad =
        kTakeRows[run.kind](events.subspan(next, run.length), columns[run.kind].data(), heap_gen);
    if (bad != 0)
      return damaged(std::string("column ") + std::to_string(bad) + " of " + kKindNames[run.kind] +
                     " holds a value out of range");
    next += run.length;
  }
  return {};
}

}  // namespace

Result<BatchHeader> peek_batch(std::string_view bytes) {
  return outline(bytes).map([](const Outline& o) { return o.header; });
}

Result<BatchHeader> decode_batch(std::string_view bytes, std::vector<Event>& out) {
  auto o = outline(bytes);
  if (!o) return tl::unexpected(o.error());
  auto runs = read_kind_runs(*o);
  if (!runs) return tl::unexpected(runs.error());
  const size_t before = out.size();
  out.resize(before + o->header.count);
  if (auto filled = fill(*o, std::span(out).subspan(before), *runs); !filled) {
    out.resize(before);
    return tl::unexpected(filled.error());
  }
  return o->header;
}

}  // namespace sweepscope::telemetry
