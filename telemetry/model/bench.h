// A bench session (`sweepctl step --serve`): the laboratory, stepped by one viewer and watched by others.
//
// What viewer and session send each other, as plain structs. Encoded by telemetry/wire/bench_messages.h; filled by the
// composition root from the laboratory's own structs (engine/laboratory/bench), shown by the dashboard. The fields are
// documented in telemetry/proto/sweepscope.proto at the messages of the same names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "telemetry/model/event.h"

namespace sweepscope::telemetry {

inline constexpr uint32_t kNoNode = ~0u;
inline constexpr uint32_t kNoThread = ~0u;

enum class BenchStepKind : uint8_t { kStart, kAccess, kArc, kRun, kChoice, kLoaded };
enum class BenchStop : uint8_t {  // why a step ended where it did
  kNone,
  kAccess,      // one access was asked for
  kArc,         // the thread wrote a word of the protocol
  kBlocked,     // the thread cannot continue
  kEnded,       // the thread has ended
  kChoice,      // the thread must choose
  kBetween,     // it has read a word, is about to write it, and another thread can write it now
  kBreakpoint,  // BenchNode::why names it
  kViolation,
  kRunEnded,
  kLimit,  // too many accesses for one request
};
enum class BenchOutcome : uint8_t { kRunning, kFinished, kViolation };
enum class BenchThreadState : uint8_t { kCanRun, kBlocked, kMustChoose, kEnded };
enum class BoardSpanState : uint8_t { kNeeds, kSweeping, kSwept, kStale, kCached, kIllegal };
// Of the distance sweepgen - sg.
constexpr BoardSpanState state_at(int32_t distance) {
  switch (distance) {
    case -2: return BoardSpanState::kNeeds;
    case -1: return BoardSpanState::kSweeping;
    case 0: return BoardSpanState::kSwept;
    case 1: return BoardSpanState::kStale;
    case 3: return BoardSpanState::kCached;
    default: return BoardSpanState::kIllegal;
  }
}
enum class BoardPlace : uint8_t { kFree, kNonempty, kEmpty, kCache, kBetween, kLarge, kManual };
enum class BoardQueue : uint8_t { kNone, kSwept, kUnswept, kBoth };
enum class ObjectColour : uint8_t { kNone, kWhite, kGrey, kBlack, kFreed };
enum class RootKind : uint8_t { kGlobals, kStack, kBarrier };
enum class RootScan : uint8_t { kNone, kWaiting, kScanned };
enum class BenchRuleState : uint8_t { kHolds, kNoted, kFired };
enum class BenchRuleMode : uint8_t { kStop, kNote, kOff };
enum class BenchSearchState : uint8_t { kNone, kRunning, kFound, kNothing, kUndecided, kCancelled };

struct BenchSetup {
  std::string scenario, policy, fault;  // fault: empty for none
  uint32_t procs = 0, spans = 0;        // 0: the scenario's default
  uint64_t seed = 1;
  std::vector<std::string> checks;  // RULE=MODE, the later one wins
  bool operator==(const BenchSetup&) const = default;
};

// --- requests --------------------------------------------------------------------------------------------

struct BenchWatch {};
struct BenchTakeSeat {};
struct BenchLeaveSeat {};
struct BenchStepRequest {
  uint32_t node = 0;
  BenchStepKind kind = BenchStepKind::kArc;
  uint32_t thread = 0;
  uint32_t choice = 0;  // kChoice: the number of the alternative
};
struct BenchGo {
  uint32_t node = 0;
};
struct BenchLook {
  uint32_t node = 0;
};
struct BenchName {
  uint32_t node = 0;
  std::string name;
};
struct BenchBreakpoints {
  std::vector<std::string> breakpoints;  // "rule I1", "arc T7", "span 3"
};
struct BenchSearchRequest {
  uint32_t node = 0;
  bool start = true;  // false: cancel
};
struct BenchLoad {
  std::string schedule;  // the text format of `sweepctl explore --out`
};
struct BenchGetSchedule {
  uint32_t node = 0;
};
struct BenchOpenLesson {
  std::string text;  // of a lesson file
  uint32_t run = 1;  // from 1
};

using BenchRequestBody = std::variant<BenchWatch, BenchTakeSeat, BenchLeaveSeat, BenchSetup, BenchStepRequest,
                                      BenchGo, BenchLook, BenchName, BenchBreakpoints, BenchSearchRequest,
                                      BenchLoad, BenchGetSchedule, BenchOpenLesson>;
struct BenchRequest {
  uint64_t id = 0;  // of the viewer's choice, repeated in the answer
  BenchRequestBody body;
};

// --- the state of the session ----------------------------------------------------------------------------

struct BenchNode {
  uint32_t parent = kNoNode;
  BenchStepKind kind = BenchStepKind::kStart;
  uint32_t thread = kNoThread;
  uint32_t choice = 0;
  BenchStop stop = BenchStop::kNone;
  uint32_t steps_before = 0, steps = 0;
  BenchOutcome outcome = BenchOutcome::kRunning;
  std::string text, why, name;
  bool quiet = false;
};

struct BenchRead {  // a word that the predicate of a wait reads
  std::string text;
  uint64_t value = 0;
};

struct BenchThread {
  uint32_t thread = 0;
  std::string name;
  BenchThreadState state = BenchThreadState::kCanRun;
  uint16_t p = kNoP;
  std::string text;  // the next access in words, or why it is blocked
  std::string step;
  StepOp op = StepOp::kLoad;
  uint8_t word = 0;
  uint32_t object = 0;
  std::string file;
  uint32_t line = 0;
  uint32_t holder = kNoThread;  // of the lock that it waits for
  bool between = false;         // kBetween holds before its next access
  std::vector<BenchRead> reads;
  std::vector<std::string> alternatives;
  std::vector<std::string> locks;  // that it holds
  std::optional<int64_t>
      assist_credit;  // bytes, < 0: it owes marking; absent: no concurrent marking is under way
};

struct BoardSpan {
  SpanId id = 0;
  uint8_t status = 0;  // SpanStatus of the schema
  uint32_t first_page = 0, pages = 0;
  uint32_t sweepgen = 0;
  int32_t distance = 0;  // sweepgen - sg
  BoardSpanState state = BoardSpanState::kSwept;
  uint8_t span_class = 0;
  uint32_t elem_bytes = 0, nelems = 0, freeindex = 0, alloc_count = 0;
  std::vector<uint64_t> alloc_bits, mark_bits;  // slot n: bit n % 64 of word n / 64
  BoardPlace place = BoardPlace::kFree;
  uint16_t p = kNoP;  // kCache
  BoardQueue queue = BoardQueue::kNone;
};

struct BoardCached {
  uint8_t span_class = 0;
  SpanId span = 0;
};

struct BoardP {
  uint16_t id = 0;
  PStatus status = PStatus::kIdle;
  uint32_t thread = kNoThread;
  uint32_t flush_gen = 0;
  int32_t distance = 0;  // flush_gen - sg
  std::vector<BoardCached> cached;
};
// Its flushGen is behind sg. Eager flushing writes the coming sg, so that it is ahead until the turn.
inline bool awaits_flush(const BoardP& p) { return p.distance < 0; }

struct BoardLock {
  std::string name;
  uint8_t word = 0;
  uint32_t object = 0;
  uint32_t holder = kNoThread;
  std::vector<uint32_t> waiters;
};

struct BenchRule {
  std::string rule;
  BenchRuleMode mode = BenchRuleMode::kStop;
  BenchRuleState state = BenchRuleState::kHolds;
  uint64_t times = 0, first_step = 0;
  std::string text;  // of the first time
};

// The pacer. Bytes, unless a name says pages; what is off or not known is absent.
struct BoardPacing {
  bool concurrent = false;
  uint64_t heap_live = 0;
  std::optional<uint32_t> gogc;
  std::optional<uint64_t> trigger, goal, marked;
  std::optional<int64_t> credit;
  uint32_t unswept_pages = 0;
  std::optional<uint32_t> owed_pages;
  bool operator==(const BoardPacing&) const = default;
  // Whether heap_live decides anything: GOGC is on, or assists pay.
  bool matters() const { return concurrent || gogc.has_value(); }
};

struct BoardObject {
  uint32_t number = 0;  // from 1
  SpanId span = kNoId;  // kNoId: the span that it lay in is not in use
  uint32_t slot = 0;
  ObjectColour colour = ObjectColour::kNone;
  bool marked = false;
  std::vector<uint32_t> refs;  // numbers of objects, 0: refers to nothing
};

struct BoardRoot {
  RootKind kind = RootKind::kGlobals;
  uint32_t thread = kNoThread;  // not of kGlobals
  RootScan scan = RootScan::kNone;
  std::vector<uint32_t> objects;  // numbers
};

struct Board {
  bool known = false;  // false: the engine is not made yet or has ended
  uint32_t sg = 0;
  Phase phase = Phase::kOff;
  bool stopped = false;
  bool sweep_done = false;
  uint32_t sweepers = 0, unflushed = 0;
  std::vector<BoardSpan> spans;
  std::vector<BoardP> ps;
  std::vector<BoardLock> locks;
  std::vector<BenchRule> rules;
  std::optional<BoardPacing> pacing;  // absent: not known
  std::vector<BoardObject> objects;   // in the order made; empty: of a scenario that shows none
  std::vector<BoardRoot> roots;
};

struct BenchRow {  // one access
  uint32_t step = 0, thread = 0;
  StepOp op = StepOp::kLoad;
  uint8_t word = 0;
  uint32_t object = 0, before = 0, after = 0;
  std::string name, text, arc;
  bool folded = false;  // bookkeeping and locks: belongs to the arc that follows
};

struct BenchVerdict {
  BenchOutcome outcome = BenchOutcome::kRunning;
  std::string rule, kind, text;
  uint64_t step = 0;
  uint32_t thread = kNoThread;
  // What follows if the violation is ignored: "memory", "books", "leak", "hang", "false alarm" or "none", and a sentence.
  // Empty: not examined.
  std::string harm, harm_text;
  uint64_t harm_step = 0;  // of the run in which it was seen; 0: none, or not known
};

struct BenchView {
  uint32_t node = 0;
  uint32_t steps = 0;
  std::vector<BenchThread> threads;
  Board board;
  BenchVerdict verdict;
  std::vector<BenchRow> rows;
};

struct BenchSearch {
  BenchSearchState state = BenchSearchState::kNone;
  uint32_t node = 0;
  uint32_t found = kNoNode;
  uint64_t schedules = 0, steps = 0;
  uint32_t milliseconds = 0;
  std::string text;
};

struct BenchState {
  uint64_t revision = 0;
  BenchSetup setup;
  std::string bounds;
  uint32_t current = 0;
  std::vector<BenchNode> nodes;
  BenchView view;
  std::vector<std::string> breakpoints;
  BenchSearch search;
  uint64_t seat = 0;  // the viewer that steps; 0: none
  std::string error;  // of saving
};

// --- what the session offers, and its answers ------------------------------------------------------------

struct BenchScenario {
  std::string name, text;
  uint32_t procs = 0, spans = 0, most_procs = 0, most_spans = 0;
};
struct BenchPolicy {
  std::string name, text;
};
struct BenchFault {
  std::string name, text;
  std::vector<std::string> policies, scenarios, rules, passed;
  std::string outside;  // why it cannot be stepped; empty: it can
};
struct BenchCatalogue {
  std::vector<BenchScenario> scenarios;
  std::vector<BenchPolicy> policies;
  std::vector<BenchFault> faults;
  std::vector<std::string> rules;
};

struct BenchAnswer {
  uint64_t request = 0;
  uint64_t viewer = 0;
  std::string error;                      // one line; empty: done
  uint32_t node = kNoNode;                // of a step
  std::vector<BenchView> view;            // of a look: one
  std::string schedule;                   // of BenchGetSchedule
  std::vector<BenchCatalogue> catalogue;  // of a watch: one
};

}  // namespace sweepscope::telemetry
