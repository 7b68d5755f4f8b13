#include "engine/laboratory/bench/look.h"

#include <algorithm>

#include "engine/laboratory/bench/words.h"
#include "engine/laboratory/oracle/oracle.h"

namespace sweepscope::laboratory {
namespace {

using engine::Op;
using engine::Word;

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

std::optional<uint64_t> now(HandRun& run, Word word, uint32_t object) {
  uint64_t value = 0;
  if (!run.engine_stands() || !value_of(run.runtime(), word, object, value)) return std::nullopt;
  return value;
}

std::vector<std::string> alternatives(HandRun& run) {
  std::vector<std::string> names;
  for (const std::string_view name : run.scheduler().named_alternatives()) names.emplace_back(name);
  // A question has the answers no and yes, unless its scenario names them.
  const bool asks = std::string_view(run.scheduler().choosing().name).ends_with('?');
  for (size_t i = names.size(); i < run.alternatives(); ++i)
    names.push_back(asks && run.alternatives() == 2 ? (i == 0 ? "no" : "yes") : std::to_string(i));
  return names;
}

ThreadView look_at(HandRun& run, uint32_t fiber) {
  ThreadView view;
  view.fiber = fiber;
  view.name = run.scheduler().fiber_name(fiber);
  view.p = p_of(run, fiber);
  for (const HandRun::Held& held : run.locks())
    if (held.fiber == fiber) view.locks.push_back(word_name(held.word, held.object));
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
    view.text = who + access_words(view.next, std::nullopt);
    view.alternatives = alternatives(run);
  } else if (run.next() == HandRun::Next::kChoice || run.can_run(fiber)) {
    view.state = run.next() == HandRun::Next::kChoice ? ThreadState::kBlocked : ThreadState::kCanRun;
    view.text = who + (view.state == ThreadState::kBlocked
                           ? why_blocked(run, fiber)
                           : access_words(view.next, now(run, view.next.word, view.next.object)));
    view.between = view.state == ThreadState::kCanRun && stands_between(run, fiber);
  } else {
    view.state = ThreadState::kBlocked;
    view.text = who + why_blocked(run, fiber);
    if (view.next.op == Op::kLock) view.holder = run.holder(view.next.word, view.next.object);
    if (view.next.op == Op::kWait)
      for (const Scheduler::Read& read : run.scheduler().predicate_reads(fiber))
        view.reads.push_back({word_name(read.word, read.object), read.value});
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
    return locks.emplace_back(BoardLock{word_name(word, object), word, object, kNoFiber, {}});
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

std::string why_blocked(HandRun& run, uint32_t fiber) {
  const engine::Access next = run.pending(fiber);
  if (run.next() == HandRun::Next::kChoice)
    return "waits until " + subject(run, run.chooser()) + " has chosen";
  if (run.next() == HandRun::Next::kNothing)
    return "the run has ended before: " + access_words(next, std::nullopt);
  if (next.op != Op::kLock) return next.step.name;
  const uint32_t holder = run.holder(next.word, next.object);
  return "waits for " + word_name(next.word, next.object) +
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
