// The events that came before their time: who waits, who may go on, and what is refused when time is up.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "telemetry/replica/replica_state.h"

namespace sweepscope::telemetry {

namespace {

uint32_t number_of(const Event& event) {
  if (const auto* t = std::get_if<Transition>(&event.body)) return t->number;
  if (const auto* a = std::get_if<SpanAllocated>(&event.body)) return a->number;
  return std::get<SpanFreed>(event.body).number;
}

// Status changes that arrived late form rounds: a P that went idle -> flushing -> idle in one chunk while
// another chunk carried it on. Each status is left as often as it is entered; nothing is missing.
bool closed_rounds(const std::vector<Event>& events) {
  std::array<int, 256> balance{};
  for (const Event& event : events) {
    const auto* change = std::get_if<PStatusChange>(&event.body);
    if (change == nullptr) return false;
    ++balance[static_cast<uint8_t>(change->from)];
    --balance[static_cast<uint8_t>(change->to)];
  }
  return std::all_of(balance.begin(), balance.end(), [](int n) { return n == 0; });
}

}  // namespace

void Replica::State::hold_early(const Event& event, SpanId id) {
  if (waiting >= kMaxWaiting) {
    refuse("number",
           fmt::format("Span {}: transition {} came, {} was the last one, and {} events wait already.", id,
                       number_of(event), spans[id].number, waiting));
    return;
  }
  std::vector<Event>& mine = early[id];
  const auto place = std::upper_bound(mine.begin(), mine.end(), event, [&](const Event& a, const Event& b) {
    return number_of(a) - spans[id].number < number_of(b) - spans[id].number;
  });
  mine.insert(place, event);
  ++order[id].early;
  ++waiting;
}

void Replica::State::hold_for_p(const Event& event, uint16_t p) {
  if (waiting >= kMaxWaiting) {
    refuse("order", fmt::format("An event of P{} came too early, and {} events wait already.", p, waiting));
    return;
  }
  held[p].push_back(event);
  ++waiting;
}

// Each pass can only make more possible, and each folded event leaves the buffers: it ends.
void Replica::State::settle() {
  if (loss_in_epoch &&
      !(early.empty() && held.empty())) {  // gaps are believed: nobody waits for a number any more
    auto believed = std::exchange(early, {});
    for (const auto& [p, events] : held) changed_ps.push_back(p);
    for (auto& [id, events] : believed) {
      waiting -= events.size();
      order[id].early = 0;
      for (const Event& event : events) on_span_event(event, id, number_of(event));
    }
  }
  while (!advanced.empty() || !changed_ps.empty()) {
    while (!advanced.empty()) {
      const SpanId id = advanced.back();
      advanced.pop_back();
      const auto mine = early.find(id);
      if (mine == early.end()) continue;
      if (number_of(mine->second.front()) - spans[id].number > 1) continue;
      const Event event = mine->second.front();
      mine->second.erase(mine->second.begin());
      if (mine->second.empty()) early.erase(mine);
      --order[id].early;
      --waiting;
      on_span_event(event, id, number_of(event));
      if (order[id].early > 0) advanced.push_back(id);
    }
    std::sort(changed_ps.begin(), changed_ps.end());
    changed_ps.erase(std::unique(changed_ps.begin(), changed_ps.end()), changed_ps.end());
    for (uint16_t p : std::exchange(changed_ps, {})) {
      const auto mine = held.find(p);
      if (mine == held.end()) continue;
      std::vector<Event> events = std::move(mine->second);
      held.erase(mine);
      waiting -= events.size();
      for (const Event& event : events) {
        if (std::holds_alternative<Transition>(event.body)) {
          const SpanId id = std::get<Transition>(event.body).span;
          on_span_event(event, id, number_of(event));
        } else if (fold_p_event(event, Patience::kMayHold) == Verdict::kHeld) {
          hold_for_p(event, p);
        }
      }
    }
  }
  for (bool moved = true; moved && !edges.empty();) {
    moved = false;
    for (size_t i = 0; i < edges.size() && !moved; ++i) {
      const Event event = edges[i];
      if (fold(event, std::get<Stw>(event.body), Patience::kMayHold) == Verdict::kHeld) continue;
      edges.erase(edges.begin() + static_cast<std::ptrdiff_t>(i));
      --waiting;
      moved = true;
    }
  }
}

void Replica::State::last_call() {
  if (waiting == 0) return;
  settle();
  for (const Event& event : std::exchange(edges, {}))
    fold(event, std::get<Stw>(event.body), Patience::kLastCall);
  for (auto& [p, events] : std::exchange(held, {})) {
    if (closed_rounds(events)) continue;
    for (const Event& event : events) {
      if (std::holds_alternative<Transition>(event.body))
        fold_span_event(event, Patience::kLastCall);
      else
        fold_p_event(event, Patience::kLastCall);
    }
  }
  for (auto& [id, events] : std::exchange(early, {})) {
    order[id].early = 0;
    const uint32_t first = number_of(events.front());
    if (first - spans[id].number != 1)
      refuse("number", fmt::format("Span {}: transition {} is missing, {} is the next one here.", id,
                                   spans[id].number + 1, first));
    spans[id].unknown = true;  // one missing event is one refusal, not one for each that follows
    for (const Event& event : events) fold_span_event(event, Patience::kLastCall);
  }
  waiting = 0;
  advanced.clear();
  changed_ps.clear();
}

}  // namespace sweepscope::telemetry
