// The state of a Replica. Private to telemetry/replica and to the keyframes (telemetry/store), which write
// and read the whole picture. Single-threaded: the thread that owns the Replica.
//
// Order. Engine threads hand their records over in chunks, so chunks of different threads arrive in any
// order, but never across a stop of the world (engine/observe/observer.h). Three bounded buffers restore the
// order:
//   early   an event whose transition number is ahead of its span waits for the numbers before it;
//   held    an event waits for its P or for its pages: a T2 for the flush and the other earlier events of its P,
//           a flush for the last span to leave the cache, a status change for the status it starts from, a T1
//           for the free of its pages;
//   edges   an edge of a stop of the world waits for the edge before it.
// A waiting event was overtaken by another thread. Events of one thread keep their order, so the next event
// of the same thread for the same P (of statuses, or of caches) queues behind it. A stop, a turn and the end
// of the session are barriers: all earlier events have arrived, so what still waits is refused.
//
// Loss. After a declared loss the next gap of each span is accepted, and the rules that need every event are
// suspended until the next keyframe: a viewer gets one with the loss, a recording has one a second later.
//
// Equations (checked by tests against a slow recount):
//   census.spans[s] = number of in-use spans that decode to s;  sum of census pages = page_extent
//   ps[p].cached = number of slots in ps[p].cache that hold a span = number of spans with owner p
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "telemetry/replica/arc_table.h"
#include "telemetry/replica/dirty_pages.h"
#include "telemetry/replica/replica.h"

namespace sweepscope::telemetry {

// Limits on what untrusted events may make a replica allocate.
inline constexpr uint32_t kMaxSpans = 1u << 22;
inline constexpr uint32_t kMaxPages = 1u << 24;  // 128 GiB of heap
inline constexpr uint32_t kMaxPs = 4096;
inline constexpr size_t kMaxWaiting = 1u << 16;  // events in the three buffers together

// What only the fold needs of a span, in addition to its SpanPicture.
struct SpanOrder {
  uint32_t sweeper_stream = kNoId;  // the thread that moved it to SWEEPING; kNoId: unknown or none
  uint32_t losses_seen = 0;
  uint16_t sweeper_p = kNoP;
  uint16_t early = 0;         // events of it in `early`
  SpanId pages_held = kNoId;  // the span whose pages its held T1 waits for
};

enum class Verdict : uint8_t { kFolded, kHeld };
enum class Patience : uint8_t { kMayHold, kMustFold };  // kMustFold: refuse what does not fit now

// What a held event waits for: a P, or the span that still holds its pages.
using HoldKey = uint64_t;
inline HoldKey hold_key_of_p(uint16_t p) { return p; }
inline HoldKey hold_key_of_pages(SpanId there) { return uint64_t{1} << 32 | there; }

struct Waiting {
  uint64_t arrival;  // place in the order of apply()
  Event event;
};

struct Replica::State {
  // The picture: all of it is hashed and in a keyframe.
  std::vector<SpanPicture> spans;  // by id
  std::vector<PPicture> ps;
  uint32_t sweepgen = 0;
  uint32_t cycle = 0;
  Phase phase = Phase::kOff;
  StwEdge stw = StwEdge::kStarted;
  uint64_t heap_live = 0;   // modulo 2^64; without meaning unless heap_known
  bool heap_known = false;  // the engine's start or a phase edge was folded, and nothing was lost since
  uint64_t heap_marked = 0, marked_now = 0;
  bool marked_known = true;  // false: events were lost since, perhaps the end of a marking
  uint64_t trigger = ~uint64_t{0}, goal = ~uint64_t{0};
  bool paced = false;  // trigger and goal were reported, and nothing was lost since
  uint32_t procs = 0;
  uint32_t page_extent = 0;
  std::optional<CheckFired> check_fired;
  bool epoch_known = false;  // the first event that implies a sweepgen sets it
  bool procs_known = false;  // by a Procresize; before it, an event creates the P that it names
  bool turned = true;        // this cycle's turn has happened
  uint64_t events_folded = 0, lost = 0;

  // Derived from the picture.
  std::vector<uint32_t> span_of_page;  // kNoId: free
  Census census;
  DirtyPages dirty;

  // Internal to the fold.
  std::vector<SpanOrder> order;  // by span id
  uint64_t arrivals = 0;
  uint64_t arrival = 0;                          // of the event being folded
  std::map<SpanId, std::vector<Waiting>> early;  // by rising number
  std::map<uint16_t, std::set<uint64_t>>
      early_on_p;  // arrivals in `early` of events that name this P's cache
  std::map<HoldKey, std::vector<Waiting>> held;
  std::vector<uint8_t> visited;  // by P: bit s = it had status s since the last stop of the world
  std::vector<Waiting> edges;
  size_t waiting = 0;            // early + held + edges
  std::vector<SpanId> advanced;  // spans that moved while events of them wait
  std::vector<HoldKey> changed;  // the same for the keys of `held`
  uint32_t losses = 0;
  bool doubt = false;                    // a loss was declared since the last keyframe
  bool loss_under_way = false;           // no stop of the world since the last loss
  std::deque<Refusal> refused;           // of the event being folded, in order
  std::vector<HeapChange> heap_changes;  // of the event being folded

  // span_fold.cc
  void on_span_event(const Event& event, SpanId id, uint32_t number);
  Verdict fold_span_event(const Event& event, Patience patience);
  Verdict fold(const Event& event, const Transition& t, Patience patience);
  Verdict fold(const Event& event, const SpanAllocated& a, Patience patience);
  void claim_pages(const SpanAllocated& a);
  void set_allocated(const Event& event, const SpanAllocated& a);
  Verdict fold(const Event& event, const SpanFreed& f, Patience patience);
  void count_in_heap(const Event& event, const Transition& t);
  void release_from_cache(SpanPicture& span);
  void evict(SpanPicture& span);
  void put_in_cache(SpanPicture& span, uint16_t p);
  void free_pages(SpanPicture& span);
  bool grow_to_span(SpanId id);

  // p_fold.cc
  Verdict fold_p_event(const Event& event, Patience patience);
  Verdict fold(const Event& event, const Flush& f, Patience patience);
  Verdict fold(const Event& event, const PStatusChange& c, Patience patience);
  void fold(const Event& event, const Procresize& r);
  bool ensure_p(uint16_t p);
  void trim_ps();

  // heap_fold.cc
  void fold(const Event& event, const Turn& t);
  void fold(const Event& event, const PhaseChange& c);
  Verdict fold(const Event& event, const Stw& s, Patience patience);
  void fold(const Event& event, const Pacer& pacer);
  void check_gc_start(const PhaseChange& c);
  void add_to_heap(int64_t ns, uint64_t bytes);  // modulo 2^64
  void set_heap(int64_t ns, uint64_t bytes);
  void lose_heap(int64_t ns);
  const SpanPicture* first_certain(SweepState state) const;

  // waiting.cc
  void hold_early(const Event& event, SpanId id);
  Event take_early(SpanId id);
  bool p_has_early_event(uint16_t p) const;
  bool held_before(HoldKey key, const Event& event) const;
  bool edge_before(uint32_t stream) const;
  bool is_round_trip(uint16_t p, const std::vector<Waiting>& late) const;
  void visit(uint16_t p, PStatus status);
  void hold(const Event& event, HoldKey key);
  void fold_t1_without_pages(SpanId id);
  void accept_gaps();
  void settle();         // folds the waiting events that fit now
  void reach_barrier();  // all earlier events have arrived: refuses what still waits
  void refuse_waiting();

  // replica.cc
  void refuse(std::string rule, std::string sentence) {
    refused.push_back({std::move(rule), std::move(sentence)});
  }
  bool in_epoch(uint32_t implied);
  void check_epoch(uint32_t implied, const char* rule, SpanId id);
  void count(const SpanPicture& span);
  void uncount(const SpanPicture& span);
  void recount();
  bool rebuild_derived();  // from the picture, after a keyframe; false if two spans overlap
  uint64_t hash() const;
};

// For keyframes: the state of a replica.
struct KeyframeAccess {
  using State = Replica::State;
  static Replica::State& state(Replica& replica) { return *replica.state_; }
  static const Replica::State& state(const Replica& replica) { return *replica.state_; }
};

// "+3", "-2" or "0".
std::string distance_text(uint32_t raw, uint32_t heap_gen);
// "is cached (+3)" or "needs sweep (-2)".
std::string state_text(uint32_t raw, uint32_t heap_gen);
std::string p_text(uint16_t p);  // "P3" or "no P"

}  // namespace sweepscope::telemetry
