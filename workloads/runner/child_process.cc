#include "workloads/runner/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace sweepscope::workloads {
namespace {

constexpr size_t kMostOutputBytes = 256u << 20;

pid_t spawn(const std::vector<std::string>& arguments, int output, const sigset_t& mask, int& error) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // Its own process group: it gets a Ctrl-C of the terminal only once, from this process.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setsigmask(&attributes, &mask);
  posix_spawnattr_setpgroup(&attributes, 0);
  pid_t child = -1;
  error = posix_spawn(&child, argv[0], &files, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return child;
}

}  // namespace

Expected<ChildResult> run_child(const std::vector<std::string>& arguments, Interrupts& interrupts) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return wrong(fmt::format("a pipe for a child process cannot be created: {}", std::strerror(errno)));
  int error = 0;
  const pid_t child = spawn(arguments, ends[1], interrupts.mask_before(), error);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return wrong(fmt::format("{} cannot be started: {}", arguments[0], std::strerror(error)));
  }
  ChildResult result;
  {
    const Interrupts::Subscription on_interrupt(interrupts, [&] { kill(child, SIGINT); });
    char buffer[1 << 16];
    for (;;) {
      const ssize_t got = read(ends[0], buffer, sizeof(buffer));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      if (result.output.size() < kMostOutputBytes) result.output.append(buffer, size_t(got));
    }
    // WNOWAIT does not reap the child: while the subscription exists, the pid is still the child's.
    siginfo_t ended;
    while (waitid(P_PID, id_t(child), &ended, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
  }
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

std::string own_executable() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::string("sweepctl") : path.string();
}

}  // namespace sweepscope::workloads
