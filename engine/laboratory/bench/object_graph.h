// The program's objects on the protocol board, in the tri-colour abstraction (Dijkstra, Lamport, Martin, Scholten and
// Steffens 1978): which objects there are, what refers to them, and how far the marking has come.
//
//   white   not found by this marking
//   grey    found, its references still to be read: it, or a reference to it, lies in a work buffer or is in the hands of
//           a thread that marks. A target that a buffer refers to has no mark bit yet: BoardObject::marked
//   black   marked, and its references were read
//   freed   its slot was freed although the program did not drop it
//
// Marks, references, roots and buffers are read from the engine's words, without a step. Two facts no word has; they come
// from the oracle's roster: which objects there are, and what is in a thread's hands. Called by look(), while no fiber
// runs, for scenarios with Scenario::object_graph.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/gc/runtime.h"
#include "engine/laboratory/oracle/object_roster.h"

namespace sweepscope::laboratory {

inline constexpr uint32_t kMostBoardObjects = 64;  // the first ones; a scenario of the catalogue makes fewer

enum class ObjectColour : uint8_t { kNone, kWhite, kGrey, kBlack, kFreed };  // kNone: nothing is being marked
enum class RootKind : uint8_t {
  kGlobals,
  kStack,    // the Local handles of a thread
  kBarrier,  // the write barrier's buffer of a thread: shaded, and not yet marked
};
enum class RootScan : uint8_t { kNone, kWaiting, kScanned };  // in this marking; kNone: none, or kBarrier

struct BoardObject {
  uint32_t number = 0;           // from 1, in the order made
  std::optional<uint32_t> span;  // none: the span that it lay in is not in use
  uint32_t slot = 0;             // if there is a span
  ObjectColour colour = ObjectColour::kNone;
  bool marked = false;         // its mark bit, while something is being marked
  std::vector<uint32_t> refs;  // what each of its references refers to: an object, or 0
  bool operator==(const BoardObject&) const = default;
};

struct BoardRoot {
  RootKind kind = RootKind::kGlobals;
  uint32_t thread = engine::kNoThread;  // the engine's number; not of kGlobals
  uint32_t fiber = ~0u;                 // that thread's fiber: filled by the session
  RootScan scan = RootScan::kNone;
  std::vector<uint32_t> objects;  // what it holds, in the order in which it got it; nothing is left out
  bool operator==(const BoardRoot&) const = default;
};

struct ObjectGraph {
  std::vector<BoardObject> objects;
  std::vector<BoardRoot>
      roots;  // Globals first; of each thread that ever had a handle its stack, then its buffer
  bool operator==(const ObjectGraph&) const = default;
};

ObjectGraph read_objects(engine::Runtime& runtime, const ObjectRoster& roster);

}  // namespace sweepscope::laboratory
