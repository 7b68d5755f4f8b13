// The rules that the laboratory's oracle judges by, PROTOCOL.md's I1 to I15 and L1 to L3, in words for people
// who do not have it at hand. Pure.
#pragma once

#include <QString>
#include <cstdint>

namespace sweepscope::gui {

QString oracleRuleName(uint32_t oracle);      // CheckFired.oracle as "I5", "accounting"...
QString invariantWords(const QString& name);  // what the rule of that name demands; empty: there is none

}  // namespace sweepscope::gui
