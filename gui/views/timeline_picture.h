// Draws the timeline for given marks and an interval: lanes of phases, pauses, heap and flushes, and the play
// head; describes a point in it. Pure: needs a painter, no widget, so goldens run anywhere.
#pragma once

#include <QCoreApplication>
#include <QRectF>
#include <QString>
#include <optional>
#include <utility>
#include <vector>

#include "gui/theme/theme.h"
#include "telemetry/store/event_log.h"
#include "telemetry/store/lost_stretch.h"

class QPainter;

namespace sweepscope::gui {

struct TimelineView {
  double width = 0, height = 0;
  double beginNs = 0, endNs = 1e9;
  int64_t headNs = 0;
  bool steps = false;  // a session of the laboratory: its time is counted in steps
  std::optional<std::pair<int64_t, int64_t>> plan;  // the cycle being played
  std::vector<telemetry::LostStretch> lost = {};
};

class TimelinePicture {
  Q_DECLARE_TR_FUNCTIONS(TimelinePicture)

 public:
  static constexpr double kPlotLeft = 84, kAxisHeight = 20;

  TimelinePicture(const telemetry::Marks& marks, telemetry::Extent extent, const TimelineView& view,
                  const Theme& theme)
      : marks_(marks), extent_(extent), view_(view), theme_(theme) {}

  void paint(QPainter& painter) const;
  QString describeAt(QPointF pos) const;
  double plotWidth() const { return view_.width - kPlotLeft - 10; }
  double xAt(int64_t ns) const;
  int64_t nsAt(double x) const;

 private:
  struct Lane {
    QRectF box;
    QString name;
    QString empty;    // why the lane is empty; no text if it is not
    QString meaning;  // the hover text of its name
  };
  struct Lanes {
    Lane axis, phases, pauses, heap, flushes;
  };
  Lanes lanes() const;
  QString lengthOf(double ns) const;
  QString describe(const telemetry::PauseMark& stop) const;
  bool quietAt(int64_t ns) const;  // no collector activity except sweeping
  void paintPlan(QPainter& painter) const;
  void paintAxis(QPainter& painter, const Lane& lane) const;
  void paintPhases(QPainter& painter, const Lane& lane) const;
  void paintPauses(QPainter& painter, const Lane& lane) const;
  void paintExtent(QPainter& painter, const QRectF& box, const telemetry::PauseMark& stop) const;
  void paintHeap(QPainter& painter, const Lane& lane) const;
  void paintUnknown(QPainter& painter, const QRectF& box, double from, double to) const;
  void paintFlushes(QPainter& painter, const Lane& lane) const;
  void paintNames(QPainter& painter, const Lanes& all) const;
  void paintLost(QPainter& painter) const;
  std::pair<double, double> shownOf(const telemetry::LostStretch& lost) const;  // from x to x
  const telemetry::LostStretch* lostAt(QPointF pos) const;
  void paintHead(QPainter& painter) const;

  const telemetry::Marks& marks_;
  telemetry::Extent extent_;
  TimelineView view_;
  const Theme& theme_;
};

}  // namespace sweepscope::gui
