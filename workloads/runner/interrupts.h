// SIGINT (Ctrl-C), SIGTERM and SIGHUP as an ordinary event: a flag, and a call on a thread of its own.
//
// Constructed first in main(), before any other thread: it blocks the signals in the calling thread, all
// later threads inherit the mask, and one thread reads them from a signalfd. No code runs in a signal
// handler. A second signal ends the process at once. SIGPIPE and SIGXFSZ are ignored: write() returns the
// error.
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

  // During its lifetime the first interrupt calls `call` on the watching thread. If the interrupt happened
  // before, the constructor calls it.
  class Subscription {
   public:
    Subscription(Interrupts& interrupts, std::function<void()> call);
    ~Subscription();  // waits for a running call
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
