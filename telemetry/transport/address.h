// The address of an engine: the path of a Unix socket in a private directory, or "fd:N", an inherited socket.
//
// The directory must belong to this user and be closed to all others, since some systems ignore the mode of
// the socket itself. It is created if its parent exists. Any thread, no state.
#pragma once

#include <optional>
#include <string>

#include "telemetry/transport/socket.h"

namespace sweepscope::telemetry {

// $XDG_RUNTIME_DIR/sweepscope/live.sock, or /tmp/sweepscope-UID/live.sock without such a directory.
std::string default_address();

// N of "fd:N".
std::optional<int> inherited_fd(const std::string& address);

// Accepts connections. Its destructor removes the socket file.
class Listener {
 public:
  // Fails if a process listens at the path; replaces a socket file on which none does.
  static Result<Listener> open(const std::string& path);

  Listener(Listener&&) noexcept = default;
  Listener& operator=(Listener&&) = delete;
  ~Listener();

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }
  // Nothing: no connection is waiting, or it was rejected because the peer is another user.
  std::optional<Fd> accept();
  // The last accept() found no free descriptor, or no memory: the connection still waits.
  bool exhausted() const { return exhausted_; }

 private:
  Listener(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Fd fd_;
  std::string path_;
  bool exhausted_ = false;
};

// Connects to a path, or takes over an inherited socket. Fails unless the peer runs as this user.
Result<Fd> connect_to(const std::string& address);

}  // namespace sweepscope::telemetry
