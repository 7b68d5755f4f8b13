// What the step mode shows of a bench session: its state, the node that the viewer looks at, the views received so far.
//
// Looking back moves the viewer, not the session: shown() may be another node than the session's current one. Views are
// kept by node, the oldest are dropped; wanted() names those that the picture lacks. Pure; GUI thread.
#pragma once

#include <QString>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "telemetry/model/bench.h"

namespace sweepscope::gui {

class BenchScene {
 public:
  static constexpr size_t kMostViews = 512;
  static constexpr size_t kMostViewBytes = size_t{128} << 20;

  // Follows the session if its current node changed or nothing is shown yet.
  void setState(telemetry::BenchState state);
  void addView(telemetry::BenchView view);
  void setCatalogue(telemetry::BenchCatalogue catalogue) { catalogue_ = std::move(catalogue); }

  bool hasState() const { return state_.has_value(); }
  bool begun() const { return state_ && !state_->nodes.empty(); }
  const telemetry::BenchState& state() const { return *state_; }
  const telemetry::BenchCatalogue& catalogue() const { return catalogue_; }

  uint32_t shown() const { return shown_; }
  void show(uint32_t node);
  bool atCurrent() const { return begun() && shown_ == state_->current; }
  const telemetry::BenchView* view(uint32_t node) const;  // null: not received
  const telemetry::BenchView* shownView() const { return view(shown_); }
  const telemetry::BenchView* viewBefore() const;  // of the parent of the shown node

  // Nodes that were never shown are no children of theirs: what a search found is for the student to find.
  void conceal(bool conceal) { conceal_ = conceal; }

  std::vector<uint32_t> path() const;  // from the root to the shown node
  std::vector<uint32_t> childrenOf(uint32_t node) const;
  std::vector<uint32_t> siblings() const;  // of the shown node, without it
  std::optional<uint32_t> back() const;
  std::optional<uint32_t> forward() const;  // the child that was shown last, else the newest

  // Spans of the shown node whose card differs from the parent's; empty if that is not known.
  std::vector<bool> changedSpans() const;
  // At most `most` nodes whose views the picture lacks: the shown one, its parent, then back along the path.
  std::vector<uint32_t> wanted(size_t most) const;

 private:
  void forgetOldest();

  struct Kept {
    std::unique_ptr<telemetry::BenchView> view;
    size_t bytes;
  };
  std::optional<telemetry::BenchState> state_;
  telemetry::BenchCatalogue catalogue_;
  uint32_t shown_ = 0;
  std::unordered_map<uint32_t, Kept> views_;
  std::deque<uint32_t> order_;  // of arrival
  size_t bytes_ = 0;
  std::unordered_map<uint32_t, uint32_t> lastChild_;
  std::unordered_set<uint32_t> visited_;  // shown, or on the path to a node that was
  bool conceal_ = false;
};

// Nothing of the span was written. The turn moves each distance and exchanges the queues, and writes to no span.
bool sameCard(const telemetry::BoardSpan& a, const telemetry::BoardSpan& b, bool turned);
const telemetry::BoardSpan* spanOf(const telemetry::Board& board, telemetry::SpanId id);

}  // namespace sweepscope::gui
