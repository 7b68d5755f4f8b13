// Events that arrive too early: which of them wait, when they are folded, and which are refused.
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

SpanId span_of(const Event& event) {
  if (const auto* t = std::get_if<Transition>(&event.body)) return t->span;
  if (const auto* a = std::get_if<SpanAllocated>(&event.body)) return a->span;
  return std::get<SpanFreed>(event.body).span;
}

// In Replica::State::visited. No bit for a value that is no status: an event need not come from a decoder.
uint8_t bit_of(PStatus status) {
  return status <= PStatus::kDead ? static_cast<uint8_t>(1 << static_cast<int>(status)) : uint8_t{0};
}

bool is_status(const Event& event) { return std::holds_alternative<PStatusChange>(event.body); }

// The P whose mcache a span enters or leaves.
uint16_t cache_of(const Event& event) {
  const auto* t = std::get_if<Transition>(&event.body);
  return t != nullptr && (t->arc == Arc::kT2 || leaves_cache(t->arc)) ? t->p : kNoP;
}

bool is_span_event(const Event& event) { return event.body.index() <= 2; }
static_assert(std::is_same_v<std::variant_alternative_t<0, Body>, Transition> &&
              std::is_same_v<std::variant_alternative_t<1, Body>, SpanAllocated> &&
              std::is_same_v<std::variant_alternative_t<2, Body>, SpanFreed>);

}  // namespace

void Replica::State::hold_early(const Event& event, SpanId id) {
  if (waiting >= kMaxWaiting) {
    refuse("number", fmt::format("Span {}: transition {} arrived after {}, but {} events already wait.", id,
                                 number_of(event), spans[id].number, waiting));
    return;
  }
  std::vector<Waiting>& mine = early[id];
  const auto ahead = [&](const Event& of) { return number_of(of) - spans[id].number; };
  const auto place =
      std::upper_bound(mine.begin(), mine.end(), ahead(event),
                       [&](uint32_t n, const Waiting& other) { return n < ahead(other.event); });
  mine.insert(place, {arrival, event});
  if (const uint16_t p = cache_of(event); p != kNoP) early_on_p[p].insert(arrival);
  ++order[id].early;
  ++waiting;
}

// Removes and returns the first event of the span that waits for its number.
Event Replica::State::take_early(SpanId id) {
  const auto mine = early.find(id);
  const Waiting taken = mine->second.front();
  mine->second.erase(mine->second.begin());
  if (mine->second.empty()) early.erase(mine);
  if (const uint16_t p = cache_of(taken.event); p != kNoP) {
    early_on_p[p].erase(taken.arrival);
    if (early_on_p[p].empty()) early_on_p.erase(p);
    changed.push_back(hold_key_of_p(p));
  }
  --order[id].early;
  --waiting;
  arrival = taken.arrival;
  return taken.event;
}

// A chunk keeps the order of the events of one P: a T2 must not overtake one that waits for its number.
bool Replica::State::p_has_early_event(uint16_t p) const {
  const auto before = early_on_p.find(p);
  return before != early_on_p.end() && *before->second.begin() < arrival;
}

bool Replica::State::held_before(HoldKey key, const Event& event) const {
  if (held.empty()) return false;
  const auto there = held.find(key);
  return there != held.end() &&
         std::any_of(there->second.begin(), there->second.end(), [&](const Waiting& one) {
           return one.event.stream == event.stream && one.arrival < arrival &&
                  is_status(one.event) == is_status(event);
         });
}

// Late status changes are legal if they form round trips: one thread's chunk moves P3 idle -> flushing ->
// idle, while other chunks move it on. The changes of each thread then end in the status in which they began,
// and P3 had that status since the last stop.
bool Replica::State::is_round_trip(uint16_t p, const std::vector<Waiting>& late) const {
  struct Walk {
    PStatus begin, at;
  };
  std::map<uint32_t, Walk> walks;  // by stream
  for (const Waiting& one : late) {
    const auto* change = std::get_if<PStatusChange>(&one.event.body);
    if (change == nullptr) return false;
    const auto [walk, fresh] = walks.try_emplace(one.event.stream, Walk{change->from, change->from});
    if (walk->second.at != change->from) return false;
    walk->second.at = change->to;
  }
  return std::all_of(walks.begin(), walks.end(), [&](const auto& walk) {
    const auto& [begin, at] = walk.second;
    return begin == at && p < visited.size() && (visited[p] & bit_of(begin)) != 0;
  });
}

void Replica::State::visit(uint16_t p, PStatus status) {
  if (p >= visited.size()) visited.resize(size_t{p} + 1);
  visited[p] |= bit_of(status);
}

bool Replica::State::edge_before(uint32_t stream) const {
  return std::any_of(edges.begin(), edges.end(),
                     [&](const Waiting& one) { return one.event.stream == stream && one.arrival < arrival; });
}

void Replica::State::hold(const Event& event, HoldKey key) {
  if (waiting >= kMaxWaiting) {
    refuse("order", fmt::format("An event arrived too early, but {} events already wait.", waiting));
    return;
  }
  held[key].push_back({arrival, event});
  ++waiting;
}

// The T1 of a span waits for its pages, and its T9 has already arrived: it had the pages before the span that
// has them now, whose chunk arrived first. Folds the T1 without claiming pages.
void Replica::State::fold_t1_without_pages(SpanId id) {
  if (order[id].pages_held == kNoId) return;
  const auto later = early.find(id);
  if (later == early.end() ||
      !std::any_of(later->second.begin(), later->second.end(),
                   [](const Waiting& one) { return std::holds_alternative<SpanFreed>(one.event.body); }))
    return;
  const auto there = held.find(hold_key_of_pages(order[id].pages_held));
  if (there == held.end()) return;
  const auto birth = std::find_if(there->second.begin(), there->second.end(), [&](const Waiting& one) {
    const auto* a = std::get_if<SpanAllocated>(&one.event.body);
    return a != nullptr && a->span == id;
  });
  if (birth == there->second.end()) return;
  const Event event = birth->event;
  there->second.erase(birth);
  if (there->second.empty()) held.erase(there);
  --waiting;
  order[id].pages_held = kNoId;
  const auto& a = std::get<SpanAllocated>(event.body);
  if (a.span_class != kManualSpanClass) check_epoch(a.sweepgen, "T1", id);
  set_allocated(event, a);
  advanced.push_back(id);
}

// After a declared loss: an event that waits for a number waits for a lost event.
void Replica::State::accept_gaps() {
  for (const auto& [key, mine] : held) changed.push_back(key);
  for (const auto& [id, mine] : early) {
    if (order[id].pages_held != kNoId) continue;
    spans[id].unknown = true;
    spans[id].id = id;
    spans[id].number = number_of(mine.front().event) - 1;
    advanced.push_back(id);
  }
}

// Terminates: a pass only enables more events, and each folded event leaves the buffers.
void Replica::State::settle() {
  while (!advanced.empty() || !changed.empty()) {
    while (!advanced.empty()) {
      const SpanId id = advanced.back();
      advanced.pop_back();
      if (order[id].early == 0 || number_of(early.find(id)->second.front().event) - spans[id].number > 1)
        continue;
      const Event event = take_early(id);
      on_span_event(event, id, number_of(event));
      if (order[id].early > 0) advanced.push_back(id);
    }
    std::sort(changed.begin(), changed.end());
    changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
    for (HoldKey key : std::exchange(changed, {})) {
      const auto there = held.find(key);
      if (there == held.end()) continue;
      const std::vector<Waiting> mine = std::move(there->second);
      held.erase(there);
      waiting -= mine.size();
      for (const Waiting& one : mine) {
        arrival = one.arrival;
        if (is_span_event(one.event))
          on_span_event(one.event, span_of(one.event), number_of(one.event));
        else if (fold_p_event(one.event, Patience::kMayHold) == Verdict::kHeld)
          hold(one.event, key);
      }
    }
  }
  for (bool moved = true; moved && !edges.empty();) {
    moved = false;
    for (size_t i = 0; i < edges.size() && !moved; ++i) {
      const Event event = edges[i].event;
      arrival = edges[i].arrival;
      if (fold(event, std::get<Stw>(event.body), Patience::kMayHold) == Verdict::kHeld) continue;
      edges.erase(edges.begin() + static_cast<std::ptrdiff_t>(i));
      --waiting;
      moved = true;
    }
  }
}

void Replica::State::reach_barrier() {
  if (waiting > 0) refuse_waiting();
  loss_under_way = false;
  std::fill(visited.begin(), visited.end(), uint8_t{0});
  for (size_t p = 0; p < ps.size(); ++p) visit(static_cast<uint16_t>(p), ps[p].status);
}

void Replica::State::refuse_waiting() {
  settle();
  for (const auto& [arrived, event] : std::exchange(edges, {}))
    fold(event, std::get<Stw>(event.body), Patience::kMustFold);
  for (const auto& [key, late] : std::exchange(held, {})) {
    if (key <= kNoP && is_round_trip(static_cast<uint16_t>(key), late)) continue;
    for (const auto& [arrived, event] : late) {
      if (is_span_event(event))
        fold_span_event(event, Patience::kMustFold);
      else
        fold_p_event(event, Patience::kMustFold);
    }
  }
  for (const auto& [id, late] : std::exchange(early, {})) {
    order[id].early = 0;
    const uint32_t first = number_of(late.front().event);
    if (first - spans[id].number != 1 && order[id].losses_seen == losses)
      refuse("number", fmt::format("Span {}: transition {} is missing, the next one is {}.", id,
                                   spans[id].number + 1, first));
    spans[id].id = id;
    spans[id].unknown = true;  // report a missing event once, not for each event after it
    for (const auto& [arrived, event] : late) fold_span_event(event, Patience::kMustFold);
  }
  waiting = 0;
  early_on_p.clear();
  advanced.clear();
  changed.clear();
}

}  // namespace sweepscope::telemetry
