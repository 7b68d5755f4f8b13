#include "gui/models/challenge.h"

#include <QCoreApplication>
#include <algorithm>

#include "gui/models/bench_words.h"
#include "gui/models/formats.h"

namespace sweepscope::gui {

using namespace telemetry;

namespace {

QString tr(const char* text) { return QCoreApplication::translate("Challenge", text); }

bool allows(const std::vector<std::string>& names, const std::string& name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

bool canBreak(const BenchFault& fault) { return fault.outside.empty() && !fault.rules.empty(); }

bool fired(const BenchView& view) {
  return view.verdict.outcome == BenchOutcome::kViolation ||
         std::any_of(view.board.rules.begin(), view.board.rules.end(),
                     [](const BenchRule& rule) { return rule.state != BenchRuleState::kHolds; });
}

QString hintCount(size_t hints) {
  return hints == 0 ? tr("without a hint") : tr("with %1").arg(formatCounted(hints, "hint"));
}

}  // namespace

RunCount runCount(const BenchState& state, uint32_t node) {
  RunCount count;
  if (node >= state.nodes.size()) return count;
  uint32_t thread = kNoThread;
  for (uint32_t at = node; state.nodes[at].parent < at; at = state.nodes[at].parent) {
    const BenchNode& step = state.nodes[at];
    count.steps += step.steps;
    if (step.thread == kNoThread) continue;
    if (thread != kNoThread && step.thread != thread) ++count.switches;
    thread = step.thread;
  }
  return count;
}

QString runCountWords(const RunCount& count) {
  const QString switches = count.switches == 1 ? tr("1 switch of thread")
                                               : tr("%1 switches of thread").arg(formatCount(count.switches));
  return QStringLiteral("%1, %2").arg(formatCounted(count.steps, "step"), switches);
}

std::optional<uint32_t> nextOnPath(const BenchState& state, uint32_t from, uint32_t to) {
  if (to >= state.nodes.size()) return std::nullopt;
  for (uint32_t at = to; state.nodes[at].parent < at; at = state.nodes[at].parent)
    if (state.nodes[at].parent == from) return at;
  return std::nullopt;
}

std::optional<RunCount> fewestKnown(const BenchState& state) {
  std::optional<RunCount> fewest;
  for (uint32_t node = 0; node < state.nodes.size(); ++node) {
    if (state.nodes[node].outcome != BenchOutcome::kViolation) continue;
    const RunCount count = runCount(state, node);
    if (!fewest || count.steps < fewest->steps ||
        (count.steps == fewest->steps && count.switches < fewest->switches))
      fewest = count;
  }
  return fewest;
}

QString hintSentence(const BenchScene& scene, uint32_t node, uint32_t next) {
  const BenchView* view = scene.view(node);
  if (view == nullptr || next >= scene.state().nodes.size()) return {};
  const BenchNode& step = scene.state().nodes[next];
  const auto& threads = view->threads;
  const auto thread = std::find_if(threads.begin(), threads.end(),
                                   [&](const BenchThread& t) { return t.thread == step.thread; });
  if (thread == threads.end()) return {};
  const auto row = thread - threads.begin();
  QString who = QString::fromStdString(thread->name);
  if (row < 9) who = tr("%1 (key %2)").arg(who).arg(row + 1);
  if (thread->state == BenchThreadState::kMustChoose) {
    const BenchView* after = scene.view(next);
    if (after == nullptr || after->rows.empty()) return {};
    const uint32_t choice = after->rows.front().after;
    return choice < thread->alternatives.size()
               ? tr("Let %1 choose: %2").arg(who, QString::fromStdString(thread->alternatives[choice]))
               : tr("Let %1 take its choice %2").arg(who).arg(choice + 1);
  }
  if (step.stop != BenchStop::kAccess) return tr("Let %1 step to its next arc (Enter)").arg(who);
  if (step.steps == 1) return tr("Let %1 take one access (A)").arg(who);
  return tr("Let %1 take %2 accesses (A each time)").arg(who).arg(step.steps);
}

BenchSetup withSurprise(const BenchCatalogue& catalogue, BenchSetup setup, uint32_t chance) {
  std::vector<const BenchFault*> here, anywhere;
  for (const BenchFault& fault : catalogue.faults) {
    if (!canBreak(fault)) continue;
    anywhere.push_back(&fault);
    if (allows(fault.policies, setup.policy) && allows(fault.scenarios, setup.scenario))
      here.push_back(&fault);
  }
  const auto& among = here.empty() ? anywhere : here;
  if (among.empty()) return setup;
  const BenchFault& fault = *among[chance % among.size()];
  setup.fault = fault.name;
  if (!allows(fault.policies, setup.policy)) setup.policy = fault.policies.front();
  if (!allows(fault.scenarios, setup.scenario)) {
    setup.scenario = fault.scenarios.front();
    setup.procs = setup.spans = 0;  // the limits are those of the other scenario
  }
  return setup;
}

void Challenge::begin(Fault fault) {
  *this = {};
  on_ = true;
  fault_ = fault;
}

// The hint for node_, if the last search found a branch that leads on from there.
bool Challenge::giveFrom(const BenchScene& scene) {
  const BenchSearch& search = scene.state().search;
  if (search.state != BenchSearchState::kFound) return false;
  const auto next = nextOnPath(scene.state(), node_, search.found);
  if (!next) return false;
  next_ = *next;
  return true;
}

Challenge::Request Challenge::ask(const BenchScene& scene) {
  if (!on_ || !scene.begun()) return Request::kNone;
  if (waiting_) return Request::kCancel;
  node_ = scene.shown();
  next_ = kNoNode;
  answer_ = BenchSearchState::kNone;
  if (scene.state().nodes[node_].outcome != BenchOutcome::kRunning) return Request::kNone;
  if (giveFrom(scene)) {
    hints_.insert(node_);
    return Request::kNone;
  }
  waiting_ = true;
  asked_ = scene.state().revision;
  return Request::kSearch;
}

void Challenge::onScene(const BenchScene& scene) {
  if (!on_ || !scene.begun()) return;
  if (const BenchView* view = scene.shownView()) {
    fired_ = fired_ || fired(*view);
    broken_ = broken_ || view->verdict.outcome == BenchOutcome::kViolation;
  }
  const BenchSearch& search = scene.state().search;
  // The state that was there when the hint was asked for has the answer of another search.
  if (waiting_ && scene.state().revision > asked_ && search.state != BenchSearchState::kRunning) {
    waiting_ = false;
    answer_ = search.state;
    giveFrom(scene);
  }
  if (next_ != kNoNode && scene.shown() == node_) hints_.insert(node_);
}

std::optional<uint32_t> Challenge::hinted(const BenchScene& scene) const {
  if (!on_ || !scene.begun() || scene.shown() != node_ || next_ == kNoNode) return std::nullopt;
  return next_;
}

QString Challenge::countLine(const BenchScene& scene) const {
  if (!on_ || !scene.begun()) return {};
  QString line = tr("Your schedule: %1").arg(runCountWords(runCount(scene.state(), scene.shown())));
  if (!hints_.empty()) line += QStringLiteral(" \u00b7 ") + formatCounted(hints_.size(), "hint");
  return line;
}

QString Challenge::hintLine(const BenchScene& scene) const {
  if (!on_ || !scene.begun()) return {};
  if (waiting_)
    return tr("Searching for a way to break it: %1 tried")
        .arg(formatCounted(scene.state().search.schedules, "schedule"));
  const BenchNode& at = scene.state().nodes[scene.shown()];
  if (at.outcome == BenchOutcome::kViolation)
    return tr("Broken in %1 %2. Go back to look for a shorter way.")
        .arg(formatCounted(runCount(scene.state(), scene.shown()).steps, "step"), hintCount(hints_.size()));
  if (at.outcome == BenchOutcome::kFinished)
    return tr("The run has ended and nothing broke. Go back and step another way.");
  if (const auto next = hinted(scene)) return hintSentence(scene, node_, *next);
  if (scene.shown() == node_) {
    if (answer_ == BenchSearchState::kNothing)
      return tr("No schedule from here breaks it within the search's bounds. Go back and step another way.");
    if (answer_ == BenchSearchState::kUndecided)
      return tr("The search found no way from here in its time, which proves nothing.");
    if (answer_ == BenchSearchState::kCancelled) return tr("The search was cancelled.");
    if (answer_ == BenchSearchState::kFound) return tr("The search found a way that cannot be shown.");
  }
  return tr("You are the scheduler: find an order of steps in which a check fires.");
}

QStringList Challenge::verdict(const BenchScene& scene) const {
  if (!on_ || !scene.begun()) return {};
  const BenchState& state = scene.state();
  const uint32_t node = scene.shown();
  if (state.nodes[node].outcome != BenchOutcome::kViolation) return {};
  const RunCount count = runCount(state, node);
  QStringList lines{tr("Broken in %1 %2").arg(formatCounted(count.steps, "step"), hintCount(hints_.size()))};
  const auto fewest = fewestKnown(state);
  lines << (fewest && fewest->steps < count.steps
                ? tr("The fewest known in this session: %1.").arg(runCountWords(*fewest))
                : tr("%1. No shorter schedule is known in this session.").arg(runCountWords(count)));
  if (fault_ == Fault::kHidden)
    lines << tr("The hidden fault is %1; the tab Fault shows its code.")
                 .arg(QString::fromStdString(state.setup.fault));
  return lines;
}

}  // namespace sweepscope::gui
