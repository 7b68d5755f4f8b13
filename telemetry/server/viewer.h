// One viewer's connection, for telemetry/server/server.cc: its queue of frames, its state, what it missed.
// Guarded by the server's Loop::mutex, except the frame reader, which only the server's thread uses.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "telemetry/transport/socket.h"
#include "telemetry/wire/messages.h"

namespace sweepscope::telemetry {

// Bytes of a frame, shared by all viewers that receive it.
using SharedBytes = std::shared_ptr<const std::string>;

class Viewer {
 public:
  enum class Standing : uint8_t {
    kNew,      // Hello is queued, the first snapshot is not
    kFollows,  // every batch is queued
    kBehind,   // batches are left out until the queue is empty
  };
  enum class Progress : uint8_t { kIdle, kBlocked, kGone };

  Viewer(Fd fd, uint64_t number, size_t queue_bytes, size_t max_frame)
      : fd_(std::move(fd)), number_(number), cap_(queue_bytes), reader_(max_frame) {}

  int fd() const { return fd_.get(); }
  uint64_t number() const { return number_; }  // from 1, in the order of connecting
  Standing standing() const { return standing_; }
  bool idle() const { return queue_.empty() && newest_ == nullptr; }
  uint64_t lost_events() const { return lost_events_; }
  bool needs_snapshot() const {
    // A session that begins again and again must not fill the queue of a viewer that does not read.
    return standing_ == Standing::kNew ? queued_bytes_ <= cap_ : standing_ == Standing::kBehind && idle();
  }

  // Ignores the cap: for the few small messages.
  void queue(SharedBytes bytes);
  // Queues the batch if the viewer follows and there is room; else counts it as missed.
  void queue_batch(const SharedBytes& bytes, uint64_t first_seq, uint64_t events);
  // False: there is no room, the viewer does not read.
  bool queue_answer(const SharedBytes& bytes);
  // Of a bench session: takes the place of the one before, if that was not sent yet. Only to viewers that watch.
  void set_newest(const SharedBytes& bytes);
  void watch() { watches_ = true; }
  // The session has begun again: the next snapshot replaces everything.
  void begin_again() { standing_ = Standing::kNew; }
  // Queues a Loss if batches were missed, then the snapshot; the viewer follows again.
  void queue_snapshot(const SharedBytes& bytes);

  // Writes as much as the socket takes.
  Progress write_some();

  FrameReader& reader() { return reader_; }

 private:
  Fd fd_;
  const uint64_t number_;
  const size_t cap_;
  FrameReader reader_;
  bool watches_ = false;
  SharedBytes newest_;  // sent before what is queued, between two frames
  std::deque<SharedBytes> queue_;
  size_t queued_bytes_ = 0;
  size_t written_ = 0;  // bytes of the first frame in the queue
  Standing standing_ = Standing::kNew;
  Loss missed_;
  uint64_t lost_events_ = 0;  // ever
};

// The message in an Envelope, with the frame's length before it.
SharedBytes frame_of(Content content, std::string_view message);

}  // namespace sweepscope::telemetry
