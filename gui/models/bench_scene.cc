#include "gui/models/bench_scene.h"

#include <algorithm>
#include <utility>

namespace sweepscope::gui {

using namespace telemetry;

namespace {

size_t bytesOf(const BenchView& view) {
  size_t bytes = sizeof(BenchView) + view.threads.size() * (sizeof(BenchThread) + 128) +
                 view.rows.size() * (sizeof(BenchRow) + 96) + view.board.ps.size() * (sizeof(BoardP) + 32);
  for (const BoardSpan& span : view.board.spans)
    bytes += sizeof(BoardSpan) + 8 * (span.alloc_bits.size() + span.mark_bits.size());
  for (const BoardObject& object : view.board.objects) bytes += sizeof(BoardObject) + 4 * object.refs.size();
  for (const BoardRoot& root : view.board.roots) bytes += sizeof(BoardRoot) + 4 * root.objects.size();
  return bytes;
}

}  // namespace

bool sameCard(const BoardSpan& a, const BoardSpan& b, bool turned) {
  return a.sweepgen == b.sweepgen && a.place == b.place && a.p == b.p && (turned || a.queue == b.queue) &&
         a.status == b.status && a.freeindex == b.freeindex && a.alloc_count == b.alloc_count &&
         a.alloc_bits == b.alloc_bits && a.mark_bits == b.mark_bits;
}

const BoardSpan* spanOf(const Board& board, SpanId id) {
  const auto it = std::lower_bound(board.spans.begin(), board.spans.end(), id,
                                   [](const BoardSpan& span, SpanId wanted) { return span.id < wanted; });
  return it != board.spans.end() && it->id == id ? &*it : nullptr;
}

void BenchScene::setState(BenchState state) {
  // A new setup or a loaded schedule begins a new tree, whose nodes have the numbers of other ones.
  bool another = !state_ || state.setup != state_->setup || state.nodes.size() < state_->nodes.size();
  for (size_t i = 0; !another && i < state_->nodes.size(); ++i) {
    const BenchNode &was = state_->nodes[i], &is = state.nodes[i];
    another = was.parent != is.parent || was.text != is.text || was.steps != is.steps;
  }
  const bool moved = another || !state_ || state_->current != state.current;
  if (another) views_.clear(), order_.clear(), lastChild_.clear(), visited_.clear(), bytes_ = 0;
  BenchView view = std::move(state.view);
  state.view = {};
  state_ = std::move(state);
  if (state_->nodes.empty()) return;
  addView(std::move(view));
  if (moved || shown_ >= state_->nodes.size()) show(state_->current);
}

void BenchScene::addView(BenchView view) {
  const uint32_t node = view.node;
  if (!state_ || node >= state_->nodes.size()) return;
  std::sort(view.board.spans.begin(), view.board.spans.end(),
            [](const BoardSpan& a, const BoardSpan& b) { return a.id < b.id; });
  if (const auto it = views_.find(node); it != views_.end()) {
    bytes_ -= it->second.bytes;
    views_.erase(it);
    order_.erase(std::find(order_.begin(), order_.end(), node));
  }
  const size_t bytes = bytesOf(view);
  bytes_ += bytes;
  order_.push_back(node);
  views_.emplace(node, Kept{std::make_unique<BenchView>(std::move(view)), bytes});
  forgetOldest();
}

void BenchScene::forgetOldest() {
  while (order_.size() > 2 && (order_.size() > kMostViews || bytes_ > kMostViewBytes)) {
    const uint32_t node = order_.front();
    order_.pop_front();
    bytes_ -= views_.at(node).bytes;
    views_.erase(node);
  }
}

void BenchScene::show(uint32_t node) {
  if (!begun() || node >= state_->nodes.size()) return;
  shown_ = node;
  visited_.insert(node);
  for (uint32_t at = node; state_->nodes[at].parent < at; at = state_->nodes[at].parent) {
    lastChild_[state_->nodes[at].parent] = at;
    visited_.insert(state_->nodes[at].parent);
  }
}

const BenchView* BenchScene::view(uint32_t node) const {
  const auto it = views_.find(node);
  return it == views_.end() ? nullptr : it->second.view.get();
}

const BenchView* BenchScene::viewBefore() const {
  const auto parent = back();
  return parent ? view(*parent) : nullptr;
}

std::vector<uint32_t> BenchScene::path() const {
  std::vector<uint32_t> path;
  if (!begun()) return path;
  uint32_t at = shown_;
  path.push_back(at);
  while (state_->nodes[at].parent < at) path.push_back(at = state_->nodes[at].parent);
  std::reverse(path.begin(), path.end());
  return path;
}

std::vector<uint32_t> BenchScene::childrenOf(uint32_t node) const {
  std::vector<uint32_t> children;
  if (!begun()) return children;
  for (uint32_t i = 0; i < state_->nodes.size(); ++i)
    if (i != node && state_->nodes[i].parent == node && (!conceal_ || visited_.count(i) > 0))
      children.push_back(i);
  return children;
}

std::vector<uint32_t> BenchScene::siblings() const {
  const auto parent = back();
  if (!parent) return {};
  std::vector<uint32_t> all = childrenOf(*parent);
  all.erase(std::remove(all.begin(), all.end(), shown_), all.end());
  return all;
}

std::optional<uint32_t> BenchScene::back() const {
  if (!begun() || state_->nodes[shown_].parent >= shown_) return std::nullopt;
  return state_->nodes[shown_].parent;
}

std::optional<uint32_t> BenchScene::forward() const {
  if (const auto it = lastChild_.find(shown_); it != lastChild_.end()) return it->second;
  const std::vector<uint32_t> children = childrenOf(shown_);
  return children.empty() ? std::nullopt : std::optional(children.back());
}

std::vector<bool> BenchScene::changedSpans() const {
  const BenchView *now = shownView(), *before = viewBefore();
  if (now == nullptr || before == nullptr) return {};
  std::vector<bool> changed(now->board.spans.size());
  for (size_t i = 0; i < changed.size(); ++i) {
    const BoardSpan* was = spanOf(before->board, now->board.spans[i].id);
    changed[i] = was == nullptr || !sameCard(*was, now->board.spans[i], before->board.sg != now->board.sg);
  }
  return changed;
}

std::vector<uint32_t> BenchScene::wanted(size_t most) const {
  std::vector<uint32_t> lacking;
  if (!begun()) return lacking;
  const std::vector<uint32_t> nodes = path();
  for (auto it = nodes.rbegin(); it != nodes.rend() && lacking.size() < most; ++it) {
    if (static_cast<size_t>(it - nodes.rbegin()) >= kMostViews / 2) break;  // what is kept covers the path
    if (view(*it) == nullptr) lacking.push_back(*it);
  }
  return lacking;
}

}  // namespace sweepscope::gui
