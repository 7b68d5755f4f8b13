// What a bench session shows at a node: every thread and what it is about to do, the board, the lamps of the rules, the
// verdict, and the accesses of the step that led there. Plain data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/laboratory/bench/board.h"
#include "engine/laboratory/bench/branch_tree.h"
#include "engine/laboratory/seam/check_modes.h"
#include "engine/laboratory/seam/violation.h"
#include "engine/laboratory/search/aftermath.h"

namespace sweepscope::laboratory {

enum class ThreadState : uint8_t { kCanRun, kBlocked, kMustChoose, kEnded };

struct ThreadView {
  uint32_t fiber = 0;
  std::string name;
  ThreadState state = ThreadState::kCanRun;
  uint16_t p = observe::kNoP;  // that it owns
  std::string text;            // "P2: takes span 41 from the unswept queue", or why it is blocked
  engine::Access next{"start", engine::Word::kThread, engine::Op::kRmw, 0};
  std::string file;  // of the access, from the root of the sources; empty: not known
  uint32_t line = 0;
  uint32_t holder = kNoFiber;  // of the lock that it waits for
  bool between = false;        // StopReason::kBetween holds before its next access
  struct Read {                // a word that the predicate of its wait reads
    std::string text;          // the word and its value in words
    uint64_t value;
  };
  std::vector<Read> reads;
  std::vector<std::string> alternatives;  // kMustChoose
  std::vector<std::string> locks;         // that it holds
  std::optional<int64_t> assist_credit;   // bytes, board_pacing.h
};

enum class RuleState : uint8_t { kHolds, kNoted, kFired };

struct RuleLamp {
  std::string rule;
  CheckMode mode = CheckMode::kStop;
  RuleState state = RuleState::kHolds;
  uint64_t times = 0, first_step = 0;
  std::string text;  // of the first time
};

struct AccessRow {
  uint64_t step = 0;  // from 1
  uint32_t fiber = 0;
  engine::Access access{"start", engine::Word::kThread, engine::Op::kRmw, 0};
  uint32_t before = 0, after = 0;  // low 32 bits; a choice: alternatives, and the one taken
  std::string text;
  std::string arc;      // "T6"
  bool folded = false;  // lock or bookkeeping
};

struct NodeView {
  uint32_t node = 0;
  uint64_t steps = 0;
  std::vector<ThreadView> threads;
  BoardState board;
  std::vector<RuleLamp> rules;
  NodeOutcome outcome = NodeOutcome::kRunning;
  Violation violation;  // kViolation
  Aftermath aftermath;  // kViolation: what follows if it is ignored
  std::vector<AccessRow> rows;
};

}  // namespace sweepscope::laboratory
