#include "gui/app/preferences.h"

#include <QApplication>
#include <QSettings>

#include "gui/app/theme_actions.h"
#include "gui/views/map_widget.h"

namespace sweepscope::gui {

namespace {

const QString kReducedMotion = QStringLiteral("reducedMotion"), kRecentFiles = QStringLiteral("recentFiles");

}  // namespace

void Preferences::restore() {
  const QSettings settings;
  if (remembers()) {
    recent_.set(settings.value(kRecentFiles).toStringList());
    actions_.reducedMotion->setChecked(settings.value(kReducedMotion, false).toBool());
  }
  applyTheme(firstTheme(options_));
  regions_.restore(remembers() ? &settings : nullptr, options_.size);
}

void Preferences::save() {
  if (!remembers()) return;
  QSettings settings;
  regions_.showTiles(false);  // and the Inspector that was opened for them
  regions_.save(settings);
  rememberTheme(options_, theme_.kind());
  settings.setValue(kReducedMotion, theme_.reducedMotion());
  settings.setValue(kRecentFiles, recent_.files());
}

void Preferences::applyTheme(ThemeKind kind) {
  const bool reduced = theme_.reducedMotion();
  theme_ = Theme(kind);
  theme_.setReducedMotion(reduced);
  theme_.apply(*qApp);
  checkTheme(*actions_.themes, kind);
  actions_.setIcons(theme_);
  regions_.map->onThemeChanged();
}

}  // namespace sweepscope::gui
