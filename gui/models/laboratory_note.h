// What a recording from the laboratory is, in two lines: which rule was left out, and that what happens is
// the engine's own doing. Pure.
#pragma once

#include <QString>
#include <optional>

#include "telemetry/store/event_log.h"

namespace sweepscope::gui {

struct LaboratoryNote {
  QString title, detail;
};

LaboratoryNote noteOf(const telemetry::SessionInfo& info, const std::optional<telemetry::CheckFired>& atEnd);

}  // namespace sweepscope::gui
