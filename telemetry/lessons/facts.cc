#include "telemetry/lessons/facts.h"

#include <algorithm>
#include <bit>

#include "telemetry/lessons/object_facts.h"
#include "telemetry/model/size_class.h"

namespace sweepscope::telemetry::lessons {
namespace {

using Kind = Condition::Kind;

bool writes_word(StepOp op) { return op == StepOp::kStore || op == StepOp::kCasWon || op == StepOp::kRmw; }

std::string place_words(const BoardSpan& span) {
  switch (span.place) {
    case BoardPlace::kFree: return "is free";
    case BoardPlace::kNonempty: return "lies in the nonempty list";
    case BoardPlace::kEmpty: return "lies in the empty list";
    case BoardPlace::kCache: return "lies in the cache of P" + std::to_string(span.p);
    case BoardPlace::kBetween: return "lies in no list";
    case BoardPlace::kLarge: return "is a large object";
    case BoardPlace::kManual: return "is a stack span";
  }
  return {};
}

std::string_view queue_words(BoardQueue queue) {
  return queue == BoardQueue::kSwept     ? "the swept queue"
         : queue == BoardQueue::kUnswept ? "the unswept queue"
         : queue == BoardQueue::kBoth    ? "both queues"
                                         : "no queue";
}

bool is_in(BoardQueue queue, BoardQueue which) {
  return queue == which || (queue == BoardQueue::kBoth && which != BoardQueue::kNone);
}

const BoardP* p_of(const Board& board, uint16_t id) {
  const auto found =
      std::find_if(board.ps.begin(), board.ps.end(), [id](const BoardP& p) { return p.id == id; });
  return found == board.ps.end() ? nullptr : &*found;
}

const BenchRule* rule_of(const Board& board, std::string_view name) {
  const auto found = std::find_if(board.rules.begin(), board.rules.end(),
                                  [&](const BenchRule& r) { return r.rule == name; });
  return found == board.rules.end() ? nullptr : &*found;
}

BenchRuleState state_of(const BenchView& view, const std::string& rule) {
  if (view.verdict.outcome == BenchOutcome::kViolation && view.verdict.rule == rule)
    return BenchRuleState::kFired;
  const BenchRule* lamp = rule_of(view.board, rule);
  return lamp == nullptr ? BenchRuleState::kHolds : lamp->state;
}

std::string violated_rules(const BenchView& view) {
  std::string rules;
  if (view.verdict.outcome == BenchOutcome::kViolation) rules = view.verdict.rule;
  for (const BenchRule& rule : view.board.rules)
    if (rule.state != BenchRuleState::kHolds && rule.rule != view.verdict.rule)
      rules.append(rules.empty() ? "" : ", ").append(rule.rule);
  return rules;
}

uint32_t count(const Board& board, BoardSpanState state) {
  return static_cast<uint32_t>(std::count_if(board.spans.begin(), board.spans.end(), [&](const BoardSpan& s) {
    return s.place != BoardPlace::kFree && s.place != BoardPlace::kManual && s.state == state;
  }));
}

// Until it has, every other thread is blocked: which says nothing about those.
bool one_must_choose(const BenchView& view) {
  return std::any_of(view.threads.begin(), view.threads.end(),
                     [](const BenchThread& t) { return t.state == BenchThreadState::kMustChoose; });
}

// " is stale", " need sweep"
std::string state_words(uint32_t spans, BoardSpanState state) {
  if (state == BoardSpanState::kNeeds) return spans == 1 ? " needs sweep" : " need sweep";
  return (spans == 1 ? " is " : " are ") + std::string(name(state));
}

// "24 KiB", "100 bytes"
std::string bytes_words(uint64_t bytes) {
  return bytes % 1024 == 0 ? std::to_string(bytes / 1024) + " KiB" : std::to_string(bytes) + " bytes";
}

// "the trigger is 32 KiB", "the goal is off"
std::string figure_words(const std::string& name, const std::optional<uint64_t>& bytes) {
  return name + " is " + (bytes ? bytes_words(*bytes) : "off");
}

std::string pacing_words(const BoardPacing& pacing, Kind kind) {
  const std::string live = "heap live is " + bytes_words(pacing.heap_live);
  switch (kind) {
    case Kind::kHeapLive: return live;
    case Kind::kGoal: return figure_words("the goal", pacing.goal);
    case Kind::kTrigger: return figure_words("the trigger", pacing.trigger);
    case Kind::kCredit:
      return pacing.credit ? "the workers' credit is " + std::to_string(*pacing.credit) + " bytes"
                           : "no concurrent marking is under way";
    case Kind::kOwedPages:
      return "a refill must sweep " + std::to_string(pacing.owed_pages.value_or(0)) + " first";
    default: return live + ", " + figure_words("the trigger", pacing.trigger);
  }
}

std::string times(uint32_t n) {
  return n == 0 ? "never" : n == 1 ? "once" : n == 2 ? "twice" : std::to_string(n) + " times";
}

}  // namespace

uint32_t slot_for(uint32_t bytes) {
  for (const uint16_t slot : kSlotBytes)
    if (slot > 0 && slot >= bytes) return slot;
  return 0;
}

const BoardSpan* Facts::span(const Board& board, uint32_t id) {
  const auto found = std::find_if(board.spans.begin(), board.spans.end(), [id](const BoardSpan& s) {
    return s.id == id && s.place != BoardPlace::kFree;
  });
  return found == board.spans.end() ? nullptr : &*found;
}

uint32_t Facts::slots_taken(const BoardSpan& span) {
  uint32_t taken = std::min(span.freeindex, span.nelems);
  for (uint32_t slot = taken; slot < span.nelems && slot / 64 < span.alloc_bits.size(); ++slot)
    taken += (span.alloc_bits[slot / 64] >> (slot % 64)) & 1;
  return taken;
}

const BenchThread* Facts::thread(const BenchView& view, std::string_view name) {
  const auto found = std::find_if(view.threads.begin(), view.threads.end(),
                                  [name](const BenchThread& t) { return t.name == name; });
  return found == view.threads.end() ? nullptr : &*found;
}

void Facts::begin(const BenchView& view) {
  view_ = view;
  sg_at_begin_ = view.board.sg;
  happened_.clear();
  collection_begun_ = false;
  markers_.clear();
}

void Facts::add(const BenchView& view) {
  view_ = view;
  for (const BenchRow& row : view.rows) {
    const bool write = writes_word(row.op) && (row.word == kWordHeapGen || row.word == kWordSweepgen);
    if (write || !row.arc.empty())
      happened_.push_back({row.thread, write ? row.word : uint8_t{0}, row.object, row.arc});
    if (!writes_word(row.op)) continue;
    if (row.word == kWordPhase && row.after == static_cast<uint32_t>(Phase::kMark)) collection_begun_ = true;
    if (row.word == kWordMarkWork && row.object == kScanDone && row.after > row.before)
      markers_.push_back(row.thread);
  }
}

uint32_t Facts::arcs(const Condition& c) const {
  const BenchThread* by = thread(view_, c.name);
  return static_cast<uint32_t>(std::count_if(happened_.begin(), happened_.end(), [&](const Happened& h) {
    return h.arc == c.arc && (!c.span || h.object == *c.span) &&
           (c.name.empty() || (by != nullptr && h.thread == by->thread));
  }));
}

uint32_t Facts::writes(const Condition& c) const {
  const uint8_t word = c.kind == Kind::kSgWrites ? kWordHeapGen : kWordSweepgen;
  return static_cast<uint32_t>(std::count_if(happened_.begin(), happened_.end(), [&](const Happened& h) {
    return h.word == word && (!c.span || h.object == *c.span);
  }));
}

bool Facts::holds(const Condition& c) const {
  const Board& board = view_.board;
  const BoardSpan* s = c.span ? span(board, *c.span) : nullptr;
  const BoardP* p = c.p == kNoP ? nullptr : p_of(board, c.p);
  const BenchThread* t = c.name.empty() ? nullptr : thread(view_, c.name);
  const std::optional<BoardPacing>& pacing = board.pacing;
  switch (c.kind) {
    case Kind::kSg: return board.known && board.sg == c.number;
    case Kind::kSpanState: return s != nullptr && s->state == c.state;
    case Kind::kSpanFree: return board.known && s == nullptr;
    case Kind::kSpanDistance: return s != nullptr && s->distance == c.distance;
    case Kind::kSpanPlace: return s != nullptr && s->place == c.place && (c.p == kNoP || s->p == c.p);
    case Kind::kSpanQueue: return s != nullptr && is_in(s->queue, c.queue);
    case Kind::kSpanSlots: return s != nullptr && slots_taken(*s) == c.number && s->nelems == c.most;
    case Kind::kSpanCount: return board.known && count(board, c.state) == c.number;
    case Kind::kFlushed: return p != nullptr && !awaits_flush(*p);
    case Kind::kNotFlushed: return p != nullptr && awaits_flush(*p);
    case Kind::kCaches: return p != nullptr && p->cached.size() == c.number;
    case Kind::kIdle: return p != nullptr && p->status == PStatus::kIdle;
    case Kind::kRuns: return p != nullptr && t != nullptr && p->thread == t->thread;
    case Kind::kStopped: return board.known && board.stopped;
    case Kind::kWorldRuns: return board.known && !board.stopped;
    case Kind::kPhase: return board.known && board.phase == c.phase;
    case Kind::kColour:
    case Kind::kRefersTo:
    case Kind::kRefersNowhere:
    case Kind::kReachable:
    case Kind::kUnreachable:
    case Kind::kNoGrey:
    case Kind::kStackScanned:
    case Kind::kStackNotScanned: return holds_of_objects(view_, c);
    case Kind::kBlocked:
      return t != nullptr && t->state == BenchThreadState::kBlocked && !one_must_choose(view_);
    case Kind::kEnded: return t != nullptr && t->state == BenchThreadState::kEnded;
    case Kind::kMustChoose: return t != nullptr && t->state == BenchThreadState::kMustChoose;
    case Kind::kCanRun: return t != nullptr && t->state == BenchThreadState::kCanRun;
    case Kind::kAboutToWrite: return t != nullptr && t->between;
    case Kind::kAboutToRead:
      return t != nullptr && t->state == BenchThreadState::kCanRun && t->op == StepOp::kLoad &&
             t->word == kWordSweepgen && t->object == c.span;
    case Kind::kHolds: return state_of(view_, c.name) == BenchRuleState::kHolds;
    case Kind::kNoted: return state_of(view_, c.name) == BenchRuleState::kNoted;
    case Kind::kFires: return state_of(view_, c.name) == BenchRuleState::kFired;
    case Kind::kNoRuleViolated: return violated_rules(view_).empty();
    case Kind::kRuleViolated: return !violated_rules(view_).empty();
    case Kind::kHeapLive: return pacing && pacing->heap_live == c.number;
    case Kind::kTrigger: return pacing && pacing->trigger && *pacing->trigger == c.number;
    case Kind::kGoal: return pacing && pacing->goal && *pacing->goal == c.number;
    case Kind::kAtTrigger: return pacing && pacing->trigger && pacing->heap_live >= *pacing->trigger;
    case Kind::kBelowTrigger: return pacing && pacing->trigger && pacing->heap_live < *pacing->trigger;
    case Kind::kCredit: return pacing && pacing->credit && *pacing->credit == int64_t{c.number.value_or(0)};
    case Kind::kOwedPages: return pacing && pacing->owed_pages.value_or(0) == c.number;
    case Kind::kOwesCredit: return t != nullptr && t->assist_credit.value_or(0) < 0;
    case Kind::kCollectionBegins: return collection_begun_;
    case Kind::kAssists:
      return t != nullptr && std::find(markers_.begin(), markers_.end(), t->thread) != markers_.end();
    case Kind::kArc: return c.number ? arcs(c) == *c.number : arcs(c) > 0;
    case Kind::kSgRises: return board.known && board.sg - sg_at_begin_ == 2;
    case Kind::kSgWrites:
    case Kind::kSpanWrites: return writes(c) == c.number;
    case Kind::kSlotBytes: return slot_for(*c.number) == c.most;
    case Kind::kTyped: return std::find(typed_.begin(), typed_.end(), c.state) != typed_.end();
  }
  return false;
}

std::string Facts::of_span(const Condition& c) const {
  const std::string who = "span " + std::to_string(*c.span);
  const BoardSpan* s = span(view_.board, *c.span);
  if (s == nullptr) return who + " is free";
  switch (c.kind) {
    case Kind::kSpanPlace: return who + " " + place_words(*s);
    case Kind::kSpanQueue: return who + " is in " + std::string(queue_words(s->queue));
    case Kind::kSpanSlots:
      return who + " has " + std::to_string(slots_taken(*s)) + " of " + std::to_string(s->nelems) +
             " slots taken";
    default:
      return who + state_words(1, s->state) + " (" + (s->distance > 0 ? "+" : "") +
             std::to_string(s->distance) + ")";
  }
}

std::string Facts::instead(const Condition& c) const {
  const Board& board = view_.board;
  const BoardP* p = c.p == kNoP ? nullptr : p_of(board, c.p);
  const std::string who = "P" + std::to_string(c.p);
  switch (c.kind) {
    case Kind::kSg:
    case Kind::kSgRises: return "sg is " + std::to_string(board.sg);
    case Kind::kSpanState:
    case Kind::kSpanFree:
    case Kind::kSpanDistance:
    case Kind::kSpanPlace:
    case Kind::kSpanQueue:
    case Kind::kSpanSlots: return of_span(c);
    case Kind::kSpanCount: {
      const uint32_t spans = count(board, c.state);
      return std::to_string(spans) + (spans == 1 ? " span" : " spans") + state_words(spans, c.state);
    }
    case Kind::kFlushed:
    case Kind::kNotFlushed:
    case Kind::kCaches:
    case Kind::kIdle:
    case Kind::kRuns: {
      if (p == nullptr) return "there is no " + who;
      const auto owner = std::find_if(view_.threads.begin(), view_.threads.end(),
                                      [p](const BenchThread& t) { return t.thread == p->thread; });
      return who + "'s flushGen is sg" + (p->distance == 0 ? "" : " " + std::to_string(p->distance)) +
             ", it caches " + std::to_string(p->cached.size()) + ", and it " +
             (owner == view_.threads.end() ? "runs no thread" : "runs " + owner->name);
    }
    case Kind::kStopped:
    case Kind::kWorldRuns: return board.stopped ? "the world is stopped" : "the world runs";
    case Kind::kPhase: return "the phase is " + std::string(name(board.phase));
    case Kind::kColour:
    case Kind::kRefersTo:
    case Kind::kRefersNowhere:
    case Kind::kReachable:
    case Kind::kUnreachable:
    case Kind::kNoGrey:
    case Kind::kStackScanned:
    case Kind::kStackNotScanned: return instead_of_objects(view_, c);
    case Kind::kBlocked:
    case Kind::kEnded:
    case Kind::kMustChoose:
    case Kind::kCanRun:
    case Kind::kAboutToWrite:
    case Kind::kAboutToRead: {
      const BenchThread* t = thread(view_, c.name);
      if (t == nullptr) return "there is no thread '" + c.name + "'";
      return "'" + c.name + "' " +
             (t->state == BenchThreadState::kBlocked      ? "is blocked: " + t->text
              : t->state == BenchThreadState::kEnded      ? std::string("has ended")
              : t->state == BenchThreadState::kMustChoose ? std::string("must choose")
                                                          : "can run: " + t->text);
    }
    case Kind::kHolds:
    case Kind::kNoted:
    case Kind::kFires:
    case Kind::kNoRuleViolated:
    case Kind::kRuleViolated: {
      const std::string rules = violated_rules(view_);
      return rules.empty() ? "no rule is violated" : "violated: " + rules;
    }
    case Kind::kArc: return c.arc + " happened " + times(arcs(c));
    case Kind::kSgWrites:
    case Kind::kSpanWrites: return "it was written " + times(writes(c));
    case Kind::kSlotBytes: return "they take " + std::to_string(slot_for(*c.number));
    case Kind::kTyped: return "not typed yet";
    case Kind::kHeapLive:
    case Kind::kTrigger:
    case Kind::kGoal:
    case Kind::kAtTrigger:
    case Kind::kBelowTrigger:
    case Kind::kCredit:
    case Kind::kOwedPages:
      return board.pacing ? pacing_words(*board.pacing, c.kind) : "the pacer's figures are not known";
    case Kind::kOwesCredit: {
      const BenchThread* t = thread(view_, c.name);
      if (t == nullptr) return "there is no thread '" + c.name + "'";
      return t->assist_credit ? "its credit is " + std::to_string(*t->assist_credit) + " bytes"
                              : "no concurrent marking is under way";
    }
    case Kind::kCollectionBegins: return "no collection has begun to mark";
    case Kind::kAssists: return "'" + c.name + "' has marked nothing";
  }
  return {};
}

}  // namespace sweepscope::telemetry::lessons
