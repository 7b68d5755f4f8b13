// What `sweepctl compare WORKLOAD --flush eager,lazy --json -` measured, a row for each number of Ps. Pure;
// only figures that stand in the JSON.
#pragma once

#include <QByteArray>
#include <QString>
#include <vector>

#include "telemetry/model/result.h"

namespace sweepscope::gui {

struct FlushComparison {
  struct Row {
    int procs;
    double cachedSpans;      // flushed inside eager's pause: all that were cached
    double eagerNs, lazyNs;  // the mark-termination pause as Go counts it, median
    double eagerTimesLazy;
  };
  std::vector<Row> rows;  // by number of Ps
  int runs = 0;           // of each
  int cores = 0;
  QString cpu;
};

telemetry::Result<FlushComparison> readComparison(const QByteArray& json);
// "From 1 to 64 Ps ... " in figures.
QString describe(const FlushComparison& comparison);

}  // namespace sweepscope::gui
