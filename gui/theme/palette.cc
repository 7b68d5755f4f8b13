#include "gui/theme/palette.h"

namespace sweepscope::gui {

const StateWords& words(CellState state) {
  static constexpr std::array<StateWords, kCellStates> kWords = {{
      {"-2", "needs sweep", 'N', "marked in this cycle, not yet swept: may hold garbage",
       "No span needs sweeping"},
      {"-1", "being swept", 'W', "owned by one sweeper, which is sweeping it", "No span is being swept"},
      {"0", "swept, ready", 'R', "swept in this cycle or new, and in no cache: ready for allocation",
       "No swept span is outside the caches"},
      {"+1", "stale cached", 'S',
       "cached before this sweep phase began: only a flush of its cache may sweep it",
       "No cached span is stale"},
      {"+3", "cached", 'C', "swept, then cached: only its P may use it",
       "No span swept in this cycle is cached"},
      {"", "stack", 'K', "holds a stack, not objects: freed by its owner, never swept",
       "No page belongs to a stack"},
      {"", "free", 0, "pages that belong to no span", "No page is free"},
      {"", "illegal", '!', "a distance that no correct run produces", "No span is at an illegal distance"},
      {"", "unknown", '?', "an event of this span was lost; its state is unknown until the next keyframe",
       "The state of every span is known"},
  }};
  return kWords[static_cast<size_t>(state)];
}

}  // namespace sweepscope::gui
