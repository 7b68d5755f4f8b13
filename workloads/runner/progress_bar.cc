#include "workloads/runner/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace sweepscope::workloads {

using namespace std::chrono_literals;

ProgressBar::ProgressBar(std::string what, std::function<double()> done, Show show)
    : what_(std::move(what)), done_(std::move(done)) {
  if (show == Show::kOnTerminal && isatty(STDERR_FILENO)) thread_ = std::thread([this] { draw_until_stopped(); });
}

ProgressBar::~ProgressBar() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void ProgressBar::draw_until_stopped() {
  const auto begin = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, 1s, [&] { return stopped_; })) return;
  do {
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::fputs(("\r" + progress_line(what_, done_(), seconds) + "\x1b[K").c_str(), stderr);
    std::fflush(stderr);
  } while (!changed_.wait_for(lock, 200ms, [&] { return stopped_; }));
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
}

std::string progress_line(const std::string& what, double done, double seconds) {
  constexpr int kWidth = 30;
  const double part = std::clamp(done, 0.0, 1.0);
  const int full = int(part * kWidth);
  return fmt::format("{} [{}{}] {:3.0f} %  {:.0f} s", what, std::string(size_t(full), '#'),
                     std::string(size_t(kWidth - full), ' '), part * 100, seconds);
}

}  // namespace sweepscope::workloads
