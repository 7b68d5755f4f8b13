#include "telemetry/transport/socket.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace sweepscope::telemetry {
namespace {

uint32_t length_at(const char* bytes) {
  const auto byte = [bytes](int i) { return static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])); };
  return byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
}

std::string error_text(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

}  // namespace

std::string frame_head(size_t size) {
  const uint32_t n = static_cast<uint32_t>(size);
  return {static_cast<char>(n), static_cast<char>(n >> 8), static_cast<char>(n >> 16),
          static_cast<char>(n >> 24)};
}

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

int Fd::release() { return std::exchange(fd_, -1); }

void Fd::reset() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void FrameReader::add(std::string_view bytes) {
  if (begin_ > 0 && begin_ >= buffer_.size() / 2) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  buffer_.append(bytes);
}

Result<std::optional<std::string>> FrameReader::next() {
  std::optional<std::string> frame;
  if (buffer_.size() - begin_ < kFrameHead) return frame;
  const size_t length = length_at(buffer_.data() + begin_);
  if (length > max_)
    return fail("the peer announced a frame of " + std::to_string(length) + " bytes, the limit is " +
                std::to_string(max_));
  if (buffer_.size() - begin_ - kFrameHead < length) return frame;
  frame = buffer_.substr(begin_ + kFrameHead, length);
  begin_ += kFrameHead + length;
  return frame;
}

Socket::Socket(Fd fd) : fd_(std::move(fd)) {}

Result<> Socket::send_frame(std::string_view bytes) {
  if (bytes.size() > kMaxFrame)
    return fail("cannot send a frame of " + std::to_string(bytes.size()) + " bytes, the limit is " +
                std::to_string(kMaxFrame));
  const std::string head = frame_head(bytes.size());
  for (std::string_view part : {std::string_view(head), bytes}) {
    while (!part.empty()) {
      const ssize_t sent = ::send(fd_.get(), part.data(), part.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return fail(error_text("cannot send to the peer"));
      part.remove_prefix(static_cast<size_t>(sent));
    }
  }
  return {};
}

Result<std::optional<std::string>> Socket::receive_frame() {
  std::array<char, 64 << 10> bytes;
  for (;;) {
    if (auto frame = reader_.next(); !frame || frame->has_value()) return frame;
    const ssize_t got = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(error_text("cannot receive from the peer"));
    if (got == 0) {
      if (reader_.mid_frame()) return fail("the peer closed the connection inside a frame");
      return std::optional<std::string>();
    }
    reader_.add({bytes.data(), static_cast<size_t>(got)});
  }
}

void Socket::shutdown() { ::shutdown(fd_.get(), SHUT_RDWR); }

Result<> check_peer(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    return fail(error_text("cannot determine the user of the peer"));
  if (peer.uid != ::geteuid())
    return fail("the peer of the socket runs as user " + std::to_string(peer.uid) + ", not as user " +
                std::to_string(::geteuid()));
  return {};
}

Result<std::pair<Fd, Fd>> socket_pair() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
    return fail(error_text("cannot create a socket pair"));
  return std::pair{Fd(fds[0]), Fd(fds[1])};
}

}  // namespace sweepscope::telemetry
