#include "engine/laboratory/search/contained.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>

namespace sweepscope::laboratory {
namespace {

constexpr size_t kMostSent = 1u << 20;  // bytes; the work sends a few hundred

// The handlers of this process save recordings and print dumps; the copy must just die.
void forget_handlers() {
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM, SIGINT, SIGTERM, SIGPIPE})
    signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

// Discards what the copy prints while it dies.
void be_quiet() {
  const int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nothing >= 0) {
    dup2(nothing, STDOUT_FILENO);
    dup2(nothing, STDERR_FILENO);
  }
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
}

[[noreturn]] void carry_out(const std::function<void(const Send&)>& work, int to, double silent_seconds) {
  forget_handlers();
  be_quiet();
  const auto limit = static_cast<unsigned>(std::ceil(silent_seconds)) + 1;
  alarm(limit);  // should the caller be gone
  work([to, limit](std::string_view text) {
    alarm(limit);
    for (size_t at = 0; at < text.size();) {
      const ssize_t written = write(to, text.data() + at, text.size() - at);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) _exit(1);
      at += static_cast<size_t>(written);
    }
  });
  _exit(0);  // no destructor of the caller's process
}

// Reads until the copy has ended; false: it was silent for too long.
bool listen(int from, double silent_seconds, std::string& sent) {
  char buffer[4096];
  while (sent.size() < kMostSent) {
    pollfd ready{from, POLLIN, 0};
    const int events = poll(&ready, 1, static_cast<int>(silent_seconds * 1000));
    if (events < 0 && errno == EINTR) continue;
    if (events <= 0) return false;
    const ssize_t got = read(from, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    sent.append(buffer, static_cast<size_t>(got));
  }
  return false;
}

}  // namespace

Contained run_contained(const std::function<void(const Send&)>& work, double silent_seconds) {
  Contained result;
  const auto not_begun = [&result](const char* what) {
    result.end = Contained::End::kNotBegun;
    result.how = std::string(what) + ": " + std::strerror(errno);
    return result;
  };
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return not_begun("pipe");
  const pid_t child = fork();
  if (child < 0) {
    not_begun("fork");
    close(ends[0]);
    close(ends[1]);
    return result;
  }
  if (child == 0) {
    close(ends[0]);
    carry_out(work, ends[1], silent_seconds);
  }
  close(ends[1]);
  const bool ended = listen(ends[0], silent_seconds, result.sent);
  close(ends[0]);
  if (!ended) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended) {
    result.end = Contained::End::kSilent;
    result.how = "it did not continue";
  } else if (WIFSIGNALED(status)) {
    result.end = Contained::End::kDied;
    result.how = "signal " + std::to_string(WTERMSIG(status)) + ", " + strsignal(WTERMSIG(status));
  } else if (WEXITSTATUS(status) != 0) {
    result.end = Contained::End::kDied;
    result.how = "exit code " + std::to_string(WEXITSTATUS(status));
  }
  return result;
}

}  // namespace sweepscope::laboratory
