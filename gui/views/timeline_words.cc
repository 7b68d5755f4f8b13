// The hover texts of the timeline.
#include <cmath>

#include "gui/models/formats.h"
#include "gui/models/lost_words.h"
#include "gui/models/sentences.h"
#include "gui/views/timeline_marks.h"
#include "gui/views/timeline_picture.h"

namespace sweepscope::gui {

using telemetry::Marks;

QString TimelinePicture::lengthOf(double ns) const { return formatDuration(ns, view_.steps); }

QString TimelinePicture::describeAt(QPointF pos) const {
  const Marks& marks = marks_;
  const Lanes all = lanes();
  for (const Lane* lane : {&all.phases, &all.pauses, &all.heap, &all.flushes}) {
    if (pos.x() < kPlotLeft && lane->box.contains(pos)) return lane->meaning;
  }
  if (const auto* lost = lostAt(pos)) return describe(*lost, view_.steps);
  const int64_t ns = nsAt(pos.x());
  const double reach = (view_.endNs - view_.beginNs) / plotWidth() * 5;
  if (all.pauses.box.contains(pos)) {
    for (auto it = visibleFrom(marks.pauses, static_cast<double>(ns) - reach,
                               [](const auto& m) { return m.begin_ns; });
         it != marks.pauses.end() && static_cast<double>(it->begin_ns) < static_cast<double>(ns) + reach;
         ++it) {
      if (std::abs(static_cast<double>(it->begin_ns - ns)) > reach) continue;
      return tr("stop for %1, cycle %2: time to stop %3, stopped %4, restart %5; spans flushed in the "
                "pause: %6")
          .arg(reasonName(it->reason))
          .arg(it->cycle)
          .arg(lengthOf(static_cast<double>(it->stopped_ns - it->begin_ns)),
               lengthOf(static_cast<double>(it->released_ns - it->stopped_ns)),
               lengthOf(static_cast<double>(std::max<int64_t>(it->started_ns - it->released_ns, 0))))
          .arg(it->spans_flushed);
    }
  }
  if (all.pauses.box.contains(pos)) {
    for (auto it =
             visibleFrom(marks.pauses, static_cast<double>(ns), [](const auto& m) { return m.begin_ns; });
         it != marks.pauses.end() && it->begin_ns <= ns; ++it) {
      if (ns < it->released_ns || ns >= it->marked_ns) continue;
      return tr("marking of cycle %1, %2: the world stays stopped, but the pause does not include this time")
          .arg(it->cycle)
          .arg(lengthOf(static_cast<double>(it->marked_ns - it->released_ns)));
    }
  }
  if (all.flushes.box.contains(pos)) {
    for (auto it =
             visibleFrom(marks.flushes, static_cast<double>(ns) - reach, [](const auto& m) { return m.ns; });
         it != marks.flushes.end() && static_cast<double>(it->ns) < static_cast<double>(ns) + reach; ++it) {
      if (std::abs(static_cast<double>(it->ns - ns)) > reach) continue;
      return tr("P%1's cache flushed by %2: %3, %4 swept, %5")
          .arg(it->p)
          .arg(flushCauseName(it->cause), formatCounted(it->spans, "span"))
          .arg(it->swept)
          .arg(lengthOf(it->duration_ns));
    }
  }
  if (all.heap.box.contains(pos) && !marks.heap.empty()) {
    const auto after = std::upper_bound(marks.heap.begin(), marks.heap.end(), ns,
                                        [](int64_t t, const auto& m) { return t < m.ns; });
    const bool known = after != marks.heap.begin() && (after - 1)->live;
    return tr("heap live %1 at %2")
        .arg(known ? formatBytes(*(after - 1)->live) : tr("not known"), formatMoment(ns, view_.steps));
  }
  return tr("%1. Click to seek, drag to pan, wheel to zoom.").arg(formatMoment(ns, view_.steps));
}

}  // namespace sweepscope::gui
