// The pacer: when a cycle starts, how far the heap may grow before it ends, and which threads pay for marking.
//
//        marked             trigger                      goal         1.1 goal
//   ────────┼──────────────────┼───────────────────────────┼──────────────┼────▶ heap_live, bytes
//           │ program runs,    │ concurrent marking:       │ past the     │
//           │ sweep finishes   │ 25 % of P + assists       │ soft goal    │ each byte pays for all that is left
//           │                  │                           │
//           └── x (1 + ratio) ─┘                           │
//           └── x (1 + GOGC / 100) ────────────────────────┘
//
// A proportional controller moves the ratio once a cycle, so that marking ends at the goal with 30 % of the
// CPU: 25 % background workers, 5 % assists (https://golang.org/s/go15gcpacing). Within a cycle the assist
// ratio makes each allocated byte pay its share of the marking that is left.
//
// Arithmetic only: values in, values out. No state, lock, clock or step point, so every thread may call it and
// the laboratory may choose all times. The collector and the allocator keep the values, under the locks that
// guard them.
//
// Invariants:
//   1. heap_minimum <= trigger <= goal; stopped marking: trigger == goal
//   2. sweep under way: trigger >= heap_live + 1 MiB * GOGC / 100
//   3. 0.7 * GOGC / 100 <= ratio <= 0.95 * GOGC / 100; GOGC off: ratio >= 0
//   4. dedicated + fractional * P is within 30 % of 0.25 * P; workers <= P
//   5. work per byte and bytes per work are finite, above 0, and each the inverse of the other
//   6. stolen + work left = the work asked for; a payment creates no work
//
// Units: a byte of heap_live, a nanosecond, a unit of work (one byte of scannable object). Byte counts saturate
// at kMostBytes, which no heap reaches; kNever stands for "off".
// Source: Go, runtime/mgc.go and mgcmark.go at 873bd47dfb34 (mgcpacer.go from Go 1.17 on); departures are
// marked as such.
#pragma once

#include <cstdint>

#include "engine/base/build.h"
#include "engine/options.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD::pacer {

enum class Marking : uint8_t { kConcurrent, kStopped };
enum class Sweep : uint8_t { kComplete, kUnderWay };
enum class Start : uint8_t { kTriggered, kForced, kPeriodic };

inline constexpr uint64_t kNever = ~uint64_t{0};           // a trigger or goal that is off
inline constexpr uint64_t kMostBytes = ~uint64_t{0} >> 1;  // differences of byte counts fit in int64_t

inline constexpr double kFirstRatio = 7 / 8.0;  // gcinit
// Bytes. The laboratory's heap has some ten pages, and its objects half a page.
inline constexpr uint64_t kHeapMinimum = kLaboratory ? 32 << 10 : 4 << 20;  // defaultHeapMinimum, at GOGC 100
inline constexpr uint64_t kSweepDistance = kLaboratory ? 8 << 10 : 1 << 20;  // sweepMinHeapDistance: GOGC 100
inline constexpr uint64_t kRunUp = kLaboratory ? 16 << 10 : 1 << 20;  // startCycle: heap_live to the goal
inline constexpr double kBackgroundUtilisation = 0.25;                // gcBackgroundUtilization
inline constexpr double kGoalUtilisation = 0.30;                      // gcGoalUtilization
inline constexpr uint64_t kAssistQuantum = kLaboratory ? 4 << 10 : 64 << 10;  // gcOverAssistWork: units
inline constexpr uint64_t kCreditSlack = 2000;                                // gcCreditSlack: units of work
inline constexpr uint64_t kAssistTimeSlack = 5000;                            // gcAssistTimeSlack: ns
inline constexpr uint32_t kGogcWhenOff = 100000;  // percent, revise: for forced cycles with GOGC off

// ---- Trigger and goal: at mark termination, and when GOGC changes ----

struct Heap {
  uint64_t marked;  // bytes, by the last complete marking; 0 before the first
  uint64_t live;    // bytes, now
  Sweep sweep;
};

struct Pace {
  double ratio;            // growth over marked at the trigger, in range for this GOGC
  uint64_t trigger, goal;  // bytes of heap_live; kNever: off
};

// Bytes below which no cycle triggers: 4 MiB * GOGC / 100. GOGC 0: none, each check triggers. Off: kNever.
uint64_t heap_minimum(uint32_t gogc);

// Into [0.7, 0.95] * GOGC / 100: some distance to the goal is left to pay in, and most of the heap's growth lies outside
// marking. Off: any ratio >= 0.
double clamp_ratio(double ratio, uint32_t gogc);

// gcSetTriggerRatio. `ratio`: the last pace's, next_ratio()'s, or kFirstRatio; it is clamped here.
// A minimum that raises the trigger raises the goal with it. Stopped marking needs no run-up and ignores the
// ratio, but keeps it.
Pace pace(Marking marking, const Heap& heap, uint32_t gogc, double ratio);

// Bytes of free pages that the process keeps once a sweep is complete: what the program may allocate before heap_live
// is the goal, and 10 % of the goal more (Go: retain 10 % above the goal). What fills the pages in use badly is not
// taken for growth, so that a fragmented heap does not get back in every cycle what it gave away in the last one. Goal
// off: kNever, all of them.
uint64_t retained_free(uint64_t goal, uint64_t live);

// startCycle: the goal of the cycle that starts at `live` bytes. A cycle may start late or after one large
// allocation; assists divide by the distance to the goal, so 1 MiB of it is guaranteed. Concurrent marking only.
uint64_t goal_at_start(uint64_t goal, uint64_t live);

// ---- The controller: once a cycle, when marking has ended ----

struct CycleEnd {
  Start start;
  Marking marking;
  Pace pace;           // that the cycle ran by; its goal as goal_at_start() left it
  uint64_t marked;     // bytes, by the marking before this one: what `pace` was computed from
  uint64_t live;       // bytes, before the new mark sets it back
  uint64_t assist_ns;  // over all threads
  uint64_t mark_ns;    // wall, start of marking to its end
  uint32_t procs;      // P, see budget_procs()
};

// The share of P * mark_ns that marking took from the program: 0.25, where the background workers are assumed
// to be, and the assists. Idle workers take nothing from it. >= 0.25; 0.25 if mark_ns is 0.
double utilisation(uint64_t assist_ns, uint64_t mark_ns, uint32_t procs);

// The marked heap that the controller measures growth against: `marked`, or the larger heap whose growth by
// `ratio` is the trigger, if a minimum raised the trigger. Growth over the real `marked` of a small heap is
// hundreds and no measure of the ratio.
// Departure: Go does so for the heap minimum only, and moves the goal too (startCycle: "fake heap_marked").
uint64_t controller_basis(uint64_t marked, const Pace& pace);

// endCycle: the next ratio, not yet clamped.
//   error = goal growth - ratio - utilisation / 0.30 * (growth at the end - ratio);  ratio += 0.5 * error
// Unchanged after a forced or periodic cycle, which did not start at the trigger, after stopped marking and with GOGC
// off. Departure: in Go a periodic cycle counts as triggered, and the ratio grows as if its little heap were its fault.
double next_ratio(const CycleEnd& end);

// ---- The background workers: at the start of a cycle ----

struct WorkerBudget {
  uint32_t dedicated;  // Ps that mark until the cycle ends
  double fractional;   // share of its time that each of the other Ps marks, 0..0.25; 0: no fractional workers
  uint32_t workers;    // threads that the budget needs, <= P
};

// P: as many as can run at once, 1..kMaxProcs. Departure: Go has no permits and takes GOMAXPROCS.
uint32_t budget_procs(uint32_t procs, uint32_t permits);

// startCycle: 25 % of P as whole Ps if rounding errs by at most 30 %, else (P = 1, 2, 3, 6) one less and the
// rest as fractions. Stopped marking: every P.
WorkerBudget worker_budget(Marking marking, uint32_t procs);

// Whether a P without a dedicated worker starts (findRunnableGCWorker) or leaves (pollFractionalWorkerExit) its
// fractional worker. `own_ns`: fractional marking on this P in this cycle, `mark_ns`: since marking started.
// The two bounds differ by 20 %, so that the worker is not due again at once.
bool fractional_due(double fractional, uint64_t own_ns, uint64_t mark_ns);
bool fractional_done(double fractional, uint64_t own_ns, uint64_t mark_ns);

// ---- Assists: during concurrent marking ----

struct MarkProgress {
  uint64_t heap_scan;  // scannable bytes of the heap, those allocated since the last cycle included
  uint64_t scan_done;  // units of work in this cycle, of all threads
  uint64_t live;       // bytes
  uint64_t goal;       // bytes, of this cycle; kNever is taken as kMostBytes
};

struct AssistRatio {
  double work_per_byte;   // that an allocation owes
  double bytes_per_work;  // 1 / work_per_byte
};

// Work that is left / bytes that are left to allocate. Soft: a heap in its steady state, of which
// 100 / (100 + GOGC) is reachable, up to the goal. Past the goal, or when more is reachable than that: all of
// heap_scan up to 1.1 * goal. At least 1000 units are left, for marks that were counted late, and 1 byte.
// Departure: a goal that is off is far away. Go's wraps to -1 there and charges a forced cycle's assists for
// everything at once.
AssistRatio revise(const MarkProgress& progress, uint32_t gogc);

// Whole bytes that `work` pays for, at least 1 so that work always reduces a debt; and whole units of work that
// unused bytes are worth (goexit0: a thread that ends gives its credit to the background).
uint64_t bytes_for_work(uint64_t work, const AssistRatio& ratio);
uint64_t work_for_bytes(uint64_t bytes, const AssistRatio& ratio);

struct Assist {
  uint64_t work;   // units, >= kAssistQuantum
  uint64_t bytes;  // what all of it pays for, >= the debt
};

// gcAssistAlloc: what a thread that owes `debt` bytes has to do. More than the debt if that is little, which
// pays for allocations to come. Departure: rounded up, so that all of the work settles the debt.
Assist assist_for(uint64_t debt, const AssistRatio& ratio);

struct Steal {
  uint64_t stolen;     // units of work, to subtract from the background credit
  uint64_t bytes;      // to add to the thread's balance
  uint64_t work_left;  // units to do; each unit done adds bytes_for_work()
};

// gcAssistAlloc: background credit pays first. `credit` < 0: two threads stole at once; nothing to steal then.
Steal steal_credit(const Assist& assist, int64_t credit, const AssistRatio& ratio);

struct Payment {
  uint64_t debt;  // bytes that remain; 0: wake the thread
  uint64_t work;  // units that remain, for the next parked thread and then for the background credit
};

// gcFlushBgCredit: background work pays the debt, in bytes, of a parked thread. A debt that remains goes to the
// back of the queue and ends the flush. Departure: work too little for a byte is kept, where Go drops it.
Payment pay_parked(uint64_t work, uint64_t debt, const AssistRatio& ratio);

// What a thread adds to a shared total now, work at kCreditSlack or time at kAssistTimeSlack: all it has
// collected once that is the slack, else 0.
uint64_t to_flush(uint64_t collected, uint64_t slack);

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD::pacer
