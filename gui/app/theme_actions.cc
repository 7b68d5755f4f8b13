#include "gui/app/theme_actions.h"

#include <QAction>
#include <QSettings>

namespace sweepscope::gui {

namespace {

const QString kTheme = QStringLiteral("theme");

}  // namespace

QActionGroup* themeActions(QObject* parent) {
  auto* themes = new QActionGroup(parent);
  for (const ThemeKind kind : {ThemeKind::kDark, ThemeKind::kLight, ThemeKind::kProjector}) {
    QString title = themeName(kind);
    title[0] = title[0].toUpper();
    auto* action = new QAction(title, themes);
    action->setCheckable(true);
    action->setData(static_cast<int>(kind));
  }
  return themes;
}

ThemeKind themeOf(const QAction* action) { return static_cast<ThemeKind>(action->data().toInt()); }

void checkTheme(const QActionGroup& themes, ThemeKind kind) {
  for (QAction* action : themes.actions()) action->setChecked(themeOf(action) == kind);
}

ThemeKind firstTheme(const Options& options) {
  if (options.theme) return *options.theme;
  if (!options.screenshot.isEmpty()) return ThemeKind::kDark;
  return parseTheme(QSettings().value(kTheme).toString()).value_or(ThemeKind::kDark);
}

void rememberTheme(const Options& options, ThemeKind kind) {
  if (options.screenshot.isEmpty()) QSettings().setValue(kTheme, themeName(kind));
}

}  // namespace sweepscope::gui
