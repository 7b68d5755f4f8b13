#include "gui/models/check_lamps.h"

#include <QCoreApplication>

#include "gui/models/invariants.h"

namespace sweepscope::gui {

namespace {

using State = CheckLamp::State;

QString tr(const char* text) { return QCoreApplication::translate("CheckLamps", text); }

CheckLamp lamp(State state, const QString& name, const QString& watching, const QString& seen) {
  switch (state) {
    case State::kQuiet: return {state, name, watching};
    case State::kAhead:
      return {state, tr("%1: will fire").arg(name),
              tr("%1\nAt the end of this recording: %2.").arg(watching, seen)};
    case State::kFired: break;
  }
  return {state, tr("%1: fired").arg(name), seen + QLatin1Char('.')};
}

}  // namespace

std::vector<CheckLamp> checkLamps(const Watched& w) {
  // Outside of the laboratory it is the engine's own verifier that names an invariant.
  const bool byOracle = w.check && w.laboratory && w.check->oracle != 0;
  const bool byEngine = w.check && !byOracle;
  const State state = w.ahead ? State::kAhead : State::kFired;
  QString seen;
  if (w.check) {
    seen = describe(*w.check, w.checkNames);
    if (const QString rule = invariantWords(oracleRuleName(w.check->oracle)); !rule.isEmpty())
      seen += tr(". Broken rule: %1").arg(rule);
  }
  std::vector<CheckLamp> lamps{lamp(byEngine ? state : State::kQuiet, tr("engine"),
                                    tr("The engine's own checks of each step. None has fired."), seen)};
  if (w.laboratory)
    lamps.push_back(
        lamp(byOracle ? state : State::kQuiet, tr("oracle"),
             tr("The laboratory's oracle: a shadow heap outside of the engine that knows the truth. "
                "It has not fired."),
             seen));
  if (w.refusals > 0) {
    lamps.push_back({State::kFired, tr("protocol: %1 refused").arg(w.refusals),
                     tr("Events that the protocol forbids, the last one: %1").arg(w.refusal)});
  } else {
    lamps.push_back(
        {State::kQuiet, tr("protocol"), tr("Each event shown is one that the sweepgen protocol allows.")});
  }
  return lamps;
}

}  // namespace sweepscope::gui
