// What a recording from the laboratory is, in a few lines: which rule was left out, under which policy, from
// which seed, and what came of it. Pure.
#pragma once

#include <QString>
#include <optional>

#include "telemetry/store/event_log.h"

namespace sweepscope::gui {

struct LaboratoryNote {
  QString title;   // plain text
  QString detail;  // rich text
};

// `atEnd`: the check with which the recording ends, if it does.
LaboratoryNote noteOf(const telemetry::SessionInfo& info, const std::optional<telemetry::CheckFired>& atEnd);

}  // namespace sweepscope::gui
