#include "gui/app/screenshot.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QTimer>
#include <cstdio>

namespace sweepscope::gui {

namespace {

constexpr int kAnchorLimitMs = 60'000;
constexpr int kSettleMs = 400;  // for the panels that refresh a few times a second

void take(MainWindow& window, const QString& file) {
  const QPixmap picture = window.grab();
  if (!picture.save(file)) {
    std::fprintf(stderr, "sweepscope: '%s' could not be written\n", qPrintable(file));
    return QApplication::exit(2);
  }
  QApplication::exit(0);
}

}  // namespace

void scheduleScreenshot(MainWindow& window, const Options& options) {
  const QString file = options.screenshot;
  if (!options.atAnchor) {
    QTimer::singleShot(static_cast<int>(options.afterSeconds * 1000), &window,
                       [&window, file] { take(window, file); });
    return;
  }
  // The seek has arrived when a recording is open and nothing is under way any more.
  auto* poll = new QTimer(&window);
  QElapsedTimer waited;
  waited.start();
  QObject::connect(poll, &QTimer::timeout, &window, [&window, file, poll, waited] {
    const bool arrived = window.session().source() == SessionController::Source::kRecording &&
                         !window.session().seeking() && !window.session().opening();
    if (!arrived && waited.elapsed() < kAnchorLimitMs) return;
    poll->stop();
    QTimer::singleShot(kSettleMs, &window, [&window, file] { take(window, file); });
  });
  poll->start(20);
}

}  // namespace sweepscope::gui
