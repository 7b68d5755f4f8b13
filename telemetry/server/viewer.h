// One viewer's connection, for telemetry/server/server.cc: its queue of frames, where it stands, what it
// missed. Guarded by the server's mutex_, but for the socket and the reader, which are the server thread's.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "telemetry/transport/socket.h"
#include "telemetry/wire/messages.h"

namespace sweepscope::telemetry {

// Bytes of a frame, shared by the viewers they go to.
using SharedBytes = std::shared_ptr<const std::string>;

class Viewer {
 public:
  enum class Standing : uint8_t {
    kNew,      // Hello is queued; waits for its first snapshot
    kFollows,  // every batch is queued
    kBehind,   // batches are left out until the queue is empty
  };
  enum class Progress : uint8_t { kIdle, kBlocked, kGone };

  Viewer(Fd fd, size_t queue_bytes) : fd_(std::move(fd)), cap_(queue_bytes) {}

  int fd() const { return fd_.get(); }
  Standing standing() const { return standing_; }
  bool idle() const { return queue_.empty(); }
  uint64_t lost_events() const { return lost_events_; }
  bool needs_snapshot() const {
    return standing_ == Standing::kNew || (standing_ == Standing::kBehind && idle());
  }

  // Whatever the queue holds: for the few small messages.
  void queue(SharedBytes bytes);
  // A batch, if there is room and the viewer follows; else it is noted as missed.
  void queue_batch(const SharedBytes& bytes, uint64_t first_seq, uint64_t events);
  // Tells what was missed, then the state; from here on the viewer follows.
  void queue_snapshot(const SharedBytes& bytes);

  // Writes as much as the socket takes.
  Progress write_some();

  FrameReader& reader() { return reader_; }

 private:
  static constexpr size_t kMaxControlFrame = 1 << 12;

  Fd fd_;
  const size_t cap_;
  FrameReader reader_{kMaxControlFrame};
  std::deque<SharedBytes> queue_;
  size_t queued_bytes_ = 0;
  size_t written_ = 0;  // of the first in the queue
  Standing standing_ = Standing::kNew;
  Loss missed_;
  uint64_t lost_events_ = 0;  // ever
};

// A whole frame around a message.
SharedBytes frame_of(Content content, std::string_view message);

}  // namespace sweepscope::telemetry
