#include "gui/app/actions.h"

#include <QCoreApplication>
#include <QMenuBar>

#include "gui/app/theme_actions.h"
#include "gui/theme/icons.h"

namespace sweepscope::gui {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("Actions", text); }

QAction* add(QMainWindow& window, const QString& text, const QKeySequence& key, const QString& tip) {
  auto* action = new QAction(text, &window);
  action->setShortcut(key);
  const QString shown =
      key.isEmpty() ? tip : QStringLiteral("%1 (%2)").arg(tip, key.toString(QKeySequence::NativeText));
  action->setToolTip(shown);
  action->setStatusTip(tip);
  window.addAction(action);
  return action;
}

}  // namespace

Actions::Actions(QMainWindow& w) {
  open = add(w, tr("&Open a recording..."), QKeySequence::Open, tr("Open a recording"));
  watch = add(w, tr("&Watch a collection"), Qt::CTRL | Qt::Key_N, tr("Start an engine and watch it"));
  stepThrough = add(
      w, tr("&Step through the protocol"), Qt::CTRL | Qt::Key_T,
      tr("Leave one protocol rule out, search for a schedule that breaks an invariant, and step through it"));
  compare = add(w, tr("Co&mpare eager and lazy..."), Qt::CTRL | Qt::Key_M,
                tr("Measure the pauses of both flush policies on this machine"));
  connectTo = add(w, tr("&Connect to an engine..."), Qt::CTRL | Qt::Key_K,
                  tr("Watch an engine that is already running"));
  record = add(w, tr("&Record"), Qt::CTRL | Qt::Key_R,
               tr("Record this live session to a file: the events in memory and all that follow"));
  record->setCheckable(true);
  cancelOpeningOrSearch = add(w, tr("C&ancel opening or search"), Qt::CTRL | Qt::Key_Period,
                              tr("Cancel opening a recording or searching for a schedule"));
  cancelOpeningOrSearch->setEnabled(false);
  quit = add(w, tr("&Quit"), QKeySequence::Quit, tr("Quit"));
  play = add(w, tr("&Play or pause"), Qt::Key_Space, tr("Play or pause"));
  stepEvent = add(w, tr("Next &event"), Qt::SHIFT | Qt::Key_Period, tr("Go to the next event"));
  stepEventBack = add(w, tr("Previous e&vent"), Qt::SHIFT | Qt::Key_Comma, tr("Go to the previous event"));
  nextPhase = add(w, tr("Next p&hase"), Qt::Key_Period, tr("Go to the next phase"));
  previousPhase = add(w, tr("Previous ph&ase"), Qt::Key_Comma, tr("Go to the previous phase"));
  toStart = add(w, tr("Go to &start"), Qt::CTRL | Qt::Key_Home, tr("Go to the start of the session"));
  toEnd = add(w, tr("Go to e&nd"), Qt::CTRL | Qt::Key_End, tr("Go to the end of the session"));
  live = add(w, tr("&LIVE: last finished cycle in slow motion"), Qt::Key_F6,
             tr("Follow the engine: its last finished cycle in slow motion"));
  live->setCheckable(true);
  realTime = add(w, tr("Real &time"), Qt::Key_F7, tr("Follow the engine in real time"));
  realTime->setCheckable(true);
  nextOfFilter = add(w, tr("&Next span of the filtered state"), Qt::Key_N,
                     tr("Select the next span of the filtered state"));
  clearFilter = add(w, tr("Show &every state"), Qt::SHIFT | Qt::Key_Escape, tr("Clear the filter"));
  zoomPolicy = add(w, tr("Next &zoom policy"), Qt::Key_L,
                   tr("Choose which state a pixel of several pages shows: Auto, Majority or Alarm"));
  fitMap = add(w, tr("&Whole map"), Qt::Key_Home, tr("Zoom the map to the whole heap"));
  wholeTimeline =
      add(w, tr("Whole t&imeline"), Qt::SHIFT | Qt::Key_Home, tr("Show the whole session on the timeline"));
  reducedMotion = add(w, tr("&Reduced motion"), {}, tr("Turn off sliding labels and moving patterns"));
  reducedMotion->setCheckable(true);
  fullScreen = add(w, tr("&Full screen"), Qt::Key_F11, tr("Full screen"));
  fullScreen->setCheckable(true);
  keys =
      add(w, tr("&Keyboard shortcuts"), QKeySequence(QStringLiteral("?")), tr("Show all keyboard shortcuts"));
  about = add(w, tr("&About Sweepscope"), {}, tr("About Sweepscope"));
  live->setIconText(tr("LIVE"));
  realTime->setIconText(tr("Real time"));
  record->setIconText(tr("Rec"));

  themes = themeActions(&w);
}

void Actions::setIcons(const Theme& theme) {
  watch->setIcon(icon(Icon::kEngine, theme));
  open->setIcon(icon(Icon::kFolder, theme));
  record->setIcon(icon(Icon::kRecord, theme));
  toStart->setIcon(icon(Icon::kToStart, theme));
  toEnd->setIcon(icon(Icon::kToEnd, theme));
  previousPhase->setIcon(icon(Icon::kPreviousPhase, theme));
  nextPhase->setIcon(icon(Icon::kNextPhase, theme));
  stepEventBack->setIcon(icon(Icon::kPreviousEvent, theme));
  stepEvent->setIcon(icon(Icon::kNextEvent, theme));
  live->setIcon(icon(Icon::kLive, theme));
}

void Actions::createMenus(QMenuBar& bar, QMenu& recent, QMenu& modes, const QList<QAction*>& panels) const {
  QMenu* file = bar.addMenu(tr("&File"));
  file->addActions({watch, stepThrough, compare, connectTo, open});
  file->addMenu(&recent);
  file->addAction(cancelOpeningOrSearch);
  file->addSeparator();
  file->addAction(record);
  file->addSeparator();
  file->addAction(quit);
  QMenu* time = bar.addMenu(tr("&Time"));
  time->addActions({play, nextPhase, previousPhase, stepEvent, stepEventBack, toStart, toEnd});
  time->addSeparator();
  time->addActions({live, realTime});
  bar.addMenu(&modes);
  QMenu* view = bar.addMenu(tr("&View"));
  view->addActions({fitMap, wholeTimeline, zoomPolicy, nextOfFilter, clearFilter});
  view->addSeparator();
  view->addActions(panels);
  view->addSeparator();
  view->addMenu(tr("&Theme"))->addActions(themes->actions());
  view->addActions({reducedMotion, fullScreen});
  bar.addMenu(tr("&Help"))->addActions({keys, about});
}

}  // namespace sweepscope::gui
