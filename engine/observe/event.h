// The engine's events as plain 32-byte records, and nothing else.
//
// Emitted on slow paths only, by the thread that owns the arc or the P concerned.
// This header is shared by the production and the laboratory build unchanged (no step points
// in it), and is all that telemetry/probe includes of the engine. Meaning of every field:
// telemetry/proto/sweepscope.proto repeats it for the outside world.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace sweepscope::observe {

// No P: the actor holds none (background sweeper, marker).
inline constexpr uint16_t kNoP = 0xFFFF;
// SpanAllocated: a stack span (state `manual`), no span class.
inline constexpr uint8_t kManualSpanClass = 0xFE;

enum class EventKind : uint8_t {
  kTransition = 1,  // a span's sweepgen moved along an arc of engine/README.md
  kSpanAllocated,   // T1: pages became a span
  kSpanFreed,       // T9 (or manual -> free): a span became pages again
  kTurn,            // T5: h += 2; relabels every span at once
  kFlush,           // one mcache was flushed
  kPhase,           // the collector entered a phase
  kStw,             // an edge of a stop of the world
  kMarkProgress,    // after each 64 KiB marked, and when a marker gives up its work
  kSweepCredit,     // proportional sweep paid for an allocation
  kPacer,           // trigger and goal were set
  kProcresize,      // the number of Ps changed
  kPStatus,         // a P changed its status
  kCheckFired,      // a fatal check or (laboratory) an oracle fired; the last record of a run
  kLog,             // a log line by code
  kStep,            // laboratory only: one atomic protocol action
  kMarkWork,        // at the end of a cycle: what concurrent marking took, by kind of thread
  kMarkShare,       // at the end of a cycle: its share of the Ps, and the credit that was paid
  kAllocLatency,    // at the end of a cycle: its allocations of one path
};

// Arcs of engine/README.md that are a kTransition. T1, T5 and T9 have record kinds of their own.
enum class Arc : uint8_t {
  kT2Cache = 2,         //  0 -> +3   refill installs the span
  kT3ReplaceFull = 3,   // +3 ->  0   refill replaces a full span
  kT4Uncache = 4,       // +3 ->  0   fresh span leaves its cache
  kT6Claim = 6,         // -2 -> -1   a sweeper wins the CAS
  kT7ClaimStale = 7,    // +1 -> -1   the flusher of its cache
  kT8Swept = 8,         // -1 ->  0   it stays on its list, is on none (dead or large), or preserve
  kT8SweptListed = 18,  // -1 ->  0   T8b: by free_span, under mcentral.lock, after the list move
};

// The operation that caused the sweep or the transition.
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

// Who marks concurrently with the program: workers of three kinds, and threads that pay for what they allocate.
enum class MarkedBy : uint8_t { kDedicated = 0, kFractional, kIdle, kAssist };
inline constexpr size_t kMarkerKinds = 4;

// What an allocation did: kFast, or those of engine/options.h in the same order.
enum class AllocPath : uint8_t { kFast = 0, kRefill, kSweep, kGrow, kLarge, kAssist, kCollect };

// Every record begins with this. `stamp`: TSC ticks in production, the step number in the laboratory.
struct Header {
  uint64_t stamp;
  EventKind kind;
  uint8_t code;      // meaning depends on kind
  uint16_t p;        // the P concerned or acting, kNoP if none
  uint32_t subject;  // span id, cycle, fiber...: depends on kind
};

struct Record {  // the erased form: what chunks hold
  Header header;
  uint64_t payload[2];
};

struct Transition {  // code = Arc, subject = span
  Header header;
  uint32_t number;       // the span's transition number, +1 each event of it (allocation and free included)
  uint32_t from;         // raw sweepgen before
  uint32_t to;           // raw sweepgen after
  uint16_t alloc_count;  // after; T2: the other slots are added to heap_live, T4: they leave it
  Cause cause;
  ListMembership list;  // after
};
struct SpanAllocated {  // code = span class or kManualSpanClass, subject = span
  Header header;
  uint32_t number;
  uint32_t first_page;  // index of its first page, counted from the heap's base (arena 0 starts at 0)
  uint32_t pages;
  uint32_t sweepgen;  // raw, = h; manual: what its struct had, which means nothing
};
struct SpanFreed {  // subject = span
  Header header;
  uint32_t number;
  uint32_t first_page;
  uint32_t pages;
  uint32_t sweepgen;  // raw, at the time of the free
};
struct Turn {  // subject = cycle just marked
  Header header;
  uint32_t from;  // h before
  uint32_t to;    // h after, = from + 2
  uint32_t spans_in_use;
  uint32_t ps;
};
// code = FlushCause, p = the P whose mcache it was, subject = bytes of objects allocated from it while it was
// stale (policy `ragged`): heap_live counts them, and no refill promised them.
struct Flush {
  Header header;
  uint16_t spans;      // that left the cache: at most one of each span class
  uint16_t swept;      // of them were stale and swept by the flusher
  uint32_t ns;         // laboratory: steps
  uint32_t flush_gen;  // stored at the end; unchanged for a flush that does not store it
  uint32_t freed_objects;
};
struct PhaseChange {  // code = Phase entered, subject = cycle (1 = first)
  Header header;
  uint64_t heap_live;  // bytes
  uint64_t heap_marked;
};
// code = StwEdge, subject = cycle. requested, stopped, released, started, in this order, and never two stops
// at once. released: the stopped work is done; procresize and the start follow, and started ends the pause. A
// collector that marks in a stopped world has one stop for the whole cycle, with reason kMarkTermination.
struct Stw {
  Header header;
  StwReason reason;
  uint8_t pad[3];
  uint32_t ns;      // since the edge before (kRequested: 0), at most 4.29 s
  uint32_t detail;  // kReleased: flush_ns of the engine's Pause; kStarted: its mark_ns, at most 4.29 s;
                    // else the threads that were running at the request
  uint32_t spans_flushed;  // mcache spans flushed inside this stop (kReleased)
};
struct MarkProgress {  // subject = cycle
  Header header;
  uint64_t marked_bytes;    // by this worker since its last record
  uint32_t marked_objects;  // the same
  uint32_t worker;
};
struct SweepCredit {  // subject = pages swept for it
  Header header;
  uint64_t bytes;
  uint64_t pages_owed;
};
struct Pacer {  // subject = cycle after which it holds; 0: the engine's first event that is not a Procresize
  Header header;
  uint64_t trigger;  // heap_live in bytes at which the next cycle starts; ~0 = off
  uint64_t goal;
};
struct Procresize {  // subject = new number of Ps
  Header header;
  uint32_t from;
  uint32_t flush_gen;  // of the created Ps
  uint64_t pad;
};
struct PStatusChange {  // code = PStatus after, p = the P, subject = the thread (M) that did it
  Header header;
  PStatus from;
  uint8_t pad[3];
  uint32_t owner;      // thread that holds the P afterwards, ~0 = none
  uint32_t flush_gen;  // of its mcache
  uint32_t cached;     // spans in its mcache
};
struct CheckFired {  // code = fatal code (base/fatal_codes.h) or oracle rule, subject = span or ~0
  Header header;
  uint32_t sweepgen;  // the heap's
  uint32_t raw;       // the span's, if any
  uint32_t oracle;    // 0: an engine check; else the number N of the invariant IN
  uint32_t fiber;     // or thread
};
struct Log {  // code = LogCode, subject = cycle
  Header header;
  uint64_t a, b;  // the two values of the line
};
// code = operation (load, store, cas won, cas lost, rmw, lock, unlock, wait, choice), subject = step id
struct StepTaken {
  Header header;    // p = fiber
  uint32_t object;  // id of the span or P that owns the word
  uint32_t before;
  uint32_t after;
  uint8_t word;  // base/step.h: Word
  uint8_t pad[3];
};

// The figures of a cycle do not fit into one record of 32 bytes, so they are several, and a sum over them is the
// CycleRecord's. All carry the cycle that has ended, and follow its flush barrier if it has one.
//
// code = MarkedBy, subject = cycle. One for each kind that took part; none if marking stopped the world.
struct MarkWork {
  Header header;
  uint64_t ns;     // wall time on a P; laboratory: steps
  uint64_t bytes;  // scanned: of objects with references
};
// subject = cycle. One for each cycle that marked concurrently. Millionths: at most 4294.967295, more is cut to that.
struct MarkShare {
  Header header;
  uint64_t credit_bytes;  // scanned by workers, and paid for allocations in place of assists
  uint32_t utilisation;   // of the Ps, in millionths: 0.25 and the assists' share
  uint32_t ratio;         // of the trigger that the cycle ran by, in millionths: growth over the marked heap
};
// code = AllocPath, subject = cycle: allocations that ended since the mark termination before. One for each path that
// was taken, none in the laboratory. A count beyond kMostCount takes several; then the first has the whole time.
struct AllocLatency {
  static constexpr uint64_t kMostCount = (1u << 28) - 1, kMostMaxNs = (uint64_t{1} << 36) - 1;
  Header header;
  uint64_t total_ns;     // wall time, with all waits; kFast: 0, it is not timed
  uint64_t count : 28;   // allocations
  uint64_t max_ns : 36;  // the longest, at most 68.7 s; kFast: 0
};

enum class LogCode : uint8_t {
  kHeapGrown = 1,
  kGrowWhileUnswept,
  kOutOfMemory,
  kEngineStarted,
  kEngineStopped
};

template <class T>
concept Event = std::is_trivially_copyable_v<T> && sizeof(T) == sizeof(Record);

template <Event T>
Record erase(const T& event) {
  return std::bit_cast<Record>(event);
}
template <Event T>
T restore(const Record& record) {
  return std::bit_cast<T>(record);
}

static_assert(sizeof(Record) == 32);
static_assert(Event<Transition> && Event<SpanAllocated> && Event<SpanFreed> && Event<Turn> && Event<Flush> &&
              Event<PhaseChange> && Event<Stw> && Event<MarkProgress> && Event<SweepCredit> && Event<Pacer> &&
              Event<Procresize> && Event<PStatusChange> && Event<CheckFired> && Event<Log> &&
              Event<StepTaken> && Event<MarkWork> && Event<MarkShare> && Event<AllocLatency>);

}  // namespace sweepscope::observe
