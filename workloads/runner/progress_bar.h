// A progress bar on standard error, if that is a terminal, for work that takes more than a second. Draws on a
// thread of its own and removes itself at the end.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace sweepscope::workloads {

class ProgressBar {
 public:
  enum class Show : bool { kNever, kOnTerminal };
  // `done` returns the progress, 0..1, and is called on the bar's thread; `what` is printed before the bar.
  ProgressBar(std::string what, std::function<double()> done, Show show);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

 private:
  void draw_until_stopped();

  const std::string what_;
  const std::function<double()> done_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;  // guarded by mutex_
  std::thread thread_;
};

std::string progress_line(const std::string& what, double done, double seconds);

}  // namespace sweepscope::workloads
