// Below one pixel a cell, 2^k x 2^k cells share a pixel. This counts, for each such block, how many pages of
// each code it holds: by code and not by state, so that a turn changes no count. One level is kept, the one
// on screen.
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

// Which of the states in a block colours its pixel. Auto raises an urgent state only while it touches under 1
// % of the blocks: with 1024 Ps the stale spans alone are 13 % of a million pages and would paint everything
// red.
enum class ZoomPolicy : uint8_t { kAuto, kMajority, kAlarm };

class BlockPyramid {
 public:
  void rebuild(const MapLayout& layout, std::span<const CellCode> pages);
  // Counts again the blocks that hold a page of `runs`; appends the block indices touched.
  void refresh(std::span<const CellCode> pages, std::span<const PageRun> runs,
               std::vector<uint32_t>& touched);

  int width() const { return width_; }
  int height() const { return height_; }
  // The colour of each code table gives the state; `choose` tells which code a block shows.
  class Chooser {
   public:
    Chooser(const BlockPyramid& pyramid, const StateTable& states, ZoomPolicy policy);
    uint8_t codeOf(uint32_t block) const;

   private:
    const BlockPyramid& pyramid_;
    uint16_t raised_ = 0;                      // codes that may win over the majority
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
