#include "gui/models/check_lamps.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>

#include "gui/models/invariants.h"

namespace sweepscope::gui {

namespace {

using State = CheckLamp::State;
using telemetry::CheckFired;

enum class Watcher : uint8_t { kEngine, kOracle };

QString tr(const char* text) { return QCoreApplication::translate("CheckLamps", text); }

bool isOf(Watcher watcher, const CheckFired& check) {
  return firedByOracle(check) == (watcher == Watcher::kOracle);
}

QString sentenceOf(const CheckFired& check, const CheckNames& names) {
  const QString rule = invariantWords(oracleRuleName(check.oracle));
  const QString fired = describe(check, names);
  return rule.isEmpty() ? fired : tr("%1. Broken rule: %2").arg(fired, rule);
}

CheckLamp lampOf(Watcher watcher, const QString& name, const QString& watching, const Watched& w) {
  QStringList seen;
  for (const CheckFired& check : w.fired) {
    const QString sentence = sentenceOf(check, w.checkNames) + QLatin1Char('.');
    if (isOf(watcher, check) && !seen.contains(sentence)) seen << sentence;
  }
  if (!seen.isEmpty()) return {State::kFired, tr("%1: fired").arg(name), seen.join(QLatin1Char('\n'))};
  if (w.ahead && isOf(watcher, *w.ahead)) {
    return {State::kAhead, tr("%1: will fire").arg(name),
            tr("%1\nAt the end of this recording: %2.").arg(watching, sentenceOf(*w.ahead, w.checkNames))};
  }
  return {State::kQuiet, name, watching};
}

}  // namespace

std::vector<CheckLamp> checkLamps(const Watched& w) {
  std::vector<CheckLamp> lamps{
      lampOf(Watcher::kEngine, tr("engine"), tr("The engine's own checks of each step. None has fired."), w)};
  const bool oracle = w.laboratory || std::any_of(w.fired.begin(), w.fired.end(), firedByOracle);
  if (oracle)
    lamps.push_back(lampOf(
        Watcher::kOracle, tr("oracle"),
        tr("The laboratory's oracle: a shadow heap outside the engine that records which objects are live. "
           "It has not fired."),
        w));
  if (w.refusals > 0) {
    lamps.push_back({State::kFired, tr("protocol: %1 refused").arg(w.refusals),
                     tr("The protocol forbids these events. The last one: %1").arg(w.refusal)});
  } else {
    lamps.push_back(
        {State::kQuiet, tr("protocol"), tr("Every event shown is one that the sweepgen protocol allows.")});
  }
  return lamps;
}

}  // namespace sweepscope::gui
