// Where a student stands in a lesson: the beat, what of it is revealed, the answers, how many of its steps were played, and
// the check list of a hands-on beat. Knows the lesson and the branch tree of a session; shows and asks for nothing. Pure.
//
// A task is done by the student's own steps only, and then for good. What "Show me" played is shown: it ticks the check list
// where the shown node satisfies it, and no longer when the student goes back, who can then do it.
//
// A beat is read in this order: its text; the prediction, if it has one; because; then its goals, step by step, or the
// student's own steps; then its closing words. What comes later is hidden until then, so that it gives nothing away.
#pragma once

#include <QString>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gui/models/bench_scene.h"
#include "telemetry/lessons/lesson.h"

namespace sweepscope::gui {

// What is kept of a lesson from one start to the next.
struct LessonProgress {
  static constexpr int kUnanswered = -1, kShown = -2;  // kShown: the answer was read without a choice
  uint32_t beat = 0;
  std::vector<bool> seen;    // by beat
  std::vector<int> answers;  // by beat: the choice from 0, or one of the above
  std::vector<bool> done;    // by beat: its hands-on step, by the student's own steps
  bool finished = false;
  bool begun() const { return beat > 0 || finished || (!answers.empty() && answers.front() != kUnanswered); }
};

class LessonRun {
 public:
  explicit LessonRun(telemetry::lessons::Lesson lesson);

  const telemetry::lessons::Lesson& lesson() const { return lesson_; }
  const telemetry::lessons::Beat& beat() const { return lesson_.beats[progress_.beat]; }
  uint32_t beatNumber() const { return progress_.beat; }  // from 0
  uint32_t beats() const { return static_cast<uint32_t>(lesson_.beats.size()); }
  uint32_t run() const { return beat().run; }

  const LessonProgress& progress() const { return progress_; }
  // A finished lesson begins anew, and stays finished; progress that does not fit the lesson is ignored.
  void restore(LessonProgress progress);
  void restart();

  // The branch tree of the session. ready(): it has the nodes of this beat.
  void setTree(const std::vector<telemetry::BenchNode>& nodes);
  void forgetTree();
  bool ready() const { return !stops_.empty(); }

  // --- the prediction
  bool asks() const;  // a prediction that is not answered
  void pick(uint32_t choice);
  std::optional<uint32_t> picked() const { return picked_; }
  std::optional<uint32_t> answered() const;  // the choice; nothing: none, or shown without one
  bool right() const;

  // --- a hidden fault
  bool hidesFault() const;  // of this run, until the last question of its beats is answered
  bool examines() const { return lesson_.runs[run()].hides_fault; }  // the run has one, named by now or not

  // --- the steps of the lesson's own path (stopsOfBeat)
  uint32_t opens() const { return stops_.empty() ? telemetry::kNoNode : stops_.front(); }
  uint32_t node() const { return stops_.empty() ? telemetry::kNoNode : stops_[step_]; }
  uint32_t nodeBefore() const { return step_ == 0 ? telemetry::kNoNode : stops_[step_ - 1]; }
  uint32_t step() const { return step_; }
  uint32_t steps() const { return stops_.empty() ? 0 : static_cast<uint32_t>(stops_.size() - 1); }

  // --- hands on
  bool handsOn() const { return beat().hands_on.has_value(); }
  bool types() const;        // the student is to type numbers
  bool canStep() const;      // the student may step the session
  bool handsOnDone() const;  // the check list is complete: done, or shown up to this node
  bool shownOnly() const;    // it is complete, and was not done
  bool showing() const { return showing_; }
  void beginShowing() { showing_ = true; }  // "Show me"; by the caller if it types the numbers itself
  // Why the task cannot be done any more on the way that the student took; empty: it can. node() is then where it began.
  const QString& deadEnd() const { return deadEnd_; }
  // The student's path, from where the beat opens to the shown node: fills the check list. Waits for views it lacks.
  void look(const BenchScene& scene);
  struct Check {
    QString text;
    bool ticked, shown;  // shown: ticked, but not by the student's own steps
  };
  std::vector<Check> checks() const;
  // The state that the two numbers make, in a sentence; ticks it off.
  QString type(uint32_t sg, uint32_t sweepgen);
  // Two numbers that tick off the next state of the list; nothing: none is left.
  std::optional<std::pair<uint32_t, uint32_t>> example() const;

  // --- forward and back
  enum class Next : uint8_t { kWait, kChoose, kAnswer, kStep, kDo, kBeat, kFinish };
  Next next() const;
  // Does what next() names. kChoose shows the answer without a choice; kDo plays the goals. False: nothing to do.
  bool forward();
  bool back();
  bool explained() const;  // the closing words are to be read

 private:
  void enter(uint32_t beat);
  void markDone();
  bool complete() const;  // every check of the list holds
  bool isTyped(size_t check) const;
  void noteDeadEnd(const telemetry::BenchView& view);

  telemetry::lessons::Lesson lesson_;
  LessonProgress progress_;
  std::vector<uint32_t> stops_;  // nodes: where the beat opens, and after each step
  uint32_t step_ = 0;
  bool atEnd_ = false;  // entered backwards: at the last step
  std::optional<uint32_t> picked_;
  std::vector<telemetry::BoardSpanState> typed_;
  std::vector<bool> holds_;  // by condition of the check list
  bool showing_ = false;
  QString deadEnd_;
};

// The nodes at which a press of "next" stops, between the nodes at which a beat opens and ends: after each arc and each
// choice; of accesses, after the last one in a row by one thread, or one that makes an arc. Of these only the last one and
// those before which something was to see: quiet steps (BenchNode::quiet) are passed over.
std::vector<uint32_t> stopsOfBeat(const std::vector<telemetry::BenchNode>& nodes, uint32_t opens,
                                  uint32_t ends);

}  // namespace sweepscope::gui
