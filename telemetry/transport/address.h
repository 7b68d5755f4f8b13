// Where an engine listens: the path of a Unix socket in a private directory, or "fd:N", an inherited socket.
//
// The directory must belong to this user and be closed to all others: that, not the socket's own mode, is
// what keeps strangers out on every system. It is made if its parent exists. Any thread, no state.
#pragma once

#include <optional>
#include <string>

#include "telemetry/transport/socket.h"

namespace sweepscope::telemetry {

// $XDG_RUNTIME_DIR/sweepscope/live.sock, or /tmp/sweepscope-UID/live.sock without such a directory.
std::string default_address();

// N of "fd:N".
std::optional<int> inherited_fd(const std::string& address);

// Accepts connections. The socket file goes away with it.
class Listener {
 public:
  // Refuses an address where somebody listens; replaces a socket file that nobody listens on any more.
  static Result<Listener> open(const std::string& path);

  Listener(Listener&&) noexcept = default;
  Listener& operator=(Listener&&) = delete;
  ~Listener();

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }
  // Nothing: no one waits (any more), or one who was not of this user was turned away.
  std::optional<Fd> accept();

 private:
  Listener(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Fd fd_;
  std::string path_;
};

// Connects to a path, or takes over an inherited socket. The peer is of this user.
Result<Fd> connect_to(const std::string& address);

}  // namespace sweepscope::telemetry
