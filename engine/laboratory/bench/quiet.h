// Whether a step is quiet: it changed nothing that the board shows, and ended for no reason that a viewer must see. A lesson
// passes over quiet steps. Pure functions, called by BenchSession for each new node.
//
// What the board shows is stated here and nowhere else; gui/views/board_picture and page/board.js draw it:
//   head     whether the engine stands, sg, phase, whether the world is stopped, whether all spans are taken for sweeping;
//            the pacer's figures, where they matter
//   objects  of a scenario that shows them: their colours and references, the roots and what they hold
//   a card   the place of the span, its distance to sg, its slots with alloc and mark bits, its queue; of free pages and
//            stacks only the place and the number of pages
//   a cache  which thread owns the P, or the status of a P without one; the distance of its flushGen to sg
// Locks and counts of threads (sweepers, unflushed) are drawn too, but are bookkeeping: a step that changes only them is quiet.
#pragma once

#include "engine/laboratory/bench/node_view.h"

namespace sweepscope::laboratory {

bool looks_same(const BoardState& a, const BoardState& b);

// before, after: the views of the step's parent and of its own node. stop: why it ended.
bool is_quiet(const NodeView& before, const NodeView& after, StopReason stop);

}  // namespace sweepscope::laboratory
