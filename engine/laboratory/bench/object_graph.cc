#include "engine/laboratory/bench/object_graph.h"

#include <algorithm>
#include <atomic>

namespace sweepscope::laboratory {
namespace {

using Object = ObjectRoster::Object;
using engine::Grey;

// The object that an address points into, 0: none. The newest first: it may have the slot of one that was freed.
uint32_t number_at(const ObjectRoster& roster, uint64_t address) {
  if (address == 0) return 0;
  const auto& all = roster.objects();
  const auto found =
      std::find_if(all.rbegin(), all.rend(), [&](const Object& o) { return o.contains(address); });
  return found == all.rend() ? 0 : found->number;
}

bool in_a_buffer(const engine::WorkBuffers& buffers, const Object& object, Grey grey) {
  for (uint32_t i = 0; i < buffers.made(); ++i) {
    const engine::WorkBuffer& buffer = buffers.all()[i];
    for (uint32_t n = 0; n < buffer.used; ++n)
      if (object.contains(buffer.entries[n].address()) &&
          buffer.entries[n].is_marked() == (grey == Grey::kToScan))
        return true;
  }
  return false;
}

bool marks_count(observe::Phase phase) {
  return phase == observe::Phase::kMark || phase == observe::Phase::kMarkTermination;
}

BoardObject read_object(engine::Runtime& runtime, const ObjectRoster& roster, const Object& object) {
  BoardObject to;
  to.number = object.number;
  engine::MSpan* const span = runtime.heap().find(object.address);
  const bool in_use = span != nullptr && span->state.peek() == engine::SpanState::kInUse;
  if (in_use) {
    to.span = span->id;
    to.slot = span->slot_of(object.address);
  }
  if (object.freed) {
    to.colour = ObjectColour::kFreed;
    return to;
  }
  for (size_t i = 0; i < object.refs; ++i) {
    const auto word = *reinterpret_cast<const uint64_t*>(object.address + 8 * i);
    to.refs.push_back(number_at(roster, word));
  }
  if (!in_use || !marks_count(runtime.collector().phase())) return to;
  to.marked = span->has_mark_bit(to.slot);
  // A reference to an object that is marked is work without effect: the marker drops it.
  const Grey work = to.marked ? Grey::kToScan : Grey::kToMark;
  const bool grey = roster.is_in_hand(object, work) || in_a_buffer(runtime.marking().buffers(), object, work);
  to.colour = grey ? ObjectColour::kGrey : to.marked ? ObjectColour::kBlack : ObjectColour::kWhite;
  return to;
}

RootScan scan_of(bool marking, bool scanned) {
  return !marking ? RootScan::kNone : scanned ? RootScan::kScanned : RootScan::kWaiting;
}

}  // namespace

ObjectGraph read_objects(engine::Runtime& runtime, const ObjectRoster& roster) {
  ObjectGraph graph;
  for (const Object& object : roster.objects()) {
    if (graph.objects.size() == kMostBoardObjects) break;
    graph.objects.push_back(read_object(runtime, roster, object));
  }
  const bool marking = marks_count(runtime.collector().phase());
  const auto held = [&](BoardRoot& root, uint64_t reference) {
    if (const uint32_t number = number_at(roster, reference); number != 0) root.objects.push_back(number);
  };
  BoardRoot globals{
      RootKind::kGlobals, engine::kNoThread, ~0u, scan_of(marking, roster.globals_are_visited()), {}};
  runtime.globals.peek_each([&](uint64_t reference) { held(globals, reference); });
  std::reverse(globals.objects.begin(), globals.objects.end());  // the oldest first
  graph.roots.push_back(std::move(globals));
  runtime.threads().peek_each([&](const engine::M& m) {
    if (m.stack.ever_used()) {
      // The phase begins before the stop has asked for the scans; until then the word is that of the last marking.
      const bool asked = runtime.marking().under_way() || roster.globals_are_visited();
      const bool scanned = asked && m.stack_scan.peek() == engine::StackScan::kDone;
      BoardRoot stack{RootKind::kStack, m.id, ~0u, scan_of(marking, scanned), {}};
      m.stack.for_each([&](uintptr_t reference) { held(stack, reference); });
      graph.roots.push_back(std::move(stack));
    }
    // A thread that ends gives its stack back before its buffer.
    if (!marking || (!m.stack.ever_used() && m.barrier.used == 0)) return;
    BoardRoot barrier{RootKind::kBarrier, m.id, ~0u, RootScan::kNone, {}};
    for (uint32_t i = 0; i < m.barrier.used; ++i) held(barrier, m.barrier.seen[i]);
    graph.roots.push_back(std::move(barrier));
  });
  return graph;
}

}  // namespace sweepscope::laboratory
