// Ctrl-C (SIGINT), SIGTERM and SIGHUP as an ordinary event: a flag and a call, on a thread of its own.
//
// Made first in main(), before any other thread: it blocks the signals in the calling thread, all later
// threads inherit that, and one thread takes them from a signalfd. No code ever runs inside a signal handler.
// A second signal ends the process at once. SIGPIPE and SIGXFSZ are ignored: a closed socket and a file at
// its size limit are errors of their writes.
#pragma once

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

namespace sweepscope::workloads {

class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  const std::atomic<bool>& happened() const { return happened_; }

  // While it lives, an interrupt calls `call` once, on the watching thread; at once, here, when it has
  // happened before.
  class Subscription {
   public:
    Subscription(Interrupts& interrupts, std::function<void()> call);
    ~Subscription();  // the call is not running afterwards
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

   private:
    Interrupts& interrupts_;
  };

  const sigset_t& mask_before() const { return mask_before_; }  // for child processes

 private:
  void watch();

  sigset_t watched_, mask_before_;
  const pid_t parent_ = getppid();
  int parent_death_signal_ = 0;   // that the parent asked for, 0: none
  int signals_ = -1, quit_ = -1;  // signalfd, eventfd
  std::atomic<bool> happened_{false};
  std::mutex mutex_;
  std::function<void()> call_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace sweepscope::workloads
