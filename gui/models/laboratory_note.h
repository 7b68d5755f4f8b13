// Describes a recording of the laboratory in a few lines: the rule left out, the policy, the seed and the
// outcome. Pure.
#pragma once

#include <QString>
#include <optional>

#include "telemetry/store/event_log.h"

namespace sweepscope::gui {

struct LaboratoryNote {
  QString title;   // plain text
  QString detail;  // rich text
};

// `atEnd`: the check at which the recording ends, if any.
LaboratoryNote noteOf(const telemetry::SessionInfo& info, const std::optional<telemetry::CheckFired>& atEnd);

}  // namespace sweepscope::gui
