// The public functions of the replica: dispatch, queries, census and hash. The folds are in *_fold.cc.
#include "telemetry/replica/replica.h"

#include <fmt/format.h>

#include "telemetry/replica/replica_state.h"

namespace sweepscope::telemetry {

SweepState decode(uint32_t raw, uint32_t heap_gen) {
  switch (static_cast<int32_t>(raw - heap_gen)) {
    case -2: return SweepState::kNeeds;
    case -1: return SweepState::kSweeping;
    case 0: return SweepState::kSwept;
    case +1: return SweepState::kStale;
    case +3: return SweepState::kCached;
    default: return SweepState::kIllegal;
  }
}

const char* name(SweepState state) {
  switch (state) {
    case SweepState::kNeeds: return "needs sweep";
    case SweepState::kSweeping: return "being swept";
    case SweepState::kSwept: return "swept";
    case SweepState::kStale: return "stale cached";
    case SweepState::kCached: return "cached";
    case SweepState::kIllegal: break;
  }
  return "illegal";
}

std::string distance_text(uint32_t raw, uint32_t heap_gen) {
  const auto distance = static_cast<int32_t>(raw - heap_gen);
  return distance == 0 ? "0" : fmt::format("{:+}", distance);
}

std::string state_text(uint32_t raw, uint32_t heap_gen) {
  const SweepState state = decode(raw, heap_gen);
  return fmt::format("{}{} ({})", state == SweepState::kNeeds ? "" : "is ", name(state),
                     distance_text(raw, heap_gen));
}

std::string p_text(uint16_t p) { return p == kNoP ? "no P" : fmt::format("P{}", p); }

// ---- State: functions that all folds use

void Replica::State::count(const SpanPicture& span) {
  if (span.status == SpanStatus::kManual) {
    census.manual_pages += span.pages;
    census.free_pages -= span.pages;
  } else if (span.status == SpanStatus::kInUse) {
    const auto state = static_cast<size_t>(decode(span.sweepgen, sweepgen));
    ++census.spans[state];
    census.pages[state] += span.pages;
    census.free_pages -= span.pages;
  }
}

void Replica::State::uncount(const SpanPicture& span) {
  if (span.status == SpanStatus::kManual) {
    census.manual_pages -= span.pages;
    census.free_pages += span.pages;
  } else if (span.status == SpanStatus::kInUse) {
    const auto state = static_cast<size_t>(decode(span.sweepgen, sweepgen));
    --census.spans[state];
    census.pages[state] -= span.pages;
    census.free_pages += span.pages;
  }
}

void Replica::State::recount() {
  census = Census{};
  census.free_pages = page_extent;
  for (const SpanPicture& span : spans) count(span);
}

bool Replica::State::rebuild_derived() {
  span_of_page.assign(page_extent, kNoId);
  for (const SpanPicture& span : spans) {
    if (span.status == SpanStatus::kFree) continue;
    for (uint32_t page = span.first_page; page < span.first_page + span.pages; ++page) {
      if (span_of_page[page] != kNoId) return false;
      span_of_page[page] = span.id;
    }
  }
  recount();
  dirty.add(0, page_extent);
  visited.assign(ps.size(), uint8_t{0xFF});  // a keyframe does not hold them: assume all
  return true;
}

// The heap's sweepgen that an event implies must be the current one.
bool Replica::State::in_epoch(uint32_t implied) {
  if (implied == sweepgen && epoch_known) [[likely]]
    return true;
  if (epoch_known && !doubt) return false;
  epoch_known = true;  // the first event that implies one, or the turn was lost
  sweepgen = implied;
  recount();
  return true;
}

void Replica::State::check_epoch(uint32_t implied, const char* rule, SpanId id) {
  if (!in_epoch(implied))
    refuse("epoch", fmt::format("{} of span {} belongs to sg {}, but the heap is at sg {}.", rule, id,
                                implied, sweepgen));
}

namespace {

// FNV-1a over 64-bit words.
class Fnv {
 public:
  void add(uint64_t word) { value_ = (value_ ^ word) * 0x100000001b3ull; }
  void add(uint32_t high, uint32_t low) { add(uint64_t{high} << 32 | low); }
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0xcbf29ce484222325ull;
};

}  // namespace

uint64_t Replica::State::hash() const {
  Fnv fnv;
  for (const SpanPicture& span : spans) {
    if (span.id == kNoId) continue;
    fnv.add(span.id, span.number);
    fnv.add(span.first_page, span.pages);
    fnv.add(span.sweepgen, uint32_t{span.owner} << 16 | span.alloc_count);
    fnv.add(uint64_t{static_cast<uint8_t>(span.status)} | uint64_t{static_cast<uint8_t>(span.list)} << 8 |
            uint64_t{span.span_class} << 16 | uint64_t{span.unknown} << 24);
    fnv.add(static_cast<uint64_t>(span.changed_ns));
  }
  for (const PPicture& p : ps) {
    fnv.add(static_cast<uint32_t>(p.status), p.owner);
    fnv.add(p.flush_gen, p.cached);
    fnv.add(static_cast<uint64_t>(p.flushed_ns));
    for (size_t c = 0; c < p.cache.size(); c += 2) fnv.add(p.cache[c], p.cache[c + 1]);
  }
  static_assert(kSpanClasses % 2 == 0);
  fnv.add(sweepgen, cycle);
  fnv.add(uint32_t{static_cast<uint8_t>(phase)} << 8 | static_cast<uint8_t>(stw), page_extent);
  fnv.add(procs, uint32_t{marked_known} << 5 | uint32_t{paced} << 4 | uint32_t{heap_known} << 3 |
                     uint32_t{epoch_known} << 2 | uint32_t{procs_known} << 1 | uint32_t{turned});
  for (uint64_t word :
       {heap_known ? heap_live : 0, marked_known ? heap_marked : 0, marked_now, trigger, goal})
    fnv.add(word);
  if (check_fired) {
    const CheckFired& c = *check_fired;
    fnv.add(uint32_t{c.code} << 16 | c.p, c.span);
    fnv.add(c.sweepgen, c.raw);
    fnv.add(c.oracle, c.fiber);
  }
  return fnv.value();
}

// ---- Replica

Replica::Replica() : state_(std::make_unique<State>()) {}
Replica::Replica(const Replica& other) : state_(std::make_unique<State>(*other.state_)) {}
Replica& Replica::operator=(const Replica& other) {
  if (this != &other) state_ = std::make_unique<State>(*other.state_);
  return *this;
}
Replica::Replica(Replica&&) noexcept = default;
Replica& Replica::operator=(Replica&&) noexcept = default;
Replica::~Replica() = default;

std::optional<Refusal> Replica::apply(const Event& event) {
  State& s = *state_;
  ++s.events_folded;
  ++s.arrivals;
  s.arrival = s.arrivals;
  s.refused.clear();
  s.heap_changes.clear();
  std::visit(
      [&](const auto& body) {
        using T = std::decay_t<decltype(body)>;
        if constexpr (std::is_same_v<T, Transition> || std::is_same_v<T, SpanAllocated> ||
                      std::is_same_v<T, SpanFreed>) {
          s.on_span_event(event, body.span, body.number);
        } else if constexpr (std::is_same_v<T, Flush> || std::is_same_v<T, PStatusChange>) {
          if (s.fold_p_event(event, Patience::kMayHold) == Verdict::kHeld)
            s.hold(event, hold_key_of_p(body.p));
        } else if constexpr (std::is_same_v<T, Stw>) {
          if (body.edge == StwEdge::kStopped) s.reach_barrier();
          if (s.fold(event, body, Patience::kMayHold) == Verdict::kHeld) {
            s.edges.push_back({s.arrival, event});
            ++s.waiting;
          }
        } else if constexpr (std::is_same_v<T, Turn> || std::is_same_v<T, PhaseChange> ||
                             std::is_same_v<T, Procresize> || std::is_same_v<T, Pacer>) {
          s.fold(event, body);
        } else if constexpr (std::is_same_v<T, MarkProgress>) {
          s.marked_now += body.marked_bytes;
        } else if constexpr (std::is_same_v<T, CheckFired>) {
          s.check_fired = body;
        }  // SweepCredit, Log, StepTaken and the figures of a cycle change nothing in the picture
      },
      event.body);
  if (s.waiting > 0) s.settle();
  return next_refusal();
}

std::optional<Refusal> Replica::next_refusal() {
  if (state_->refused.empty()) return std::nullopt;
  Refusal first = std::move(state_->refused.front());
  state_->refused.pop_front();
  return first;
}

void Replica::declare_loss(uint64_t count) {
  State& s = *state_;
  s.refused.clear();
  s.lost += count;
  ++s.losses;
  s.loss_under_way = true;
  s.doubt = true;
  // The figures are known again when the engine reports them: trigger and goal may have changed in the gap, for the
  // last time if GOGC was switched off.
  s.heap_known = s.marked_known = s.paced = false;
  s.trigger = s.goal = ~uint64_t{0};
  s.heap_changes.clear();
  s.accept_gaps();
  s.settle();
}

std::optional<Refusal> Replica::finish() {
  State& s = *state_;
  s.refused.clear();
  s.reach_barrier();
  return next_refusal();
}

bool Replica::settled() const { return state_->waiting == 0; }
uint32_t Replica::sweepgen() const { return state_->sweepgen; }
uint32_t Replica::cycle() const { return state_->cycle; }
Phase Replica::phase() const { return state_->phase; }
bool Replica::world_stopped() const { return state_->stw == StwEdge::kStopped; }
std::optional<uint64_t> Replica::heap_live() const {
  return state_->heap_known ? std::optional(state_->heap_live) : std::nullopt;
}
std::optional<uint64_t> Replica::heap_marked() const {
  return state_->marked_known ? std::optional(state_->heap_marked) : std::nullopt;
}
uint64_t Replica::marked_now() const { return state_->marked_now; }
std::optional<uint64_t> Replica::trigger() const {
  return state_->paced ? std::optional(state_->trigger) : std::nullopt;
}
std::optional<uint64_t> Replica::goal() const {
  return state_->paced ? std::optional(state_->goal) : std::nullopt;
}
std::span<const HeapChange> Replica::heap_changes() const { return state_->heap_changes; }
uint64_t Replica::events() const { return state_->events_folded; }
uint64_t Replica::lost() const { return state_->lost; }
std::optional<CheckFired> Replica::check_fired() const { return state_->check_fired; }
uint32_t Replica::page_extent() const { return state_->page_extent; }

const SpanPicture* Replica::span_at_page(uint32_t page) const {
  if (page >= state_->span_of_page.size()) return nullptr;
  return span(state_->span_of_page[page]);
}

const SpanPicture* Replica::span(SpanId id) const {
  if (id >= state_->spans.size() || state_->spans[id].id == kNoId) return nullptr;
  return &state_->spans[id];
}

std::span<const SpanPicture> Replica::spans() const { return state_->spans; }
std::span<const PPicture> Replica::ps() const { return state_->ps; }
const Census& Replica::census() const { return state_->census; }
std::vector<std::pair<uint32_t, uint32_t>> Replica::take_dirty() { return state_->dirty.take(); }
uint64_t Replica::hash() const { return state_->hash(); }

}  // namespace sweepscope::telemetry
