// Draws the pacer's line in the head of the protocol board: a bar of heap_live with the marks of trigger and goal, and the
// same in words. No widget; needs fonts.
#pragma once

#include <QRect>

#include "gui/theme/theme.h"
#include "telemetry/model/bench.h"

class QPainter;

namespace sweepscope::gui {

inline constexpr int kPacingLine = 22;

// In the box, which is kPacingLine high. Parts that do not fit are left out from the end, never cut.
void paintPacing(QPainter& painter, const QRect& box, const telemetry::BoardPacing& pacing,
                 const Theme& theme);

}  // namespace sweepscope::gui
