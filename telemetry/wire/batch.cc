#include "telemetry/wire/batch.h"

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>
#include <utility>

#include "telemetry/wire/rows.h"
#include "telemetry/wire/varint.h"

namespace sweepscope::telemetry {
namespace {

using namespace wire;

// Field numbers of Batch.
enum Field : uint32_t {
  kFirstSeq = 1,
  kCount,
  kLostBefore,
  kBaseNs,
  kSweepgenBase,
  kKindRuns,
  kRunStream,
  kRunLength,
  kRunNs,
  kNsDelta,
  kFirstColumns = 17,
};
constexpr int kKindBits = 4;
static_assert(kKinds < 1 << kKindBits);

uint32_t gen_told_by(const Event& event) {
  if (const auto* e = std::get_if<Transition>(&event.body)) return heap_gen(*e);
  if (const auto* e = std::get_if<SpanAllocated>(&event.body)) return e->sweepgen;
  if (const auto* e = std::get_if<SpanFreed>(&event.body)) return e->sweepgen;
  return 0;
}

// A column being written: `begin` has room for the longest varint of each value.
struct OutColumn {
  char* begin = nullptr;
  char* at = nullptr;
  uint64_t ones = 0;  // all values or-ed: a column of zeros is left out
  uint32_t previous = 0;

  void put(uint64_t value) {
    ones |= value;
    at = put_varint(at, value);
  }
  std::string_view bytes() const {
    return ones == 0 ? std::string_view() : std::string_view(begin, static_cast<size_t>(at - begin));
  }
};

// The Io of rows.h that writes.
struct Writer {
  static constexpr bool kWrites = true;
  template <class T>
  using Of = const T;

  OutColumn* columns;  // of the kind at hand

  void plain(uint32_t field, uint64_t value) { columns[field - 1].put(value); }
  void signed_plain(uint32_t field, uint32_t value) { columns[field - 1].put(zigzag(value)); }
  void delta(uint32_t field, uint32_t value) {
    OutColumn& column = columns[field - 1];
    column.put(zigzag(value - column.previous));
    column.previous = value;
  }
  template <class T>
  void nobody(uint32_t field, T value) {
    columns[field - 1].put(static_cast<T>(value + 1));
  }
  template <class E>
  void choice(uint32_t field, E value, E, E) {
    columns[field - 1].put(static_cast<uint64_t>(value));
  }
  bool require(bool, uint32_t) { return true; }
};

// A column being read. Its bytes were checked to hold exactly as many varints as will be taken.
struct InColumn {
  std::string_view bytes;
  const char* at = nullptr;  // null: absent, all zeros
  uint32_t previous = 0;

  // False if the varint is longer than 64 bits; it is consumed all the same.
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

// The Io of rows.h that reads. A bad value makes `bad_field` nonzero and the row senseless.
struct Reader {
  static constexpr bool kWrites = false;
  template <class T>
  using Of = T;

  InColumn* columns;
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
  template <class T>
  void nobody(uint32_t field, T& value) {
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
void put_rows(std::span<const Event> events, OutColumn* columns) {
  Writer writer{columns};
  for (const Event& event : events) row(writer, *std::get_if<K>(&event.body));
}
template <size_t K>
uint32_t take_rows(std::span<Event> events, InColumn* columns) {
  Reader reader{columns};
  for (Event& event : events) row(reader, event.body.emplace<K>());
  return reader.bad_field;
}
using PutRows = void (*)(std::span<const Event>, OutColumn*);
using TakeRows = uint32_t (*)(std::span<Event>, InColumn*);
template <size_t... K>
constexpr std::array<PutRows, kKinds> put_table(std::index_sequence<K...>) {
  return {&put_rows<K>...};
}
template <size_t... K>
constexpr std::array<TakeRows, kKinds> take_table(std::index_sequence<K...>) {
  return {&take_rows<K>...};
}
constexpr auto kPutRows = put_table(std::make_index_sequence<kKinds>());
constexpr auto kTakeRows = take_table(std::make_index_sequence<kKinds>());

void append_number(std::string& out, uint32_t field, uint64_t value) {
  if (value == 0) return;
  append_tag(out, field, WireType::kVarint);
  append_varint(out, value);
}
void append_bytes(std::string& out, uint32_t field, std::string_view bytes) {
  if (bytes.empty()) return;
  append_tag(out, field, WireType::kBytes);
  append_varint(out, bytes.size());
  out.append(bytes);
}
tl::unexpected<Error> damaged(const std::string& what) { return fail("damaged batch: " + what); }

constexpr const char* kKindNames[kKinds] = {
    "transition",    "span_allocated", "span_freed", "turn",       "flush",           "phase_change", "stw",
    "mark_progress", "sweep_credit",   "pacer",      "procresize", "p_status_change", "check_fired",  "log",
    "step_taken"};

// What the header fields of a batch say, before anything is believed.
struct Outline {
  BatchHeader header;
  uint32_t sweepgen_base = 0;
  InColumn kind_runs, run_stream, run_length, run_ns, ns_delta;
  std::array<std::string_view, kKinds> kinds;
};

Result<Outline> outline(std::string_view bytes) {
  Outline o;
  uint64_t count = 0;
  FieldReader fields(bytes);
  while (fields.next()) {
    if (fields.type() == WireType::kVarint) {
      switch (fields.field()) {
        case kFirstSeq:
          o.header.first_seq = fields.number();
          break;
        case kCount:
          count = fields.number();
          break;
        case kLostBefore:
          o.header.lost_before = fields.number();
          break;
        case kBaseNs:
          o.header.base_ns = static_cast<int64_t>(unzigzag(fields.number()));
          break;
        case kSweepgenBase:
          o.sweepgen_base = static_cast<uint32_t>(fields.number());
          break;
      }
    } else if (fields.type() == WireType::kBytes) {
      switch (fields.field()) {
        case kKindRuns:
          o.kind_runs.bytes = fields.bytes();
          break;
        case kRunStream:
          o.run_stream.bytes = fields.bytes();
          break;
        case kRunLength:
          o.run_length.bytes = fields.bytes();
          break;
        case kRunNs:
          o.run_ns.bytes = fields.bytes();
          break;
        case kNsDelta:
          o.ns_delta.bytes = fields.bytes();
          break;
        default:
          if (fields.field() >= kFirstColumns && fields.field() < kFirstColumns + kKinds)
            o.kinds[fields.field() - kFirstColumns] = fields.bytes();
      }
    }
  }
  if (!fields.ok()) return damaged("its fields do not parse");
  if (count > kMaxBatchEvents)
    return damaged(std::to_string(count) + " events, more than " + std::to_string(kMaxBatchEvents));
  if (o.header.first_seq > std::numeric_limits<uint64_t>::max() - count)
    return damaged("its sequence overflows");
  o.header.count = static_cast<uint32_t>(count);
  return o;
}

// How many varints the bytes hold, ~0 if the last one is cut off.
size_t count_varints(std::string_view bytes) {
  if (!bytes.empty() && static_cast<uint8_t>(bytes.back()) >= 0x80) return ~size_t{0};
  return static_cast<size_t>(
      std::count_if(bytes.begin(), bytes.end(), [](char c) { return static_cast<uint8_t>(c) < 0x80; }));
}

// Makes the column ready to give `values` values.
bool open(InColumn& column, size_t values) {
  if (column.bytes.empty()) return true;
  column.at = column.bytes.data();
  return count_varints(column.bytes) == values;
}

}  // namespace

struct BatchEncoder::Scratch {
  std::array<std::array<OutColumn, kMaxColumns>, kKinds> columns;
  OutColumn kind_runs, run_stream, run_length, run_ns, ns_delta;
  std::unique_ptr<char[]> memory;
  size_t capacity = 0;
  std::string message;  // one kind's columns

  void lay_out(std::span<const Event> events) {
    std::array<size_t, kKinds> counts{};
    for (const Event& event : events) ++counts[event.body.index()];
    const size_t needed = events.size() * kMaxVarint * (kMaxColumns + 5);
    if (needed > capacity) {
      memory = std::make_unique_for_overwrite<char[]>(needed);
      capacity = needed;
    }
    char* at = memory.get();
    const auto give = [&at](OutColumn& column, size_t values) {
      column = OutColumn{at, at};
      at += values * kMaxVarint;
    };
    for (size_t kind = 0; kind < kKinds; ++kind)
      for (OutColumn& column : columns[kind]) give(column, counts[kind]);
    for (OutColumn* column : {&kind_runs, &run_stream, &run_length, &run_ns, &ns_delta})
      give(*column, events.size());
  }

  void put_times(std::span<const Event> events) {
    int64_t previous = events.front().ns;
    size_t run_begin = 0;
    for (size_t i = 0; i < events.size(); ++i) {
      const Event& e = events[i];
      // Differences modulo 2^64: stamps far apart (damaged, or not times at all) still come back exactly.
      const uint64_t delta = static_cast<uint64_t>(e.ns) - static_cast<uint64_t>(previous);
      if (i == 0 || e.stream != events[i - 1].stream || e.ns < previous) {
        if (i != 0) run_length.put(i - run_begin);
        run_begin = i;
        run_stream.put(e.stream);
        run_ns.put(zigzag(delta));
      } else {
        ns_delta.put(delta);
      }
      previous = e.ns;
    }
    run_length.put(events.size() - run_begin);
  }

  void put_kinds(std::span<const Event> events) {
    for (size_t begin = 0; begin < events.size();) {
      const size_t kind = events[begin].body.index();
      size_t end = begin + 1;
      while (end < events.size() && events[end].body.index() == kind) ++end;
      kind_runs.put((kind + 1) | (end - begin - 1) << kKindBits);
      kPutRows[kind](events.subspan(begin, end - begin), columns[kind].data());
      begin = end;
    }
  }
};

BatchEncoder::BatchEncoder() : scratch_(std::make_unique<Scratch>()) {}
BatchEncoder::~BatchEncoder() = default;
BatchEncoder::BatchEncoder(BatchEncoder&&) noexcept = default;
BatchEncoder& BatchEncoder::operator=(BatchEncoder&&) noexcept = default;

std::string BatchEncoder::encode(std::span<const Event> events, uint64_t first_seq, uint64_t lost_before) {
  std::string out;
  append_number(out, kFirstSeq, first_seq);
  append_number(out, kCount, events.size());
  append_number(out, kLostBefore, lost_before);
  if (events.empty()) return out;

  Scratch& s = *scratch_;
  s.lay_out(events);
  uint32_t gen = 0;
  for (size_t i = 0; i < events.size() && gen == 0; ++i) gen = gen_told_by(events[i]);
  for (const GenColumn& column : kGenColumns) s.columns[column.kind][column.field - 1].previous = gen;
  s.put_times(events);
  s.put_kinds(events);

  append_number(out, kBaseNs, zigzag(static_cast<uint64_t>(events.front().ns)));
  append_number(out, kSweepgenBase, gen);
  append_bytes(out, kKindRuns, s.kind_runs.bytes());
  append_bytes(out, kRunStream, s.run_stream.bytes());
  append_bytes(out, kRunLength, s.run_length.bytes());
  append_bytes(out, kRunNs, s.run_ns.bytes());
  append_bytes(out, kNsDelta, s.ns_delta.bytes());
  for (size_t kind = 0; kind < kKinds; ++kind) {
    s.message.clear();
    for (uint32_t field = 1; field <= kMaxColumns; ++field)
      append_bytes(s.message, field, s.columns[kind][field - 1].bytes());
    append_bytes(out, static_cast<uint32_t>(kFirstColumns + kind), s.message);
  }
  return out;
}

std::string encode_batch(std::span<const Event> events, uint64_t first_seq, uint64_t lost_before) {
  return BatchEncoder().encode(events, first_seq, lost_before);
}

Result<BatchHeader> peek_batch(std::string_view bytes) {
  return outline(bytes).map([](const Outline& o) { return o.header; });
}

namespace {

// The kinds of the batch's events, as runs; how often each occurs.
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
  if (values > o.header.count || !open(o.kind_runs, values))
    return damaged("kind_runs is cut off or too long");
  result.runs.reserve(values);
  uint64_t total = 0;
  for (size_t i = 0; i < values; ++i) {
    uint64_t value;
    if (!o.kind_runs.take(value)) return damaged("kind_runs holds a number beyond 64 bits");
    const uint64_t kind = value & ((1u << kKindBits) - 1), length = (value >> kKindBits) + 1;
    if (kind == 0 || kind > kKinds) return damaged("event kind " + std::to_string(kind) + " is unknown");
    if (length > o.header.count - total) return damaged("kind_runs holds more events than count says");
    total += length;
    result.counts[kind - 1] += length;
    result.runs.push_back({static_cast<uint32_t>(kind - 1), static_cast<uint32_t>(length)});
  }
  if (total != o.header.count) return damaged("kind_runs holds fewer events than count says");
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
      return damaged("the runs hold more events than count says");
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
  if (next != events.size()) return damaged("the runs hold fewer events than count says");
  return {};
}

using Columns = std::array<std::array<InColumn, kMaxColumns>, kKinds>;

Result<> open_columns(const Outline& o, const Runs& runs, Columns& columns) {
  for (const GenColumn& column : kGenColumns)
    columns[column.kind][column.field - 1].previous = o.sweepgen_base;
  for (size_t kind = 0; kind < kKinds; ++kind) {
    FieldReader fields(o.kinds[kind]);
    while (fields.next())
      if (fields.type() == WireType::kBytes && fields.field() <= kMaxColumns)
        columns[kind][fields.field() - 1].bytes = fields.bytes();
    if (!fields.ok()) return damaged(std::string("the columns of ") + kKindNames[kind] + " do not parse");
    for (InColumn& column : columns[kind])
      if (!open(column, runs.counts[kind]))
        return damaged(std::string("a column of ") + kKindNames[kind] + " has not one value for each event");
  }
  return {};
}

Result<> fill(Outline& o, std::span<Event> events, const Runs& runs) {
  Columns columns;
  if (auto opened = open_columns(o, runs, columns); !opened) return opened;
  if (auto timed = read_times(o, events); !timed) return timed;
  size_t next = 0;
  for (const Runs::Run& run : runs.runs) {
    const uint32_t bad = kTakeRows[run.kind](events.subspan(next, run.length), columns[run.kind].data());
    if (bad != 0)
      return damaged(std::string("column ") + std::to_string(bad) + " of " + kKindNames[run.kind] +
                     " holds a value out of range");
    next += run.length;
  }
  return {};
}

}  // namespace

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
