// The map as an accessible table: a row per span in address order; the first cell describes the span ("span 41,
// size class 8, stale cached, in P3's cache"). Screen readers and tests read it through QAccessible; the keyboard
// cursor is the selected span. GUI thread.
#pragma once

#include <QString>

#include "telemetry/replica/replica.h"

class QAccessibleEvent;

namespace sweepscope::gui {

class MapWidget;

// Call before the first map is asked for its interface; can be called again.
void installMapAccessibility();

enum class SpanColumn : int { kSentence, kState, kSizeClass, kHolder, kObjects };
inline constexpr int kSpanColumns = 5;
QString spanColumnTitle(SpanColumn column);
QString spanText(const telemetry::SpanPicture& span, uint32_t sweepgen, SpanColumn column);

void notifyCursorMoved(MapWidget& map);   // the cursor moved to another span
void notifyHeapReplaced(MapWidget& map);  // another session or moment is shown

}  // namespace sweepscope::gui
