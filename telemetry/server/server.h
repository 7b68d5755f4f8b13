// Streams a session to viewers: each receives Hello, a Snapshot, then every batch after it.
//
// The server's thread accepts viewers and moves bytes with poll(); consume() (the drain thread) only puts a
// shared frame on each viewer's queue. A viewer whose queue is full is behind: it gets no batches until its
// queue is empty, then a Loss that counts what it missed, a new Snapshot, and every batch after that. Neither
// the engine, nor the recorder, nor another viewer waits for it.
//
// Lock: Loop::mutex guards the viewers' queues. consume() takes it inside the collector's consume lock, so
// the server's thread must not hold it while it takes a snapshot (`with_snapshot` takes the consume lock).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "telemetry/model/result.h"
#include "telemetry/wire/batch_sink.h"
#include "telemetry/wire/messages.h"

namespace sweepscope::telemetry {

struct ServerOptions {
  std::string address;  // path of a socket, or "fd:N"; empty: viewers are added by adopt() only
  Hello hello;          // `granted` lists the controls that viewers may send
  // Calls its argument once, between two batches (Collector::hold), with the state after all batches given to
  // consume() so far.
  std::function<void(const std::function<void(Snapshot)>&)> with_snapshot;
  std::function<void(const Control&)> on_control;  // called on the server's thread, for granted controls only
  size_t queue_bytes = 32 << 20;                   // per viewer; a batch that would exceed it is left out
  // Of a bench session, if `granted` lists kBench; both are called on the server's thread. False: the viewer asks too
  // much, and is disconnected. Its number is never used again.
  std::function<bool(uint64_t viewer, std::string_view request)> on_bench_request;
  std::function<void(uint64_t viewer)> on_gone;
  size_t max_viewer_frame = 1 << 12;  // bytes of a message from a viewer
};

class Server final : public BatchSink {
 public:
  struct Counters {
    uint32_t viewers = 0;      // connected now
    uint32_t ever = 0;         // connected so far
    uint64_t lost_events = 0;  // left out, summed over all viewers
    uint64_t refused_controls = 0;
  };

  static Result<std::unique_ptr<Server>> start(ServerOptions options);
  ~Server() override;  // stop("the engine has ended")

  void consume(const Batch& batch) override;
  // Sends all that was consumed to the viewers that accept it; waits at most a second.
  void drain() noexcept override;

  // A bench session: an answer to one viewer, which is disconnected if it does not read; the newest state to those that
  // watch; and, when the events begin again with another run, a new Snapshot to all. Any thread.
  void answer(uint64_t viewer, std::string_view bench_answer);
  void watch(uint64_t viewer);
  void publish(std::string_view bench_state);
  void begin_again();

  // Adds the connected socket as a viewer.
  Result<> adopt(int fd);
  // Sends Bye with the reason to all viewers, waits at most a second for their queues, and ends the thread.
  // A second call does nothing.
  void stop(const std::string& reason);

  Counters counters() const;

 private:
  struct Loop;
  explicit Server(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace sweepscope::telemetry
