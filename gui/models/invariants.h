// Short descriptions of the rules of the laboratory's oracle: I1 to I15 and L1 to L3 of engine/README.md. Pure.
#pragma once

#include <QString>
#include <cstdint>

namespace sweepscope::gui {

QString oracleRuleName(uint32_t oracle);      // CheckFired.oracle as "I5", "accounting"...
QString invariantWords(const QString& name);  // what the rule requires; empty: no such rule

}  // namespace sweepscope::gui
