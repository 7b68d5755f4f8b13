// A connected Unix stream socket that carries frames: a little-endian u32 length, then that many bytes.
//
// One thread may send while another receives. A closed connection is an error value, never a signal. A frame
// longer than kMaxFrame is rejected, and memory for a frame grows with the bytes received, not with its
// length.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "telemetry/model/result.h"

namespace sweepscope::telemetry {

inline constexpr size_t kMaxFrame = 64 << 20;  // bytes, without the length
inline constexpr size_t kFrameHead = 4;

// The length field of a frame of `size` bytes.
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

// Splits received bytes into frames, for a socket that is read when it is ready.
class FrameReader {
 public:
  explicit FrameReader(size_t max_frame = kMaxFrame) : max_(max_frame) {}

  void add(std::string_view bytes);
  // The next whole frame, without its length; nothing while it is incomplete. Fails if its length exceeds
  // max_frame.
  Result<std::optional<std::string>> next();
  bool mid_frame() const { return buffer_.size() > begin_; }

 private:
  const size_t max_;
  std::string buffer_;
  size_t begin_ = 0;  // of the first frame not yet returned
};

class Socket {
 public:
  explicit Socket(Fd fd);

  // Blocks until the kernel has accepted the whole frame.
  Result<> send_frame(std::string_view bytes);
  // Blocks until a frame is complete. Nothing: the peer closed the connection between two frames.
  Result<std::optional<std::string>> receive_frame();
  // Closes both directions and wakes a thread blocked in send or receive. Any thread.
  void shutdown();

  int fd() const { return fd_.get(); }
  Fd take() { return std::move(fd_); }

 private:
  Fd fd_;
  FrameReader reader_;
};

// Fails unless the peer runs as this user.
Result<> check_peer(int fd);

// Two sockets connected to each other: for a child process that inherits one, and for tests.
Result<std::pair<Fd, Fd>> socket_pair();

}  // namespace sweepscope::telemetry
