#include <algorithm>
#include <array>
#include <utility>

#include "telemetry/wire/batch.h"
#include "telemetry/wire/batch_fields.h"
#include "telemetry/wire/varint.h"

namespace sweepscope::telemetry {
namespace {

using namespace wire;

// The heap's gen at the event, 0 if the event does not carry it.
uint32_t heap_gen_of(const Event& event) {
  if (const auto* e = std::get_if<Transition>(&event.body)) return heap_gen(*e);
  if (const auto* e = std::get_if<SpanAllocated>(&event.body)) return e->sweepgen;
  if (const auto* e = std::get_if<SpanFreed>(&event.body)) return e->sweepgen;
  if (const auto* e = std::get_if<Turn>(&event.body)) return e->from;
  return 0;
}

// A column being written: the memory at `begin` has room for the longest varint of each value.
struct OutColumn {
  char8_t* begin = nullptr;
  char8_t* at = nullptr;
  uint64_t ones = 0;  // all values or-ed: a column of zeros is omitted
  uint32_t previous = 0;

  void put(uint64_t value) {
    ones |= value;
    at = put_varint(at, value);
  }
  std::string_view bytes() const {
    if (ones == 0) return {};
    return {reinterpret_cast<const char*>(begin), static_cast<size_t>(at - begin)};
  }
};

// The Io of rows.h that writes.
struct Writer {
  static constexpr bool kWrites = true;
  template <class T>
  using Of = const T;

  OutColumn* columns;  // of the kind being written
  uint32_t& heap_gen;

  void plain(uint32_t field, uint64_t value) { columns[field - 1].put(value); }
  void signed_plain(uint32_t field, uint32_t value) { columns[field - 1].put(zigzag(value)); }
  void delta(uint32_t field, uint32_t value) {
    OutColumn& column = columns[field - 1];
    column.put(zigzag(value - column.previous));
    column.previous = value;
  }
  void gen(uint32_t field, uint32_t value) { signed_plain(field, value - heap_gen); }
  template <class T>
  void plus_one(uint32_t field, T value) {
    columns[field - 1].put(static_cast<T>(value + 1));
  }
  template <class E>
  void choice(uint32_t field, E value, E, E) {
    columns[field - 1].put(static_cast<uint64_t>(value));
  }
  bool require(bool, uint32_t) { return true; }
};

template <size_t K>
void put_rows(std::span<const Event> events, OutColumn* columns, uint32_t& heap_gen) {
  Writer writer{columns, heap_gen};
  for (const Event& event : events) row(writer, *std::get_if<K>(&event.body));
}
using PutRows = void (*)(std::span<const Event>, OutColumn*, uint32_t&);
constexpr auto kPutRows = []<size_t... K>(std::index_sequence<K...>) {
  return std::array<PutRows, kKinds>{&put_rows<K>...};
}
(std::make_index_sequence<kKinds>());

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
}  // namespace

struct BatchEncoder::Scratch {
  std::array<std::array<OutColumn, kMaxColumns>, kKinds> columns;
  OutColumn kind_runs, run_stream, run_length, run_ns, ns_delta;
  std::unique_ptr<char8_t[]> memory;
  size_t capacity = 0;
  std::string message;  // the columns of one kind

  void lay_out(std::span<const Event> events) {
    std::array<size_t, kKinds> counts{};
    for (const Event& event : events) ++counts[event.body.index()];
    const size_t needed = events.size() * kMaxVarint * (kMaxColumns + 6);
    if (needed > capacity) {
      memory = std::make_unique_for_overwrite<char8_t[]>(needed);
      capacity = needed;
    }
    char8_t* at = memory.get();
    const auto give = [&at](OutColumn& column, size_t values) {
      column = OutColumn{at, at};
      at += values * kMaxVarint;
    };
    for (size_t kind = 0; kind < kKinds; ++kind)
      for (OutColumn& column : columns[kind]) give(column, counts[kind]);
    give(kind_runs, 2 * events.size());  // with the value after an escape
    for (OutColumn* column : {&run_stream, &run_length, &run_ns, &ns_delta}) give(*column, events.size());
  }

  void put_times(std::span<const Event> events) {
    int64_t previous = events.front().ns;
    size_t run_begin = 0;
    for (size_t i = 0; i < events.size(); ++i) {
      const Event& e = events[i];
      // Differences modulo 2^64: any two stamps, also damaged ones, decode to the same values.
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

  void put_kind_run(uint64_t kind, uint64_t length) {
    const bool escaped = kind >= kFirstEscapedKind;
    kind_runs.put((escaped ? kKindEscape : kind) | (length - 1) << kKindBits);
    if (escaped) kind_runs.put(kind - kFirstEscapedKind);
  }

  void put_kinds(std::span<const Event> events, uint32_t heap_gen) {
    for (size_t begin = 0; begin < events.size();) {
      const size_t kind = events[begin].body.index();
      size_t end = begin + 1;
      while (end < events.size() && events[end].body.index() == kind) ++end;
      put_kind_run(kind + 1, end - begin);
      kPutRows[kind](events.subspan(begin, end - begin), columns[kind].data(), heap_gen);
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
  for (size_t i = 0; i < events.size() && gen == 0; ++i) gen = heap_gen_of(events[i]);
  s.put_times(events);
  s.put_kinds(events, gen);

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

}  // namespace sweepscope::telemetry
