// Words for the pacer's figures on the protocol board: heap_live, trigger and goal, what a refill must sweep first, what a
// thread owes. Pure.
#pragma once

#include <QString>

#include "telemetry/model/bench.h"

namespace sweepscope::gui {

QString sizeWords(uint64_t bytes);                          // "24 KiB", "25.5 KiB", "100 B"
QString signedSizeWords(int64_t bytes);                     // "+4 KiB", "−512 B"
QString creditWords(const telemetry::BenchThread& thread);  // "credit −4 KiB"; empty: none, or not known

// The line of the board's head, in parts, each with the mark that it has on the bar.
struct PacingPart {
  enum class Mark : uint8_t { kNone, kTrigger, kGoal };
  QString text;
  Mark mark = Mark::kNone;
};
std::vector<PacingPart> pacingParts(const telemetry::BoardPacing& pacing);
// The parts as one sentence; empty where heap_live decides nothing.
QString pacingSentence(const telemetry::Board& board);
// What the bar ends at: the largest of its figures, never 0.
uint64_t pacingScale(const telemetry::BoardPacing& pacing);

}  // namespace sweepscope::gui
