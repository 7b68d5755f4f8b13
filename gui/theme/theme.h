// The look of the window: colours of the frame, fonts, sizes. The colours of the heap are in palette.h. The main
// window owns the one Theme object; views keep a reference and repaint when it changes.
#pragma once

#include <QColor>
#include <QFont>
#include <QString>
#include <optional>

#include "gui/theme/palette.h"

class QApplication;

namespace sweepscope::gui {

struct UiColours {
  QColor window, panel, raised, border, text, dim, accent, onAccent, good, bad;
};

class Theme {
 public:
  explicit Theme(ThemeKind kind = ThemeKind::kDark);

  ThemeKind kind() const { return kind_; }
  const UiColours& ui() const { return ui_; }
  const CanvasPalette& canvas() const { return canvasPalette(kind_); }
  bool reducedMotion() const { return reducedMotion_; }
  void setReducedMotion(bool reduced) { reducedMotion_ = reduced; }

  QFont body() const { return font(12); }
  QFont small() const { return font(11); }
  QFont strong() const;  // headings of panels
  QFont figure() const;  // the sg of the Now bar
  QFont mono() const;

  // Fusion with this theme's palette and style sheet.
  void apply(QApplication& app) const;
  QString styleSheet() const;

 private:
  QFont font(int px) const;

  ThemeKind kind_;
  UiColours ui_;
  bool reducedMotion_ = false;
};

inline QColor toColor(Rgb rgb) { return QColor::fromRgb(rgb); }
std::optional<ThemeKind> parseTheme(const QString& name);
QString themeName(ThemeKind kind);

}  // namespace sweepscope::gui
