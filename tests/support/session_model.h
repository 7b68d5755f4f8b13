// A small correct model of the sweep protocol: it simulates Ps, spans and collections by the rules of
// engine/README.md and produces the events an engine would emit. For tests of code that reads events;
// deterministic in its seed.
//
// `handover` sets the order in which the events of the model's threads reach the reader: kInOrder, or
// kChunked as from the engine, where each thread fills its own chunk and hands it over when full, at
// release_p and at each stop, so that events of different threads are reordered within an epoch. A seed
// simulates the same actions in both.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "telemetry/model/event.h"
#include "telemetry/model/size_class.h"

namespace sweepscope::testing {

enum class ModelPolicy { kLazy, kEager };
enum class Handover { kInOrder, kChunked };

struct SessionOptions {
  uint64_t seed = 1;
  uint32_t procs = 4;
  uint32_t span_limit = 200;  // live spans at once
  uint32_t cycles = 4;
  uint32_t ops = 300;  // mutator operations between two collections
  ModelPolicy policy = ModelPolicy::kLazy;
  Handover handover = Handover::kInOrder;
  bool resize = true;     // the number of Ps changes in some cycles
  bool stw_mark = false;  // the whole collection in one stop
};

class SessionModel {
 public:
  explicit SessionModel(const SessionOptions& options) : options_(options), random_(options.seed) {}

  // The whole session, or its parts: begin, any number of cycles, end. Each appends to `out`.
  std::vector<telemetry::Event> run() {
    std::vector<telemetry::Event> out;
    begin(out);
    for (uint32_t i = 0; i < options_.cycles; ++i) cycle(out);
    end(out);
    return out;
  }
  void begin(std::vector<telemetry::Event>& out);
  void cycle(std::vector<telemetry::Event>& out);
  void end(std::vector<telemetry::Event>& out);

  uint32_t sweepgen() const { return h_; }
  uint64_t heap_live() const { return live_; }  // bytes, by I9

 private:
  enum class State { kFree, kInUse, kManual };
  struct Span {
    State state = State::kFree;
    uint8_t span_class = 0;
    uint32_t first_page = 0, pages = 0, gen = 0, number = 0;
    uint16_t allocated = 0;
    telemetry::ListMembership list = telemetry::ListMembership::kNone;
    uint16_t capacity() const {
      return static_cast<uint16_t>(pages * telemetry::kPageBytes / telemetry::slot_bytes(span_class));
    }
    uint64_t free_bytes() const {
      return uint64_t{telemetry::slot_bytes(span_class)} * (capacity() - allocated);
    }
    uint64_t live_bytes() const {  // if all its objects are live
      if (state != State::kInUse) return 0;
      return span_class < 2 ? uint64_t{pages} * telemetry::kPageBytes
                            : uint64_t{telemetry::slot_bytes(span_class)} * allocated;
    }
  };
  struct P {
    telemetry::PStatus status = telemetry::PStatus::kIdle;
    uint32_t flush_gen = 0;
    std::map<uint8_t, uint32_t> cache;  // span class -> span
  };

  static constexpr uint32_t kCoordinator = 1;  // the thread that runs on P0
  static constexpr uint32_t kSweeper = 1000;   // the background sweeper's stream
  static uint32_t stream_of(uint16_t p) { return p + 1u; }

  uint32_t pick(uint32_t below) { return static_cast<uint32_t>(random_() % below); }
  bool chance(uint32_t percent) { return pick(100) < percent; }
  template <class T>
  static T take_at(std::vector<T>& from, size_t i) {
    T taken = from[i];
    from[i] = from.back();
    from.pop_back();
    return taken;
  }

  void emit(uint32_t stream, telemetry::Body body);
  void hand_over(uint32_t stream);
  void hand_over_all();

  void move(uint32_t id, telemetry::Arc arc, telemetry::Cause cause, uint16_t p, uint32_t stream);
  uint32_t allocate(uint8_t span_class, uint32_t pages, uint16_t p, uint32_t stream);
  void free_span(uint32_t id, uint16_t p, uint32_t stream);
  void sweep(uint32_t id, telemetry::Arc claim, telemetry::Cause cause, uint16_t claim_p, uint16_t p,
             uint32_t stream);
  void flush(uint16_t p, telemetry::FlushCause cause, uint16_t acting, uint32_t stream, bool stores,
             uint32_t gen);
  void set_status(uint16_t p, telemetry::PStatus to, uint32_t stream);
  void acquire(uint16_t p);
  void refill(uint16_t p);
  void sweep_one(telemetry::Cause cause, uint16_t p, uint32_t stream);
  void mutate(uint32_t ops, bool marking);
  void stop(telemetry::StwReason reason);
  void start(telemetry::StwReason reason);
  void statistics();
  void flush_barrier();
  void resize();

  SessionOptions options_;
  std::mt19937_64 random_;
  std::mt19937_64 chunk_random_{99};
  std::vector<telemetry::Event>* out_ = nullptr;
  std::map<uint32_t, std::vector<telemetry::Event>> chunks_;

  int64_t ns_ = 0;
  int64_t edge_ns_ = 0;  // of the last edge of a stop
  uint32_t h_ = 0, cycle_ = 0, in_use_ = 0, next_page_ = 0;
  uint64_t live_ = 0;
  std::vector<Span> spans_;
  std::vector<P> ps_;
  std::vector<uint32_t> free_ids_, manual_;
  std::map<uint32_t, std::vector<uint32_t>> free_places_;  // pages -> first pages
  std::map<uint8_t, std::vector<uint32_t>> available_;     // swept, uncached, with room
  std::vector<uint32_t> full_, needs_;
};

inline std::vector<telemetry::Event> generate_session(const SessionOptions& options) {
  return SessionModel(options).run();
}

// ---- order of arrival

inline void SessionModel::emit(uint32_t stream, telemetry::Body body) {
  ns_ += 1 + pick(1500);
  if (auto* stw = std::get_if<telemetry::Stw>(&body)) {
    stw->ns = stw->edge == telemetry::StwEdge::kRequested ? 0 : static_cast<uint32_t>(ns_ - edge_ns_);
    edge_ns_ = ns_;
  }
  telemetry::Event event{ns_, stream, body};
  if (options_.handover == Handover::kInOrder) {
    out_->push_back(event);
    return;
  }
  auto& chunk = chunks_[stream];
  chunk.push_back(event);
  if (chunk_random_() % 16 == 0) hand_over(stream);
}

inline void SessionModel::hand_over(uint32_t stream) {
  auto& chunk = chunks_[stream];
  out_->insert(out_->end(), chunk.begin(), chunk.end());
  chunk.clear();
}

inline void SessionModel::hand_over_all() {
  for (auto& [stream, chunk] : chunks_) hand_over(stream);
}

// ---- spans

inline void SessionModel::move(uint32_t id, telemetry::Arc arc, telemetry::Cause cause, uint16_t p,
                               uint32_t stream) {
  using telemetry::Arc;
  Span& span = spans_[id];
  const uint32_t from = span.gen;
  switch (arc) {
    case Arc::kT2: span.gen = h_ + 3; break;
    case Arc::kT6:
    case Arc::kT7: span.gen = h_ - 1; break;
    default: span.gen = h_;
  }
  emit(stream,
       telemetry::Transition{id, ++span.number, from, span.gen, span.allocated, p, arc, cause, span.list});
}

inline uint32_t SessionModel::allocate(uint8_t span_class, uint32_t pages, uint16_t p, uint32_t stream) {
  uint32_t id;
  if (!free_ids_.empty()) {
    id = take_at(free_ids_, pick(static_cast<uint32_t>(free_ids_.size())));
  } else {
    id = static_cast<uint32_t>(spans_.size());
    spans_.emplace_back();
  }
  Span& span = spans_[id];
  auto& places = free_places_[pages];
  if (!places.empty()) {
    span.first_page = take_at(places, pick(static_cast<uint32_t>(places.size())));
  } else {
    span.first_page = next_page_;
    next_page_ += pages;
  }
  const bool manual = span_class == telemetry::kManualSpanClass;
  span.state = manual ? State::kManual : State::kInUse;
  span.span_class = span_class;
  span.pages = pages;
  span.gen = h_;
  span.allocated = 0;
  span.list = telemetry::ListMembership::kNone;
  in_use_ += manual ? 0 : 1;
  if (span_class < 2) live_ += uint64_t{pages} * telemetry::kPageBytes;
  emit(stream, telemetry::SpanAllocated{id, ++span.number, span.first_page, pages, span.gen, p, span_class});
  return id;
}

inline void SessionModel::free_span(uint32_t id, uint16_t p, uint32_t stream) {
  Span& span = spans_[id];
  emit(stream, telemetry::SpanFreed{id, ++span.number, span.first_page, span.pages, span.gen, p});
  in_use_ -= span.state == State::kInUse ? 1 : 0;
  span.state = State::kFree;
  free_places_[span.pages].push_back(span.first_page);
  free_ids_.push_back(id);
}

inline void SessionModel::sweep(uint32_t id, telemetry::Arc claim, telemetry::Cause cause, uint16_t claim_p,
                                uint16_t p, uint32_t stream) {
  using telemetry::Arc;
  Span& span = spans_[id];
  const bool large = span.span_class < 2;
  move(id, claim, cause, claim_p, stream);
  const bool freed = chance(60);
  const bool dead = chance(25);
  if (freed) span.allocated = dead ? 0 : static_cast<uint16_t>(span.allocated / 2);
  if (freed && !large) span.list = telemetry::ListMembership::kNonempty;
  move(id, freed && !large ? Arc::kT8b : Arc::kT8a, cause, p, stream);
  if (dead)
    free_span(id, p, stream);
  else if (!large && span.allocated < span.capacity())
    available_[span.span_class].push_back(id);
  else
    full_.push_back(id);
}

inline void SessionModel::sweep_one(telemetry::Cause cause, uint16_t p, uint32_t stream) {
  if (needs_.empty()) return;
  sweep(take_at(needs_, pick(static_cast<uint32_t>(needs_.size()))), telemetry::Arc::kT6, cause, p, p,
        stream);
}

// ---- Ps

inline void SessionModel::set_status(uint16_t p, telemetry::PStatus to, uint32_t stream) {
  P& own = ps_[p];
  const bool held = to == telemetry::PStatus::kRunning || to == telemetry::PStatus::kBlocked;
  emit(stream, telemetry::PStatusChange{p, own.status, to, stream, held ? stream_of(p) : telemetry::kNoId,
                                        own.flush_gen, static_cast<uint32_t>(own.cache.size())});
  own.status = to;
}

inline void SessionModel::flush(uint16_t p, telemetry::FlushCause cause, uint16_t acting, uint32_t stream,
                                bool stores, uint32_t gen) {
  using namespace telemetry;
  P& own = ps_[p];
  Flush event{p, cause, static_cast<uint32_t>(own.cache.size()), 0, 100, own.flush_gen, 0};
  for (const auto& [span_class, id] : own.cache) {
    if (spans_[id].gen == h_ + 1) {
      ++event.swept;
      sweep(id, Arc::kT7, Cause::kFlush, p, acting, stream);
    } else {
      const bool room = spans_[id].allocated < spans_[id].capacity();
      live_ -= spans_[id].free_bytes();
      spans_[id].list = room ? ListMembership::kNonempty : ListMembership::kEmpty;
      move(id, Arc::kT4, Cause::kRelease, p, stream);
      (room ? available_[span_class] : full_).push_back(id);
    }
  }
  own.cache.clear();
  if (stores) own.flush_gen = gen;
  event.flush_gen = own.flush_gen;
  emit(stream, event);
}

// The P's thread acquires it: stale spans of its mcache are swept before an allocation.
inline void SessionModel::acquire(uint16_t p) {
  set_status(p, telemetry::PStatus::kRunning, stream_of(p));
  if (ps_[p].flush_gen != h_) flush(p, telemetry::FlushCause::kAcquireP, p, stream_of(p), true, h_);
}

inline void SessionModel::refill(uint16_t p) {
  using namespace telemetry;
  const uint32_t stream = stream_of(p);
  const auto span_class = static_cast<uint8_t>(2 + pick(12));
  P& own = ps_[p];
  if (const auto old = own.cache.find(span_class); old != own.cache.end()) {
    spans_[old->second].allocated = spans_[old->second].capacity();
    spans_[old->second].list = ListMembership::kEmpty;
    move(old->second, Arc::kT3, Cause::kRefill, p, stream);
    full_.push_back(old->second);
    own.cache.erase(old);
  }
  auto& found = available_[span_class];
  uint32_t id;
  if (!found.empty() && chance(70)) {
    id = take_at(found, pick(static_cast<uint32_t>(found.size())));
  } else if (in_use_ < options_.span_limit) {
    id = allocate(span_class, 1 + span_class % 3, p, stream);
  } else {
    return;
  }
  spans_[id].list = ListMembership::kEmpty;
  live_ += spans_[id].free_bytes();
  move(id, Arc::kT2, Cause::kRefill, p, stream);
  spans_[id].allocated = static_cast<uint16_t>(spans_[id].allocated + 1);
  own.cache[span_class] = id;
}

// ---- the collector

inline void SessionModel::stop(telemetry::StwReason reason) {
  using namespace telemetry;
  emit(kCoordinator, Stw{cycle_, StwEdge::kRequested, reason, 0, static_cast<uint32_t>(ps_.size()), 0});
  for (uint16_t p = 0; p < ps_.size(); ++p)
    if (ps_[p].status == PStatus::kRunning || ps_[p].status == PStatus::kReady ||
        ps_[p].status == PStatus::kBlocked)
      set_status(p, PStatus::kStopped, stream_of(p));
  hand_over_all();
  emit(kCoordinator, Stw{cycle_, StwEdge::kStopped, reason, 0, 0, 0});
}

inline void SessionModel::start(telemetry::StwReason reason) {
  using namespace telemetry;
  for (uint16_t p = 0; p < ps_.size(); ++p)
    if (ps_[p].status == PStatus::kStopped)
      set_status(p, p == 0 ? PStatus::kRunning : PStatus::kIdle, kCoordinator);
  emit(kCoordinator, Stw{cycle_, StwEdge::kReleased, reason, 0, 0, 0});
  hand_over(kCoordinator);
  emit(kCoordinator, Stw{cycle_, StwEdge::kStarted, reason, 0, 0, 0});
}

inline void SessionModel::statistics() {
  using namespace telemetry;
  stop(StwReason::kStats);
  for (uint16_t p = 0; p < ps_.size(); ++p)
    if (!ps_[p].cache.empty()) flush(p, FlushCause::kStats, 0, kCoordinator, false, 0);
  start(StwReason::kStats);
}

inline void SessionModel::flush_barrier() {
  using namespace telemetry;
  for (uint16_t p = 0; p < ps_.size(); ++p) {
    if (ps_[p].flush_gen == h_) continue;
    const PStatus before = ps_[p].status;  // idle or ready: a running one flushed itself when it was acquired
    set_status(p, PStatus::kFlushing, kCoordinator);
    flush(p, FlushCause::kForEachP, 0, kCoordinator, true, h_);
    set_status(p, before, kCoordinator);
  }
}

inline void SessionModel::resize() {
  using namespace telemetry;
  const auto before = static_cast<uint32_t>(ps_.size());
  const uint32_t after = std::max<uint32_t>(1, options_.procs / 2 + pick(options_.procs));
  for (uint32_t p = after; p < before; ++p) {
    flush(static_cast<uint16_t>(p), FlushCause::kDestroy, 0, kCoordinator, true, h_);
    set_status(static_cast<uint16_t>(p), PStatus::kDead, kCoordinator);
  }
  ps_.resize(after, P{PStatus::kIdle, h_, {}});
  emit(kCoordinator, Procresize{before, after, h_});
}

inline void SessionModel::mutate(uint32_t ops, bool marking) {
  using namespace telemetry;
  for (uint32_t i = 0; i < ops; ++i) {
    const auto p = static_cast<uint16_t>(pick(static_cast<uint32_t>(ps_.size())));
    const uint32_t stream = stream_of(p);
    switch (ps_[p].status) {
      case PStatus::kIdle:
      case PStatus::kReady: acquire(p); continue;
      case PStatus::kBlocked:
        if (ps_[p].flush_gen == h_ && chance(70))
          set_status(p, PStatus::kRunning, stream);
        else
          set_status(p, PStatus::kIdle, stream);
        continue;
      default: break;
    }
    const uint32_t what = pick(100);
    if (what < 60) {
      refill(p);
    } else if (what < 70) {
      sweep_one(Cause::kProportional, p, stream);
      emit(stream, SweepCredit{p, 1, 8192, pick(9)});
    } else if (what < 80) {
      sweep_one(Cause::kBackground, kNoP, kSweeper);
    } else if (what < 84) {
      if (in_use_ < options_.span_limit)
        full_.push_back(allocate(static_cast<uint8_t>(pick(2)), 5 + pick(4), p, stream));
    } else if (what < 87) {
      manual_.push_back(allocate(kManualSpanClass, 1 + pick(2), p, stream));
    } else if (what < 90) {
      if (!manual_.empty()) free_span(take_at(manual_, 0), p, stream);
    } else if (what < 92 && marking) {
      emit(stream, MarkProgress{cycle_, p, 100 + pick(900), 65536});
    } else if (what < 99 && p != 0) {
      const PStatus to = std::array{PStatus::kIdle, PStatus::kReady, PStatus::kBlocked}[pick(3)];
      set_status(p, to, stream);
      hand_over(stream);
    }
  }
}

inline void SessionModel::begin(std::vector<telemetry::Event>& out) {
  using namespace telemetry;
  out_ = &out;
  emit(kCoordinator, Log{4, 0, 0, 0});
  ps_.resize(options_.procs, P{PStatus::kIdle, h_, {}});
  emit(kCoordinator, Procresize{0, options_.procs, h_});
  emit(kCoordinator, Pacer{0, 4 << 20, 4 << 20});
  hand_over(kCoordinator);
  acquire(0);
}

inline void SessionModel::cycle(std::vector<telemetry::Event>& out) {
  using namespace telemetry;
  out_ = &out;
  mutate(options_.ops / 2, false);
  if (chance(50)) statistics();
  mutate(options_.ops / 2, false);
  while (!needs_.empty()) sweep_one(Cause::kFinish, 0, kCoordinator);
  ++cycle_;
  stop(options_.stw_mark ? StwReason::kMarkTermination : StwReason::kSweepTermination);
  emit(kCoordinator, PhaseChange{cycle_, Phase::kSweepTermination, live_, 0});
  emit(kCoordinator, PhaseChange{cycle_, Phase::kMark, live_, 0});
  if (!options_.stw_mark) {
    start(StwReason::kSweepTermination);
    mutate(options_.ops / 4, true);
    stop(StwReason::kMarkTermination);
  }
  emit(kCoordinator, PhaseChange{cycle_, Phase::kMarkTermination, live_, live_ / 2});
  if (options_.policy == ModelPolicy::kEager)
    for (uint16_t p = 0; p < ps_.size(); ++p) flush(p, FlushCause::kStw, 0, kCoordinator, true, h_ + 2);
  live_ = 0;
  for (const Span& span : spans_) live_ += span.live_bytes();
  emit(kCoordinator, PhaseChange{cycle_, Phase::kOff, live_, live_});
  emit(kCoordinator, Turn{cycle_, h_, h_ + 2, in_use_, static_cast<uint32_t>(ps_.size())});
  h_ += 2;
  for (auto& [span_class, ids] : available_) {
    needs_.insert(needs_.end(), ids.begin(), ids.end());
    ids.clear();
  }
  needs_.insert(needs_.end(), full_.begin(), full_.end());
  full_.clear();
  emit(kCoordinator, Pacer{cycle_, live_ + (1 << 20), live_ * 2});
  if (options_.resize && chance(40)) resize();
  if (ps_[0].flush_gen != h_) flush(0, FlushCause::kProcresize, 0, kCoordinator, true, h_);
  start(StwReason::kMarkTermination);
  for (uint16_t p = 1; p < ps_.size(); ++p)  // some are acquired before the barrier reaches them
    if (chance(40)) acquire(p);
  flush_barrier();
}

inline void SessionModel::end(std::vector<telemetry::Event>& out) {
  out_ = &out;
  mutate(options_.ops / 2, false);
  stop(telemetry::StwReason::kControl);
  for (uint16_t p = 0; p < ps_.size(); ++p)
    flush(p, telemetry::FlushCause::kDestroy, 0, kCoordinator, true, h_);
  emit(kCoordinator, telemetry::Log{5, cycle_, 0, 0});
  hand_over_all();
}

}  // namespace sweepscope::testing
