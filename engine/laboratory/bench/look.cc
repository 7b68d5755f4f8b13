#include "engine/laboratory/bench/look.h"

#include <algorithm>

#include "engine/laboratory/bench/words.h"
#include "engine/laboratory/oracle/oracle.h"

namespace sweepscope::laboratory {
namespace {

using engine::Op;
using engine::Word;

// By its number; under a fault the queues do not change places.
uint32_t swept_queue(HandRun& run) {
  if (run.experiment().setup().fault == engine::Fault::kQueuesNotSwapped) return 0;
  return run.runtime().heap().gen() / 2 % 2;
}

uint16_t p_of(HandRun& run, uint32_t fiber) {
  if (!run.engine_stands()) return observe::kNoP;
  engine::Sched& sched = run.runtime().sched();
  for (uint32_t id = 0; id < sched.procs(); ++id) {
    const engine::P& p = sched.p(id);
    const observe::PStatus status = p.status.peek();
    const bool owned = status == observe::PStatus::kRunning || status == observe::PStatus::kBlocked;
    if (owned && p.owner != engine::kNoThread && run.fiber_of(p.owner) == fiber) return p.id;
  }
  return observe::kNoP;
}

// null: the engine does not stand.
const engine::SweepQueue* queue_of(HandRun& run, uint32_t number) {
  const engine::SweepQueue* queue = nullptr;
  if (!run.engine_stands()) return queue;
  engine::MHeap& heap = run.runtime().heap();
  run.scheduler().inside([&] { queue = number == swept_queue(run) ? &heap.swept() : &heap.unswept(); });
  return queue;
}

std::optional<uint64_t> now(HandRun& run, Word word, uint32_t object) {
  if (word == Word::kSweepQueue) {
    const engine::SweepQueue* queue = queue_of(run, object);
    return queue == nullptr ? std::nullopt : std::optional<uint64_t>(queue->size());
  }
  uint64_t value = 0;
  if (!run.engine_stands() || !value_of(run.runtime(), word, object, value)) return std::nullopt;
  return value;
}

// Of all that the engine knows of the fiber: a borrowed thread owes nothing.
std::optional<int64_t> assist_credit(HandRun& run, uint32_t fiber) {
  std::optional<int64_t> credit;
  if (!run.engine_stands()) return credit;
  for (const AssistCredit& of : read_assist_credits(run.runtime()))
    if (run.fiber_of(of.thread) == fiber) credit = credit.value_or(0) + of.bytes;
  return credit;
}

// The name of a thread of the engine, or of a fiber.
std::string thread_of(HandRun& run, const engine::Access& access) {
  if (access.word != Word::kThread && access.word != Word::kStackScan) return {};
  const bool joins = access.op == Op::kWait && std::string_view(access.step.name) == "join";
  const uint32_t fiber = joins ? access.object : run.fiber_of(access.object);
  return fiber < run.scheduler().fibers() ? std::string(run.scheduler().fiber_name(fiber)) : std::string();
}

std::string next_words(HandRun& run, const engine::Access& next) {
  WordContext context = context_of(run, next);
  const Value value = now(run, next.word, next.object);
  if (next.op == Op::kCasWon) context.spans = queued_spans(run, next, value, next.to);
  return access_words(next, value, context);
}

engine::Access access_to(const Scheduler::Read& read) { return {"", read.word, Op::kLoad, read.object}; }

ThreadView look_at(HandRun& run, uint32_t fiber) {
  ThreadView view;
  view.fiber = fiber;
  view.name = run.scheduler().fiber_name(fiber);
  view.p = p_of(run, fiber);
  view.assist_credit = assist_credit(run, fiber);
  for (const HandRun::Held& held : run.locks())
    if (held.fiber == fiber) view.locks.push_back(lock_name(held.word, held.object));
  if (run.ended(fiber)) {
    view.state = ThreadState::kEnded;
    view.text = view.name + " has ended";
    return view;
  }
  view.next = run.pending(fiber);
  const std::string who = subject(run, fiber) + ": ";
  if (run.next() == HandRun::Next::kChoice && run.chooser() == fiber) {
    view.state = ThreadState::kMustChoose;
    view.next = {run.scheduler().choosing(), Word::kNone, Op::kChoice, 0};
    view.text = who + access_words(view.next, std::nullopt, {});
    view.alternatives = alternatives_of(run);
  } else if (run.next() == HandRun::Next::kChoice || run.can_run(fiber)) {
    view.state = run.next() == HandRun::Next::kChoice ? ThreadState::kBlocked : ThreadState::kCanRun;
    view.text =
        who + (view.state == ThreadState::kBlocked ? why_blocked(run, fiber) : next_words(run, view.next));
    view.between = view.state == ThreadState::kCanRun && stands_between(run, fiber);
  } else {
    view.state = ThreadState::kBlocked;
    view.text = who + why_blocked(run, fiber);
    if (view.next.op == Op::kLock) view.holder = run.holder(view.next.word, view.next.object);
    // A join reads whether the thread has ended, which its words say already.
    if (view.next.op == Op::kWait && std::string_view(view.next.step.name) != "join")
      for (const Scheduler::Read& read : run.scheduler().predicate_reads(fiber))
        if (std::string words = says(read.word, read.object, read.value, context_of(run, access_to(read)));
            !words.empty())
          view.reads.push_back({std::move(words), read.value});
  }
  view.file = source_file(view.next.step);
  view.line = view.next.step.line;
  return view;
}

std::vector<BoardLock> look_at_locks(HandRun& run) {
  std::vector<BoardLock> locks;
  const auto at = [&locks](Word word, uint32_t object) -> BoardLock& {
    for (BoardLock& lock : locks)
      if (lock.word == word && lock.object == object) return lock;
    return locks.emplace_back(BoardLock{lock_name(word, object), word, object, kNoFiber, {}});
  };
  for (const HandRun::Held& held : run.locks()) at(held.word, held.object).holder = held.fiber;
  for (uint32_t fiber = 0; fiber < run.scheduler().fibers(); ++fiber) {
    const engine::Access next = run.pending(fiber);
    if (run.ended(fiber) || next.op != Op::kLock) continue;
    if (run.holder(next.word, next.object) != kNoFiber) at(next.word, next.object).waiters.push_back(fiber);
  }
  return locks;
}

std::vector<RuleLamp> look_at_rules(const CheckModes& modes, const RunReport& report) {
  std::vector<RuleLamp> lamps;
  for (uint32_t rule = 1; rule < kOracleRules; ++rule)
    lamps.push_back({rule_name(rule), modes.of_oracle(rule), RuleState::kHolds, 0, 0, {}});
  for (size_t code = 0; code < static_cast<size_t>(engine::FatalCode::kCount); ++code) {
    const auto check = static_cast<engine::FatalCode>(code);
    if (modes.of(check) != CheckMode::kStop)
      lamps.push_back({engine::words(check), modes.of(check), RuleState::kHolds, 0, 0, {}});
  }
  const auto lamp = [&lamps](const std::string& rule) -> RuleLamp& {
    for (RuleLamp& known : lamps)
      if (known.rule == rule) return known;
    return lamps.emplace_back(RuleLamp{rule, CheckMode::kStop, RuleState::kHolds, 0, 0, {}});
  };
  for (const Note& note : report.notes) {
    RuleLamp& noted = lamp(note.rule);
    noted.state = RuleState::kNoted;
    noted.times = note.times;
    noted.first_step = note.step;
    noted.text = note.sentence;
  }
  if (report.outcome == Outcome::kViolation) {
    RuleLamp& fired = lamp(report.violation.rule);
    fired.state = RuleState::kFired;
    ++fired.times;
    if (fired.first_step == 0) fired.first_step = report.violation.step;
    fired.text = report.violation.sentence;
  }
  return lamps;
}

// Without the roots of threads that have ended or that nothing was heard of.
ObjectGraph look_at_objects(HandRun& run) {
  ObjectGraph graph = read_objects(run.runtime(), run.experiment().oracle().roster());
  for (BoardRoot& root : graph.roots)
    if (root.kind != RootKind::kGlobals) root.fiber = run.fiber_of(root.thread);
  std::erase_if(graph.roots, [&](const BoardRoot& root) {
    return root.kind != RootKind::kGlobals && (root.fiber == kNoFiber || run.ended(root.fiber));
  });
  return graph;
}

}  // namespace

std::vector<std::string> alternatives_of(HandRun& run) {
  std::vector<std::string> names;
  for (const std::string_view name : run.scheduler().named_alternatives()) names.emplace_back(name);
  // A question has the answers no and yes, unless its scenario names them.
  const bool asks = std::string_view(run.scheduler().choosing().name).ends_with('?');
  for (size_t i = names.size(); i < run.alternatives(); ++i)
    names.push_back(asks && run.alternatives() == 2 ? (i == 0 ? "no" : "yes") : std::to_string(i));
  return names;
}

WordContext context_of(HandRun& run, const engine::Access& access) {
  WordContext context;
  context.thread = thread_of(run, access);
  if (!run.engine_stands()) return context;
  engine::MHeap& heap = run.runtime().heap();
  context.sg = heap.gen();
  context.swept_queue = swept_queue(run);
  if (access.word == Word::kSweepgen && access.object < heap.span_ids())
    context.in_use = heap.span(access.object).state.peek() == engine::SpanState::kInUse;
  return context;
}

std::vector<uint32_t> queued_spans(HandRun& run, const engine::Access& access, Value before, Value after) {
  std::vector<uint32_t> spans;
  if (access.word != Word::kSweepQueue || !before || !after) return spans;
  const engine::SweepQueue* queue = queue_of(run, access.object);
  for (uint64_t place = std::min(*before, *after); queue != nullptr && place < std::max(*before, *after);
       ++place)
    spans.push_back(queue->at(static_cast<uint32_t>(place)));
  return spans;
}

bool stands_between(HandRun& run, uint32_t fiber) {
  const engine::Access next = run.pending(fiber);
  if (!is_protocol_word(next.word) || !writes(next.op) || !run.has_read(fiber, next.word, next.object))
    return false;
  const auto enabled = run.scheduler().enabled();
  const bool needs = next.word == Word::kSweepgen && run.engine_stands() &&
                     now(run, next.word, next.object) == uint64_t{run.runtime().heap().gen() - 2};
  return std::any_of(enabled.begin(), enabled.end(), [&](const Candidate& other) {
    const engine::Access& theirs = *other.next;
    return other.fiber != fiber && (needs || (theirs.word == next.word && theirs.object == next.object));
  });
}

// A rule that its last access violated: that access is still its next one, and may have been made.
bool stopped_by(HandRun& run, uint32_t fiber) {
  const RunReport report = run.so_far();
  return report.outcome == Outcome::kViolation && report.violation.fiber == fiber;
}

std::string why_blocked(HandRun& run, uint32_t fiber) {
  const engine::Access next = run.pending(fiber);
  if (run.next() == HandRun::Next::kChoice)
    return "waits until " + subject(run, run.chooser()) + " has chosen";
  if (run.next() == HandRun::Next::kNothing)
    return (stopped_by(run, fiber) ? "the run was stopped where it " : "the run has ended before it ") +
           access_words(next, std::nullopt, context_of(run, next));
  if (next.op != Op::kLock) return wait_words(next, context_of(run, next));
  const uint32_t holder = run.holder(next.word, next.object);
  return "waits for " + lock_name(next.word, next.object) +
         (holder == kNoFiber ? std::string() : ", held by " + subject(run, holder));
}

std::string subject(HandRun& run, uint32_t fiber) {
  const uint16_t p = p_of(run, fiber);
  return p == observe::kNoP ? std::string(run.scheduler().fiber_name(fiber)) : "P" + std::to_string(p);
}

NodeView look(HandRun& run, const BoardState& before) {
  NodeView view;
  view.steps = run.steps();
  for (uint32_t fiber = 0; fiber < run.scheduler().fibers(); ++fiber)
    view.threads.push_back(look_at(run, fiber));
  const RunReport report = run.so_far();
  if (run.engine_stands()) {
    run.scheduler().inside([&] {
      view.board = read_board(run.runtime());
      if (run.experiment().setup().scenario->object_graph) view.board.graph = look_at_objects(run);
    });
    for (BoardP& p : view.board.ps)
      if (p.owner != engine::kNoThread) p.fiber = run.fiber_of(p.owner);
  } else {
    view.board = before;  // as it was last
    view.board.known = false;
  }
  view.board.locks = look_at_locks(run);
  view.rules = look_at_rules(run.experiment().setup().checks, report);
  view.outcome = run.outcome();
  if (view.outcome == NodeOutcome::kViolation) view.violation = report.violation;
  return view;
}

}  // namespace sweepscope::laboratory
