#include "gui/theme/theme.h"

#include <QApplication>
#include <QFontDatabase>
#include <QPalette>
#include <QStyleFactory>

namespace sweepscope::gui {

namespace {

UiColours coloursOf(ThemeKind kind) {
  if (kind == ThemeKind::kDark) {
    return {QColor(0x1B1F24), QColor(0x20252B), QColor(0x2A3038), QColor(0x343C45), QColor(0xE6EAEE),
            QColor(0x9BA6B1), QColor(0x4C9BE8), QColor(0x0E1114), QColor(0x5FB98A), QColor(0xE0726D)};
  }
  if (kind == ThemeKind::kLight) {
    return {QColor(0xF0F2F4), QColor(0xFBFCFD), QColor(0xE6EAEE), QColor(0xCBD2D9), QColor(0x1B2127),
            QColor(0x57626D), QColor(0x1F66B0), QColor(0xFFFFFF), QColor(0x217A4B), QColor(0xB3372F)};
  }
  return {QColor(0xFFFFFF), QColor(0xFFFFFF), QColor(0xEEF1F4), QColor(0x8A949E), QColor(0x0B0E11),
          QColor(0x3B444D), QColor(0x12508F), QColor(0xFFFFFF), QColor(0x14653A), QColor(0x9C2119)};
}

// The first installed font of a few that stay legible at small sizes.
QString family() {
  static const QString chosen = [] {
    const QStringList known = QFontDatabase::families();
    for (const char* name :
         {"Inter", "Noto Sans", "Source Sans 3", "Cantarell", "Ubuntu", "DejaVu Sans Condensed"}) {
      if (known.contains(QLatin1String(name))) return QString::fromLatin1(name);
    }
    return QStringLiteral("DejaVu Sans");
  }();
  return chosen;
}

}  // namespace

Theme::Theme(ThemeKind kind) : kind_(kind), ui_(coloursOf(kind)) {}

QFont Theme::font(int px) const {
  QFont font(family());
  if (family() == QLatin1String("DejaVu Sans Condensed")) {
    font.setFamily(QStringLiteral("DejaVu Sans"));
    font.setStretch(QFont::SemiCondensed);
  }
  font.setPixelSize(kind_ == ThemeKind::kProjector ? px + 1 : px);
  return font;
}

QFont Theme::strong() const {
  QFont f = font(12);
  f.setWeight(QFont::DemiBold);
  return f;
}

QFont Theme::figure() const {
  QFont f = font(24);
  f.setWeight(QFont::DemiBold);
  return f;
}

QFont Theme::mono() const {
  QFont f = QFontDatabase::systemFont(QFontDatabase::FixedFont);
  f.setPixelSize(11);
  return f;
}

void Theme::apply(QApplication& app) const {
  app.setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
  QPalette palette;
  palette.setColor(QPalette::Window, ui_.window);
  palette.setColor(QPalette::WindowText, ui_.text);
  palette.setColor(QPalette::Base, ui_.panel);
  palette.setColor(QPalette::AlternateBase, ui_.window);
  palette.setColor(QPalette::Text, ui_.text);
  palette.setColor(QPalette::Button, ui_.raised);
  palette.setColor(QPalette::ButtonText, ui_.text);
  palette.setColor(QPalette::ToolTipBase, ui_.raised);
  palette.setColor(QPalette::ToolTipText, ui_.text);
  palette.setColor(QPalette::PlaceholderText, ui_.dim);
  palette.setColor(QPalette::Highlight, ui_.accent);
  palette.setColor(QPalette::HighlightedText, ui_.onAccent);
  palette.setColor(QPalette::Link, ui_.accent);
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    QColor faint = ui_.dim;
    faint.setAlpha(130);
    palette.setColor(QPalette::Disabled, role, faint);
  }
  app.setPalette(palette);
  app.setFont(body());
  app.setStyleSheet(styleSheet());
}

QString Theme::styleSheet() const {
  QString sheet = QStringLiteral(R"(
    QMainWindow { background: %window; }
    QMainWindow::separator { background: %border; width: 1px; height: 1px; }
    QMenuBar { background: %window; border-bottom: 1px solid %border; padding: 1px 4px; }
    QMenuBar::item { padding: 3px 8px; background: transparent; border-radius: 3px; }
    QMenuBar::item:selected { background: %raised; }
    QMenu { background: %panel; border: 1px solid %border; padding: 4px; }
    QMenu::item { padding: 4px 24px 4px 22px; border-radius: 3px; }
    QMenu::item:selected { background: %accent; color: %onAccent; }
    QMenu::separator { height: 1px; background: %border; margin: 4px 6px; }
    QToolBar { background: %window; border: none; border-bottom: 1px solid %border; spacing: 2px; padding: 3px 6px; }
    QToolBar::separator { background: %border; width: 1px; margin: 4px 6px; }
    QToolBar QToolButton { border: 1px solid transparent; border-radius: 4px; padding: 3px 7px; color: %text; }
    QToolBar QToolButton:hover { background: %raised; }
    QToolBar QToolButton:pressed { background: %border; }
    QToolBar QToolButton:checked { background: %raised; border-color: %border; }
    QToolBar QToolButton:disabled { color: %dim; }
    QToolBar QToolButton:focus, QPushButton:focus, QComboBox:focus { border: 1px solid %accent; }
    QToolBar QToolButton#qt_toolbar_ext_button { padding: 0; background: %raised; }
    QToolBar#nowBar { padding: 0; border-bottom: 1px solid %border; }
    QToolBar#rail { padding: 0; border: none; border-left: 1px solid %border; }
    QComboBox { background: %raised; border: 1px solid %border; border-radius: 4px; padding: 2px 8px; min-height: 18px; }
    QComboBox::drop-down { border: none; width: 20px; }
    QComboBox::down-arrow { image: none; width: 0; height: 0; margin-right: 6px; border-left: 4px solid %raised;
                            border-right: 4px solid %raised; border-top: 5px solid %text; }
    QComboBox QAbstractItemView { background: %panel; color: %text; border: 1px solid %border; }
    QComboBox QAbstractItemView::item { color: %text; padding: 2px 6px; }
    QComboBox QAbstractItemView::item:disabled { color: %dim; }
    QComboBox QAbstractItemView::item:selected { background: %accent; color: %onAccent; }
    QPushButton { background: %raised; border: 1px solid %border; border-radius: 4px; padding: 4px 12px; }
    QPushButton:hover { border-color: %accent; }
    QPushButton#primary { background: %accent; color: %onAccent; border-color: %accent; }
    QPushButton:disabled, QPushButton#primary:disabled { background: %raised; color: %dim; border-color: %border; }
    QListView#faults, QListView#breakpoints { border: 1px solid %border; border-radius: 4px; padding: 3px; }
    QFrame#lessonCard { background: %panel; border: none; border-left: 1px solid %border; }
    QWidget#lessonBody, QFrame#lessonCard QScrollArea { background: %panel; }
    QFrame#lessonCard QLabel[box="true"] { background: %raised; border: none; border-left: 3px solid %accent;
                                           border-radius: 3px; padding: 8px 10px; }
    QFrame#lessonFoot { background: %panel; border: none; border-top: 1px solid %border; }
    QFrame#lessonFoot QPushButton { padding: 7px 14px; }
    QFrame#lessonCard QLineEdit { background: %window; border: 1px solid %border; border-radius: 4px; padding: 4px 6px; }
    QFrame#lessonCard QLineEdit:focus { border: 2px solid %accent; }
    QWidget#presenter { background: %window; }
    QListWidget#lessons { border: 1px solid %border; }
    QPushButton:checked { background: %accent; color: %onAccent; border-color: %accent; }
    QFrame#banner { background: %panel; border: none; border-left: 3px solid %accent; }
    QFrame#banner QLabel { color: %text; }
    QDockWidget { color: %dim; }
    QWidget#panelHeader { background: %panel; border-bottom: 1px solid %border; }
    QTabWidget::pane { border: none; border-top: 1px solid %border; }
    QTabBar { background: %panel; }
    QTabBar::tab { background: transparent; color: %dim; padding: 5px 12px; border: none;
                   border-bottom: 2px solid transparent; }
    QTabBar::tab:selected { color: %text; border-bottom-color: %accent; }
    QTabBar::tab:hover { color: %text; }
    QWidget#page, QWidget#page QLabel, QScrollArea#page { background: %panel; }
    QListView { background: %panel; border: none; outline: none; }
    QTableView { background: %panel; border: none; }
    QHeaderView { background: %window; border: none; }
    QHeaderView::section { background: %window; color: %dim; border: none; padding: 3px 8px; }
    QProgressBar { background: %raised; border: none; border-radius: 3px; }
    QProgressBar::chunk { background: %accent; border-radius: 3px; }
    QStatusBar { background: %window; border-top: 1px solid %border; color: %dim; }
    QStatusBar::item { border: none; }
    QStatusBar QLabel { color: %dim; padding: 0 8px; }
    QToolTip { background: %raised; color: %text; border: 1px solid %border; padding: 3px 6px; }
    QScrollBar:vertical { background: transparent; width: 9px; margin: 0; }
    QScrollBar::handle:vertical { background: %border; border-radius: 4px; min-height: 24px; }
    QScrollBar::handle:vertical:hover { background: %dim; }
    QScrollBar:horizontal { background: transparent; height: 9px; margin: 0; }
    QScrollBar::handle:horizontal { background: %border; border-radius: 4px; min-width: 24px; }
    QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page { background: none; border: none;
                                                                                            width: 0; height: 0; }
  )");
  // Longest names first: %on accent must not be read as %on + accent.
  const std::pair<const char*, QColor> names[] = {
      {"%onAccent", ui_.onAccent}, {"%window", ui_.window}, {"%panel", ui_.panel}, {"%raised", ui_.raised},
      {"%border", ui_.border},     {"%accent", ui_.accent}, {"%text", ui_.text},   {"%dim", ui_.dim}};
  for (const auto& [name, colour] : names) sheet.replace(QLatin1String(name), colour.name());
  return sheet;
}

std::optional<ThemeKind> parseTheme(const QString& name) {
  for (const ThemeKind kind : {ThemeKind::kDark, ThemeKind::kLight, ThemeKind::kProjector}) {
    if (name == themeName(kind)) return kind;
  }
  return std::nullopt;
}

QString themeName(ThemeKind kind) {
  switch (kind) {
    case ThemeKind::kDark: return QStringLiteral("dark");
    case ThemeKind::kLight: return QStringLiteral("light");
    case ThemeKind::kProjector: return QStringLiteral("projector");
  }
  return {};
}

}  // namespace sweepscope::gui
