// The result of `sweepctl compare WORKLOAD --flush eager,lazy --json -`, a row for each number of Ps. Pure; every
// figure is taken from the JSON.
#pragma once

#include <QByteArray>
#include <QString>
#include <vector>

#include "telemetry/model/result.h"

namespace sweepscope::gui {

struct FlushComparison {
  struct Row {
    int procs;
    double cachedSpans;      // flushed in the eager pause: all cached spans
    double eagerNs, lazyNs;  // the mark-termination pause as Go counts it, median
    double eagerTimesLazy;
  };
  std::vector<Row> rows;  // by number of Ps
  int runs = 0;           // per policy and number of Ps
  int cores = 0;
  QString cpu;
};

telemetry::Result<FlushComparison> readComparison(const QByteArray& json);
// "From 132 to 8,448 cached spans, the eager pause ..."
QString describe(const FlushComparison& comparison);

}  // namespace sweepscope::gui
