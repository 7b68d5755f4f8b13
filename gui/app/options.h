// The parsed and checked command line of sweepscope. No window is opened here.
#pragma once

#include <QSize>
#include <QString>
#include <QStringList>
#include <optional>

#include "gui/session/session_controller.h"
#include "gui/theme/palette.h"
#include "telemetry/model/result.h"

namespace sweepscope::gui {

struct Options {
  bool step = false;             // --mode step
  bool lesson = false;           // --mode lesson, or --lesson
  QString lessonName;            // id or file; empty: the list
  QString file;                  // recording, in step mode a schedule; empty: none
  std::optional<Anchor> anchor;  // FILE#cycle=N, or --at
  QString connectAddress;
  QString demo = QStringLiteral("binary_trees");
  QString recordFile;
  std::optional<quint64> seed;
  std::optional<ThemeKind> theme;
  double scale = 0;  // 0: the scale of the desktop
  QSize size;  // of the window's client area, in pixels of the screen at any scale; not valid: the usual one
  QString screenshot;
  double afterSeconds = 2;
  bool atAnchor = false;  // the screenshot waits for the anchor, not for a time
  bool demoRequested = false;
};

// Either run with these options, or print `output` and exit with `exitCode`.
struct ParsedCommandLine {
  Options options;
  std::optional<int> exitCode;
  QString output;  // to stdout if exitCode is 0, else to stderr
};

ParsedCommandLine parseCommandLine(const QStringList& arguments);

}  // namespace sweepscope::gui
