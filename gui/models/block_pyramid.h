// When cells are smaller than a pixel, 2^k x 2^k cells share one. For each such block this counts the pages of
// each code: by code and not by state, so that a turn changes no count. Only the level on screen is kept.
//
// Equation: the sum over blocks of counts[block][code] = the number of pages of the extent with that code.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "gui/models/map_layout.h"
#include "gui/models/page_codes.h"

namespace sweepscope::gui {

// Which of the states in a block colours its pixel. Auto raises an urgent state only while it touches less than
// 1 % of the blocks: with 1024 Ps the stale spans alone are 13 % of a million pages and would paint the whole
// map red.
enum class ZoomPolicy : uint8_t { kAuto, kMajority, kAlarm };

class BlockPyramid {
 public:
  void rebuild(const MapLayout& layout, std::span<const CellCode> pages);
  // Recounts the blocks that hold a page of `runs`; appends their indices to `touched`.
  void refresh(std::span<const CellCode> pages, std::span<const PageRun> runs,
               std::vector<uint32_t>& touched);

  int width() const { return width_; }
  int height() const { return height_; }
  // codeOf() returns the code that a block shows; a StateTable maps it to a state.
  class Chooser {
   public:
    Chooser(const BlockPyramid& pyramid, const StateTable& states, ZoomPolicy policy);
    uint8_t codeOf(uint32_t block) const;

   private:
    const BlockPyramid& pyramid_;
    uint16_t raised_ = 0;                      // codes that override the majority
    std::array<uint8_t, kCodes> byUrgency_{};  // codes, most urgent first
  };

 private:
  struct Block {
    std::array<uint16_t, kCodes> counts{};
    uint16_t present = 0;  // bit per code with a count
    uint8_t majority = kFreeCode;
  };
  void count(uint32_t block, std::span<const CellCode> pages);

  MapLayout layout_;
  int width_ = 0, height_ = 0;
  std::vector<Block> blocks_;
  std::array<uint32_t, kCodes> blocksWith_{};
};

}  // namespace sweepscope::gui
