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

std::string lock_name(Word word, uint32_t object) {
  switch (word) {
    case Word::kListLock: return std::string(engine::name(word)) + " of class " + std::to_string(object);
    case Word::kSpecials:
      return object == ~0u ? "the lock of the finalizers' queue" : "the lock of the specials";
    case Word::kThread: return "the lock of the list of threads";
    case Word::kRoom: return "the right to make room";
    case Word::kOther:
      return object == 1 ? "the lock of the stack pool" : "the lock of the roots or of the work buffers";
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

std::string access_words(const engine::Access& access, Value now, const WordContext& context) {
  if (std::string_view(access.step.name) == "start") return "starts";
  switch (access.op) {
    case Op::kLoad: return read_words(access, now, context);
    case Op::kStore:
    case Op::kCasWon:
    case Op::kRmw: return write_words(access, now, announced(access, now), context);
    case Op::kCasLost: return lost_words(access, now, context);
    case Op::kLock: return "takes " + lock_name(access.word, access.object);
    case Op::kUnlock: return "releases " + lock_name(access.word, access.object);
    case Op::kWait: return wait_words(access, context);
    case Op::kChoice: return std::string("must choose: ") + access.step.name;
  }
  return access.step.name;
}

std::string row_words(const AccessRow& row, const WordContext& context) {
  if (std::string_view(row.access.step.name) == "start") return "starts";
  const bool tried = row.access.op == Op::kLock && row.before != 0;  // a try_lock
  if (tried) return "finds " + lock_name(row.access.word, row.access.object) + " held";
  if (writes(row.access.op)) return write_words(row.access, row.before, row.after, context);
  return access_words(row.access, row.before, context);
}

std::string wait_words(const engine::Access& access, const WordContext& context) {
  struct Known {
    std::string_view step, words;
  };
  // The others name what they wait for: "ensure_swept: wait until the span is swept".
  constexpr Known kKnown[] = {
      {"background sweeper: parked", "is parked until a sweep begins"},
      {"mark worker: parked", "is parked until there is something to mark"},
      {"scavenger: parked", "is parked until a sweep has begun"},
      {"gc: held back until the cycle ends", "is held back until the cycle ends"},
      {"poll: paused by a viewer", "is paused by a viewer"},
      {"poll: let a waiting thread take the P", "waits until a waiting thread has taken the P"},
      {"stopped crew: helper sleeps", "sleeps until the helpers are needed"}};
  const std::string_view step = access.step.name;
  if (step == "join")
    return "waits until " + (context.thread.empty() ? "a thread" : context.thread) + " has ended";
  for (const Known& known : kKnown)
    if (step == known.step) return std::string(known.words);
  const size_t colon = step.find(": ");
  std::string words(colon == std::string_view::npos ? step : step.substr(colon + 2));
  if (words.starts_with("wait ")) words.insert(4, "s");
  const size_t span = words.find("the span");
  if (access.word == Word::kSweepgen && span != std::string::npos)
    words.replace(span, 8, "span " + std::to_string(access.object));
  return words;
}

const char* list_name(observe::ListMembership list) {
  switch (list) {
    case observe::ListMembership::kNone: return "no list";
    case observe::ListMembership::kNonempty: return "the list nonempty";
    case observe::ListMembership::kEmpty: return "the list empty";
    case observe::ListMembership::kBusyLarge: return "the large spans in use";
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

ArcWords sweepgen_words(const AccessRow& row, const WordContext& context) {
  const auto from = static_cast<int32_t>(row.before - context.sg),
             to = static_cast<int32_t>(row.after - context.sg);
  const std::string span = "span " + std::to_string(row.access.object);
  const std::string_view step = row.access.step.name;
  if (step.starts_with("alloc: new span")) return {"T1", "allocates " + span};
  if (from == 3 && to == 0)
    return step.starts_with("refill") ? ArcWords{"T3", "replaces the full " + span}
                                      : ArcWords{"T4", "uncaches " + span};
  for (const SpanArc& arc : kSpanArcs)
    if (arc.from == from && arc.to == to) return {arc.arc, std::string(arc.before) + " " + span + arc.after};
  return {"", write_words(row.access, row.before, row.after, context)};
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

ArcWords arc_words(const AccessRow& row, const WordContext& context) {
  switch (row.access.word) {
    case Word::kSweepgen: return sweepgen_words(row, context);
    case Word::kSpanState: return state_words(row);
    case Word::kHeapGen:
      return {"T5", "turns sg " + std::to_string(row.before) + " -> " + std::to_string(row.after) +
                        ": every span changes its state"};
    case Word::kFlushGen: {
      const bool early =
          std::string_view(row.access.step.name).find("before the flush") != std::string_view::npos;
      return {"", (early ? "marks as flushed, before the flush, P" : "ends the flush of P") +
                      std::to_string(row.access.object) + ": flushGen " + std::to_string(row.before) +
                      " -> " + std::to_string(row.after)};
    }
    case Word::kSweepQueue:
      return {row.after > row.before ? "T10" : "", write_words(row.access, row.before, row.after, context)};
    default: return {"", write_words(row.access, row.before, row.after, context)};
  }
}

std::string_view source_file(const engine::Step& step) {
  const std::string_view path = step.file;
  const size_t at = path.rfind("/engine/");
  return at == std::string_view::npos ? path : path.substr(at + 1);
}

}  // namespace sweepscope::laboratory
