#include "engine/laboratory/bench/words.h"

namespace sweepscope::laboratory {

using engine::Op;
using engine::Word;

std::optional<uint32_t> span_of(Word word, uint32_t object) {
  switch (word) {
    case Word::kSweepgen:
    case Word::kSpanState:
    case Word::kFreeIndex:
    case Word::kBitsSwap:
    case Word::kSpecials: return object;
    default: return std::nullopt;
  }
}

std::string word_name(Word word, uint32_t object) {
  const std::string number = std::to_string(object);
  if (span_of(word, object)) return "span " + number + " " + engine::name(word);
  switch (word) {
    case Word::kFlushGen:
    case Word::kPStatus: return "P" + number + " " + engine::name(word);
    case Word::kSafePoint:  // of no P: how many the barrier still waits for
      if (object == ~0u) return "number of Ps to wait for";
      return "P" + number + " " + engine::name(word);
    case Word::kListLock:
    case Word::kNmalloc: return std::string(engine::name(word)) + " of class " + number;
    case Word::kSweepQueue: return "sweep queue " + number;
    case Word::kThread: return "thread " + number;
    case Word::kStackScan: return "stack scan of thread " + number;
    default: return engine::name(word);
  }
}

bool is_protocol_word(Word word) {
  switch (word) {
    case Word::kHeapGen:
    case Word::kSweepgen:
    case Word::kSpanState:
    case Word::kFlushGen:
    case Word::kSweepQueue:
    case Word::kSweepDone:
    case Word::kSweepers:
    case Word::kUnflushed: return true;
    default: return false;
  }
}

bool writes(Op op) { return op == Op::kStore || op == Op::kCasWon || op == Op::kRmw; }

std::string access_words(const engine::Access& access, std::optional<uint64_t> now) {
  const std::string word = word_name(access.word, access.object);
  const std::string from = now ? " " + std::to_string(*now) : "";
  const std::string change = access.to == engine::kUnknownValue ? (now ? ", now" + from : "")
                                                                : from + " -> " + std::to_string(access.to);
  switch (access.op) {
    case Op::kLoad: return "read " + word + (now ? ", now" + from : "");
    case Op::kStore: return "write " + word + change;
    case Op::kCasWon:
    case Op::kCasLost: return "CAS " + word + change;
    case Op::kRmw: return "change " + word + change;
    case Op::kLock: return "take " + word;
    case Op::kUnlock: return "release " + word;
    case Op::kWait: return "wait: " + std::string(access.step.name);
    case Op::kChoice: return std::string("choose: ") + access.step.name;
  }
  return word;
}

const char* list_name(observe::ListMembership list) {
  switch (list) {
    case observe::ListMembership::kNone: return "no list";
    case observe::ListMembership::kNonempty: return "nonempty";
    case observe::ListMembership::kEmpty: return "empty";
    case observe::ListMembership::kBusyLarge: return "busy large spans";
  }
  return "?";
}

namespace {

struct SpanArc {
  int32_t from, to;
  const char *arc, *before, *after;  // before and after the span's name
};
// By the distances from sg. T1 and T9 are writes of the state; T3 and T4 differ by who makes them.
constexpr SpanArc kSpanArcs[] = {{0, 3, "T2", "caches", ""},
                                 {-2, -1, "T6", "claims", " to sweep it"},
                                 {1, -1, "T7", "claims the stale", " to sweep it"},
                                 {-1, 0, "T8", "has swept", ""}};

ArcWords sweepgen_words(const AccessRow& row, uint32_t sg) {
  const auto from = static_cast<int32_t>(row.before - sg), to = static_cast<int32_t>(row.after - sg);
  const std::string span = "span " + std::to_string(row.access.object);
  const std::string_view step = row.access.step.name;
  if (step.starts_with("alloc: new span")) return {"T1", "allocates " + span};
  if (from == 3 && to == 0)
    return step.starts_with("refill") ? ArcWords{"T3", "replaces the full " + span}
                                      : ArcWords{"T4", "uncaches " + span};
  for (const SpanArc& arc : kSpanArcs)
    if (arc.from == from && arc.to == to) return {arc.arc, std::string(arc.before) + " " + span + arc.after};
  return {"",
          "writes " + span + " sweepgen " + std::to_string(row.before) + " -> " + std::to_string(row.after)};
}

ArcWords state_words(const AccessRow& row) {
  const std::string span = "span " + std::to_string(row.access.object);
  const auto to = static_cast<engine::SpanState>(row.after);
  if (to == engine::SpanState::kInUse) return {"", "puts " + span + " in use"};
  if (to == engine::SpanState::kManual) return {"", "allocates the stack " + span};
  if (static_cast<engine::SpanState>(row.before) == engine::SpanState::kManual)
    return {"", "frees the stack " + span};
  return {"T9", "frees " + span};
}

}  // namespace

ArcWords arc_words(const AccessRow& row, uint32_t sg) {
  switch (row.access.word) {
    case Word::kSweepgen: return sweepgen_words(row, sg);
    case Word::kSpanState: return state_words(row);
    case Word::kHeapGen:
      return {"T5", "turns sg " + std::to_string(row.before) + " -> " + std::to_string(row.after) +
                        ": every span changes its state"};
    case Word::kFlushGen:
      return {"", "ends the flush of P" + std::to_string(row.access.object) + ": flushGen " +
                      std::to_string(row.before) + " -> " + std::to_string(row.after)};
    case Word::kSweepQueue:
      return {row.after > row.before ? "T10" : "", (row.after > row.before ? "pushes on " : "pops from ") +
                                                       word_name(row.access.word, row.access.object)};
    default:
      return {"", "writes " + word_name(row.access.word, row.access.object) + " " +
                      std::to_string(row.before) + " -> " + std::to_string(row.after)};
  }
}

std::string_view source_file(const engine::Step& step) {
  const std::string_view path = step.file;
  const size_t at = path.rfind("/engine/");
  return at == std::string_view::npos ? path : path.substr(at + 1);
}

}  // namespace sweepscope::laboratory
