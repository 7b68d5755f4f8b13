// Finds child processes in /proc, and waits for the end of a process that is not a child of the test.
#pragma once

#include <poll.h>
#include <unistd.h>

#include <QByteArray>
#include <QFile>
#include <optional>

extern "C" {  // the header of glibc 2.36 has no extern "C"
#include <sys/pidfd.h>
}

namespace sweepscope::testing {

// The first child of `parent`'s main thread that runs a program of this name.
inline std::optional<pid_t> childNamed(pid_t parent, const QByteArray& name) {
  QFile list(QStringLiteral("/proc/%1/task/%1/children").arg(parent));
  if (!list.open(QIODevice::ReadOnly)) return std::nullopt;
  for (const QByteArray& child : list.readAll().split(' ')) {
    QFile command(QStringLiteral("/proc/%1/comm").arg(QString::fromLatin1(child)));
    if (!child.isEmpty() && command.open(QIODevice::ReadOnly) && command.readAll().trimmed() == name)
      return static_cast<pid_t>(child.toInt());
  }
  return std::nullopt;
}

// Holds a reference to a process, child or not, so that its pid cannot be reused.
class WatchedProcess {
 public:
  explicit WatchedProcess(pid_t pid) : fd_(pidfd_open(pid, 0)) {}
  WatchedProcess(const WatchedProcess&) = delete;
  WatchedProcess& operator=(const WatchedProcess&) = delete;
  ~WatchedProcess() {
    if (fd_ >= 0) close(fd_);
  }
  bool found() const { return fd_ >= 0; }
  bool send(int signal) const { return pidfd_send_signal(fd_, signal, nullptr, 0) == 0; }
  bool endsWithin(int ms) const {
    pollfd end{fd_, POLLIN, 0};
    return poll(&end, 1, ms) == 1;
  }

 private:
  int fd_;
};

}  // namespace sweepscope::testing
