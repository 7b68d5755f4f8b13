// The icons of the tool bar, drawn as shapes in the theme's colours: sharp at every scale, no files to install.
#pragma once

#include <QIcon>

#include "gui/theme/theme.h"

namespace sweepscope::gui {

enum class Icon : uint8_t {
  kPlay,
  kPause,
  kToStart,
  kToEnd,
  kPreviousPhase,
  kNextPhase,
  kPreviousEvent,
  kNextEvent,
  kRecord,
  kFolder,
  kEngine,
  kLive,
};

QIcon icon(Icon which, const Theme& theme);

}  // namespace sweepscope::gui
