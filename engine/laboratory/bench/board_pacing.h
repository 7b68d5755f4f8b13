// The pacer on the protocol board: what heap_live is compared with, who has paid for marking, what is left to sweep.
//
// Read like the rest of the board, between two steps and without one. Bytes, unless a name says pages. A figure that is
// off, or that nothing has set yet, is absent and never 0.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/gc/runtime.h"

namespace sweepscope::laboratory {

struct BoardPacing {
  bool concurrent = false;  // marking is concurrent
  uint64_t heap_live = 0;
  std::optional<uint32_t> gogc;           // percent; absent: off
  std::optional<uint64_t> trigger, goal;  // absent: off
  std::optional<uint64_t> marked;         // live by the last complete mark; absent: before the first
  std::optional<int64_t> credit;          // of the background workers; absent: no concurrent marking now
  uint32_t unswept_pages = 0;             // of spans in use
  // That a thread must sweep before it takes a span of one page; absent: nothing is owed, because all is swept or GOGC
  // is off.
  std::optional<uint32_t> owed_pages;

  bool matters() const { return concurrent || gogc; }  // else no figure of it decides anything
  bool operator==(const BoardPacing&) const = default;
};

BoardPacing read_pacing(engine::Runtime& runtime);

// What the assists of a thread paid for beyond what it allocated, < 0: it owes that much.
struct AssistCredit {
  uint32_t thread;  // the engine's number
  int64_t bytes;
};
// Of every thread of the engine; none outside of concurrent marking, when no thread pays.
std::vector<AssistCredit> read_assist_credits(engine::Runtime& runtime);

}  // namespace sweepscope::laboratory
