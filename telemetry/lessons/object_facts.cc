#include "telemetry/lessons/object_facts.h"

#include <algorithm>

#include "telemetry/model/reachable.h"

namespace sweepscope::telemetry::lessons {
namespace {

using Kind = Condition::Kind;

std::string named(uint32_t number) { return "object " + std::to_string(number); }

// Of the thread `name`; null: it has none on the board.
const BoardRoot* stack_of(const BenchView& view, const std::string& name) {
  for (const BoardRoot& root : view.board.roots)
    for (const BenchThread& thread : view.threads)
      if (root.kind == RootKind::kStack && root.thread == thread.thread && thread.name == name) return &root;
  return nullptr;
}

bool is_grey(const BoardObject& object) { return object.colour == ObjectColour::kGrey; }

bool refers_to(const BoardObject& object, uint32_t number) {
  return std::find(object.refs.begin(), object.refs.end(), number) != object.refs.end();
}

bool refers_nowhere(const BoardObject& object) {
  return std::all_of(object.refs.begin(), object.refs.end(), [](uint32_t number) { return number == 0; });
}

std::string references_of(const BoardObject& object) {
  if (refers_nowhere(object)) return named(object.number) + " refers to nothing";
  std::string text = named(object.number) + " refers to";
  for (const uint32_t number : object.refs)
    if (number != 0) text += " " + named(number);
  return text;
}

std::string objects_that_are_grey(const Board& board) {
  std::string text;
  for (const BoardObject& object : board.objects)
    if (is_grey(object)) text.append(text.empty() ? "" : ", ").append(named(object.number));
  return text.empty() ? "no object is on the board" : text + " is grey";
}

}  // namespace

bool holds_of_objects(const BenchView& view, const Condition& c) {
  const Board& board = view.board;
  const BoardObject* object = c.object ? object_of(board, *c.object) : nullptr;
  const BoardRoot* stack = c.name.empty() ? nullptr : stack_of(view, c.name);
  switch (c.kind) {
    case Kind::kColour: return object != nullptr && object->colour == c.colour;
    case Kind::kRefersTo: return object != nullptr && *c.number != 0 && refers_to(*object, *c.number);
    case Kind::kRefersNowhere: return object != nullptr && refers_nowhere(*object);
    case Kind::kReachable: return object != nullptr && is_reachable(board, *c.object);
    case Kind::kUnreachable: return object != nullptr && !is_reachable(board, *c.object);
    case Kind::kNoGrey:
      return !board.objects.empty() && std::none_of(board.objects.begin(), board.objects.end(), is_grey);
    case Kind::kStackScanned: return stack != nullptr && stack->scan == RootScan::kScanned;
    case Kind::kStackNotScanned: return stack != nullptr && stack->scan == RootScan::kWaiting;
    default: return false;
  }
}

std::string instead_of_objects(const BenchView& view, const Condition& c) {
  const Board& board = view.board;
  if (c.kind == Kind::kNoGrey) return objects_that_are_grey(board);
  if (c.kind == Kind::kStackScanned || c.kind == Kind::kStackNotScanned) {
    const BoardRoot* stack = stack_of(view, c.name);
    if (stack == nullptr) return "no stack of a thread '" + c.name + "' is on the board";
    return stack->scan == RootScan::kNone      ? "nothing is being marked"
           : stack->scan == RootScan::kScanned ? "it is scanned"
                                               : "it is not scanned";
  }
  const BoardObject* object = object_of(board, c.object.value_or(0));
  if (object == nullptr) return named(c.object.value_or(0)) + " is not on the board";
  switch (c.kind) {
    case Kind::kColour: return named(object->number) + " is " + std::string(name(object->colour));
    case Kind::kReachable: return "the program cannot reach it";
    case Kind::kUnreachable: return "the program can reach it";
    default: return references_of(*object);
  }
}

}  // namespace sweepscope::telemetry::lessons
