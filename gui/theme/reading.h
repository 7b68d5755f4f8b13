// Fonts of texts that are read as texts, from a seat in a class, too: lessons. 16 px and more in every theme.
#pragma once

#include "gui/theme/theme.h"

namespace sweepscope::gui {

inline QFont enlarged(QFont font, int by) {
  font.setPixelSize(font.pixelSize() + by);
  return font;
}
inline QFont readingFont(const Theme& theme) { return enlarged(theme.body(), 4); }
inline QFont titleFont(const Theme& theme) { return enlarged(theme.strong(), 8); }  // of a lesson, of a beat

}  // namespace sweepscope::gui
