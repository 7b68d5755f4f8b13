// The actions of the window, each with its shortcut, tooltip and icon, and the menus that contain them. No
// behaviour: the main window connects them. GUI thread.
#pragma once

#include <QAction>
#include <QActionGroup>
#include <QList>
#include <QMainWindow>
#include <QMenu>

#include "gui/theme/theme.h"

namespace sweepscope::gui {

struct Actions {
  explicit Actions(QMainWindow& window);  // becomes their parent

  QAction *open, *watch, *stepThrough, *compare, *connectTo, *record, *cancelOpeningOrSearch, *quit;
  QAction *play, *stepEvent, *stepEventBack, *nextPhase, *previousPhase, *toStart, *toEnd, *live, *realTime;
  QAction *nextOfFilter, *clearFilter, *zoomPolicy, *fitMap, *wholeTimeline, *reducedMotion, *fullScreen;
  QAction *keys, *about;
  QActionGroup* themes;  // one action per theme, its data the ThemeKind

  QList<QAction*> transport() const {  // enabled with a session only
    return {play, stepEvent, stepEventBack, nextPhase, previousPhase, toStart, toEnd};
  }
  void setIcons(const Theme& theme);
  // `recent` goes into the file menu, `panels` into the view menu.
  void createMenus(QMenuBar& bar, QMenu& recent, QMenu& modes, const QList<QAction*>& panels) const;
};

}  // namespace sweepscope::gui
