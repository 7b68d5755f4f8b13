// The viewer's end of a running engine: connects, decodes on a thread of its own, keeps a bounded queue for
// the dashboard to drain. Any program may use it; no Qt.
//
// Order: drain() gives the session in stretches. What a stretch says comes before its events: a snapshot
// replaces the picture, a loss makes gaps believable. The queue is bounded in bytes; when it is full the
// reader stops reading, the engine's server leaves out batches for this viewer alone, and says so.
//
// All methods from one thread, the dashboard's. connect() does not wait for the engine: Hello is awaited by
// the reader.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "telemetry/model/event.h"
#include "telemetry/model/result.h"
#include "telemetry/store/event_log.h"
#include "telemetry/wire/messages.h"

namespace sweepscope::telemetry {

class LiveSession {
 public:
  enum class State : uint8_t {
    kConnecting,  // connected, Hello has not come yet
    kLive,
    kEnded,   // the engine said good-bye: message() is its reason
    kFailed,  // message() says what was wrong
  };

  // One stretch of the session without a break in it.
  struct Stretch {
    std::optional<Snapshot> snapshot;  // set: forget the picture, begin from this one
    uint64_t lost_before = 0;          // else declare this loss (already within a snapshot, if there is one)
    uint64_t first_seq = 0;            // of the events appended
    size_t events = 0;                 // appended
    bool empty() const { return !snapshot && lost_before == 0 && events == 0; }
  };

  // A path or "fd:N" (telemetry/transport/address.h).
  static Result<std::unique_ptr<LiveSession>> connect(const std::string& address,
                                                      size_t queue_bytes = size_t{64} << 20);
  ~LiveSession();

  // Appends at most `max` events, fewer at the end of a stretch; empty() when there is nothing now. Call
  // until then.
  Stretch drain(std::vector<Event>& out, size_t max);

  State state() const;
  std::string message() const;           // why it ended or failed; one line
  Hello hello() const;                   // empty before kLive
  std::vector<LossMark> losses() const;  // so far, in order; `ns` as far as known
  uint64_t received() const;             // events decoded so far
  bool drained() const;                  // nothing is left to drain, and nothing will come

  // Refuses what the engine did not grant.
  Result<> send(const Control& control);

 private:
  struct Reader;
  explicit LiveSession(std::unique_ptr<Reader> reader);
  std::unique_ptr<Reader> reader_;
};

}  // namespace sweepscope::telemetry
