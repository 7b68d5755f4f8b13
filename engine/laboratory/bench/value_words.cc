#include "engine/laboratory/bench/value_words.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "engine/laboratory/bench/board.h"

namespace sweepscope::laboratory {
namespace {

using engine::CrewWord;
using engine::MarkWord;
using engine::Op;
using engine::Word;

constexpr uint32_t kOfNone = ~0u;              // a word of no P, span or thread: of all of them
constexpr uint64_t kStop = uint64_t{1} << 31;  // sched/world.h

// The word and what it holds.
struct Said {
  enum class Form : uint8_t {
    kName,    // of a value
    kAsks,    // a clause: the value is yes or no
    kCounts,  // things: the value is their number
  };
  std::string word, value;
  Form form = Form::kName;
};
using Form = Said::Form;

Said asks(std::string clause, uint64_t value) {
  return {std::move(clause), value != 0 ? "yes" : "no", Form::kAsks};
}

Said counts(std::string things, uint64_t value) {
  return {std::move(things), value == 0 ? "none" : std::to_string(value), Form::kCounts};
}

template <size_t n>
std::string one_of(const std::array<const char*, n>& names, uint64_t value) {
  return value < n ? names[value] : "?";
}

std::string number(uint64_t value) { return value == 0 ? "none" : std::to_string(value); }

constexpr std::array kSpanStates{"free", "in use", "a stack"};
constexpr std::array kPStatuses{"idle", "ready", "running", "blocked", "flushing", "stopped", "dead"};
constexpr std::array kPhases{"off", "sweep termination", "mark", "mark termination"};
constexpr std::array kStackScans{"black", "to be scanned by a marker", "to be scanned by its own thread",
                                 "being scanned by a marker"};
constexpr std::array kMarkPhases{"closed", "begun", "open to threads that mark", "ending"};

std::string signed_text(int32_t distance) { return (distance > 0 ? "+" : "") + std::to_string(distance); }

std::string sweepgen_value(uint64_t value, const WordContext& context) {
  const auto distance = static_cast<int32_t>(static_cast<uint32_t>(value) - context.sg);
  const BoardSpanState state = state_at(distance);
  if (state == BoardSpanState::kIllegal && !context.in_use) return "sg " + signed_text(distance);
  return name(state) + (" (" + signed_text(distance) + ")");
}

std::string world_value(uint64_t value) {
  const uint64_t running = value & ~kStop;
  const std::string threads = running == 1 ? "1 thread runs" : std::to_string(running) + " threads run";
  if ((value & kStop) == 0) return threads;
  return running == 1 ? "stopped" : threads + ", and it is to stop";
}

Said mark_work(uint32_t object, uint64_t value) {
  const auto low = static_cast<uint32_t>(value);
  switch (static_cast<MarkWord>(std::min(object, engine::object(MarkWord::kBufferLinks)))) {
    case MarkWord::kPhase: return {"marking", one_of(kMarkPhases, value)};
    case MarkWord::kDraining: return counts("threads that mark", value);
    case MarkWord::kRootJobs: return counts("root jobs", value);
    case MarkWord::kCredit: {
      const auto credit = static_cast<int32_t>(low);
      return {credit < 0 ? "debt of marking" : "credit of marking",
              byte_words(static_cast<uint64_t>(credit < 0 ? -int64_t{credit} : credit))};
    }
    case MarkWord::kScanDone: return {"bytes scanned", byte_words(value)};
    case MarkWord::kDedicated: return counts("dedicated mark workers", value);
    case MarkWord::kFractional: return counts("fractional mark workers", value);
    case MarkWord::kHungry: return counts("mark workers without work", value);
    case MarkWord::kFullBuffers: return asks("a buffer has work", low);
    case MarkWord::kEmptyBuffers: return asks("an empty buffer is there", low);
    case MarkWord::kBufferLinks: return asks("a buffer lies below it", low);
  }
  return {"mark work", {}};
}

Said crew(uint32_t object, uint64_t value) {
  switch (static_cast<CrewWord>(object)) {
    case CrewWord::kRound: return {"round of the helpers", std::to_string(value)};
    case CrewWord::kBusy: return counts("helpers at work", value);
    case CrewWord::kPiece: return counts("pieces of work taken", value);
    case CrewWord::kQuit: return asks("the helpers are to end", value);
  }
  return {"crew of a stopped world", {}};
}

std::string limit(uint64_t bytes) {  // no limit is the largest number; rows keep its low half
  return bytes >= ~uint32_t{0} ? "none" : byte_words(bytes);
}

Said said(Word word, uint32_t object, uint64_t value, const WordContext& context) {
  const std::string span = "span " + std::to_string(object), p = "P" + std::to_string(object);
  const std::string thread = context.thread.empty() ? "a thread" : context.thread;
  const std::string free_or_held = value == 0 ? "free" : "held";
  switch (word) {
    case Word::kNone: return {};
    case Word::kHeapGen: return {"sg", std::to_string(value)};
    case Word::kSweepgen: return {"sweepgen of " + span, sweepgen_value(value, context)};
    case Word::kSpanState: return {"state of " + span, one_of(kSpanStates, value)};
    case Word::kFreeIndex: return counts("slots of " + span + " handed out", value);
    case Word::kBitsSwap:
      return {"mark bits of " + span, value == 0 ? "the first bitmap" : "the second bitmap"};
    case Word::kListLock: return {"mcentral.lock of class " + std::to_string(object), free_or_held};
    case Word::kNmalloc:
      return counts("objects that class " + std::to_string(object) + " has allocated", value);
    case Word::kSweepQueue:
      return counts(object == context.swept_queue ? "spans in the swept queue" : "spans in the unswept queue",
                    value);
    case Word::kSweepDone: return asks("spans are left to sweep", value == 0);
    case Word::kSweepers: return counts("threads that sweep", value);
    case Word::kUnflushed: return counts("flushes to wait for", value);
    case Word::kFlushGen: {
      const auto distance = static_cast<int32_t>(static_cast<uint32_t>(value) - context.sg);
      return {"flushGen of " + p, distance == 0 ? "sg, flushed"
                                  : distance < 0
                                      ? "sg " + signed_text(distance) + ", not flushed"
                                      : "sg " + signed_text(distance) + ", flushed for the turn to come"};
    }
    case Word::kPStatus:
      if (object == kOfNone) return counts("Ps that flushers hold", value);
      return {"status of " + p, one_of(kPStatuses, value)};
    case Word::kSafePoint:
      if (object == kOfNone) return counts("Ps to wait for", value);
      return asks(p + " is asked to run a function at a safe point", value);
    case Word::kPhase:
      if (object != 0) return asks("the flush barrier is left to a worker", value);
      return {"phase", one_of(kPhases, value)};
    case Word::kWorld: return {"world", world_value(value)};
    case Word::kAttention: return asks("anything is wanted of the running threads", value);
    case Word::kHeapLive: return {"heap_live", byte_words(value)};
    case Word::kPagesSwept: return counts("pages swept", value);
    case Word::kHeapLock: return {"mheap.lock", free_or_held};
    case Word::kSchedLock: return {"sched.lock", free_or_held};
    case Word::kWorldSema: return {"worldsema", free_or_held};
    case Word::kPermits:
      if (object == 2) return counts("Ps that are lent", value);
      return counts(object == 0 ? "tickets drawn for run permits" : "tickets granted run permits", value);
    case Word::kThread:
      return asks(
          (object == kOfNone ? "the mark workers are" : (context.thread.empty() ? "it" : thread) + " is") +
              " asked to end",
          value);
    case Word::kUnsweptLarge: return counts("large spans not swept", value);
    case Word::kSpecials: return asks(span + " has specials", value);
    case Word::kSweepCredit:
      if (object == 0) return {"pages to sweep for each byte allocated", {}};  // a fraction
      if (object == 1) return {"heap_live when the sweep began", byte_words(value)};
      return counts("pages swept when the rate was set", value);
    case Word::kOther: return {};
    case Word::kReference: return {"a reference", value == 0 ? "null" : "an object"};
    case Word::kStackScan:
      return {object == kOfNone ? std::string("stacks") : "stack of " + thread, one_of(kStackScans, value)};
    case Word::kMarkWork: return mark_work(object, value);
    case Word::kRoom:
      if (object == 0) return {"right to make room", free_or_held};
      return counts("large objects that are being cleared", value);
    case Word::kScavenge:
      if (object == 0) return asks("the scavenger has free pages out", value);
      if (object == 1) return {"memory given back to the system", byte_words(value)};
      return counts(object == 2 ? "sweeps begun" : "growth of the heap", value);
    case Word::kPacer:
      return {object == 0   ? "trigger of the next cycle"
              : object == 1 ? "goal of the heap"
                            : "bound of the heap",
              limit(value)};
    case Word::kCrew: return crew(object, value);
  }
  return {};
}

// A name of the field has no article; what is described has one.
std::string with_article(const Said& said) {
  const std::string& word = said.word;
  if (said.form == Form::kCounts) return "the number of " + word;
  constexpr std::array kNames{"sg",         "heap_live", "flushGen",      "mheap.lock",
                              "sched.lock", "worldsema", "mcentral.lock", "a "};
  const bool named =
      std::any_of(kNames.begin(), kNames.end(), [&](const char* n) { return word.starts_with(n); });
  return named ? word : "the " + word;
}

// The step's own words, without the function that it belongs to: "poll: is anything wanted?" -> "is anything wanted?".
std::string own_words(const engine::Access& access) {
  const std::string_view step = access.step.name;
  const size_t at = step.find(": ");
  return std::string(at == std::string_view::npos ? step : step.substr(at + 2));
}

std::string spans_of(const WordContext& context, uint64_t most) {
  const std::vector<uint32_t>& spans = context.spans;
  if (spans.empty()) return most == 1 ? "a span" : count_words(most, "span");
  if (spans.size() > 4) return count_words(spans.size(), "span");
  std::string all = spans.size() == 1 ? "span " : "spans ";
  for (size_t i = 0; i < spans.size(); ++i)
    all += (i == 0 ? "" : i + 1 == spans.size() ? " and " : ", ") + std::to_string(spans[i]);
  return all;
}

std::string world_change(uint64_t before, uint64_t after) {
  const std::string left = std::to_string(after & ~kStop) + ((after & ~kStop) == 1 ? " runs" : " run");
  if ((before & kStop) == 0 && (after & kStop) != 0) return "asks the threads to stop; " + left;
  if ((before & kStop) != 0 && (after & kStop) == 0) return "starts the world again";
  return (after > before ? "counts itself as running; " : "counts itself as running no more; ") + left +
         ((after & kStop) != 0 ? ", and the world is to stop" : "");
}

// "counts ... ; 2 threads sweep": a counter by one.
std::string counter(bool up, const char* more, const char* less, const std::string& rest) {
  return std::string(up ? more : less) + (rest.empty() ? "" : "; " + rest);
}

// Sentences of their own, where "sets the word: this -> that" would hide what happens; empty: none.
std::string own_sentence(const engine::Access& access, uint64_t before, uint64_t after,
                         const WordContext& context) {
  const std::string span = "span " + std::to_string(access.object), p = "P" + std::to_string(access.object);
  const uint64_t by = after > before ? after - before : before - after;
  const bool up = after > before;
  switch (access.word) {
    case Word::kFreeIndex:
      if (after == 0) return "begins again at the first slot of " + span;
      if (std::string_view(access.step.name).find("full") != std::string_view::npos)
        return "finds no free slot in " + span + ": it is full";
      return "takes slot " + std::to_string(after) + " of " + span;
    case Word::kBitsSwap: return "makes the mark bits of " + span + " its alloc bits";
    case Word::kNmalloc:
      return "counts " + count_words(by, "slot") + (up ? " as" : " no more as") + " allocated in class " +
             std::to_string(access.object);
    case Word::kSweepQueue: {
      const std::string queue =
          access.object == context.swept_queue ? "the swept queue" : "the unswept queue";
      return up ? "puts " + spans_of(context, by) + " into " + queue
                : "takes " + spans_of(context, by) + " from " + queue;
    }
    case Word::kSweepDone:
      return after != 0 ? "notes that the unswept queue is empty: all spans are taken"
                        : "notes that spans are left to sweep";
    case Word::kSweepers:
      return counter(up, "counts itself as a sweeper", "counts itself as a sweeper no more",
                     after == 0   ? "no thread sweeps"
                     : after == 1 ? "1 thread sweeps"
                                  : std::to_string(after) + " threads sweep");
    case Word::kUnflushed:
      return up ? "counts the flushes to wait for: " + number(after)
                : "counts one flush less to wait for: " + number(after);
    case Word::kSafePoint:
      if (access.object == kOfNone)
        return access.op == Op::kStore ? "counts the Ps to wait for: " + number(after)
                                       : "counts one P less to wait for: " + number(after);
      if (after != 0) return "asks " + p + " to run a function at its next safe point";
      return before != 0 ? "takes over what " + p + " was asked for"
                         : "finds that " + p + " is asked for nothing";
    case Word::kPhase:
      if (access.object == 0) return {};
      return after != 0 ? "leaves the flush barrier to a worker" : "takes over the flush barrier";
    case Word::kWorld: return world_change(before, after);
    case Word::kAttention:
      return up ? "asks the running threads to check at their next poll what is wanted"
                : "takes back that something is wanted of the running threads";
    case Word::kHeapLive:
      if (access.op == Op::kStore) return {};
      return (up ? "adds " : "takes ") + byte_words(static_cast<uint32_t>(by)) +
             (up ? " to heap_live" : " from heap_live");
    case Word::kPagesSwept:
      return after == 0 ? "counts pages swept from none again"
                        : "counts " + count_words(by, "page") + " as swept";
    case Word::kThread:
      return after != 0 ? "asks " + (context.thread.empty() ? "a thread" : context.thread) + " to end" : "";
    case Word::kUnsweptLarge: return up ? "" : "counts a large span as swept";
    case Word::kSpecials: return "changes the list of specials of " + span;
    case Word::kReference: return after != 0 ? "writes a reference to an object" : "clears a reference";
    case Word::kMarkWork:
      if (access.object == object(MarkWord::kFullBuffers) || access.object >= object(MarkWord::kEmptyBuffers))
        return own_words(access) + " (a work buffer)";
      return {};
    case Word::kPermits:
      return access.object == 0   ? "draws a ticket for a run permit"
             : access.object == 1 ? "grants the next ticket its run permit"
                                  : std::string();
    case Word::kScavenge: return access.object == 0 ? own_words(access) : std::string();
    case Word::kSweepCredit:
      return access.object == 0 ? "sets the pages to sweep for each byte allocated" : "";
    default: return {};
  }
}

}  // namespace

std::string count_words(uint64_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string byte_words(uint64_t bytes) {
  if (bytes < 1024) return count_words(bytes, "byte");
  constexpr std::array kUnits{"KiB", "MiB", "GiB"};
  double amount = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  for (; amount >= 1024 && unit + 1 < kUnits.size(); ++unit) amount /= 1024;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(),
                amount == static_cast<double>(static_cast<uint64_t>(amount)) ? "%.0f %s" : "%.1f %s", amount,
                kUnits[unit]);
  return text.data();
}

std::string says(Word word, uint32_t object, uint64_t value, const WordContext& context) {
  const Said s = said(word, object, value, context);
  return s.word.empty() || s.value.empty() ? std::string() : s.word + ": " + s.value;
}

std::string read_words(const engine::Access& access, Value value, const WordContext& context) {
  const Said s = said(access.word, access.object, value.value_or(0), context);
  if (s.word.empty()) return "reads: " + own_words(access);
  const std::string now = value && !s.value.empty() ? ": " + s.value : "";
  return (s.form == Form::kAsks ? "reads whether " + s.word : "reads " + with_article(s)) + now;
}

std::string write_words(const engine::Access& access, Value before, Value after, const WordContext& context) {
  const Said to = said(access.word, access.object, after.value_or(0), context);
  if (to.word.empty()) return own_words(access);
  if (!after) return to.form == Form::kAsks ? own_words(access) : "changes " + with_article(to);
  if (std::string own = own_sentence(access, before.value_or(0), *after, context); !own.empty()) return own;
  if (to.form == Form::kAsks) return own_words(access);
  const bool swaps = access.op == Op::kCasWon || access.op == Op::kCasLost;
  const std::string from =
      before && !to.value.empty() ? said(access.word, access.object, *before, context).value + " -> " : "";
  if (access.word == Word::kPStatus && access.object != kOfNone)
    return "sets P" + std::to_string(access.object) + (swaps ? " by CAS: " : ": ") + from + to.value;
  return "sets " + with_article(to) + (swaps ? " by CAS" : "") +
         (to.value.empty() ? "" : ": " + from + to.value);
}

std::string lost_words(const engine::Access& access, Value value, const WordContext& context) {
  const Said s = said(access.word, access.object, value.value_or(0), context);
  if (s.word.empty() || s.form == Form::kAsks) return "loses the CAS: " + own_words(access);
  return "loses the CAS on " + with_article(s) + (value && !s.value.empty() ? ": " + s.value : "");
}

Value announced(const engine::Access& access, Value now) {
  if (access.to != engine::kUnknownValue) return access.to;
  if (!now || access.op != Op::kRmw) return {};
  struct Effect {
    std::string_view words;
    int by;
  };
  constexpr Effect kEffects[] = {{"one more", 1},       {"one P more", 1},        {"on the slow path", 1},
                                 {"push the swept", 1}, {"draw a ticket", 1},     {"one less", -1},
                                 {"one P less", -1},    {"on the fast path", -1}, {"waits less", -1},
                                 {"is done", -1},       {"safe point: done", -1}};
  const std::string_view step = access.step.name;
  if (step == "world: stop") return *now | kStop;
  if (step == "world: start") return *now & ~kStop;
  if (step.find("mine to run") != std::string_view::npos) return 0;
  for (const Effect& effect : kEffects)
    if (step.find(effect.words) != std::string_view::npos) return *now + static_cast<uint64_t>(effect.by);
  return {};
}

}  // namespace sweepscope::laboratory
