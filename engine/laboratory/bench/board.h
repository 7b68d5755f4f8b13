// The protocol board: the whole protocol state of a laboratory engine between two steps, as plain data.
//
// read_board() reads the words of the engine without a step, and believes no one: the state of a span is the distance of
// its sweepgen, also under a fault that changes what the engine takes it for. Called by BenchSession, while no fiber
// runs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/gc/runtime.h"
#include "engine/laboratory/bench/board_pacing.h"
#include "engine/laboratory/bench/object_graph.h"

namespace sweepscope::laboratory {

inline constexpr uint32_t kNoFiber = ~0u;

enum class BoardSpanState : uint8_t { kNeeds, kSweeping, kSwept, kStale, kCached, kIllegal };
const char* name(
    BoardSpanState state);  // "needs sweep", "being swept", "swept", "stale", "cached", "illegal"
BoardSpanState state_at(int32_t distance);

enum class BoardPlace : uint8_t {
  kFree,
  kNonempty,  // a list of its mcentral
  kEmpty,
  kCache,    // an mcache: BoardSpan::p
  kBetween,  // in use, on no list and in no mcache: it is being moved
  kLarge,
  kManual,  // a stack span
};
enum class BoardQueue : uint8_t {
  kNone,
  kSwept,
  kUnswept,
  kBoth,  // in each one: a sweeper has not yet dropped the entry of a span that was cached and given back
};

struct BoardSpan {
  uint32_t id = 0;
  engine::SpanState status = engine::SpanState::kFree;
  uint32_t first_page = 0, pages = 0;
  uint32_t sweepgen = 0;
  int32_t distance = 0;  // sweepgen - sg
  BoardSpanState state = BoardSpanState::kSwept;
  uint8_t span_class = 0;
  uint32_t elem_bytes = 0, nelems = 0, freeindex = 0, alloc_count = 0;
  std::vector<uint64_t> alloc_bits, mark_bits;  // slot n: bit n % 64 of word n / 64; of spans in use
  BoardPlace place = BoardPlace::kFree;
  uint16_t p = observe::kNoP;  // kCache
  observe::ListMembership list = observe::ListMembership::kNone;
  BoardQueue queue = BoardQueue::kNone;
};

struct BoardP {
  uint16_t id = 0;
  observe::PStatus status = observe::PStatus::kIdle;
  uint32_t owner = engine::kNoThread;  // the engine's number of the thread
  uint32_t fiber = kNoFiber;           // that thread's fiber, if it is known
  uint32_t flush_gen = 0;
  int32_t distance = 0;  // flush_gen - sg
  struct Cached {
    uint8_t span_class;
    uint32_t span;
  };
  std::vector<Cached> cached;
};

struct BoardLock {
  std::string name;
  engine::Word word = engine::Word::kNone;
  uint32_t object = 0;
  uint32_t holder = kNoFiber;
  std::vector<uint32_t> waiters;  // fibers whose next access takes it while another holds it
};

struct BoardState {
  bool known = false;  // false: the engine has ended
  uint32_t sg = 0;
  observe::Phase phase = observe::Phase::kOff;
  bool stopped = false;  // the world
  bool sweep_done = false;
  uint32_t sweepers = 0, unflushed = 0;
  std::vector<BoardSpan> spans;
  std::vector<BoardP> ps;
  std::vector<BoardLock> locks;       // held or waited for; filled by the session, as are the fibers of Ps
  std::optional<BoardPacing> pacing;  // absent: the engine is not made yet
  ObjectGraph graph;                  // filled by the session, if the scenario has one
};

BoardState read_board(engine::Runtime& runtime);

// What a word holds now, if it is one of the protocol's.
bool value_of(engine::Runtime& runtime, engine::Word word, uint32_t object, uint64_t& value);

}  // namespace sweepscope::laboratory
