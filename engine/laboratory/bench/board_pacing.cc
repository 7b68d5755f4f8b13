#include "engine/laboratory/bench/board_pacing.h"

#include <algorithm>

namespace sweepscope::laboratory {
namespace {

constexpr uint64_t kOff = ~uint64_t{0};

std::optional<uint64_t> unless_off(uint64_t bytes) {
  return bytes == kOff ? std::nullopt : std::optional(bytes);
}

// Between the two stops of a cycle that marks concurrently.
bool assists_pay(engine::Runtime& runtime) {
  return runtime.options.concurrent_mark && runtime.collector().phase() == observe::Phase::kMark;
}

// By the spans, not by the engine's count, which a sweeper updates once a batch.
uint32_t unswept_pages(engine::MHeap& heap) {
  uint32_t pages = 0;
  for (uint32_t id = 0; id < heap.span_ids(); ++id) {
    const engine::MSpan& span = heap.span(id);
    if (span.state.peek() != engine::SpanState::kInUse) continue;
    const auto distance = static_cast<int32_t>(span.sweepgen.peek() - heap.gen());
    if (distance < 0 || distance == 1) pages += span.pages;
  }
  return pages;
}

// As deduct_sweep_credit computes it for a refill.
std::optional<uint32_t> owed_pages(engine::MHeap& heap) {
  const engine::SweepCredit& credit = heap.credit;
  const double slope = credit.pages_per_byte.peek();
  if (slope == 0) return std::nullopt;
  const uint64_t live = heap.heap_live.peek(), basis = credit.heap_live_basis.peek();
  const uint64_t since = live < basis ? 0 : live - basis;
  const auto due = static_cast<int64_t>(slope * static_cast<double>(since + engine::kPageSize));
  const auto done = static_cast<int64_t>(heap.pages_swept.peek() - credit.pages_swept_basis.peek());
  return static_cast<uint32_t>(std::clamp<int64_t>(due - done, 0, unswept_pages(heap)));
}

}  // namespace

BoardPacing read_pacing(engine::Runtime& runtime) {
  engine::MHeap& heap = runtime.heap();
  engine::Pacing& pacing = runtime.pacing();
  BoardPacing to;
  to.concurrent = runtime.options.concurrent_mark;
  to.heap_live = heap.heap_live.peek();
  if (pacing.gogc() != engine::kGcOff) to.gogc = pacing.gogc();
  to.trigger = unless_off(pacing.trigger());
  to.goal = unless_off(pacing.goal());
  to.marked = pacing.last_marked();
  if (assists_pay(runtime)) to.credit = pacing.credit().left_stopped();
  to.unswept_pages = unswept_pages(heap);
  to.owed_pages = owed_pages(heap);
  return to;
}

std::vector<AssistCredit> read_assist_credits(engine::Runtime& runtime) {
  std::vector<AssistCredit> credits;
  if (assists_pay(runtime))
    runtime.threads().peek_each([&](const engine::M& m) { credits.push_back({m.id, m.assist_bytes}); });
  return credits;
}

}  // namespace sweepscope::laboratory
