#include "workloads/runner/interrupts.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace sweepscope::workloads {

Interrupts::Interrupts() {
  prctl(PR_GET_PDEATHSIG, &parent_death_signal_);  // of this thread, which the parent has made
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  sigemptyset(&watched_);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&watched_, number);
  pthread_sigmask(SIG_BLOCK, &watched_, &mask_before_);
  signals_ = signalfd(-1, &watched_, SFD_CLOEXEC);
  quit_ = eventfd(0, EFD_CLOEXEC);
  thread_ = std::thread([this] { watch(); });
}

Interrupts::~Interrupts() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(quit_, &one, sizeof(one));
  thread_.join();
  close(signals_);
  close(quit_);
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

void Interrupts::watch() {
  for (;;) {
    pollfd ready[] = {{quit_, POLLIN, 0}, {signals_, POLLIN, 0}};
    if (poll(ready, 2, -1) < 0) continue;
    if (ready[0].revents != 0) return;
    signalfd_siginfo info;
    if (read(signals_, &info, sizeof(info)) != ssize_t(sizeof(info))) continue;
    // A parent may ask for a signal at its death (PR_SET_PDEATHSIG). The kernel sends it for each of the parent's
    // threads that our parentage passes through, and it looks like the parent's own kill(): of the
    // parent's signals only the first counts.
    const bool of_parent = info.ssi_pid == static_cast<uint32_t>(parent_) &&
                           info.ssi_signo == static_cast<uint32_t>(parent_death_signal_);
    if (of_parent && happened_.load(std::memory_order_relaxed)) continue;
    // A second signal ends the process at once.
    if (happened_.exchange(true, std::memory_order_release)) _exit(128 + int(info.ssi_signo));
    std::lock_guard lock(mutex_);
    if (call_) call_();
  }
}

Interrupts::Subscription::Subscription(Interrupts& interrupts, std::function<void()> call)
    : interrupts_(interrupts) {
  std::lock_guard lock(interrupts_.mutex_);
  if (interrupts_.happened_.load(std::memory_order_acquire)) call();
  interrupts_.call_ = std::move(call);
}

Interrupts::Subscription::~Subscription() {
  std::lock_guard lock(interrupts_.mutex_);
  interrupts_.call_ = nullptr;
}

}  // namespace sweepscope::workloads
