// Moves one replica through a session: by sequence number, by time, by single events. Has no clock and no
// thread; the session controller owns the player on screen, and its worker prepares another for a seek.
//
// The engine's threads publish their records in chunks, so a log is in order of arrival: right for the fold,
// wrong for a slow-motion picture, where 16 ms of one thread would pass before those of another. Arrival never
// crosses a turn, so the player reads up to the next turn (at most kWindow events) and plays that window in
// order of time. At the end of a window the replica has applied the same events as the log has up to there, and
// has the same hash.
//
// A log of the laboratory is in exact order: no event is late. There the replica immediately refuses an event
// that it would otherwise hold back until its predecessor arrives, and every seek plays from the start, so that
// all earlier refusals are known.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "telemetry/replica/replica.h"
#include "telemetry/store/event_log.h"

namespace sweepscope::gui {

struct PlayedEvent {
  uint64_t seq;
  telemetry::Event event;
  uint32_t sweepgen = 0;  // the heap's at the event, of a turn the new one; 0: not known yet
};

struct FiredCheck {
  int64_t ns;
  uint64_t seq;
  telemetry::CheckFired check;
};

class Player {
 public:
  static constexpr size_t kWindow = 1 << 18;

  telemetry::Replica& replica() { return replica_; }
  const telemetry::Replica& replica() const { return replica_; }

  // The state after all events before `seq`.
  telemetry::Result<> seekSeq(telemetry::EventLog& log, uint64_t seq);
  // The state after the event before `seq`, with the surrounding events in window(): plays from the start of its
  // cycle, at most kWindow events before.
  telemetry::Result<> seekEvent(telemetry::EventLog& log, uint64_t seq);
  // The same, played from the start of the session.
  telemetry::Result<> playTo(telemetry::EventLog& log, uint64_t seq);
  // The state after everything that happened up to `ns`.
  telemetry::Result<> seekNs(telemetry::EventLog& log, int64_t ns);
  // Plays at most `budget` events with a time up to `ns`; returns how many.
  size_t advance(telemetry::EventLog& log, int64_t ns, size_t budget);
  // Plays at most `budget` events in order of arrival, up to the end of the log: the live edge.
  size_t follow(telemetry::EventLog& log, size_t budget);
  // Plays one event; false at the end.
  bool step(telemetry::EventLog& log);
  // Steps back by one event.
  telemetry::Result<> stepBack(telemetry::EventLog& log);

  int64_t ns() const { return ns_; }
  void setNs(int64_t ns) { ns_ = ns; }  // time also advances between events
  uint64_t seq() const;                 // of the next event to play
  // Refusals of events up to this moment, among the events played so far, in either direction.
  uint64_t refusals() const;
  const telemetry::Refusal& lastRefusal() const {
    return refused_[refusals() - 1].refusal;
  }  // requires refusals() > 0

  // Checks and oracles that fired up to this moment, among the events played so far.
  std::vector<FiredCheck> checks() const;
  // Time of the last turn played since the last seek.
  std::optional<int64_t> turnNs() const { return turnNs_; }

  std::span<const PlayedEvent> window() const { return window_; }
  size_t position() const { return next_; }  // in window(): events before it have been played

 private:
  struct Refused {
    int64_t ns;
    uint64_t seq;
    telemetry::Refusal refusal;
  };
  bool loadWindow(telemetry::EventLog& log);
  void stampWindow(size_t from);
  void noteCheck(const PlayedEvent& item);
  void play(telemetry::EventLog& log, PlayedEvent& item);
  void note(std::optional<telemetry::Refusal> refusal, const PlayedEvent& item);

  telemetry::Replica replica_;
  std::vector<PlayedEvent> window_;
  size_t next_ = 0;
  uint64_t windowBegin_ = 0, windowEnd_ = 0;  // [begin, end) of the log
  int64_t ns_ = 0;
  std::vector<Refused> refused_;   // in order of time; each event's refusals once
  std::vector<FiredCheck> fired_;  // the same
  std::optional<int64_t> turnNs_;
};

}  // namespace sweepscope::gui
