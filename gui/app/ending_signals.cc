#include "gui/app/ending_signals.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace sweepscope::gui {

namespace {

constexpr int kEndings[] = {SIGINT, SIGTERM, SIGHUP};

// For the handler, which receives no object. Set before the handler is installed and not changed afterwards,
// so a plain int is enough.
int handlerEvents = -1;

void handle(int number) {
  const int before = errno;
  const auto count = static_cast<uint64_t>(number);
  [[maybe_unused]] const ssize_t written = write(handlerEvents, &count, sizeof(count));
  errno = before;
}

}  // namespace

EndingSignals::EndingSignals(QObject* parent)
    : QObject(parent),
      events_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      notifier_(events_, QSocketNotifier::Read) {
  connect(&notifier_, &QSocketNotifier::activated, this, &EndingSignals::onReadable);
  handlerEvents = events_;
  struct sigaction action {};
  action.sa_handler = handle;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  for (const int number : kEndings) sigaction(number, &action, nullptr);
}

EndingSignals::~EndingSignals() {
  for (const int number : kEndings) signal(number, SIG_DFL);
  notifier_.setEnabled(false);
  close(events_);
}

void EndingSignals::onReadable() {
  uint64_t number = 0;
  if (read(events_, &number, sizeof(number)) == sizeof(number)) emit received(static_cast<int>(number));
}

}  // namespace sweepscope::gui
