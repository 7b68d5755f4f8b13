// The steps of a branch as a space-time diagram: a lane per thread, time to the right in steps, a mark for each arc, an
// arrow where a span passes from one thread to another. Bookkeeping is folded: a column shows how many accesses it
// hides, and opens to one place per access. Pure arithmetic.
#pragma once

#include <QRect>
#include <QString>
#include <set>
#include <vector>

#include "gui/models/bench_scene.h"

namespace sweepscope::gui {

struct LaneMark {
  uint32_t node = 0;
  uint32_t lane = 0;
  QString label;  // "T2 caches 3"; of a folded step its text
  uint32_t span = ~0u;
  bool arc = false;  // else an access of an open column, or a step without an arc
  bool choice = false;
  QRect rect;          // in the lane
  int row = -1;        // in the rows of the node's view; -1: the step as a whole
  bool quiet = false;  // a step that changed nothing on the board: drawn subdued
};

struct LaneColumn {
  uint32_t node = 0;
  uint32_t firstStep = 0, lastStep = 0;  // from 1
  uint32_t folded = 0;                   // accesses not shown
  bool open = false, current = false;
  int left = 0, width = 0;
};

struct LaneArrow {
  uint32_t from = 0, to = 0;  // places in marks
  uint32_t span = 0;
};

struct LaneDiagram {
  std::vector<uint32_t> lanes;  // threads, from the top
  uint32_t hiddenLanes = 0;     // threads without a lane, for lack of room
  std::vector<LaneColumn> columns;
  std::vector<LaneMark> marks;
  std::vector<LaneArrow> arrows;
  int width = 0, laneHeight = 0, top = 0;
};

inline constexpr int kMostColumns = 256;  // the newest; those before are one gap
inline constexpr int kLeastLane = 13;

// from: only the steps after this node, if it lies on the path; kNoNode: all.
LaneDiagram layOutLanes(const BenchScene& scene, const std::set<uint32_t>& open, uint32_t chosen, int height,
                        uint32_t from = telemetry::kNoNode);

}  // namespace sweepscope::gui
