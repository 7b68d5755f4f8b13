// The picture of the heap, folded from events: one pure function shared by the dashboard, `sweepctl check`,
// the recorder's keyframes and the exports. It knows no clock, no file, no socket.
//
// It refuses an illegal transition and says which rule (PROTOCOL.md) was broken. Ordering: per span by
// transition number (an event whose number is ahead waits in a small buffer until the gap closes, or until a
// loss is declared, after which the span is `unknown` until its next allocation or keyframe); per epoch by
// the turn.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "telemetry/model/event.h"

namespace sweepscope::telemetry {

enum class SpanStatus : uint8_t { kFree = 0, kInUse, kManual };

// Distance of a span's sweepgen to the heap's, named (PROTOCOL.md section 2).
enum class SweepState : uint8_t { kNeeds, kSweeping, kSwept, kStale, kCached, kIllegal };
SweepState decode(uint32_t raw, uint32_t heap_gen);
const char* name(
    SweepState state);  // "needs sweep", "being swept", "swept", "stale cached", "cached", "illegal"

struct SpanPicture {
  SpanId id = kNobody;
  SpanStatus status = SpanStatus::kFree;
  ListMembership list = ListMembership::kNone;
  uint8_t span_class = 0;  // size class << 1 | noscan
  bool unknown = false;    // an event of it was lost: nothing but its place is certain
  uint16_t owner = kNoP;   // the P whose mcache holds it
  uint16_t alloc_count = 0;
  uint32_t first_page = 0, pages = 0;
  uint32_t sweepgen = 0;  // raw
  uint32_t number = 0;    // transition number of the last event applied
  int64_t changed_ns = 0;
};

struct PPicture {
  PStatus status = PStatus::kDead;
  uint32_t owner = kNobody;  // thread
  uint32_t flush_gen = 0;
  int64_t flushed_ns = 0;
  uint32_t cached = 0;                     // spans in its mcache
  std::array<SpanId, kSpanClasses> cache;  // kNobody = the shared empty span
  PPicture() { cache.fill(kNobody); }
};

struct Refusal {
  std::string rule;      // "T6", "I4", "epoch", "number", ...
  std::string sentence;  // one line a person understands, with the span, P and gens
};

// Distribution of the spans in use, for the ruler. Index: SweepState.
struct Census {
  std::array<uint32_t, 6> spans{};
  std::array<uint64_t, 6> pages{};
  uint64_t free_pages = 0, manual_pages = 0;
};

// One step of the heap figure, for curves over time.
struct HeapChange {
  enum class Kind : uint8_t {
    kAdd,      // bytes more, modulo 2^64 (less: a negative number)
    kSet,      // a figure that the engine counted itself: a phase edge, or 0 at the engine's start
    kUnknown,  // no longer known
  };
  int64_t ns;  // of the event
  Kind kind;
  uint64_t bytes;
};

class Replica {
 public:
  Replica();
  Replica(const Replica&);
  Replica& operator=(const Replica&);
  Replica(Replica&&) noexcept;
  Replica& operator=(Replica&&) noexcept;
  ~Replica();

  // Folds one event. On refusal the event is counted but not applied (a transition that breaks a rule still
  // moves the span to its `to`, so that one error is reported once).
  std::optional<Refusal> apply(const Event& event);
  // A hole of `count` events of `stream` (0 = whole batch of unknown streams): every span's next gap is
  // believed.
  void declare_loss(uint64_t count);
  // At the end of a finished session: refuses what still waits for a missing number.
  std::optional<Refusal> finish();
  // One event can make several wrong ones surface (a turn refuses all that still waits): the further refusals
  // of the last apply(), declare_loss() or finish(), one a call.
  std::optional<Refusal> next_refusal();
  // Nothing waits for an earlier event: only then is the picture all there is, as a keyframe needs it.
  bool settled() const;

  uint32_t sweepgen() const;
  uint32_t cycle() const;
  Phase phase() const;
  bool world_stopped() const;
  // heap_live in bytes (I9): what the engine counted at its last phase edge, plus what refills and large
  // objects have added since, less what flushes took back. Nothing: not known, because the events before were
  // lost or never seen; the next phase edge tells.
  std::optional<uint64_t> heap_live() const;
  uint64_t heap_marked() const;  // of the last finished mark
  uint64_t marked_now() const;   // bytes marked so far in the running mark phase
  // Bytes, as last reported; ~0 = off. Nothing: none was reported yet.
  std::optional<uint64_t> trigger() const;
  std::optional<uint64_t> goal() const;
  uint64_t events() const;
  uint64_t lost() const;
  std::optional<CheckFired> check_fired() const;

  uint32_t page_extent() const;  // pages from the heap's base to the end of the highest span ever seen
  const SpanPicture* span_at_page(uint32_t page) const;  // null: free page
  const SpanPicture* span(SpanId id) const;              // null: never seen
  std::span<const SpanPicture> spans() const;            // indexed by id; id == kNobody: never seen
  std::span<const PPicture> ps() const;
  const Census& census() const;  // kept incrementally; a turn rotates it

  // Pages whose picture may have changed since the last take_dirty(): coalesced [first, last) runs. A turn
  // dirties nothing: only the meaning of the raw sweepgens slides.
  std::vector<std::pair<uint32_t, uint32_t>> take_dirty();

  // What the last apply() did to heap_live, in the order of folding. Events that waited for it come with it,
  // each with its own time. A declared loss is not among them: from there on the figure is unknown.
  std::span<const HeapChange> heap_changes() const;

  // FNV-1a over everything above but the counters, changes and dirty pages: equal states have equal hashes,
  // however reached.
  uint64_t hash() const;

 private:
  friend struct KeyframeAccess;  // telemetry/store writes and reads the whole state
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sweepscope::telemetry
