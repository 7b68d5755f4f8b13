#include "gui/models/lesson_run.h"

#include <QCoreApplication>
#include <algorithm>

#include "gui/models/bench_words.h"
#include "telemetry/lessons/beat_nodes.h"
#include "telemetry/lessons/facts.h"

namespace sweepscope::gui {

using namespace telemetry;
using lessons::Condition;

namespace {

QString tr(const char* text) { return QCoreApplication::translate("Lesson", text); }

// A distance that gives the state; +2 for an illegal one.
int32_t distanceOf(BoardSpanState state) {
  for (int32_t distance = -2; distance <= 3; ++distance)
    if (state_at(distance) == state) return distance;
  return 2;
}

// The session's sentence of an access ends with the arc that it makes: "P1 claims span 3 (T6)".
bool makesArc(const BenchNode& node) {
  const size_t at = node.text.rfind("(T");
  return at != std::string::npos && node.text.ends_with(')');
}

QString violationWords(const BenchVerdict& verdict) {
  const QString rule = QString::fromStdString(verdict.rule), kind = QString::fromStdString(verdict.kind);
  if (kind == QLatin1String("oracle")) return tr("rule %1 has stopped the run").arg(rule);
  if (kind == QLatin1String("engine check"))
    return tr("the engine's check \"%1\" has stopped the run").arg(rule);
  return tr("the run has ended with a %1").arg(kind);
}

bool isStop(const BenchNode& node, const BenchNode* next) {
  return node.kind != BenchStepKind::kAccess || makesArc(node) || next == nullptr ||
         next->kind != BenchStepKind::kAccess || next->thread != node.thread ||
         node.outcome != BenchOutcome::kRunning;
}

}  // namespace

std::vector<uint32_t> stopsOfBeat(const std::vector<BenchNode>& nodes, uint32_t opens, uint32_t ends) {
  std::vector<uint32_t> path;
  for (uint32_t at = ends; at != opens; at = nodes[at].parent) {
    path.push_back(at);
    if (nodes[at].parent >= at) return {opens};  // `opens` does not lie on the path
  }
  std::reverse(path.begin(), path.end());
  std::vector<uint32_t> stops{opens};
  bool quiet = true;  // since the last stop
  for (size_t i = 0; i < path.size(); ++i) {
    const BenchNode& node = nodes[path[i]];
    const bool last = i + 1 == path.size();
    quiet = quiet && node.quiet;
    if (!last && (quiet || !isStop(node, &nodes[path[i + 1]]))) continue;
    stops.push_back(path[i]);
    quiet = true;
  }
  return stops;
}

LessonRun::LessonRun(lessons::Lesson lesson) : lesson_(std::move(lesson)) { restart(); }

void LessonRun::restart() {
  const bool finished = progress_.finished;
  progress_ = {};
  progress_.finished = finished;
  progress_.seen.assign(beats(), false);
  progress_.answers.assign(beats(), LessonProgress::kUnanswered);
  progress_.done.assign(beats(), false);
  enter(0);
}

void LessonRun::restore(LessonProgress progress) {
  progress_.finished = progress.finished;
  if (progress.finished) return;
  const bool fits = progress.beat < beats() && progress.seen.size() == beats() &&
                    progress.answers.size() == beats() && progress.done.size() == beats();
  if (!fits) return;
  for (uint32_t i = 0; i < beats(); ++i) {
    const auto& prediction = lesson_.beats[i].prediction;
    const int most =
        prediction ? static_cast<int>(prediction->choices.size()) - 1 : LessonProgress::kUnanswered;
    if (progress.answers[i] > most || progress.answers[i] < LessonProgress::kShown) return;
  }
  progress_ = std::move(progress);
  enter(progress_.beat);
}

void LessonRun::enter(uint32_t beat) {
  progress_.beat = beat;
  progress_.seen[beat] = true;
  stops_.clear();
  step_ = 0;
  atEnd_ = false;
  picked_.reset();
  typed_.clear();
  showing_ = false;
  deadEnd_.clear();
  holds_.assign(handsOn() ? this->beat().hands_on->done.size() : 0, progress_.done[beat]);
}

void LessonRun::forgetTree() { stops_.clear(); }

void LessonRun::setTree(const std::vector<BenchNode>& nodes) {
  const auto found = lessons::find_beats(lesson_, run(), nodes)[progress_.beat];
  stops_.clear();
  if (!found) return;
  stops_ = stopsOfBeat(nodes, found->opens, found->ends);
  step_ = atEnd_ ? steps() : std::min(step_, steps());
  atEnd_ = false;
}

// --- the prediction --------------------------------------------------------------------------------------

bool LessonRun::asks() const {
  return beat().prediction && progress_.answers[progress_.beat] == LessonProgress::kUnanswered;
}

void LessonRun::pick(uint32_t choice) {
  if (asks() && choice < beat().prediction->choices.size()) picked_ = choice;
}

std::optional<uint32_t> LessonRun::answered() const {
  const int answer = progress_.answers[progress_.beat];
  if (answer < 0) return std::nullopt;
  return static_cast<uint32_t>(answer);
}

bool LessonRun::right() const { return beat().prediction && answered() == beat().prediction->right; }

// --- a hidden fault --------------------------------------------------------------------------------------

bool LessonRun::hidesFault() const {
  const auto last = lesson_.last_question(run());
  return examines() && last && progress_.answers[*last] == LessonProgress::kUnanswered;
}

// --- hands on --------------------------------------------------------------------------------------------

bool LessonRun::isTyped(size_t check) const {
  return beat().hands_on->done[check].kind == Condition::Kind::kTyped;
}

bool LessonRun::types() const {
  if (!handsOn()) return false;
  const auto& done = beat().hands_on->done;
  return std::any_of(done.begin(), done.end(),
                     [](const Condition& c) { return c.kind == Condition::Kind::kTyped; });
}

bool LessonRun::canStep() const {
  if (!handsOn() || asks() || !ready()) return false;
  const auto& done = beat().hands_on->done;
  return std::any_of(done.begin(), done.end(),
                     [](const Condition& c) { return c.kind != Condition::Kind::kTyped; });
}

bool LessonRun::complete() const {
  return !holds_.empty() && std::all_of(holds_.begin(), holds_.end(), [](bool b) { return b; });
}

bool LessonRun::handsOnDone() const { return progress_.done[progress_.beat] || complete(); }

bool LessonRun::shownOnly() const { return complete() && !progress_.done[progress_.beat]; }

void LessonRun::markDone() {
  if (complete() && !showing_) progress_.done[progress_.beat] = true;
}

void LessonRun::look(const BenchScene& scene) {
  if (!handsOn() || asks() || !ready()) return;
  // The lesson's path goes on from where the student stands on it.
  if (const auto at = std::find(stops_.begin(), stops_.end(), scene.shown()); at != stops_.end())
    step_ = static_cast<uint32_t>(at - stops_.begin());
  if (canStep() && scene.shown() == opens()) showing_ = false;
  deadEnd_.clear();
  if (progress_.done[progress_.beat]) return;
  const std::vector<uint32_t> path = scene.path();
  auto at = std::find(path.begin(), path.end(), opens());
  if (at == path.end()) return;  // looks at what was before the beat
  lessons::Facts facts;
  const auto& done = beat().hands_on->done;
  for (bool first = true; at != path.end(); ++at, first = false) {
    const BenchView* view = scene.view(*at);
    if (view == nullptr) return;
    first ? facts.begin(*view) : facts.add(*view);
    for (size_t i = 0; i < done.size(); ++i)
      if (!isTyped(i)) holds_[i] = facts.holds(done[i]);
    if (complete()) break;
  }
  // Only a step moves the session: a look at the steps that the lesson took does nothing.
  if (scene.atCurrent()) markDone();
  if (!handsOnDone()) noteDeadEnd(*scene.shownView());
}

// What the view itself shows, without a search: the run has ended, or no thread can continue.
void LessonRun::noteDeadEnd(const BenchView& view) {
  bool open = false;  // something is left to be done by steps
  for (size_t i = 0; i < holds_.size(); ++i) open = open || (!isTyped(i) && !holds_[i]);
  if (!open) return;
  const bool stands = std::none_of(view.threads.begin(), view.threads.end(), [](const BenchThread& t) {
    return t.state == BenchThreadState::kCanRun || t.state == BenchThreadState::kMustChoose;
  });
  if (view.verdict.outcome == BenchOutcome::kViolation)
    deadEnd_ = violationWords(view.verdict);
  else if (view.verdict.outcome == BenchOutcome::kFinished)
    deadEnd_ = tr("the run has ended");
  else if (stands)
    deadEnd_ = tr("no thread can run any more");
  if (!deadEnd_.isEmpty()) step_ = 0;
}

std::vector<LessonRun::Check> LessonRun::checks() const {
  std::vector<Check> all;
  for (size_t i = 0; i < holds_.size(); ++i) {
    const Condition& c = beat().hands_on->done[i];
    QString text = QString::fromStdString(c.text);
    if (isTyped(i))
      text = tr("a pair that is %1").arg(QString::fromStdString(std::string(lessons::name(c.state))));
    if (isTyped(i) && c.state == BoardSpanState::kNeeds) text = tr("a pair that needs sweep");
    const bool done = progress_.done[progress_.beat], helped = showing_ || complete();
    all.push_back({text, holds_[i] || done, holds_[i] && !done && helped});
  }
  return all;
}

QString LessonRun::type(uint32_t sg, uint32_t sweepgen) {
  const auto distance = static_cast<int32_t>(sweepgen - sg);
  const BoardSpanState state = state_at(distance);
  typed_.push_back(state);
  for (size_t i = 0; i < holds_.size(); ++i)
    if (isTyped(i) && beat().hands_on->done[i].state == state) holds_[i] = true;
  markDone();
  BoardSpan span;
  span.place = BoardPlace::kEmpty, span.state = state;
  const StateWords& stateWords = words(cellStateOf(span));
  QString text = tr("%1 \u2212 %2 = %3: ").arg(sweepgen).arg(sg).arg(signedDistance(distance));
  text += state == BoardSpanState::kIllegal
              ? tr("illegal. No span of a correct engine ever reads %1.").arg(signedDistance(distance))
              : tr("%1. %2.").arg(QLatin1String(stateWords.name), QLatin1String(stateWords.meaning));
  if (sg % 2 != 0) text += QLatin1Char(' ') + tr("(sg itself is never odd: it grows by 2, from 0.)");
  return text;
}

std::optional<std::pair<uint32_t, uint32_t>> LessonRun::example() const {
  constexpr uint32_t kSg = 6;
  for (size_t i = 0; i < holds_.size(); ++i)
    if (isTyped(i) && !holds_[i])
      return std::pair(kSg, kSg + static_cast<uint32_t>(distanceOf(beat().hands_on->done[i].state)));
  return std::nullopt;
}

// --- forward and back ------------------------------------------------------------------------------------

bool LessonRun::explained() const {
  if (!ready() || asks()) return false;
  return handsOn() ? handsOnDone() : step_ == steps();
}

LessonRun::Next LessonRun::next() const {
  if (!ready()) return Next::kWait;
  if (asks()) return picked_ ? Next::kAnswer : Next::kChoose;
  if (handsOn() && !handsOnDone()) return Next::kDo;
  if (!handsOn() && step_ < steps()) return Next::kStep;
  return progress_.beat + 1 < beats() ? Next::kBeat : Next::kFinish;
}

bool LessonRun::forward() {
  switch (next()) {
    case Next::kWait: return false;
    case Next::kAnswer: progress_.answers[progress_.beat] = static_cast<int>(*picked_); return true;
    case Next::kChoose: progress_.answers[progress_.beat] = LessonProgress::kShown; return true;
    case Next::kDo:
      beginShowing();
      if (const auto pair = example()) return type(pair->first, pair->second), true;
      [[fallthrough]];
    case Next::kStep:
      if (step_ == steps()) return false;
      ++step_;
      return true;
    case Next::kBeat: enter(progress_.beat + 1); return true;
    case Next::kFinish: progress_.finished = true; return true;
  }
  return false;
}

bool LessonRun::back() {
  if (step_ > 0) {
    --step_;
    return true;
  }
  if (progress_.beat == 0) return false;
  enter(progress_.beat - 1);
  atEnd_ = true;
  showing_ = handsOn() && !types();  // the end of the lesson's own steps
  return true;
}

}  // namespace sweepscope::gui
