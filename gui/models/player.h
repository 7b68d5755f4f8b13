// Moves one replica through a session: by sequence number, by time, by single events. Knows no clock and no
// thread; the session controller owns the one on screen and lets a worker prepare another when a seek is
// long.
//
// The engine's threads hand their records over in chunks, so a log is in order of arrival: right for the
// fold, wrong for a slow-motion picture, where one thread's 16 ms would pass before another's. Arrival never
// crosses a turn, so the player reads up to the next turn (at most kWindow events) and plays that window in
// order of time. At the end of a window the replica has seen the same events as the log has up to there, and
// has the same hash.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "telemetry/replica/replica.h"
#include "telemetry/store/event_log.h"

namespace sweepscope::gui {

struct PlayedEvent {
  uint64_t seq;
  telemetry::Event event;
};

class Player {
 public:
  static constexpr size_t kWindow = 1 << 18;

  telemetry::Replica& replica() { return replica_; }
  const telemetry::Replica& replica() const { return replica_; }

  // The state after all events before `seq`.
  telemetry::Result<> seekSeq(telemetry::EventLog& log, uint64_t seq);
  // The same, played from the start: what led there is in window().
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
  uint64_t refusals() const { return refusals_; }
  const telemetry::Refusal& lastRefusal() const { return lastRefusal_; }

  std::span<const PlayedEvent> window() const { return window_; }
  size_t position() const { return next_; }  // in window(): events before it have been played

 private:
  bool loadWindow(telemetry::EventLog& log);
  void play(const PlayedEvent& item);

  telemetry::Replica replica_;
  std::vector<PlayedEvent> window_;
  size_t next_ = 0;
  uint64_t windowBegin_ = 0, windowEnd_ = 0;  // [begin, end) of the log
  int64_t ns_ = 0;
  uint64_t refusals_ = 0;
  telemetry::Refusal lastRefusal_;
};

}  // namespace sweepscope::gui
