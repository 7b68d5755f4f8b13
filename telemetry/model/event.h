// Decoded events: the content of the wire and of recordings, and the input of the replica.
// Independent of the engine's records (telemetry/probe translates) and of protobuf (telemetry/wire
// translates), so readers link neither.
// The enumerators equal those of telemetry/proto/sweepscope.proto;
// telemetry/probe asserts that they equal the engine's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>

namespace sweepscope::telemetry {

using SpanId = uint32_t;
inline constexpr uint32_t kNoId = ~0u;             // no span, no thread
inline constexpr uint16_t kNoP = 0xFFFF;           // no P
inline constexpr uint8_t kManualSpanClass = 0xFE;  // a stack span
inline constexpr int kSpanClasses = 134;  // size class << 1 | noscan; classes 0 and 1 are large objects

enum class Arc : uint8_t { kT2 = 2, kT3 = 3, kT4 = 4, kT6 = 6, kT7 = 7, kT8a = 8, kT8b = 18 };
enum class Cause : uint8_t {
  kNone = 0,
  kBackground,
  kProportional,
  kCacheSpan,
  kFlush,
  kEnsureSwept,
  kLargeAlloc,
  kReclaim,
  kForced,
  kFinish,
  kStw,
  kRefill,
  kRelease,
};
enum class FlushCause : uint8_t {
  kAcquireP = 1,
  kProcresize,
  kForEachP,
  kStw,
  kBackground,
  kSlowPath,
  kDestroy,
  kStats,
  kGcStart,
};
enum class Phase : uint8_t { kOff = 0, kSweepTermination, kMark, kMarkTermination };
enum class StwEdge : uint8_t { kRequested = 1, kStopped, kReleased, kStarted };
enum class StwReason : uint8_t {
  kSweepTermination = 1,
  kMarkTermination,
  kProcresize,
  kStats,
  kControl,
  kStwSweep
};
enum class PStatus : uint8_t { kIdle = 0, kReady, kRunning, kBlocked, kFlushing, kStopped, kDead };
enum class ListMembership : uint8_t { kNone = 0, kNonempty, kEmpty, kBusyLarge };
enum class MarkedBy : uint8_t { kDedicated = 0, kFractional, kIdle, kAssist };
inline constexpr size_t kMarkerKinds = 4;
enum class AllocPath : uint8_t { kFast = 0, kRefill, kSweep, kGrow, kLarge, kAssist, kCollect };
inline constexpr size_t kAllocPaths = 7;
enum class StepOp : uint8_t { kLoad = 1, kStore, kCasWon, kCasLost, kRmw, kLock, kUnlock, kWait, kChoice };

// The fields are documented at the same structs in engine/observe/event.h.
struct Transition {
  SpanId span;
  uint32_t number;
  uint32_t from, to;  // raw sweepgens
  uint16_t alloc_count;
  uint16_t p;
  Arc arc;
  Cause cause;
  ListMembership list;
};
struct SpanAllocated {
  SpanId span;
  uint32_t number, first_page, pages, sweepgen;
  uint16_t p;
  uint8_t span_class;
};
struct SpanFreed {
  SpanId span;
  uint32_t number, first_page, pages, sweepgen;
  uint16_t p;
};
struct Turn {
  uint32_t cycle, from, to, spans_in_use, ps;
};
struct Flush {
  uint16_t p;
  FlushCause cause;
  uint32_t spans, swept, ns, flush_gen, freed_objects;
  uint32_t black_bytes = 0;
};
struct PhaseChange {
  uint32_t cycle;
  Phase phase;
  uint64_t heap_live, heap_marked;
};
struct Stw {
  uint32_t cycle;
  StwEdge edge;
  StwReason reason;
  uint32_t ns, running, spans_flushed;
  // The engine's figures of this stop; 0: none, or recorded by an older engine.
  uint32_t flush_ns = 0;  // kReleased
  uint32_t mark_ns = 0;   // kStarted
};
struct MarkProgress {
  uint32_t cycle, worker, marked_objects;
  uint64_t marked_bytes;
};
struct SweepCredit {
  uint16_t p;
  uint32_t pages;
  uint64_t bytes, pages_owed;
};
struct Pacer {
  uint32_t cycle;
  uint64_t trigger, goal;
};
struct Procresize {
  uint32_t from, to, flush_gen;
};
struct PStatusChange {
  uint16_t p;
  PStatus from, to;
  uint32_t thread, owner, flush_gen, cached;
};
struct CheckFired {
  uint8_t code;
  uint16_t p;
  SpanId span;
  uint32_t sweepgen, raw, oracle, fiber;
};
struct Log {
  uint8_t code;
  uint32_t cycle;
  uint64_t a, b;
};
struct StepTaken {
  uint16_t fiber;
  StepOp op;
  uint8_t word;
  uint32_t step, object, before, after;
};
struct MarkWork {
  uint32_t cycle;
  MarkedBy by;
  uint64_t ns, bytes;
};
struct MarkShare {
  uint32_t cycle;
  uint32_t utilisation, ratio;  // millionths
  uint64_t credit_bytes;
};
struct AllocLatency {
  uint32_t cycle;
  AllocPath path;
  uint64_t count, total_ns, max_ns;
};

using Body = std::variant<Transition, SpanAllocated, SpanFreed, Turn, Flush, PhaseChange, Stw, MarkProgress,
                          SweepCredit, Pacer, Procresize, PStatusChange, CheckFired, Log, StepTaken, MarkWork,
                          MarkShare, AllocLatency>;

struct Event {
  int64_t ns;       // since the engine started (laboratory: the step number)
  uint32_t stream;  // the emitting thread
  Body body;
};

}  // namespace sweepscope::telemetry
