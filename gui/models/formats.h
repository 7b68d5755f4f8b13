// Formats numbers for display. Pure; used by every panel so that a quantity looks the same everywhere.
#pragma once

#include <QString>
#include <cstdint>

namespace sweepscope::gui {

QString formatBytes(uint64_t bytes);  // "32.0 MiB"
// "2.14 ms"; in the laboratory time is counted in steps: "3 steps".
QString formatDuration(double ns, bool steps = false);
// "1.234 567 s" since the engine started; in the laboratory "step 42".
QString formatMoment(int64_t ns, bool steps = false);
QString formatCount(uint64_t n);                                    // "12,345"
QString formatCounted(uint64_t n, const char* noun);                // "1 page", "12,345 pages"
QString formatScale(double engineNsPerSecond, bool steps = false);  // "1 s = 2.0 ms"
QString formatDistance(uint32_t raw, uint32_t sg);                  // "-2", "+3", "0"
QString formatSpanClass(uint8_t spanClass);  // "48 B, noscan"; "large object, scan"; "stack"

// Bytes of a slot of this size class (Go's table at the seed commit); 0 for a large object's class.
uint32_t sizeOfClass(int sizeClass);

}  // namespace sweepscope::gui
