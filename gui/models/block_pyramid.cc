#include "gui/models/block_pyramid.h"

#include <algorithm>

namespace sweepscope::gui {

namespace {

int urgency(CellState state) {
  switch (state) {
    case CellState::kIllegal: return 8;
    case CellState::kStale: return 7;
    case CellState::kSweeping: return 6;
    case CellState::kNeeds: return 5;
    case CellState::kCached: return 4;
    case CellState::kSwept: return 3;
    case CellState::kUnknown: return 2;
    case CellState::kStack: return 1;
    case CellState::kFree: return 0;
  }
  return 0;
}

}  // namespace

void BlockPyramid::rebuild(const MapLayout& layout, std::span<const CellCode> pages) {
  layout_ = layout;
  width_ = layout.widthPx(), height_ = layout.heightPx();
  blocks_.assign(static_cast<size_t>(width_) * static_cast<size_t>(height_), {});
  blocksWith_.fill(0);
  const int shrink = layout.shrink();
  const int rows = layout.rows();
  for (int row = 0; row < rows; ++row) {
    Block* line = blocks_.data() + static_cast<size_t>(row >> shrink) * static_cast<size_t>(width_);
    const CellCode* code = pages.data() + layout.rowFirstPage(row);
    const int cells = layout.rowPages(row);
    for (int column = 0; column < cells; ++column) ++line[column >> shrink].counts[code[column] & kKindMask];
  }
  for (Block& block : blocks_) {
    uint16_t most = 0;
    for (uint8_t code = 0; code < kCodes; ++code) {
      if (block.counts[code] == 0) continue;
      block.present |= static_cast<uint16_t>(1u << code);
      ++blocksWith_[code];
      if (block.counts[code] > most) most = block.counts[code], block.majority = code;
    }
  }
}

void BlockPyramid::count(uint32_t index, std::span<const CellCode> pages) {
  Block& block = blocks_[index];
  for (int code = 0; code < kCodes; ++code)
    blocksWith_[static_cast<size_t>(code)] -= block.present >> code & 1u;
  block = {};
  const int shrink = layout_.shrink(), side = 1 << shrink;
  const int left = static_cast<int>(index) % width_ << shrink,
            top = static_cast<int>(index) / width_ << shrink;
  for (int row = top; row < top + side; ++row) {
    const int cells = std::min(layout_.rowPages(row), left + side);
    const uint32_t first = cells > left ? layout_.rowFirstPage(row) : 0;
    for (int column = left; column < cells; ++column) {
      ++block.counts[pages[first + static_cast<uint32_t>(column)] & kKindMask];
    }
  }
  uint16_t most = 0;
  for (uint8_t code = 0; code < kCodes; ++code) {
    if (block.counts[code] == 0) continue;
    block.present |= static_cast<uint16_t>(1u << code);
    ++blocksWith_[code];
    if (block.counts[code] > most) most = block.counts[code], block.majority = code;
  }
}

void BlockPyramid::refresh(std::span<const CellCode> pages, std::span<const PageRun> runs,
                           std::vector<uint32_t>& touched) {
  const size_t before = touched.size();
  for (const PageRun& run : runs) {
    uint32_t last = kNoPage;
    for (uint32_t page = run.first; page < std::min(run.second, layout_.pages()); ++page) {
      const GridCell cell = layout_.cellOf(page);
      const uint32_t block = static_cast<uint32_t>((cell.row >> layout_.shrink()) * width_) +
                             static_cast<uint32_t>(cell.column >> layout_.shrink());
      if (block != last) touched.push_back(block);
      last = block;
    }
  }
  const auto begin = touched.begin() + static_cast<std::ptrdiff_t>(before);
  std::sort(begin, touched.end());
  touched.erase(std::unique(begin, touched.end()), touched.end());
  for (size_t i = before; i < touched.size(); ++i) count(touched[i], pages);
}

BlockPyramid::Chooser::Chooser(const BlockPyramid& pyramid, const StateTable& states, ZoomPolicy policy)
    : pyramid_(pyramid) {
  for (uint8_t code = 0; code < kCodes; ++code) byUrgency_[code] = code;
  std::stable_sort(byUrgency_.begin(), byUrgency_.end(),
                   [&](uint8_t a, uint8_t b) { return urgency(states[a]) > urgency(states[b]); });
  const size_t onePercent = pyramid.blocks_.size() / 100;
  for (uint8_t code = 0; code < kCodes; ++code) {
    const bool raise = policy == ZoomPolicy::kAlarm ||
                       (policy == ZoomPolicy::kAuto && pyramid.blocksWith_[code] <= onePercent);
    if (raise && states[code] != CellState::kFree) raised_ |= static_cast<uint16_t>(1u << code);
  }
}

uint8_t BlockPyramid::Chooser::codeOf(uint32_t index) const {
  const Block& block = pyramid_.blocks_[index];
  const auto candidates = static_cast<uint16_t>(block.present & raised_);
  if (candidates == 0) return block.majority;
  for (const uint8_t code : byUrgency_) {
    if (candidates >> code & 1u) return code;
  }
  return block.majority;
}

}  // namespace sweepscope::gui
