// Which objects of a protocol board the program can reach: from the Globals and the stacks of its threads, over references.
// The write barrier's buffers are no roots of the program. Any thread; any numbers, also those of a damaged message.
#pragma once

#include <algorithm>
#include <vector>

#include "telemetry/model/bench.h"

namespace sweepscope::telemetry {

inline const BoardObject* object_of(const Board& board, uint32_t number) {
  const auto found = std::find_if(board.objects.begin(), board.objects.end(),
                                  [number](const BoardObject& o) { return o.number == number; });
  return found == board.objects.end() ? nullptr : &*found;
}

// Numbers of objects of the board, each once.
inline std::vector<uint32_t> reachable_objects(const Board& board) {
  std::vector<uint32_t> reached;
  const auto reach = [&](const std::vector<uint32_t>& numbers) {
    for (const uint32_t number : numbers)
      if (object_of(board, number) != nullptr &&
          std::find(reached.begin(), reached.end(), number) == reached.end())
        reached.push_back(number);
  };
  for (const BoardRoot& root : board.roots)
    if (root.kind != RootKind::kBarrier) reach(root.objects);
  for (size_t i = 0; i < reached.size(); ++i) reach(object_of(board, reached[i])->refs);
  return reached;
}

inline bool is_reachable(const Board& board, uint32_t number) {
  const std::vector<uint32_t> reached = reachable_objects(board);
  return std::find(reached.begin(), reached.end(), number) != reached.end();
}

}  // namespace sweepscope::telemetry
