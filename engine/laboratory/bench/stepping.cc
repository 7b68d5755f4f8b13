#include "engine/laboratory/bench/stepping.h"

#include <algorithm>

#include "engine/laboratory/bench/look.h"
#include "engine/laboratory/bench/words.h"

namespace sweepscope::laboratory {
namespace {

using engine::Op;

std::vector<observe::ListMembership> lists_of(HandRun& run) {
  std::vector<observe::ListMembership> lists;
  if (!run.engine_stands()) return lists;
  engine::MHeap& heap = run.runtime().heap();
  for (uint32_t id = 0; id < heap.span_ids(); ++id) lists.push_back(heap.span(id).list);
  return lists;
}

uint64_t times_noted(const RunReport& report, const std::string& rule) {
  for (const Note& note : report.notes)
    if (note.rule == rule) return note.times;
  return 0;
}

std::string between_words(HandRun& run, uint32_t fiber) {
  const engine::Access next = run.pending(fiber);
  const std::string reads =
      read_words(next, std::nullopt, context_of(run, next));  // "reads the sweepgen of span 3"
  return subject(run, fiber) + " has read" + reads.substr(reads.find(' ')) +
         " and is about to write it; another thread can write it now";
}

// Takes accesses and knows what each of them did.
class Stepper {
 public:
  Stepper(HandRun& run, const std::vector<Breakpoint>& breakpoints)
      : run_(run), breakpoints_(breakpoints), lists_(lists_of(run)) {
    const RunReport& report = run.scheduler().so_far();
    for (const Breakpoint& breakpoint : breakpoints_) noted_.push_back(times_noted(report, breakpoint.name));
  }

  // False: impossible here.
  bool take(const Decision& decision) {
    const std::string who =
        decision.fiber < run_.scheduler().fibers() ? subject(run_, decision.fiber) : std::string();
    WordContext context;  // before the access
    std::string chosen;
    if (!decision.choice && decision.fiber < run_.scheduler().fibers())
      context = context_of(run_, run_.pending(decision.fiber));
    if (decision.choice && run_.next() == HandRun::Next::kChoice && *decision.choice < run_.alternatives())
      chosen = alternatives_of(run_)[*decision.choice];
    if (!run_.take(decision)) {
      if (taken_.decisions.empty()) taken_.error = run_.why_not();
      return false;
    }
    taken_.decisions.push_back(decision);
    AccessRow row = run_.row();
    wrote_ = false;
    context.spans = queued_spans(run_, row.access, row.before, row.after);
    describe(row, who, chosen, context);
    if (taken_.rows.size() == kMostRows) taken_.rows.erase(taken_.rows.begin());
    met_ = breakpoint_of(row);
    taken_.rows.push_back(std::move(row));
    return true;
  }

  bool wrote() const {
    return wrote_;
  }  // the last access wrote a word of the protocol, or moved a span between lists
  const std::string& met() const { return met_; }  // the breakpoint that the last access met; empty: none

  // Ends the step if `fiber` cannot take another access.
  bool ends_here(uint32_t fiber) {
    switch (run_.next()) {
      case HandRun::Next::kNothing: {
        const bool violated = run_.scheduler().violated();
        stop(violated ? StopReason::kViolation : StopReason::kRunEnded,
             violated ? run_.so_far().violation.rule + " is violated" : "every thread has ended");
        return true;
      }
      case HandRun::Next::kChoice:
        stop(StopReason::kChoice, subject(run_, run_.chooser()) + " must choose");
        return true;
      case HandRun::Next::kStep: break;
    }
    if (run_.ended(fiber)) {
      stop(StopReason::kEnded, std::string(run_.scheduler().fiber_name(fiber)) + " has ended");
      return true;
    }
    if (!run_.can_run(fiber)) {
      stop(StopReason::kBlocked, subject(run_, fiber) + ": " + why_blocked(run_, fiber));
      return true;
    }
    return false;
  }

  void stop(StopReason reason, std::string why) {
    taken_.stop = reason;
    taken_.why = std::move(why);
  }

  StepTaken finish() {
    if (!sentence_.empty())
      taken_.text = sentence_;
    else if (!taken_.rows.empty())
      taken_.text = taken_.rows.back().text;
    return std::move(taken_);
  }

 private:
  void describe(AccessRow& row, const std::string& who, const std::string& chosen,
                const WordContext& context) {
    row.text = who + " " + (row.access.op == Op::kChoice ? "chooses: " + chosen : row_words(row, context));
    row.folded = row.access.op == Op::kLock || row.access.op == Op::kUnlock ||
                 (row.access.op != Op::kChoice && !is_protocol_word(row.access.word));
    if (is_protocol_word(row.access.word) && writes(row.access.op)) {
      const ArcWords arc = arc_words(row, context);
      row.arc = arc.arc;
      row.text = who + " " + arc.sentence;
      wrote_ = true;
      sentence_ = row.text + (row.arc.empty() ? "" : " (" + row.arc + ")");
    }
    if (const std::string moved = moved_lists(); !moved.empty()) {
      row.text =
          wrote_ ? row.text + "; moves " + moved : who + " moves " + moved + "; " + row_words(row, context);
      row.folded = false;
      sentence_ = wrote_ ? sentence_ + "; moves " + moved : who + " moves " + moved;
      wrote_ = true;
    }
  }

  std::string moved_lists() {
    std::vector<observe::ListMembership> lists = lists_of(run_);
    std::string moved;
    for (size_t id = 0; id < lists.size(); ++id) {
      const auto before = id < lists_.size() ? lists_[id] : observe::ListMembership::kNone;
      if (lists[id] == before) continue;
      moved += (moved.empty() ? "span " : ", span ") + std::to_string(id) + " from " + list_name(before) +
               " to " + list_name(lists[id]);
    }
    lists_ = std::move(lists);
    return moved;
  }

  std::string breakpoint_of(const AccessRow& row) {
    for (size_t i = 0; i < breakpoints_.size(); ++i) {
      const Breakpoint& breakpoint = breakpoints_[i];
      bool met = false;
      switch (breakpoint.kind) {
        case Breakpoint::Kind::kRule:
          met = times_noted(run_.scheduler().so_far(), breakpoint.name) > noted_[i];
          break;
        case Breakpoint::Kind::kArc: met = row.arc == breakpoint.name; break;
        case Breakpoint::Kind::kSpan:
          met = span_of(row.access.word, row.access.object) == breakpoint.span;
          break;
      }
      if (met) return breakpoint.text();
    }
    return {};
  }

  HandRun& run_;
  const std::vector<Breakpoint>& breakpoints_;
  std::vector<uint64_t> noted_;  // by breakpoint: how often the rule had been noted before the step
  std::vector<observe::ListMembership> lists_;  // by span, after the last access
  bool wrote_ = false;
  std::string met_;
  std::string sentence_;  // of the last write
  StepTaken taken_;
};

}  // namespace

StepTaken take_step(HandRun& run, StepKind kind, uint32_t fiber, uint32_t choice,
                    const std::vector<Breakpoint>& breakpoints) {
  Stepper stepper(run, breakpoints);
  if (fiber >= run.scheduler().fibers()) {
    StepTaken none;
    none.error = "there is no thread " + std::to_string(fiber);
    return none;
  }
  if (kind == StepKind::kChoice) {
    if (stepper.take({fiber, choice}) && !stepper.ends_here(fiber))
      stepper.stop(StopReason::kAccess, "one choice");
    return stepper.finish();
  }
  for (size_t taken = 0; stepper.take({fiber, std::nullopt}); ++taken) {
    if (kind == StepKind::kArc && stepper.wrote()) {
      if (!stepper.ends_here(fiber)) stepper.stop(StopReason::kArc, "a word of the protocol was written");
      break;
    }
    if (stepper.ends_here(fiber)) break;
    if (kind == StepKind::kAccess) {
      stepper.stop(StopReason::kAccess, "one access");
      break;
    }
    if (kind == StepKind::kRun && !stepper.met().empty()) {
      stepper.stop(StopReason::kBreakpoint, "breakpoint " + stepper.met());
      break;
    }
    if (kind == StepKind::kArc && stands_between(run, fiber)) {
      stepper.stop(StopReason::kBetween, between_words(run, fiber));
      break;
    }
    if (taken + 1 == kMostAccesses) {
      stepper.stop(StopReason::kLimit, std::to_string(kMostAccesses) + " accesses, and it can continue");
      break;
    }
  }
  return stepper.finish();
}

StepTaken take_recorded(HandRun& run, const std::vector<Decision>& decisions, size_t from) {
  static const std::vector<Breakpoint> kNone;
  Stepper stepper(run, kNone);
  const uint32_t fiber = decisions[from].fiber;
  for (size_t at = from; at < decisions.size(); ++at) {
    if (!stepper.take(decisions[at])) break;
    if (decisions[at].choice) {
      if (!stepper.ends_here(fiber)) stepper.stop(StopReason::kAccess, "one choice");
      break;
    }
    if (stepper.wrote()) {
      if (!stepper.ends_here(fiber)) stepper.stop(StopReason::kArc, "a word of the protocol was written");
      break;
    }
    if (stepper.ends_here(fiber)) break;
    if (at + 1 == decisions.size() || decisions[at + 1].fiber != fiber || decisions[at + 1].choice) {
      const bool between = stands_between(run, fiber);
      stepper.stop(between ? StopReason::kBetween : StopReason::kNone,
                   between ? between_words(run, fiber) : "another thread runs");
      break;
    }
  }
  return stepper.finish();
}

}  // namespace sweepscope::laboratory
