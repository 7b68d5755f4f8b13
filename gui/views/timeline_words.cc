// The hover texts of the timeline.
#include <QStringList>
#include <algorithm>
#include <cmath>

#include "gui/models/formats.h"
#include "gui/models/lost_words.h"
#include "gui/models/sentences.h"
#include "gui/views/timeline_marks.h"
#include "gui/views/timeline_picture.h"

namespace sweepscope::gui {

using telemetry::Marks;

QString TimelinePicture::lengthOf(double ns) const { return formatDuration(ns, view_.steps); }

QString TimelinePicture::describe(const telemetry::PauseMark& stop) const {
  const auto length = [this](int64_t ns) { return lengthOf(static_cast<double>(std::max<int64_t>(ns, 0))); };
  QStringList parts{tr("time to stop %1").arg(length(stop.ttsp_ns()))};
  if (stop.mark_ns() > 0) parts += tr("marking %1").arg(length(stop.mark_ns()));
  if (stop.spans_flushed > 0)
    parts += tr("flushes of %1: %2").arg(formatCounted(stop.spans_flushed, "span"), length(stop.flush_ns));
  parts +=
      tr("other work %1").arg(length(stop.released_ns - stop.stopped_ns - stop.mark_ns() - stop.flush_ns));
  parts += tr("start of the world %1").arg(length(stop.start_ns()));
  return tr("stop for %1, cycle %2, %3: %4")
      .arg(stopName(stop))
      .arg(stop.cycle)
      .arg(length(stop.length_ns()), parts.join(QStringLiteral(", ")));
}

QString TimelinePicture::describeAt(QPointF pos) const {
  const Marks& marks = marks_;
  const Lanes all = lanes();
  for (const Lane* lane : {&all.phases, &all.pauses, &all.heap, &all.flushes}) {
    if (pos.x() < kPlotLeft && lane->box.contains(pos)) return lane->meaning;
  }
  if (const auto* lost = lostAt(pos)) return gui::describe(*lost, view_.steps);
  const int64_t ns = nsAt(pos.x());
  const double reach = (view_.endNs - view_.beginNs) / plotWidth() * 5;
  if (all.pauses.box.contains(pos)) {
    const auto isAt = [&](const telemetry::PauseMark& stop) {
      return std::abs(static_cast<double>(stop.begin_ns - ns)) <= reach ||
             (stop.begin_ns <= ns && ns < stop.started_ns);
    };
    for (auto it = visibleFrom(marks.pauses, static_cast<double>(ns) - reach,
                               [](const auto& m) { return m.begin_ns; });
         it != marks.pauses.end() && static_cast<double>(it->begin_ns) < static_cast<double>(ns) + reach;
         ++it) {
      if (isAt(*it)) return describe(*it);
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
