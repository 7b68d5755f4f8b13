#include "telemetry/lessons/goal_compiler.h"

#include <algorithm>
#include <deque>
#include <map>

#include "telemetry/lessons/beat_nodes.h"
#include "telemetry/lessons/facts.h"
#include "telemetry/model/reachable.h"

namespace sweepscope::telemetry::lessons {
namespace {

constexpr std::string_view kMain = "main";  // starts the other threads

class Compiler {
 public:
  Compiler(const Lesson& lesson, Stepper& stepper) : lesson_(lesson), stepper_(stepper) {}

  LessonPath compile(uint32_t run) {
    const Run& of = lesson_.runs[run];
    if (const std::string error = stepper_.begin(of.setup); !error.empty()) {
      report(of.line, error);
      return std::move(path_);
    }
    bool first = true;
    for (uint32_t i = 0; i < lesson_.beats.size(); ++i) {
      const Beat& beat = lesson_.beats[i];
      if (beat.run != run) continue;
      if (first) path_.first_beat = i;
      first = false;
      if (!play(beat)) return std::move(path_);
    }
    for (const auto& [thread, choices] : choices_)
      if (!choices.empty())
        report(choices.front().line,
               "'" + thread + "' never comes to its choice '" + choices.front().text + "'");
    return std::move(path_);
  }

 private:
  struct Choice {
    std::string text;
    uint32_t line;
  };

  bool report(uint32_t line, const std::string& reason) {
    path_.errors.push_back(lesson_.file + ":" + std::to_string(line) + ": " + reason);
    return false;
  }

  bool play(const Beat& beat) {
    bool open = false;
    for (const Act& act : beat.acts) {
      if (act.kind == Act::Kind::kGoal && !open) open = show(beat);
      if (act.kind == Act::Kind::kChoose)
        for (const std::string& choice : act.choices) choices_[act.thread].push_back({choice, act.line});
      else if (!reach(act))
        return false;
    }
    if (!open) show(beat);
    BeatPath& beat_path = path_.beats.back();
    beat_path.ends = node_;
    beat_path.accesses = stepper_.view(node_).steps - beat_path.accesses;
    if (beat_path.nodes.size() > 1) stepper_.rename(node_, beat.name);
    check(beat);
    return true;
  }

  // The beat is shown here; what was played for it before is folded.
  bool show(const Beat& beat) {
    const BenchView& view = stepper_.view(node_);
    if (path_.beats.empty() || path_.beats.back().ends != node_) stepper_.rename(node_, begins(beat));
    path_.beats.push_back({node_, node_, {node_}, view.steps});
    of_beat_.begin(view);
    check_spotlights_ = beat.spotlights;
    drop_found_spotlights();
    return true;
  }

  // --- goals ---------------------------------------------------------------------------------------------

  bool reach(const Act& act) {
    Facts of_goal;
    of_goal.begin(stepper_.view(node_));
    for (uint32_t steps = 0; !of_goal.holds(act.until); ++steps) {
      if (steps == kMostStepsOfAGoal)
        return report(act.line, "goal '" + act.text + "' is not reached within " +
                                    std::to_string(kMostStepsOfAGoal) +
                                    " steps: " + of_goal.instead(act.until));
      if (!advance(act, of_goal)) return false;
      const BenchView& view = stepper_.view(node_);
      of_goal.add(view);
      if (act.kind == Act::Kind::kGoal) {
        of_beat_.add(view);
        path_.beats.back().nodes.push_back(node_);
        drop_found_spotlights();
      }
    }
    return true;
  }

  bool unreachable(const Act& act, const Facts& facts, const std::string& why) {
    return report(act.line,
                  "goal '" + act.text + "' cannot be reached: " + why + "; " + facts.instead(act.until));
  }

  // One step towards the goal.
  bool advance(const Act& act, const Facts& facts) {
    const BenchView view = stepper_.view(node_);
    if (view.verdict.outcome == BenchOutcome::kViolation)
      return unreachable(act, facts,
                         "the run was stopped by " + view.verdict.rule + ", " + view.verdict.text);
    if (view.verdict.outcome == BenchOutcome::kFinished) return unreachable(act, facts, "the run has ended");
    for (const BenchThread& thread : view.threads)
      if (thread.state == BenchThreadState::kMustChoose) return choose(act, thread);
    const BenchThread* thread = Facts::thread(view, act.thread);
    if (thread == nullptr) {  // main has not started it yet
      thread = Facts::thread(view, kMain);
      if (thread == nullptr || thread->state != BenchThreadState::kCanRun)
        return unreachable(act, facts, "there is no thread '" + act.thread + "', only " + names_of(view));
    }
    if (thread->state == BenchThreadState::kEnded)
      return unreachable(act, facts, "'" + thread->name + "' has ended");
    bool in_accesses = act.in_accesses;
    if (thread->state == BenchThreadState::kBlocked) {
      const BenchThread* const helper = act.help ? helper_of(view, act) : nullptr;
      if (helper == nullptr)
        return unreachable(act, facts,
                           "'" + thread->name + "' is blocked (" + thread->text + ") and " +
                               (act.help ? "no thread that may help can run" : "no thread helps"));
      thread = helper;
      in_accesses = true;  // no further than it takes
    }
    return take(act.line, in_accesses ? BenchStepKind::kAccess : BenchStepKind::kArc, thread->thread, 0);
  }

  static std::string names_of(const BenchView& view) {
    std::string names;
    for (const BenchThread& thread : view.threads)
      names.append(names.empty() ? "" : ", ").append(thread.name);
    return names;
  }

  static const BenchThread* helper_of(const BenchView& view, const Act& act) {
    const auto may = [&](const BenchThread& t) {
      return t.state == BenchThreadState::kCanRun && t.name != act.thread &&
             (act.helpers.empty() ||
              std::find(act.helpers.begin(), act.helpers.end(), t.name) != act.helpers.end());
    };
    const auto found = std::find_if(view.threads.begin(), view.threads.end(), may);
    return found == view.threads.end() ? nullptr : &*found;
  }

  bool choose(const Act& act, const BenchThread& thread) {
    std::string offered;
    for (const std::string& alternative : thread.alternatives)
      offered.append(offered.empty() ? "" : " | ").append(alternative);
    std::deque<Choice>& choices = choices_[thread.name];
    if (choices.empty())
      return report(act.line, "goal '" + act.text + "': '" + thread.name + "' must choose (" + offered +
                                  "); add 'choose: " + thread.name + ": ...' above");
    const Choice choice = choices.front();
    choices.pop_front();
    const auto found = std::find(thread.alternatives.begin(), thread.alternatives.end(), choice.text);
    if (found == thread.alternatives.end())
      return report(choice.line,
                    "'" + choice.text + "' is no choice of '" + thread.name + "' here: " + offered);
    return take(choice.line, BenchStepKind::kChoice, thread.thread,
                static_cast<uint32_t>(found - thread.alternatives.begin()));
  }

  bool take(uint32_t line, BenchStepKind kind, uint32_t thread, uint32_t choice) {
    const Stepper::Taken taken = stepper_.step(node_, kind, thread, choice);
    if (!taken.error.empty()) return report(line, "the step cannot be taken: " + taken.error);
    node_ = path_.last = taken.node;
    return true;
  }

  // --- claims --------------------------------------------------------------------------------------------

  void check(const Beat& beat) {
    for (const Claim& claim : beat.claims)
      if (!of_beat_.holds(claim.condition))
        report(claim.line,
               "claim '" + claim.condition.text + "' is false: " + of_beat_.instead(claim.condition));
    if (beat.hands_on)
      for (const Condition& done : beat.hands_on->done)
        if (done.kind != Condition::Kind::kTyped && !of_beat_.holds(done))
          report(beat.line, "the goals of beat '" + beat.name + "' do not do its hands-on step: '" +
                                done.text + "' is false, " + of_beat_.instead(done));
    for (const Spotlight& spotlight : check_spotlights_)
      report(beat.line,
             "the spotlight of beat '" + beat.name + "' never finds " +
                 (spotlight.on == Spotlight::On::kThread    ? "thread " + spotlight.thread
                  : spotlight.on == Spotlight::On::kSpan    ? "span " + std::to_string(spotlight.number)
                  : spotlight.on == Spotlight::On::kObject  ? "object " + std::to_string(spotlight.number)
                  : spotlight.on == Spotlight::On::kObjects ? std::string("an object")
                                                            : "P" + std::to_string(spotlight.number)));
  }

  // A spotlight must find its place at some node of the beat.
  void drop_found_spotlights() {
    const BenchView& view = stepper_.view(node_);
    std::erase_if(check_spotlights_, [&](const Spotlight& s) {
      switch (s.on) {
        case Spotlight::On::kSpan: return Facts::span(view.board, s.number) != nullptr;
        case Spotlight::On::kThread: return Facts::thread(view, s.thread) != nullptr;
        case Spotlight::On::kObjects: return !view.board.objects.empty();
        case Spotlight::On::kObject: return object_of(view.board, s.number) != nullptr;
        case Spotlight::On::kCache:
          return std::any_of(view.board.ps.begin(), view.board.ps.end(),
                             [&](const BoardP& p) { return p.id == s.number; });
        default: return true;
      }
    });
  }

  const Lesson& lesson_;
  Stepper& stepper_;
  LessonPath path_;
  uint32_t node_ = 0;
  Facts of_beat_;
  std::map<std::string, std::deque<Choice>> choices_;  // of each thread, in order
  std::vector<Spotlight> check_spotlights_;            // of the beat, not found yet
};

}  // namespace

LessonPath compile(const Lesson& lesson, uint32_t run, Stepper& stepper) {
  return Compiler(lesson, stepper).compile(run);
}

}  // namespace sweepscope::telemetry::lessons
