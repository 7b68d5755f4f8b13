// The layout of the five regions: the map with its ruler in the centre, the Processors, Inspector and Timeline
// in docks around it, the Now bar above, and the rail that replaces a closed Inspector. Computes sizes and saves
// them; connects no signals of the session. GUI thread.
#pragma once

#include <QMainWindow>
#include <QSettings>
#include <QStackedWidget>

#include "gui/app/panel_dock.h"
#include "gui/session/session_controller.h"
#include "gui/theme/theme.h"

namespace sweepscope::gui {

class Banner;
class Caption;
class Inspector;
class MapWidget;
class NowBar;
class ProcessorsPanel;
class RulerWidget;
class StartTiles;
class TimelineWidget;

class Regions {
 public:
  Regions(QMainWindow& window, SessionController& session, const Theme& theme);

  Banner* banner;
  MapWidget* map;
  Caption* caption;
  RulerWidget* ruler;
  ProcessorsPanel* processors;
  Inspector* inspector;
  StartTiles* tiles;
  TimelineWidget* timeline;
  NowBar* nowBar;

  QList<QAction*> panelActions() const;  // show or hide each panel
  void addBars(QToolBar* tools);         // the tool bar, the Now bar under it, the rail at the right
  void showTiles(bool tiles);            // over the Inspector
  void openInspector();                  // if there is room for it
  void showEvents();                     // the Inspector's list of events
  void setProcessorsSentence(const QString& sentence) { processorsDock_->setSentence(sentence); }
  // Adapts the panels to the window's size: the smaller it is, the more of them collapse, in a fixed order.
  void adaptToSize();
  // `asked`: in pixels; a screenshot (`remembered` is null) has exactly that size on any screen.
  void restore(const QSettings* remembered, QSize asked);
  void fit();  // the window into its screen
  void save(QSettings& settings) const;

 private:
  void createRail();
  void layOut();
  void layOutDocks();
  bool hasRoomForInspector() const;
  void makeRoomForInspector();
  void collapse(PanelDock& dock, bool noRoom, bool& collapsed);

  QMainWindow& window_;
  const Theme& theme_;
  QStackedWidget* inspectorStack_;
  PanelDock *processorsDock_, *inspectorDock_, *timelineDock_;
  QToolBar *rail_ = nullptr, *nowToolBar_;
  bool openedForTiles_ = false;
  bool hadRoom_ = true;  // for the Inspector
  bool inspectorCollapsed_ = false, processorsCollapsed_ = false,
       timelineCollapsed_ = false;  // closed for lack of room, not by the user
  bool exactSize_ = false;
  bool tiles_ = false, flat_ = false;  // Processors as tiles; a timeline of phases and pauses
};

}  // namespace sweepscope::gui
