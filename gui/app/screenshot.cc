#include "gui/app/screenshot.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QImage>
#include <QTimer>
#include <cstdio>

namespace sweepscope::gui {

namespace {

constexpr int kAnchorLimitMs = 60'000;
constexpr int kSettleMs = 400;  // for the panels that refresh a few times a second

// If the scale does not divide the size, the grabbed picture has an extra row or column.
QImage exactly(const QImage& picture, QSize size) {
  return size.isValid() && picture.size() != size ? picture.copy(QRect(QPoint(0, 0), size)) : picture;
}

void take(QWidget& window, const QString& file, QSize size) {
  const QImage picture = exactly(window.grab().toImage(), size);
  if (!picture.save(file)) {
    std::fprintf(stderr, "sweepscope: could not write '%s'\n", qPrintable(file));
    return QApplication::exit(2);
  }
  QApplication::exit(0);
}

}  // namespace

void scheduleScreenshotLater(QWidget& window, const Options& options) {
  QTimer::singleShot(static_cast<int>(options.afterSeconds * 1000), &window,
                     [&window, file = options.screenshot, size = options.size] { take(window, file, size); });
}

void scheduleScreenshot(MainWindow& window, const Options& options) {
  if (!options.atAnchor) return scheduleScreenshotLater(window, options);
  const QString file = options.screenshot;
  const QSize size = options.size;
  // The seek is complete when a recording is open and neither opening nor seeking is in progress.
  auto* poll = new QTimer(&window);
  QElapsedTimer waited;
  waited.start();
  QObject::connect(poll, &QTimer::timeout, &window, [&window, file, size, poll, waited] {
    const bool arrived = window.session().source() == SessionController::Source::kRecording &&
                         !window.session().seeking() && !window.session().opening();
    if (!arrived && waited.elapsed() < kAnchorLimitMs) return;
    poll->stop();
    QTimer::singleShot(kSettleMs, &window, [&window, file, size] { take(window, file, size); });
  });
  poll->start(20);
}

}  // namespace sweepscope::gui
