// Streams a session to those who watch: each viewer gets Hello, a Snapshot, then every batch after it.
//
// One thread of its own accepts viewers and moves bytes with poll(); consume() (the drain thread) only puts a
// shared frame on each viewer's queue. A viewer whose queue is full is behind: from then on it gets no
// batches until its queue is empty, then one Loss that says what it missed and a fresh Snapshot, from which
// it goes on exactly. Neither the engine, nor the recorder, nor another viewer ever waits for it.
//
// Lock: mutex_ guards the viewers' queues. It is taken by consume() inside the collector's consume lock, so
// the server's thread never holds it while it asks for a snapshot, which takes that lock (`with_snapshot`).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "telemetry/model/result.h"
#include "telemetry/wire/batch_sink.h"
#include "telemetry/wire/messages.h"

namespace sweepscope::telemetry {

struct ServerOptions {
  std::string address;  // a socket's path, or "fd:N"; empty: viewers come by adopt() alone
  Hello hello;          // `granted` holds what viewers may ask for
  // Calls its argument once, while no batch is on its way (Collector::hold), with the state that all batches
  // given to consume() so far add up to.
  std::function<void(const std::function<void(Snapshot)>&)> with_snapshot;
  std::function<void(const Control&)> on_control;  // called on the server's thread, for granted wishes alone
  size_t queue_bytes = 32 << 20;  // for each viewer; a batch that would go beyond is left out
};

class Server final : public BatchSink {
 public:
  struct Counters {
    uint32_t viewers = 0;      // connected now
    uint32_t ever = 0;         // connected so far
    uint64_t lost_events = 0;  // left out, over all viewers
    uint64_t refused_controls = 0;
  };

  static Result<std::unique_ptr<Server>> start(ServerOptions options);
  ~Server() override;  // stop("the engine has ended")

  void consume(const Batch& batch) override;
  // Waits, at most a second, until viewers that still take bytes have all that was consumed.
  void drain() noexcept override;

  // Takes a connected socket as one more viewer.
  Result<> adopt(int fd);
  // Tells all viewers the reason, gives them a second to take what is queued, and ends the thread. Again:
  // nothing.
  void stop(const std::string& reason);

  Counters counters() const;

 private:
  struct Loop;
  explicit Server(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace sweepscope::telemetry
