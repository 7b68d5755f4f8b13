// What a fault leaves out, in code: each statement of the engine that asks for the fault, as it is without and with it.
//
// The engine asks `fault(Fault::kName)` in its expressions (engine/base/fault.h). Here that question is answered in the
// text, once with false and once with true, and what no longer decides anything is taken away: `stale && !fault(F)` is
// `stale` or `false`, and `if (fault(F)) return;` is nothing or `return;`. Pure; for the sabotage bench.
#pragma once

#include <QString>
#include <utility>
#include <vector>

namespace sweepscope::gui {

struct FaultSite {
  QString file;                     // "engine/heap/mcentral.cc"
  int line = 0;                     // from 1, of the question
  QString withoutFault, withFault;  // statements; empty: none
};

// `fault` as sweepctl names it, "uncache-no-stale-test"; sources: file and text.
std::vector<FaultSite> faultSites(const QString& fault,
                                  const std::vector<std::pair<QString, QString>>& sources);

// The statement with fault(Fault::k`fault`) answered; every other fault is answered with false.
QString withAnswer(const QString& statement, const QString& fault, bool answer);

}  // namespace sweepscope::gui
