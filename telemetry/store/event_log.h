// A session with random access: events in one order (`seq`, from 0), keyframes, marks. Two kinds: a Recording
// (an MCAP file) and a History (the live flight ring in memory). The dashboard plays both through this
// interface.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "telemetry/model/event.h"
#include "telemetry/model/result.h"
#include "telemetry/replica/replica.h"
#include "telemetry/store/cycle_costs.h"
#include "telemetry/store/heap_curve.h"

namespace sweepscope::telemetry {

struct SessionInfo {  // from Hello, or the recording's metadata; empty strings and 0 where unknown
  std::string program_version, engine_build;  // "production" or "laboratory"
  std::string workload, policy, command_line, environment_json;
  uint64_t seed = 0;
  uint32_t procs = 0, threads = 0, schema_version = 0;
  int64_t started_unix_ns = 0;
  std::vector<std::pair<uint32_t, std::string>> step_names;    // laboratory: step id -> text
  std::vector<std::pair<uint32_t, std::string>> stream_names;  // thread id -> name
  std::vector<std::pair<uint32_t, std::string>> check_names;   // code of a fired check -> its message
  // Laboratory: the name and description of the injected fault; the name ("I5") of the rule that is broken at
  // the end, and how. Empty: none, or not recorded.
  std::string fault, fault_text, broken_rule, broken_text;
};

// One stop of the world and its parts, as shown on the PAUSES lane. It lasts from begin_ns to started_ns; a
// collector that marks in a stopped world has one for each cycle. The time of an edge that is missing is that
// of the edge before it.
struct PauseMark {
  uint64_t seq;  // of the kRequested edge
  int64_t begin_ns, stopped_ns, released_ns, started_ns;
  int64_t mark_begin_ns, mark_end_ns;  // marking inside it; equal: none
  int64_t flush_ns;                    // how long mcaches were flushed, between stopped and released
  uint32_t cycle, spans_flushed;
  StwReason reason;
  bool ended = false;  // all edges were seen; else the later times are those of the last one seen

  int64_t length_ns() const { return started_ns - begin_ns; }
  int64_t ttsp_ns() const { return stopped_ns - begin_ns; }
  int64_t mark_ns() const { return mark_end_ns - mark_begin_ns; }
  int64_t start_ns() const { return started_ns - released_ns; }
};
struct PhaseMark {
  uint64_t seq;
  int64_t ns;
  uint32_t cycle;
  Phase phase;
};
struct FlushMark {
  uint64_t seq;
  int64_t ns;
  uint16_t p;
  FlushCause cause;
  uint32_t spans, swept, duration_ns;
};
struct CycleMark {
  uint64_t seq;  // the event that begins the cycle: its sweep termination phase change
  int64_t ns;
  uint32_t cycle;     // 1 = first, as everywhere
  uint32_t sweepgen;  // at its start
};
struct LimitMark {  // trigger and goal of the heap in bytes, ~0 = off; they hold until the next one
  int64_t ns;
  uint64_t trigger, goal;
};
struct CostMark {
  uint64_t seq;  // of the first event at the cycle's end that reports one
  int64_t ns;
  uint32_t cycle;  // of merged ones, the last
  CycleCosts costs;
};
// Bounded: beyond `kMarkCap` marks of a kind, neighbours are merged (in memory, not in the recording).
struct Marks {
  std::vector<CycleMark> cycles;
  std::vector<PhaseMark> phases;
  std::vector<PauseMark> pauses;
  std::vector<FlushMark> flushes;
  std::vector<HeapPoint> heap;
  std::vector<LimitMark> limits;
  std::vector<CostMark> costs;  // none for a recording of schema 2
};
// Where cycle `number` (1 = first) begins: the position after the event that begins it, where the state is
// that of the cycle. Nothing: the session does not hold it.
inline std::optional<uint64_t> seq_of_cycle(const Marks& marks, uint64_t number) {
  for (const CycleMark& mark : marks.cycles)
    if (mark.cycle == number) return mark.seq + 1;
  return std::nullopt;
}
struct LossMark {
  uint64_t seq;  // the loss lies just before this event
  int64_t ns;
  uint64_t count;
  std::string why;  // "viewer too slow", "damaged chunk", ...
};

struct Extent {
  uint64_t first_seq = 0, end_seq = 0;  // [first, end)
  int64_t first_ns = 0, last_ns = 0;
};
// Events inside the extent that are no longer in memory: [first, end), times of the events around them.
struct Gap {
  uint64_t first_seq, end_seq;
  int64_t from_ns, to_ns;
  bool holds(uint64_t seq) const { return first_seq <= seq && seq < end_seq; }
};

class EventLog {
 public:
  virtual ~EventLog() = default;
  virtual const SessionInfo& info() const = 0;
  virtual Extent extent() const = 0;
  virtual const Marks& marks() const = 0;
  virtual std::span<const LossMark> losses() const = 0;
  // Whether every event older than those before `seq` is one of them: an event that still waits there waits
  // for a missing one, and Replica::finish() refuses it. True everywhere in a recording of the laboratory,
  // which has the order of emission. seek(), check_recording() and the dashboard ask here, so that they reach
  // the same state.
  virtual bool settles_at([[maybe_unused]] uint64_t seq) const { return info().engine_build == "laboratory"; }
  // Only a ring with a held moment has one.
  virtual std::optional<Gap> gap() const { return std::nullopt; }

  // Appends at most `max` events from `seq` on, in order; fewer only at the end and before a gap. A seq
  // before extent().first_seq (dropped by the ring) or in a gap is an error.
  virtual Result<size_t> read(uint64_t seq, size_t max, std::vector<Event>& out) = 0;
  // Sets `replica` to the state after all events before `seq`: nearest keyframe, then the events between;
  // finished where the log settles. A gap has a state at its begin, but not inside.
  virtual Result<> seek(uint64_t seq, Replica& replica) = 0;
  // The first event at or after that time.
  virtual uint64_t seq_at(int64_t ns) = 0;
};

}  // namespace sweepscope::telemetry
