// The picture of the heap, folded from events: one pure function shared by the dashboard, `sweepctl check`,
// the recorder's keyframes and the exports. It uses no clock, file or socket.
//
// It refuses an illegal transition and names the broken rule (engine/README.md). The events of one span are
// ordered by transition number: an event whose number is ahead waits in a bounded buffer until the gap closes
// or a loss is declared; after a loss the span is `unknown` until it is freed or allocated again, or until
// the next keyframe. Epochs are ordered by the turns.
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

// The named distances of a span's sweepgen from the heap's (engine/README.md).
enum class SweepState : uint8_t { kNeeds, kSweeping, kSwept, kStale, kCached, kIllegal };
SweepState decode(uint32_t raw, uint32_t heap_gen);
const char* name(
    SweepState state);  // "needs sweep", "being swept", "swept", "stale cached", "cached", "illegal"
// "off" (Go's word: sweeping belongs to it), "sweep termination", "mark", "mark termination"; "unknown".
const char* name(Phase phase);

struct SpanPicture {
  SpanId id = kNoId;
  SpanStatus status = SpanStatus::kFree;
  ListMembership list = ListMembership::kNone;
  uint8_t span_class = 0;  // size class << 1 | noscan
  bool unknown = false;    // an event of it was lost: only its place is certain
  uint16_t owner = kNoP;   // the P whose mcache holds it
  uint16_t alloc_count = 0;
  uint32_t first_page = 0, pages = 0;
  uint32_t sweepgen = 0;  // raw
  uint32_t number = 0;    // transition number of the last event applied
  int64_t changed_ns = 0;
};

struct PPicture {
  PStatus status = PStatus::kDead;
  uint32_t owner = kNoId;  // thread
  uint32_t flush_gen = 0;
  int64_t flushed_ns = 0;
  uint32_t cached = 0;                     // spans in its mcache
  std::array<SpanId, kSpanClasses> cache;  // kNoId = the shared empty span
  PPicture() { cache.fill(kNoId); }
};

struct Refusal {
  std::string rule;      // "T6", "I4", "epoch", "number", ...
  std::string sentence;  // one line of text for the user: the span, the P and the gens
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
    kAdd,      // adds bytes, modulo 2^64: a decrease is a negative number
    kSet,      // the engine's own figure: at a phase edge, or at the engine's start
    kUnknown,  // the figure is unknown from here on
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

  // Folds one event. A refused event is applied all the same (a transition moves the span to its `to`), so
  // that one error is reported once; exceptions are values out of range and repeated transition numbers.
  std::optional<Refusal> apply(const Event& event);
  // `count` events are missing here: the next gap in the numbers of each span is accepted.
  void declare_loss(uint64_t count);
  // At the end of a finished session: refuses the events that still wait.
  std::optional<Refusal> finish();
  // One event can cause several refusals (a turn refuses all events that still wait). Returns the further
  // ones of the last apply(), declare_loss() or finish(), one per call.
  std::optional<Refusal> next_refusal();
  // Whether no event waits for an earlier one. Only then does the picture cover every event so far.
  bool settled() const;

  uint32_t sweepgen() const;
  uint32_t cycle() const;
  Phase phase() const;
  bool world_stopped() const;
  // heap_live in bytes (I9): the engine's figure at its last phase edge, plus what refills and large objects
  // have added since, minus what flushes returned. Nothing: unknown, because earlier events were lost or
  // never received; the next phase edge sets it. With GOGC off that is the next forced cycle, or none.
  std::optional<uint64_t> heap_live() const;
  // Of the last finished mark. Nothing: events were lost since; the next phase edge sets it.
  std::optional<uint64_t> heap_marked() const;
  uint64_t marked_now() const;  // bytes marked so far in the running mark phase
  // Bytes, as last reported; ~0 = off. Nothing: not reported yet, or events were lost since; the next change of GOGC
  // and the end of the next cycle report them.
  std::optional<uint64_t> trigger() const;
  std::optional<uint64_t> goal() const;
  uint64_t events() const;
  uint64_t lost() const;
  std::optional<CheckFired> check_fired() const;

  uint32_t page_extent() const;  // pages from the heap's base to the end of the highest span ever seen
  const SpanPicture* span_at_page(uint32_t page) const;  // null: free page
  const SpanPicture* span(SpanId id) const;              // null: never seen
  std::span<const SpanPicture> spans() const;            // indexed by id; id == kNoId: never seen
  std::span<const PPicture> ps() const;
  const Census& census() const;  // kept incrementally; a turn rotates it

  // Pages whose picture may have changed since the last take_dirty(): coalesced [first, last) runs. A turn
  // adds none: it changes only the meaning of the raw sweepgens.
  std::vector<std::pair<uint32_t, uint32_t>> take_dirty();

  // The changes of heap_live by the last apply(), in the order of folding; events that waited for this one
  // are included, each with its own time. declare_loss() adds none: after it the figure is unknown.
  std::span<const HeapChange> heap_changes() const;

  // FNV-1a over the picture, without counters, heap changes and dirty pages: equal states have equal hashes,
  // however they were reached.
  uint64_t hash() const;

 private:
  friend struct KeyframeAccess;  // telemetry/store writes and reads the whole state
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sweepscope::telemetry
