#include "gui/models/lane_layout.h"

#include <algorithm>
#include <map>

#include "gui/models/bench_words.h"

namespace sweepscope::gui {

using namespace telemetry;

namespace {

constexpr int kTop = 18, kBottom = 4, kMarkWidth = 92, kAccessWidth = 20, kColumnGap = 10, kMostOpen = 400;
constexpr size_t kMostArrows = 512;

// Threads that acted lately come first for a lane; they lie in the order of their numbers.
void chooseLanes(LaneDiagram& out, const BenchScene& scene, const std::vector<uint32_t>& path,
                 uint32_t chosen, size_t room) {
  const BenchView* now = scene.shownView();
  std::vector<uint32_t> all;
  if (now != nullptr)
    for (const BenchThread& thread : now->threads) all.push_back(thread.thread);
  std::vector<uint32_t> wanted;
  const auto want = [&](uint32_t thread) {
    if (thread == kNoThread || wanted.size() >= room) return;
    if (std::find(wanted.begin(), wanted.end(), thread) == wanted.end()) wanted.push_back(thread);
  };
  if (std::find(all.begin(), all.end(), chosen) != all.end()) want(chosen);
  for (auto it = path.rbegin(); it != path.rend(); ++it) want(scene.state().nodes[*it].thread);
  for (auto it = path.rbegin(); it != path.rend() && wanted.size() < room; ++it)
    if (const BenchView* view = scene.view(*it))
      for (const BenchRow& row : view->rows) want(row.thread);
  for (const uint32_t thread : all) want(thread);
  std::sort(wanted.begin(), wanted.end());
  out.lanes = std::move(wanted);
  out.hiddenLanes = all.size() > out.lanes.size() ? static_cast<uint32_t>(all.size() - out.lanes.size()) : 0;
}

class Builder {
 public:
  Builder(LaneDiagram& out, const BenchScene& scene) : out_(out), scene_(scene) {
    for (uint32_t i = 0; i < out.lanes.size(); ++i) lane_[out.lanes[i]] = i;
  }

  void add(uint32_t node, bool open) {
    const BenchNode& step = scene_.state().nodes[node];
    LaneColumn column{node,
                      step.steps_before + 1,
                      step.steps_before + step.steps,
                      0,
                      open,
                      node == scene_.shown(),
                      out_.width,
                      0};
    const BenchView* view = scene_.view(node);
    if (view != nullptr && !view->rows.empty()) {
      open ? addAccesses(*view, column) : addArcs(*view, column);
    }
    if (column.width == 0) addWhole(node, step, column);
    column.width = std::max(column.width, open ? 40 : kMarkWidth);
    out_.width += column.width + kColumnGap;
    out_.columns.push_back(column);
  }

 private:
  QRect place(uint32_t lane, int left, int width) const {
    return {left, out_.top + static_cast<int>(lane) * out_.laneHeight + 1, width, out_.laneHeight - 2};
  }
  void mark(LaneMark mark, int left, int width) {
    mark.rect = place(mark.lane, left, width);
    out_.marks.push_back(std::move(mark));
    const LaneMark& added = out_.marks.back();
    if (!added.arc || added.span == ~0u) return;
    const auto number = static_cast<uint32_t>(out_.marks.size() - 1);
    if (const auto it = lastOf_.find(added.span); it != lastOf_.end() && out_.arrows.size() < kMostArrows) {
      if (out_.marks[it->second].lane != added.lane) out_.arrows.push_back({it->second, number, added.span});
    }
    lastOf_[added.span] = number;
  }
  void addArcs(const BenchView& view, LaneColumn& column) {
    for (size_t i = 0; i < view.rows.size(); ++i) {
      const BenchRow& row = view.rows[i];
      const auto lane = lane_.find(row.thread);
      if (row.arc.empty() || lane == lane_.end()) {
        ++column.folded;
        continue;
      }
      mark({column.node,
            lane->second,
            markLabel(row),
            spanOfRow(row).value_or(~0u),
            true,
            false,
            {},
            static_cast<int>(i)},
           column.left + column.width, kMarkWidth - 4);
      column.width += kMarkWidth;
    }
  }
  void addAccesses(const BenchView& view, LaneColumn& column) {
    const size_t first = view.rows.size() > kMostOpen ? view.rows.size() - kMostOpen : 0;
    column.folded = static_cast<uint32_t>(first);
    for (size_t i = first; i < view.rows.size(); ++i) {
      const BenchRow& row = view.rows[i];
      const auto lane = lane_.find(row.thread);
      if (lane == lane_.end()) continue;
      const bool arc = !row.arc.empty();
      const int width = arc ? kMarkWidth : kAccessWidth;
      mark({column.node,
            lane->second,
            arc ? markLabel(row) : QString(),
            spanOfRow(row).value_or(~0u),
            arc,
            row.op == StepOp::kChoice,
            {},
            static_cast<int>(i)},
           column.left + column.width, width - 4);
      column.width += width;
    }
  }
  // The step as one mark: its rows are not known, or none of them is an arc.
  void addWhole(uint32_t node, const BenchNode& step, LaneColumn& column) {
    const auto lane = lane_.find(step.thread);
    if (lane == lane_.end()) return;
    column.folded = step.steps;
    LaneMark whole;
    whole.node = node, whole.lane = lane->second;
    whole.label =
        stepLabel(step, scene_.view(node), step.parent == kNoNode ? nullptr : scene_.view(step.parent));
    whole.choice = step.kind == BenchStepKind::kChoice;
    whole.quiet = step.quiet && !whole.choice;
    mark(std::move(whole), column.left, kMarkWidth - 4);
    column.width = kMarkWidth;
  }

  LaneDiagram& out_;
  const BenchScene& scene_;
  std::map<uint32_t, uint32_t> lane_, lastOf_;  // by thread; by span: its last mark
};

}  // namespace

LaneDiagram layOutLanes(const BenchScene& scene, const std::set<uint32_t>& open, uint32_t chosen, int height,
                        uint32_t from) {
  LaneDiagram out;
  if (!scene.begun()) return out;
  std::vector<uint32_t> path = scene.path();
  if (!path.empty() && scene.state().nodes[path.front()].kind == BenchStepKind::kStart)
    path.erase(path.begin());
  if (const auto at = std::find(path.begin(), path.end(), from); at != path.end())
    path.erase(path.begin(), at + 1);
  if (path.size() > kMostColumns) path.erase(path.begin(), path.end() - kMostColumns);
  const int room = std::max(height - kTop - kBottom, kLeastLane);
  chooseLanes(out, scene, path, chosen, static_cast<size_t>(room / kLeastLane));
  out.top = kTop;
  out.laneHeight = out.lanes.empty() ? room : std::min(30, room / static_cast<int>(out.lanes.size()));
  Builder builder(out, scene);
  for (const uint32_t node : path) builder.add(node, open.count(node) > 0);
  return out;
}

}  // namespace sweepscope::gui
