// Moves one replica through a session: by sequence number, by time, by single events. Knows no clock and no
// thread; the session controller owns the one on screen and lets a worker prepare another when a seek is
// long.
//
// The engine's threads hand their records over in chunks, so a log is in order of arrival: right for the
// fold, wrong for a slow-motion picture, where one thread's 16 ms would pass before another's. Arrival never
// crosses a turn, so the player reads up to the next turn (at most kWindow events) and plays that window in
// order of time. At the end of a window the replica has seen the same events as the log has up to there, and
// has the same hash.
//
// A log of the laboratory is in exact order: nothing in it is late. There the replica refuses at once what it
// would otherwise hold back, because what it waits for might still arrive; and every seek is played from the
// start, so that all refusals up to there are known.
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
  uint32_t sweepgen = 0;  // the heap's when it happened, of a turn the one after; 0: not known yet
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
  // The state after the event before `seq`, and in window() what led there and what comes next: played from
  // the start of its cycle, at most kWindow events before.
  telemetry::Result<> seekEvent(telemetry::EventLog& log, uint64_t seq);
  // The same, played from the start of the session.
  telemetry::Result<> playTo(telemetry::EventLog& log, uint64_t seq);
  // The state after everything that happened up to `ns`.
  telemetry::Result<> seekNs(telemetry::EventLog& log, int64_t ns);
  // Plays at most `budget` events with a time up to `ns`; returns how many.
  size_t advance(telemetry::EventLog& log, int64_t ns, size_t budget);
  // Plays at most `budget` events in order of arrival, to the end of what is there: the live edge.
  size_t follow(telemetry::EventLog& log, size_t budget);
  // Plays one event; false at the end.
  bool step(telemetry::EventLog& log);
  // Goes back by one event.
  telemetry::Result<> stepBack(telemetry::EventLog& log);

  int64_t ns() const { return ns_; }
  void setNs(int64_t ns) { ns_ = ns; }  // time passes between events, too
  uint64_t seq() const;                 // of the next event to be played
  // Of the events up to this moment, as far as they have been played, forwards or back.
  uint64_t refusals() const;
  const telemetry::Refusal& lastRefusal() const {
    return refused_[refusals() - 1].refusal;
  }  // if there is one

  // Of the checks and oracles that fired up to this moment, as far as their events have been played.
  std::vector<FiredCheck> checks() const;
  // When the last turn happened that was played since the last seek.
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
  void play(PlayedEvent& item);
  void note(std::optional<telemetry::Refusal> refusal, const PlayedEvent& item);

  telemetry::Replica replica_;
  std::vector<PlayedEvent> window_;
  size_t next_ = 0;
  uint64_t windowBegin_ = 0, windowEnd_ = 0;  // [begin, end) of the log
  int64_t ns_ = 0;
  bool exact_ = false;             // the log's order
  std::vector<Refused> refused_;   // in order of time, each event's once
  std::vector<FiredCheck> fired_;  // the same
  std::optional<int64_t> turnNs_;
};

}  // namespace sweepscope::gui
