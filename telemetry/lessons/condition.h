// A condition on a bench session: what a goal of a lesson waits for, what a claim asserts, how a hands-on step is
// recognised. One sentence of a fixed form, such as "span 3 is stale" or "T2 of span 3 happens"; README.md lists them.
//
// Words only; facts.h decides whether it holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "telemetry/model/bench.h"

namespace sweepscope::telemetry::lessons {

struct Condition {
  enum class Kind : uint8_t {
    // Of the board.
    kSg,            // sg is `number`
    kSpanState,     // a span is `state`
    kSpanFree,      // a span is free
    kSpanDistance,  // a span is at `distance`
    kSpanPlace,     // a span lies in `place`
    kSpanQueue,     // a span is in `queue`
    kSpanSlots,     // a span has `number` of `most` slots taken
    kSpanCount,     // `number` spans are `state`
    kFlushed,       // a P is flushed: its flushGen is sg
    kNotFlushed,    // its flushGen is sg - 2
    kCaches,        // a P caches `number` spans
    kIdle,          // a P is idle
    kRuns,          // a P runs `name`
    kStopped,       // the world is stopped
    kWorldRuns,
    kPhase,  // the phase is `phase`
    // Of the objects and roots.
    kColour,         // object `object` is `colour`
    kRefersTo,       // object `object` refers to object `number`
    kRefersNowhere,  // object `object` refers to nothing
    kReachable,      // the program can reach object `object`
    kUnreachable,
    kNoGrey,        // no object is grey
    kStackScanned,  // the stack of `name` is scanned
    kStackNotScanned,
    // Of the thread `name`.
    kBlocked,
    kEnded,
    kMustChoose,
    kCanRun,
    kAboutToWrite,  // it has read a word of the protocol, and another thread can write it first
    kAboutToRead,   // its next access reads the sweepgen of `span`
    // Of the rule `name`.
    kHolds,
    kNoted,
    kFires,
    kNoRuleViolated,
    kRuleViolated,  // any, noted or fired
    // Of the pacer. Bytes and pages are `number`.
    kHeapLive,
    kTrigger,
    kGoal,
    kAtTrigger,     // heap_live has reached the trigger
    kBelowTrigger,  // there is a trigger, and it has not
    kCredit,        // of the background workers, while marking is concurrent
    kOwedPages,     // a thread that takes a span must sweep `number` pages first
    kOwesCredit,    // thread `name` must pay before it allocates
    // Of the steps since the beat or the goal began.
    kArc,  // `arc` is made: by thread `name` and of span `span`, if they are given; `number` times if it is given
    kSgRises,
    kSgWrites,          // sg is written `number` times
    kSpanWrites,        // the sweepgen of span `span`, without it of any span, is written `number` times
    kCollectionBegins,  // marking begins
    kAssists,           // thread `name`, a mutator, marks
    // Of the engine's sizes.
    kSlotBytes,  // an object of `number` bytes takes `most`
    // Of the student.
    kTyped,  // two numbers were typed that make `state`
  };
  Kind kind = Kind::kSg;
  std::string text;  // as the file has it
  std::string name;  // thread or rule; empty: any
  std::string arc;
  std::optional<uint32_t> span, object, number;
  uint32_t most = 0;
  BoardSpanState state = BoardSpanState::kSwept;
  ObjectColour colour = ObjectColour::kNone;
  Phase phase = Phase::kOff;
  BoardPlace place = BoardPlace::kFree;
  BoardQueue queue = BoardQueue::kNone;
  uint16_t p = kNoP;
  int32_t distance = 0;
};

struct ParsedCondition {
  std::optional<Condition> condition;
  std::string error;  // one line
};
ParsedCondition parse_condition(std::string_view text);

// In a goal, whose thread is given, also the short forms "T2 of span 3", "T2", "blocked", "ended", "at a choice",
// "free to run", "about to write" and "about to read the sweepgen of span 3".
ParsedCondition parse_goal_condition(std::string_view thread, std::string_view text);

std::string_view name(BoardSpanState state);  // "needs sweep" ...
std::string_view name(ObjectColour colour);   // "white" ...; kNone: "without a colour"
std::string_view name(Phase phase);           // "off" ...

}  // namespace sweepscope::telemetry::lessons
