#include "engine/laboratory/bench/board.h"

namespace sweepscope::laboratory {
namespace {

BoardPlace place_of(const engine::MSpan& span) {
  switch (span.state.peek()) {
    case engine::SpanState::kFree: return BoardPlace::kFree;
    case engine::SpanState::kManual: return BoardPlace::kManual;
    case engine::SpanState::kInUse: break;
  }
  if (span.large()) return BoardPlace::kLarge;
  switch (span.list) {
    case observe::ListMembership::kNonempty: return BoardPlace::kNonempty;
    case observe::ListMembership::kEmpty: return BoardPlace::kEmpty;
    default: return BoardPlace::kBetween;
  }
}

BoardSpan read_span(const engine::MSpan& span, uint32_t sg) {
  BoardSpan to;
  to.id = span.id;
  to.status = span.state.peek();
  to.first_page = span.first_page;
  to.pages = span.pages;
  to.sweepgen = span.sweepgen.peek();
  to.distance = static_cast<int32_t>(to.sweepgen - sg);
  to.state = state_at(to.distance);
  to.place = place_of(span);
  to.list = span.list;
  if (to.status != engine::SpanState::kInUse) return to;
  to.span_class = span.span_class.raw();
  to.elem_bytes = static_cast<uint32_t>(span.object_bytes());
  to.nelems = span.nelems;
  to.freeindex = span.freeindex.peek();
  to.alloc_count = span.alloc_count;
  for (uint32_t word = 0; word < span.words(); ++word) {
    to.alloc_bits.push_back(span.alloc_word_at(word));
    to.mark_bits.push_back(span.mark_word_at(word));
  }
  return to;
}

void put_in_queue(std::vector<BoardSpan>& spans, const engine::SweepQueue& queue, BoardQueue which) {
  for (uint32_t place = 0; place < queue.size(); ++place)
    if (const uint32_t id = queue.at(place); id < spans.size())
      spans[id].queue =
          spans[id].queue == BoardQueue::kNone || spans[id].queue == which ? which : BoardQueue::kBoth;
}

BoardP read_p(engine::P& p, const engine::MSpan& none, uint32_t sg, std::vector<BoardSpan>& spans) {
  BoardP to;
  to.id = p.id;
  to.status = p.status.peek();
  to.owner = p.owner;
  to.flush_gen = p.mcache.flush_gen.peek();
  to.distance = static_cast<int32_t>(to.flush_gen - sg);
  for (size_t c = 0; c < p.mcache.alloc.size(); ++c) {
    const engine::MSpan* const span = p.mcache.alloc[c];
    if (span == nullptr || span == &none) continue;
    to.cached.push_back({static_cast<uint8_t>(c), span->id});
    if (span->id >= spans.size()) continue;
    spans[span->id].place = BoardPlace::kCache;
    spans[span->id].p = p.id;
  }
  return to;
}

}  // namespace

const char* name(BoardSpanState state) {
  switch (state) {
    case BoardSpanState::kNeeds: return "needs sweep";
    case BoardSpanState::kSweeping: return "being swept";
    case BoardSpanState::kSwept: return "swept";
    case BoardSpanState::kStale: return "stale";
    case BoardSpanState::kCached: return "cached";
    case BoardSpanState::kIllegal: break;
  }
  return "illegal";
}

BoardSpanState state_at(int32_t distance) {
  switch (distance) {
    case -2: return BoardSpanState::kNeeds;
    case -1: return BoardSpanState::kSweeping;
    case 0: return BoardSpanState::kSwept;
    case 1: return BoardSpanState::kStale;
    case 3: return BoardSpanState::kCached;
    default: return BoardSpanState::kIllegal;
  }
}

BoardState read_board(engine::Runtime& runtime) {
  engine::MHeap& heap = runtime.heap();
  BoardState board;
  board.known = true;
  board.sg = heap.gen();
  board.phase = runtime.collector().phase();
  board.stopped = runtime.sched().world.stopped();
  board.sweep_done = heap.sweep_done.peek() != 0;
  board.sweepers = heap.sweepers.peek();
  board.unflushed = heap.unflushed.peek();
  for (uint32_t id = 0; id < heap.span_ids(); ++id) board.spans.push_back(read_span(heap.span(id), board.sg));
  put_in_queue(board.spans, heap.unswept(), BoardQueue::kUnswept);
  put_in_queue(board.spans, heap.swept(), BoardQueue::kSwept);
  for (uint32_t id = 0; id < runtime.sched().procs(); ++id)
    board.ps.push_back(read_p(runtime.sched().p(id), heap.empty_span, board.sg, board.spans));
  board.pacing = read_pacing(runtime);
  return board;
}

bool value_of(engine::Runtime& runtime, engine::Word word, uint32_t object, uint64_t& value) {
  using engine::Word;
  engine::MHeap& heap = runtime.heap();
  const bool span = object < heap.span_ids(), p = object < runtime.sched().procs();
  switch (word) {
    case Word::kHeapGen: value = heap.gen(); return true;
    case Word::kSweepgen: return span && (value = heap.span(object).sweepgen.peek(), true);
    case Word::kSpanState:
      return span && (value = static_cast<uint64_t>(heap.span(object).state.peek()), true);
    case Word::kFreeIndex: return span && (value = heap.span(object).freeindex.peek(), true);
    case Word::kFlushGen: return p && (value = runtime.sched().p(object).mcache.flush_gen.peek(), true);
    case Word::kPStatus:
      return p && (value = static_cast<uint64_t>(runtime.sched().p(object).status.peek()), true);
    case Word::kSweepDone: value = heap.sweep_done.peek(); return true;
    case Word::kSweepers: value = heap.sweepers.peek(); return true;
    case Word::kUnflushed: value = heap.unflushed.peek(); return true;
    case Word::kHeapLive: value = heap.heap_live.peek(); return true;
    case Word::kPagesSwept: value = heap.pages_swept.peek(); return true;
    case Word::kUnsweptLarge: value = heap.unswept_large.peek(); return true;
    case Word::kSafePoint: return p && (value = runtime.sched().p(object).safe_point.peek(), true);
    case Word::kWorld:
      value = (runtime.sched().world.stopping() ? uint64_t{1} << 31 : 0) | runtime.sched().world.running();
      return true;
    case Word::kAttention: value = runtime.sched().world.attention.peek(); return true;
    case Word::kPhase:
      if (object != 0) return false;
      value = static_cast<uint64_t>(runtime.collector().phase());
      return true;
    default: return false;
  }
}

}  // namespace sweepscope::laboratory
