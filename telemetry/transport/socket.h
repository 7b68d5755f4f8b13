// A connected Unix stream socket that carries frames: a little-endian u32 length, then that many bytes.
//
// One thread may send while another receives. A peer that went away is an error value, never a signal. A
// frame's length is believed only up to kMaxFrame, and memory for it grows with what really arrives.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "telemetry/model/result.h"

namespace sweepscope::telemetry {

inline constexpr size_t kMaxFrame = 64 << 20;  // bytes, the length itself not counted
inline constexpr size_t kFrameHead = 4;

// The length field of a frame of that many bytes.
std::string frame_head(size_t size);

// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release();
  void reset();

 private:
  int fd_ = -1;
};

// Frames from bytes as they come: for a socket that is read when it is ready.
class FrameReader {
 public:
  explicit FrameReader(size_t max_frame = kMaxFrame) : max_(max_frame) {}

  void add(std::string_view bytes);
  // The next whole frame, without its length; nothing while it is incomplete. An error once its length is
  // beyond the cap.
  Result<std::optional<std::string>> next();
  bool mid_frame() const { return buffer_.size() > begin_; }

 private:
  const size_t max_;
  std::string buffer_;
  size_t begin_ = 0;  // of what was not given out yet
};

class Socket {
 public:
  explicit Socket(Fd fd);

  // Blocks until all is with the kernel.
  Result<> send_frame(std::string_view bytes);
  // Blocks until a frame is there. Nothing: the peer closed between two frames.
  Result<std::optional<std::string>> receive_frame();
  // Makes both directions end, also for a thread that blocks in one. Any thread.
  void shutdown();

  int fd() const { return fd_.get(); }
  Fd take() { return std::move(fd_); }

 private:
  Fd fd_;
  FrameReader reader_;
};

// Whether the process at the other end belongs to this user.
Result<> check_peer(int fd);

// Two sockets connected to each other: for a child process that inherits one, and for tests.
Result<std::pair<Fd, Fd>> socket_pair();

}  // namespace sweepscope::telemetry
