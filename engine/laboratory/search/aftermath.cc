#include "engine/laboratory/search/aftermath.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <tuple>

#include "engine/laboratory/search/contained.h"
#include "engine/laboratory/search/random_walk.h"
#include "engine/laboratory/search/replay.h"

namespace sweepscope::laboratory {
namespace {

constexpr uint64_t kMostSteps = 400'000;  // of all runs: those that do not end are few

// The setup whose runs stop at harm only.
Setup ignoring(const Setup& setup) {
  Setup ignoring = setup;
  for (const std::string& rule : rules_to_note())
    if (harm_of(ViolationKind::kCheck, rule) == Harm::kNone) ignoring.checks.set(rule + "=note");
  return ignoring;
}

// Threads take turns; the first alternative of every choice.
class TakeTurns final : public Strategy {
 public:
  uint32_t pick(std::span<const Candidate> enabled) override {
    uint32_t index = 0;
    while (index < enabled.size() && enabled[index].fiber <= last_) ++index;
    if (index == enabled.size()) index = 0;
    last_ = enabled[index].fiber;
    return index;
  }
  uint32_t choose(uint32_t, engine::Step, uint32_t) override { return 0; }

 private:
  uint32_t last_ = 0;
};

// Follows the schedule, then another strategy. Shows every few thousand steps that the run makes some.
class Continued final : public Strategy {
 public:
  Continued(const Schedule& schedule, Strategy& then, const Send& send)
      : replay_(schedule), steps_(schedule.steps.size()), then_(then), send_(send) {}

  uint32_t pick(std::span<const Candidate> enabled) override {
    if (++picks_ % kPicksASign == 0) send_(".");
    return replay_.position() < steps_ ? replay_.pick(enabled) : then_.pick(enabled);
  }
  uint32_t choose(uint32_t fiber, engine::Step what, uint32_t n) override {
    return replay_.position() < steps_ ? replay_.choose(fiber, what, n) : then_.choose(fiber, what, n);
  }
  std::string misfit() const override { return replay_.misfit(); }

 private:
  static constexpr uint64_t kPicksASign = 2048;

  Replay replay_;
  const size_t steps_;
  Strategy& then_;
  const Send& send_;
  uint64_t picks_ = 0;
};

std::string later(uint64_t step, uint64_t violation) {
  const uint64_t steps = step < violation ? violation - step : step - violation;
  if (steps == 0) return "in the same step";
  return std::to_string(steps) + (steps == 1 ? " step" : " steps") +
         (step < violation ? " earlier" : " later");
}

std::string listed(const std::vector<std::string>& rules) {
  std::string text;
  for (const std::string& rule : rules) text += (text.empty() ? "" : ", ") + rule;
  return text;
}

// The rules noted from the violation on, in the order of their first time.
std::vector<std::string> noted(const std::vector<Note>& notes, const Violation& violation) {
  std::vector<std::string> rules;
  for (const Note& note : notes)
    if (note.step >= violation.step || note.rule == violation.rule) rules.push_back(note.rule);
  return rules;
}

// What the runs without harm have shown.
struct Harmless {
  uint32_t runs = 0, ended = 0;
  bool cannot_pass = false;  // the violation itself stops the run again
  std::string stopped;       // the check that no mode passes and that stopped a later step; empty: none
  std::vector<std::string> noted;
  bool oracle = false;  // a rule of the oracle was violated
};

void add(Harmless& all, const RunReport& report, const Violation& violation) {
  ++all.runs;
  if (report.outcome == Outcome::kFinished) ++all.ended;
  if (report.outcome == Outcome::kViolation) {
    all.cannot_pass = report.violation.rule == violation.rule && report.violation.step == violation.step;
    if (all.stopped.empty())
      all.stopped = report.violation.rule + ", " + later(report.violation.step, violation.step);
  }
  for (const std::string& rule : noted(report.notes, violation))
    if (std::find(all.noted.begin(), all.noted.end(), rule) == all.noted.end()) all.noted.push_back(rule);
  for (const Note& note : report.notes) all.oracle |= is_oracle_rule(note.rule);
}

Aftermath judge(const Harmless& all, const Violation& violation) {
  if (all.cannot_pass) return {Harm::kNone, "the run cannot continue: what follows depends on this check", 0};
  const std::string runs =
      all.runs == 1 ? "in the run from here" : "in " + std::to_string(all.runs) + " runs from here";
  if (all.ended == all.runs && violation.kind == ViolationKind::kCheck && !all.oracle)
    return {Harm::kFalseAlarm, runs + " to the end of the program the oracle finds nothing wrong", 0};
  std::string text = "no harm " + runs;
  if (!all.stopped.empty())
    text += std::string("; a check that cannot be noted ended ") + (all.runs == 1 ? "it" : "at least one") +
            ": " + all.stopped;
  else
    text += " to the end of the program";
  if (!all.noted.empty()) text += ", with " + listed(all.noted) + " noted";
  return {Harm::kNone, text, 0};
}

// What happened, in words. The heap verifier's sentence begins with what all of them have in common.
std::string sentence_of(const Violation& harm) {
  const size_t operands = harm.sentence.find("invariant_I = ");
  const size_t rest = operands == std::string::npos ? operands : harm.sentence.find(", ", operands);
  if (rest == std::string::npos) return harm.sentence;
  return harm.rule + " does not hold: " + harm.sentence.substr(rest + 2);
}

Aftermath harm_in(const RunReport& report, const Violation& violation) {
  const Violation& end = report.violation;
  Aftermath harm{harm_of(end.kind, end.rule), {}, end.step};
  harm.text = sentence_of(end) + ", " + later(end.step, violation.step);
  const std::vector<std::string> rules = noted(report.notes, violation);
  if (!rules.empty()) harm.text += ", with " + listed(rules) + " noted";
  return harm;
}

std::string line_of(const Aftermath& aftermath) {
  return std::to_string(static_cast<int>(aftermath.harm)) + " " + std::to_string(aftermath.step) + " " +
         aftermath.text + "\n";
}

// In the process of its own. Sends a line whenever the answer is a better one, and full stops as a sign of life.
void continue_runs(const Setup& setup, const Schedule& schedule, const Violation& violation,
                   const Send& send) {
  Experiment experiment(ignoring(setup));
  Harmless harmless;
  uint64_t steps = 0;
  std::optional<Aftermath> best;
  for (uint32_t i = 0; i < kAftermathRuns && steps < kMostSteps && !harmless.cannot_pass; ++i) {
    send(".");
    TakeTurns turns;
    RandomWalk walk(i);
    Continued strategy(schedule, i == 0 ? static_cast<Strategy&>(turns) : walk, send);
    const RunReport report = experiment.run(strategy, Experiment::FairTail::kYes);
    steps += report.steps;
    if (report.outcome == Outcome::kMisfit) return send(line_of({Harm::kNone, report.misfit, 0}));
    const Violation& end = report.violation;
    if (report.outcome != Outcome::kViolation || harm_of(end.kind, end.rule) == Harm::kNone) {
      add(harmless, report, violation);
      continue;
    }
    Aftermath harm = harm_in(report, violation);
    if (best && std::tuple(rank(best->harm), best->step) <= std::tuple(rank(harm.harm), harm.step)) continue;
    best = std::move(harm);
    send(line_of(*best));
  }
  if (!best) send(line_of(judge(harmless, violation)));
}

// The last whole line of "..1 420 text\n...1 380 text\n"; none: it did not come to an answer.
std::optional<Aftermath> answer_of(std::string sent) {
  while (!sent.empty() && sent.back() != '\n') sent.pop_back();
  if (sent.empty()) return std::nullopt;
  sent.pop_back();
  sent.erase(0, sent.rfind('\n') + 1);
  const size_t begin = std::min(sent.find_first_not_of('.'), sent.size());
  const char *at = sent.data() + begin, *const end = sent.data() + sent.size();
  Aftermath aftermath;
  int harm = 0;
  const auto number = std::from_chars(at, end, harm);
  if (number.ec != std::errc() || harm < 0 || harm > static_cast<int>(Harm::kFalseAlarm)) return std::nullopt;
  aftermath.harm = static_cast<Harm>(harm);
  const auto step = std::from_chars(std::min(number.ptr + 1, end), end, aftermath.step);
  if (step.ec != std::errc()) return std::nullopt;
  aftermath.text.assign(std::min(step.ptr + 1, end), end);
  return aftermath;
}

}  // namespace

Aftermath what_follows(const Setup& setup, const Schedule& schedule, const Violation& violation) {
  if (const Harm itself = harm_of(violation.kind, violation.rule); itself != Harm::kNone)
    return {itself, "this violation is the harm itself", violation.step};
  const Contained run = run_contained(
      [&](const Send& send) { continue_runs(setup, schedule, violation, send); }, kAftermathSilence);
  const std::string ignored = ", after " + violation.rule + " was ignored";
  const std::optional<Aftermath> answer = answer_of(run.sent);
  switch (run.end) {
    case Contained::End::kDone:
      if (answer) return *answer;
      return {Harm::kNone, "not known: the answer was cut", 0};
    case Contained::End::kDied:
      if (answer && answer->harm == Harm::kMemory) return *answer;
      return {Harm::kMemory, "the run died (" + run.how + ")" + ignored, 0};
    case Contained::End::kSilent:
      if (answer) return *answer;
      return {Harm::kHang, "the run makes no further step" + ignored, 0};
    case Contained::End::kNotBegun: break;
  }
  return {Harm::kNone, "not known: " + run.how, 0};
}

std::string describe(const Aftermath& aftermath) {
  return std::string(name(aftermath.harm)) + ": " + aftermath.text;
}

}  // namespace sweepscope::laboratory
