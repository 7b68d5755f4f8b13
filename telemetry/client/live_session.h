// The viewer's side of a live session: connects, decodes on a reader thread, and keeps a bounded queue for
// the dashboard to drain. Any program may use it; no Qt.
//
// drain() returns the session in stretches. Apply the snapshot or the loss of a stretch before its events: a
// snapshot replaces the picture, a loss makes gaps legal. The queue is bounded in bytes; when it is full the
// reader stops reading, and the engine's server leaves out batches for this viewer and reports them as a
// Loss.
//
// All methods are called from one thread, the dashboard's. connect() does not wait for the engine: the reader
// thread waits for Hello.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "telemetry/model/bench.h"
#include "telemetry/model/event.h"
#include "telemetry/model/result.h"
#include "telemetry/store/event_log.h"
#include "telemetry/wire/messages.h"

namespace sweepscope::telemetry {

class LiveSession {
 public:
  enum class State : uint8_t {
    kConnecting,  // connected, no Hello yet
    kLive,
    kEnded,   // the engine sent Bye: message() is its reason
    kFailed,  // message() is the error
  };

  // One stretch of the session without a break in it.
  struct Stretch {
    std::optional<Snapshot> snapshot;  // set: replaces the picture
    uint64_t lost_before = 0;          // else declare this loss (a snapshot already includes it)
    uint64_t first_seq = 0;            // of the appended events
    size_t events = 0;                 // number appended
    bool empty() const { return !snapshot && lost_before == 0 && events == 0; }
  };

  // A path or "fd:N" (telemetry/transport/address.h).
  static Result<std::unique_ptr<LiveSession>> connect(const std::string& address,
                                                      size_t queue_bytes = size_t{64} << 20);
  ~LiveSession();

  // Appends at most `max` events, fewer at the end of a stretch. Call until the result is empty().
  Stretch drain(std::vector<Event>& out, size_t max);

  State state() const;
  std::string message() const;           // why it ended or failed; one line
  Hello hello() const;                   // empty before kLive
  std::vector<LossMark> losses() const;  // so far, in order; `ns` as far as known
  uint64_t received() const;             // events decoded so far
  bool drained() const;                  // the session is over and the queue is empty

  // Fails for a control that the engine did not grant.
  Result<> send(const Control& control);

  // A bench session (model/bench.h): the hello grants kBench. After BenchWatch the newest state, once each; the answers
  // in their order, which a caller that sends requests must take.
  Result<> send(const BenchRequest& request);
  std::optional<BenchState> take_bench_state();
  std::optional<BenchAnswer> take_bench_answer();

 private:
  struct Reader;
  explicit LiveSession(std::unique_ptr<Reader> reader);
  std::unique_ptr<Reader> reader_;
};

}  // namespace sweepscope::telemetry
