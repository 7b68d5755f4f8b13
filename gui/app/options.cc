#include "gui/app/options.h"

#include <QCommandLineParser>
#include <QDir>
#include <QFileInfo>
#include <cmath>
#include <limits>

#include "gui/theme/theme.h"

namespace sweepscope::gui {

namespace {

constexpr QSize kLeastScaled(640, 420);  // in units of the scale: map, ruler and bars have room in it

QString commonHelp() {
  return QStringLiteral(
      "Shows the garbage collector of an engine: live, or from a recording.\n"
      "Without FILE or --connect, starts an engine (sweepctl run) and connects to it. sweepctl is taken from\n"
      "the directory of sweepscope, else from PATH.");
}

// Why nothing can be written there; empty: it can, as far as it shows before.
QString problemWithOutput(const QString& path) {
  if (path.isEmpty()) return QStringLiteral("needs the name of a file");
  if (path == QLatin1String("-"))
    return QStringLiteral("'-': is not written to standard output; name a file");
  const QFileInfo info(path);
  if (info.isDir()) return QStringLiteral("'%1': is a directory; name a file").arg(path);
  if (!info.dir().exists()) return QStringLiteral("'%1': its folder does not exist").arg(path);
  return {};
}

}  // namespace

ParsedCommandLine parseCommandLine(const QStringList& arguments) {
  QCommandLineParser parser;
  parser.setApplicationDescription(commonHelp());
  const QCommandLineOption help({QStringLiteral("h"), QStringLiteral("help")},
                                QStringLiteral("Prints this and exits."));
  const QCommandLineOption version(QStringLiteral("version"),
                                   QStringLiteral("Prints the version and exits."));
  const QCommandLineOption connect(QStringLiteral("connect"),
                                   QStringLiteral("Connects to a running engine (sweepctl run --serve)."),
                                   QStringLiteral("ADDRESS"));
  const QCommandLineOption demo(QStringLiteral("demo"),
                                QStringLiteral("Workload of the engine to start (default: binary_trees)."),
                                QStringLiteral("WORKLOAD"));
  const QCommandLineOption record(QStringLiteral("record"),
                                  QStringLiteral("Records the session of the started engine."),
                                  QStringLiteral("FILE"));
  const QCommandLineOption seed(QStringLiteral("seed"), QStringLiteral("Random seed of the workload."),
                                QStringLiteral("N"));
  const QCommandLineOption mode(
      QStringLiteral("mode"),
      QStringLiteral("Mode of the window: watch, step (FILE is then a schedule), or lesson."),
      QStringLiteral("MODE"));
  const QCommandLineOption lesson(
      QStringLiteral("lesson"),
      QStringLiteral("Opens a lesson: its id (sweepctl lesson list prints them), or a file of one's own."),
      QStringLiteral("ID|FILE"));
  const QCommandLineOption theme(QStringLiteral("theme"), QStringLiteral("Theme: light, dark or projector."),
                                 QStringLiteral("NAME"));
  const QCommandLineOption scale(
      QStringLiteral("scale"), QStringLiteral("Scale of the user interface, 0.5 to 4."), QStringLiteral("F"));
  const QCommandLineOption size(
      QStringLiteral("size"),
      QStringLiteral(
          "Size of the window without its frame, and of the picture, in pixels at any --scale, such as "
          "1440x840. Without --screenshot the window is no larger than the screen."),
      QStringLiteral("WxH"));
  const QCommandLineOption screenshot(QStringLiteral("screenshot"),
                                      QStringLiteral("Writes a screenshot of the window and exits."),
                                      QStringLiteral("PNG"));
  const QCommandLineOption after(QStringLiteral("after"),
                                 QStringLiteral("Takes the screenshot after SECONDS (default: 2)."),
                                 QStringLiteral("SECONDS"));
  const QCommandLineOption at(
      QStringLiteral("at"),
      QStringLiteral("Opens FILE at cycle=N, seq=N or span=N; --screenshot waits for it."),
      QStringLiteral("ANCHOR"));
  const QList<QCommandLineOption> once{connect, demo,  record, seed,       mode,  lesson,
                                       theme,   scale, size,   screenshot, after, at};
  parser.addOptions({help, version});
  parser.addOptions(once);
  parser.addPositionalArgument(
      QStringLiteral("FILE"),
      QStringLiteral("Recording to open, also as FILE#cycle=N, FILE#seq=N or FILE#span=N."),
      QStringLiteral("[FILE]"));

  ParsedCommandLine parsed;
  const auto refuse = [&](const QString& why) {
    parsed.exitCode = 2;
    parsed.output = QStringLiteral("sweepscope: %1 (see --help)").arg(why);
    return parsed;
  };
  if (!parser.parse(arguments)) return refuse(parser.errorText().trimmed());
  if (parser.isSet(help)) {
    parsed.exitCode = 0;
    // Parsed before there is an application, whose name Qt would print.
    parsed.output =
        parser.helpText().replace(QLatin1String("<executable_name>"), QLatin1String("sweepscope"));
    return parsed;
  }
  if (parser.isSet(version)) {
    parsed.exitCode = 0;
    parsed.output = QStringLiteral("sweepscope " SWEEPSCOPE_VERSION "\n");
    return parsed;
  }

  for (const QCommandLineOption& option : once) {
    if (parser.values(option).size() > 1)
      return refuse(QStringLiteral("--%1 is given more than once").arg(option.names().constFirst()));
  }

  Options& options = parsed.options;
  const QString wanted = parser.value(mode);
  if (parser.isSet(mode) && wanted != QLatin1String("watch") && wanted != QLatin1String("step") &&
      wanted != QLatin1String("lesson")) {
    return refuse(QStringLiteral("unknown --mode '%1': use watch, step or lesson").arg(wanted));
  }
  options.step = wanted == QLatin1String("step");
  options.lesson = wanted == QLatin1String("lesson") || parser.isSet(lesson);
  options.lessonName = parser.value(lesson);
  if (parser.isSet(lesson) && parser.isSet(mode) && wanted != QLatin1String("lesson"))
    return refuse(QStringLiteral("--lesson cannot be combined with --mode %1").arg(wanted));
  if (parser.isSet(lesson) && options.lessonName.isEmpty())
    return refuse(QStringLiteral("--lesson needs an id or a file: sweepctl lesson list prints the ids"));
  if (options.step || options.lesson) {
    for (const QCommandLineOption& option : {demo, record, seed, at}) {
      if (parser.isSet(option))
        return refuse(
            QStringLiteral("--%1 cannot be combined with --mode %2")
                .arg(option.names().constFirst(), options.step ? wanted : QStringLiteral("lesson")));
    }
  }
  const QStringList files = parser.positionalArguments();
  if (options.lesson && !files.isEmpty())
    return refuse(QStringLiteral("a lesson file is opened with --lesson, not '%1' alone").arg(files.first()));
  if (files.size() > 1) return refuse(QStringLiteral("expected one recording, but got %1").arg(files.size()));
  if (!files.isEmpty()) {
    options.file = files.first();
    // The name of the file may contain a '#': only a valid anchor after the last one is split off.
    const int hash = static_cast<int>(options.file.lastIndexOf(QLatin1Char('#')));
    if (!options.step && hash > 0 && !QFileInfo::exists(options.file)) {
      options.anchor = parseAnchor(options.file.mid(hash + 1));
      if (!options.anchor)
        return refuse(QStringLiteral("cannot parse the anchor '%1': use cycle=N, seq=N or span=N")
                          .arg(options.file.mid(hash + 1)));
      options.file.truncate(hash);
    }
    const QFileInfo info(options.file);
    if (!info.exists()) return refuse(QStringLiteral("cannot open '%1': no such file").arg(options.file));
    if (info.isDir())
      return refuse(
          QStringLiteral("cannot open '%1': it is a directory, not a %2")
              .arg(options.file, options.step ? QStringLiteral("schedule") : QStringLiteral("recording")));
    if (!info.isFile())
      return refuse(QStringLiteral("cannot open '%1': it is not a regular file").arg(options.file));
    if (!info.isReadable())
      return refuse(QStringLiteral("cannot open '%1': permission denied").arg(options.file));
  }
  options.connectAddress = parser.value(connect);
  if (parser.isSet(connect) && options.connectAddress.isEmpty())
    return refuse(QStringLiteral("--connect needs an address"));
  if (!options.file.isEmpty() && parser.isSet(connect))
    return refuse(QStringLiteral("a recording and --connect cannot be combined"));
  options.demoRequested = parser.isSet(demo);
  if (options.demoRequested) {
    options.demo = parser.value(demo);
    if (options.demo.isEmpty() || options.demo.startsWith(QLatin1Char('-')))
      return refuse(QStringLiteral("--demo needs the name of a workload: sweepctl list prints them"));
    if (!options.file.isEmpty() || parser.isSet(connect))
      return refuse(
          QStringLiteral("--demo starts an engine and cannot be combined with a recording or --connect"));
  }
  options.recordFile = parser.value(record);
  if (const QString problem = problemWithOutput(options.recordFile);
      parser.isSet(record) && !problem.isEmpty()) {
    return refuse(QStringLiteral("--record %1").arg(problem));
  }
  if (parser.isSet(record) && (!options.file.isEmpty() || parser.isSet(connect))) {
    return refuse(
        QStringLiteral("--record starts an engine and cannot be combined with a recording or --connect"));
  }
  bool good = true;
  if (parser.isSet(seed)) {
    options.seed = parser.value(seed).toULongLong(&good);
    if (!good)
      return refuse(QStringLiteral("--seed takes a whole number from 0 to %1, not '%2'")
                        .arg(std::numeric_limits<quint64>::max())
                        .arg(parser.value(seed)));
  }
  if (parser.isSet(theme)) {
    options.theme = parseTheme(parser.value(theme));
    if (!options.theme)
      return refuse(
          QStringLiteral("unknown --theme '%1': use light, dark or projector").arg(parser.value(theme)));
  }
  if (parser.isSet(scale)) {
    options.scale = parser.value(scale).toDouble(&good);
    if (!good || !(options.scale >= 0.5 && options.scale <= 4))  // a NaN is no size
      return refuse(QStringLiteral("--scale takes 0.5 to 4, not '%1'").arg(parser.value(scale)));
  }
  if (parser.isSet(size)) {
    const QStringList parts = parser.value(size).split(QLatin1Char('x'));
    bool goodHeight = false;
    if (parts.size() == 2) options.size = QSize(parts[0].toInt(&good), parts[1].toInt(&goodHeight));
    if (!good || !goodHeight || options.size.width() < 640 || options.size.height() < 480 ||
        options.size.width() > 16384 || options.size.height() > 16384) {
      return refuse(
          QStringLiteral("--size takes WxH, 640x480 to 16384x16384, not '%1'").arg(parser.value(size)));
    }
    if (options.scale > 0) {
      const QSize least(static_cast<int>(std::ceil(kLeastScaled.width() * options.scale)),
                        static_cast<int>(std::ceil(kLeastScaled.height() * options.scale)));
      if (options.size.width() < least.width() || options.size.height() < least.height())
        return refuse(QStringLiteral("--size %1 is too small for --scale %2: use at least %3x%4")
                          .arg(parser.value(size), parser.value(scale))
                          .arg(least.width())
                          .arg(least.height()));
    }
  }
  options.screenshot = parser.value(screenshot);
  if (const QString problem = problemWithOutput(options.screenshot);
      parser.isSet(screenshot) && !problem.isEmpty()) {
    return refuse(QStringLiteral("--screenshot %1").arg(problem));
  }
  if (parser.isSet(after) && parser.isSet(at))
    return refuse(QStringLiteral("--after and --at cannot be combined"));
  if (parser.isSet(after)) {
    options.afterSeconds = parser.value(after).toDouble(&good);
    if (!good || !(options.afterSeconds >= 0 && options.afterSeconds <= 3600))
      return refuse(QStringLiteral("--after takes 0 to 3600 seconds, not '%1'").arg(parser.value(after)));
  }
  if (parser.isSet(at) && options.anchor)
    return refuse(QStringLiteral("--at and an anchor in the name of the file cannot be combined"));
  if (parser.isSet(at)) {
    options.anchor = parseAnchor(parser.value(at));
    options.atAnchor = true;
    if (!options.anchor)
      return refuse(
          QStringLiteral("cannot parse --at '%1': use cycle=N, seq=N or span=N").arg(parser.value(at)));
    if (options.file.isEmpty()) return refuse(QStringLiteral("--at needs a recording"));
  }
  return parsed;
}

}  // namespace sweepscope::gui
