#include "gui/theme/palette.h"

namespace sweepscope::gui {

const StateWords& words(CellState state) {
  static constexpr std::array<StateWords, kCellStates> kWords = {{
      {"-2", "needs sweep", 'N', "marked in this cycle, not yet swept: may hold garbage"},
      {"-1", "being swept", 'W', "one sweeper owns it right now"},
      {"0", "swept, ready", 'R', "swept in this cycle (or new), in no cache: can be allocated from"},
      {"+1", "stale cached", 'S',
       "cached before this sweep began: only whoever flushes its cache may sweep it"},
      {"+3", "cached", 'C', "swept, then cached: only the P that holds it may touch it"},
      {"", "stack", 'K', "holds a stack, not objects: freed by whoever owns it, never swept"},
      {"", "free", 0, "pages that belong to no span"},
      {"", "illegal", '!', "a distance that no correct run produces"},
      {"", "unknown", '?', "an event of this span was lost; known again at the next keyframe"},
  }};
  return kWords[static_cast<size_t>(state)];
}

}  // namespace sweepscope::gui
