#include "tests/cli/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "tests/support/sanitizer_remark.h"

namespace sweepscope::testing_support {

Program::Program(const std::vector<std::string>& arguments, const Surroundings& surroundings) {
  int out[2], err[2];
  if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0)
    throw std::runtime_error("a pipe cannot be created");
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  if (surroundings.out.empty())
    posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
  else
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, surroundings.out.c_str(), O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&files, err[1], STDERR_FILENO);
  std::vector<char*> argv{const_cast<char*>(SWEEPCTL_PATH)};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  // The child inherits the limit; this process writes no file in between.
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit lowered{surroundings.most_file_bytes, limit.rlim_max};
  if (surroundings.most_file_bytes > 0) setrlimit(RLIMIT_FSIZE, &lowered);
  const int error = posix_spawn(&pid_, SWEEPCTL_PATH, &files, nullptr, argv.data(), environ);
  setrlimit(RLIMIT_FSIZE, &limit);
  posix_spawn_file_actions_destroy(&files);
  close(out[1]);
  close(err[1]);
  out_ = out[0];
  err_ = err[0];
  if (error != 0) throw std::runtime_error("sweepctl cannot be started");
}

Program::~Program() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(out_);
  close(err_);
}

void Program::send(int signal) const { kill(pid_, signal); }

bool Program::read_some() {
  if (out_ < 0 && err_ < 0) return false;
  pollfd ends[] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}};
  while (poll(ends, 2, -1) < 0) {
  }
  bool open = false;
  char buffer[4096];
  for (int i = 0; i < 2; ++i) {
    if (ends[i].revents == 0) continue;
    const ssize_t got = read(ends[i].fd, buffer, sizeof(buffer));
    if (got > 0) {
      (i == 0 ? so_far_.out : so_far_.err).append(buffer, size_t(got));
      open = true;
    } else {
      int& end = i == 0 ? out_ : err_;
      close(end);
      end = -1;  // poll() skips it from now on
    }
  }
  return open || out_ >= 0 || err_ >= 0;
}

bool Program::wait_for_error_output(const std::string& text) {
  while (so_far_.err.find(text) == std::string::npos)
    if (!read_some()) return false;
  return true;
}

bool Program::wait_for_output(const std::string& text) {
  while (so_far_.out.find(text) == std::string::npos)
    if (!read_some()) return false;
  return true;
}

Finished Program::finish() {
  while (read_some()) {
  }
  testing::drop_sanitizer_remark(so_far_.err);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  so_far_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return so_far_;
}

Finished sweepctl(const std::vector<std::string>& arguments, const Surroundings& surroundings) {
  return Program(arguments, surroundings).finish();
}

Folder::Folder() {
  std::string pattern = std::filesystem::temp_directory_path() / "sweepctl.XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("a temporary folder cannot be created");
  path_ = pattern;
}

Folder::~Folder() { std::filesystem::remove_all(path_); }

}  // namespace sweepscope::testing_support
