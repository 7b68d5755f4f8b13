// sweepscope: the dashboard. Parses the command line before it creates a window.
#include <QApplication>
#include <cstdio>

#include "gui/app/ending_signals.h"
#include "gui/app/lesson_window.h"
#include "gui/app/main_window.h"
#include "gui/app/options.h"
#include "gui/app/screenshot.h"
#include "gui/app/step_window.h"
#include "gui/session/lesson_source.h"
#include "telemetry/store/recording.h"

namespace {

using namespace sweepscope;

// A window of the laboratory, until it is closed.
template <class Window>
int run(Window& window, const gui::Options& options) {
  window.show();
  window.begin();
  if (!options.screenshot.isEmpty()) gui::scheduleScreenshotLater(window, options);
  return QApplication::exec();
}

}  // namespace

int main(int argc, char** argv) {
  QCoreApplication::setOrganizationName(QStringLiteral("sweepscope"));
  QCoreApplication::setApplicationName(QStringLiteral("sweepscope"));
  QCoreApplication::setApplicationVersion(QStringLiteral(SWEEPSCOPE_VERSION));

  // QApplication removes Qt's own options (-platform, -style) when it is created. --help, --version and errors
  // are answered before that, because QApplication fails without a display.
  QStringList plain;
  for (int i = 0; i < argc; ++i) {
    const QString argument = QString::fromLocal8Bit(argv[i]);
    if (argument == QLatin1String("-platform") || argument == QLatin1String("-style") ||
        argument == QLatin1String("--platform")) {
      ++i;
      continue;
    }
    plain << argument;
  }
  const gui::ParsedCommandLine parsed = gui::parseCommandLine(plain);
  if (parsed.exitCode) {
    std::fprintf(*parsed.exitCode == 0 ? stdout : stderr, "%s%s", qPrintable(parsed.output),
                 *parsed.exitCode == 0 ? "" : "\n");
    return *parsed.exitCode;
  }
  const gui::Options& options = parsed.options;
  if (!options.file.isEmpty() && !options.step) {
    // Refuses a file that is not a recording; the window opens the file on its worker.
    if (auto probed = telemetry::Recording::probe(options.file.toStdString()); !probed) {
      std::fprintf(stderr, "sweepscope: %s\n", probed.error().message.c_str());
      return 2;
    }
  }
  if (!options.lessonName.isEmpty()) {
    const gui::LessonSource source = gui::findLesson(options.lessonName);
    for (const QString& error : source.errors) std::fprintf(stderr, "sweepscope: %s\n", qPrintable(error));
    if (!source.lesson) return 2;
  }
  if (options.scale > 0) qputenv("QT_SCALE_FACTOR", QByteArray::number(options.scale));

  const QApplication app(argc, argv);
  QGuiApplication::setDesktopFileName(QStringLiteral("io.sweepscope.Sweepscope"));
  const gui::EndingSignals endings;
  QObject::connect(&endings, &gui::EndingSignals::received, &app, [](int signal) {
    QApplication::closeAllWindows();
    QApplication::exit(128 + signal);
  });
  if (options.step) {
    gui::StepWindow window(options);
    return run(window, options);
  }
  if (options.lesson) {
    gui::LessonWindow window(options);
    return run(window, options);
  }
  gui::MainWindow window(options);
  window.show();
  window.begin();
  if (!options.screenshot.isEmpty()) gui::scheduleScreenshot(window, options);
  return QApplication::exec();
}
