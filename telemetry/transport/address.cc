#include "telemetry/transport/address.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace sweepscope::telemetry {
namespace {

std::string with_errno(const std::string& text) { return text + ": " + std::strerror(errno); }

Result<sockaddr_un> socket_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty()) return fail("the path of the socket is empty");
  if (path.find('\0') != std::string::npos) return fail("the path of the socket contains a zero byte");
  if (path.size() >= sizeof address.sun_path)
    return fail("the path of the socket has " + std::to_string(path.size()) + " bytes, the limit is " +
                std::to_string(sizeof address.sun_path - 1) + ": " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

std::string directory_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<> check_directory(const std::string& directory) {
  struct stat info {};
  if (::lstat(directory.c_str(), &info) != 0)
    return fail(with_errno("cannot examine directory " + directory));
  if (!S_ISDIR(info.st_mode)) return fail(directory + " is not a directory");
  if (info.st_uid != ::geteuid()) return fail("directory " + directory + " belongs to another user");
  if ((info.st_mode & 077) != 0)
    return fail("directory " + directory +
                " is accessible to other users; a socket needs a private directory (chmod 700)");
  return {};
}

Fd unix_socket(int flags) { return Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0)); }

// Removes a socket file on which no process listens.
Result<> remove_stale(const std::string& path, const sockaddr_un& address) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0)
    return errno == ENOENT ? Result<>{} : fail(with_errno("cannot examine " + path));
  if (!S_ISSOCK(info.st_mode)) return fail(path + " exists and is not a socket");
  const Fd probe = unix_socket(SOCK_NONBLOCK);
  if (!probe) return fail(with_errno("cannot create a socket"));
  const int connected = ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (connected == 0 || errno == EAGAIN)  // EAGAIN: the backlog is full, so a process listens
    return fail("socket in use: another engine listens at " + path);
  if (errno != ECONNREFUSED) return fail(with_errno("cannot check whether an engine listens at " + path));
  if (::unlink(path.c_str()) != 0) return fail(with_errno("cannot remove the stale socket " + path));
  return {};
}

}  // namespace

std::string default_address() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && runtime[0] == '/' && ::access(runtime, W_OK) == 0)
    return std::string(runtime) + "/sweepscope/live.sock";
  return "/tmp/sweepscope-" + std::to_string(::geteuid()) + "/live.sock";
}

std::optional<int> inherited_fd(const std::string& address) {
  if (address.rfind("fd:", 0) != 0) return std::nullopt;
  int fd = -1;
  const char* end = address.data() + address.size();
  const auto [at, error] = std::from_chars(address.data() + 3, end, fd);
  if (error != std::errc() || at != end || fd < 0) return std::nullopt;
  return fd;
}

Result<Listener> Listener::open(const std::string& path) {
  const auto address = socket_address(path);
  if (!address) return tl::unexpected(address.error());
  const std::string directory = directory_of(path);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return fail(with_errno("cannot create directory " + directory));
  if (auto safe = check_directory(directory); !safe) return tl::unexpected(safe.error());
  if (auto free = remove_stale(path, *address); !free) return tl::unexpected(free.error());

  Fd fd = unix_socket(SOCK_NONBLOCK);
  if (!fd) return fail(with_errno("cannot create a socket"));
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0)
    return fail(errno == EADDRINUSE ? "socket in use: another engine listens at " + path
                                    : with_errno("cannot listen at " + path));
  Listener listener(std::move(fd), path);  // removes the file on every later return
  if (::chmod(path.c_str(), 0600) != 0 || ::listen(listener.fd(), 16) != 0)
    return fail(with_errno("cannot listen at " + path));
  return listener;
}

Listener::~Listener() {
  if (fd_) ::unlink(path_.c_str());
}

std::optional<Fd> Listener::accept() {
  Fd peer(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  exhausted_ = !peer && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM);
  if (!peer || !check_peer(peer.get())) return std::nullopt;
  return peer;
}

Result<Fd> connect_to(const std::string& address) {
  Fd fd;
  if (address.rfind("fd:", 0) == 0) {
    const auto number = inherited_fd(address);
    if (!number || ::fcntl(*number, F_GETFD) < 0) return fail(address + " is not an open file descriptor");
    ::fcntl(*number, F_SETFD, FD_CLOEXEC);
    fd = Fd(*number);
  } else {
    const auto name = socket_address(address);
    if (!name) return tl::unexpected(name.error());
    fd = unix_socket(0);
    if (!fd) return fail(with_errno("cannot create a socket"));
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&*name), sizeof *name) != 0) {
      if (errno == ENOENT || errno == ECONNREFUSED)
        return fail("no engine listens at " + address + " (start one with sweepctl run WORKLOAD --serve)");
      return fail(with_errno("cannot connect to " + address));
    }
  }
  if (auto peer = check_peer(fd.get()); !peer) return tl::unexpected(peer.error());
  return fd;
}

}  // namespace sweepscope::telemetry
