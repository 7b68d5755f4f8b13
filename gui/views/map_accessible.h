// The map for those who do not see it: a table, a row a span in address order, its first cell the whole
// sentence ("span 41, size class 8, stale cached, in P3's cache"). Read by screen readers and tests through
// QAccessible; the keyboard's cursor is the selected span. GUI thread.
#pragma once

#include <QString>

#include "telemetry/replica/replica.h"

class QAccessibleEvent;

namespace sweepscope::gui {

class MapWidget;

// Before the first map is asked for its interface; again is harmless.
void installMapAccessibility();

enum class SpanColumn : int { kSentence, kState, kSizeClass, kHolder, kObjects };
inline constexpr int kSpanColumns = 5;
QString spanColumnTitle(SpanColumn column);
QString spanText(const telemetry::SpanPicture& span, uint32_t sweepgen, SpanColumn column);

void notifyCursorMoved(MapWidget& map);   // to another span
void notifyHeapReplaced(MapWidget& map);  // by that of another session or moment

}  // namespace sweepscope::gui
