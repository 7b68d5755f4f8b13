#include "gui/app/regions.h"

#include <QCoreApplication>
#include <QToolBar>
#include <QVBoxLayout>
#include <cmath>

#include "gui/app/screen_fit.h"
#include "gui/views/inspector.h"
#include "gui/views/map_widget.h"
#include "gui/views/now_bar.h"
#include "gui/views/overlays.h"
#include "gui/views/processors_panel.h"
#include "gui/views/ruler_widget.h"
#include "gui/views/start_tiles.h"
#include "gui/views/timeline_widget.h"

namespace sweepscope::gui {

namespace {

constexpr int kStateVersion = 1;  // of saveState(): raise it when docks or toolbars change
constexpr int kSmallWidth = 1360, kSmallHeight = 800;
// Least window sizes for: the Inspector, Processors larger than tiles, a timeline with more than phases and
// pauses, any timeline. Below each limit the panel collapses; map and ruler never do.
constexpr int kInspectorWidth = 1100, kTilesWidth = 960, kFlatHeight = 640, kTimelineHeight = 540;
constexpr int kMapAndInspector = 760;
constexpr QSize kLeastSize(640, 420);
constexpr QSize kUsualSize(1440, 840);  // of the client area: a screen of 1440x900 has room for its frame

QString tr(const char* text) { return QCoreApplication::translate("Regions", text); }

// Converts screen pixels to device-independent pixels.
QSize inUnits(QSize pixels, double ratio) {
  return {static_cast<int>(std::ceil(pixels.width() / ratio)),
          static_cast<int>(std::ceil(pixels.height() / ratio))};
}

}  // namespace

Regions::Regions(QMainWindow& window, SessionController& session, const Theme& theme)
    : window_(window), theme_(theme) {
  window.setMinimumSize(kLeastSize);  // overrides the minimum sizes of the panels
  window.setDockOptions(QMainWindow::AnimatedDocks | QMainWindow::AllowTabbedDocks);
  window.setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
  window.setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);
  auto* centre = new QWidget(&window);
  auto* layout = new QVBoxLayout(centre);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  banner = new Banner(centre);
  map = new MapWidget(session, theme, centre);
  ruler = new RulerWidget(session, theme, centre);
  caption = new Caption(theme, map);
  layout->addWidget(banner);
  layout->addWidget(map, 1);
  layout->addWidget(ruler);
  window.setCentralWidget(centre);

  processors = new ProcessorsPanel(session, theme, &window);
  inspector = new Inspector(session, theme, &window);
  tiles = new StartTiles(theme, &window);
  inspectorStack_ = new QStackedWidget(&window);
  inspectorStack_->addWidget(inspector);
  inspectorStack_->addWidget(tiles);
  inspectorStack_->setMinimumWidth(240);
  timeline = new TimelineWidget(session, theme, &window);
  processorsDock_ = new PanelDock(QStringLiteral("processorsDock"), tr("Processors"), processors, &window);
  inspectorDock_ = new PanelDock(QStringLiteral("inspectorDock"), tr("Inspector"), inspectorStack_, &window);
  timelineDock_ = new PanelDock(QStringLiteral("timelineDock"), tr("Timeline"), timeline, &window);
  window.addDockWidget(Qt::LeftDockWidgetArea, processorsDock_);
  window.addDockWidget(Qt::RightDockWidgetArea, inspectorDock_);
  window.addDockWidget(Qt::BottomDockWidgetArea, timelineDock_);

  nowToolBar_ = new QToolBar(tr("Now"), &window);
  nowToolBar_->setObjectName(QStringLiteral("nowBar"));
  nowToolBar_->setMovable(false);
  nowToolBar_->setContextMenuPolicy(Qt::PreventContextMenu);
  nowBar = new NowBar(session, theme, nowToolBar_);
  nowToolBar_->addWidget(nowBar);
}

void Regions::addBars(QToolBar* tools) {
  window_.addToolBar(tools);
  window_.addToolBarBreak();
  window_.addToolBar(nowToolBar_);
  createRail();
}

QList<QAction*> Regions::panelActions() const {
  return {processorsDock_->toggleViewAction(), inspectorDock_->toggleViewAction(),
          timelineDock_->toggleViewAction()};
}

// What is left of the Inspector when it is closed: a strip that opens it again.
void Regions::createRail() {
  rail_ = new QToolBar(tr("Inspector rail"), &window_);
  rail_->setObjectName(QStringLiteral("rail"));
  rail_->setMovable(false);
  rail_->setContextMenuPolicy(Qt::PreventContextMenu);
  window_.addToolBar(Qt::RightToolBarArea, rail_);
  rail_->setFixedWidth(28);
  auto* open = new RailButton(tr("Inspector"), theme_, rail_);
  open->setToolTip(tr("Open the Inspector"));
  open->setAccessibleName(tr("Open the Inspector"));
  rail_->addWidget(open);
  QObject::connect(open, &QAbstractButton::clicked, inspectorDock_, &QWidget::show);
  QObject::connect(inspectorDock_, &QDockWidget::visibilityChanged, rail_, [this](bool) {
    rail_->setVisible(inspectorDock_->isHidden());
    makeRoomForInspector();
  });
  rail_->setVisible(inspectorDock_->isHidden());
}

// In a small window the Inspector is closed: it opens with the tiles and closes with them.
void Regions::showTiles(bool shown) {
  if (shown && inspectorDock_->isHidden() && hasRoomForInspector()) {
    inspectorDock_->show();
    openedForTiles_ = true;
  } else if (!shown && openedForTiles_) {
    inspectorDock_->hide();
    openedForTiles_ = false;
  }
  inspectorStack_->setCurrentWidget(shown ? static_cast<QWidget*>(tiles) : inspector);
}

void Regions::openInspector() {
  showTiles(false);
  if (hasRoomForInspector()) inspectorDock_->show();
}

void Regions::showEvents() {
  openInspector();
  inspector->setCurrentIndex(2);
}

bool Regions::hasRoomForInspector() const { return window_.width() >= kInspectorWidth; }

// A panel that was closed for lack of room opens again when there is room.
void Regions::collapse(PanelDock& dock, bool noRoom, bool& collapsed) {
  if (noRoom && !dock.isHidden()) {
    dock.hide();
    collapsed = true;
  } else if (!noRoom && collapsed) {
    dock.show();
    collapsed = false;
  }
}

// In a narrow window an open Inspector replaces the Processors and takes some room from the map.
void Regions::makeRoomForInspector() {
  const bool narrow = !inspectorDock_->isHidden() && !hasRoomForInspector();
  collapse(*processorsDock_, narrow, processorsCollapsed_);
  map->setMinimumSize(narrow && window_.width() < kMapAndInspector ? 360 : 480,
                      window_.height() < kTimelineHeight ? 120 : 240);  // leaves room for a banner
}

void Regions::adaptToSize() {
  const int width = window_.width(), height = window_.height();
  const bool low = height < kSmallHeight, lowest = height < kTimelineHeight;
  if (const bool room = hasRoomForInspector(); room != hadRoom_) {
    hadRoom_ = room;
    collapse(*inspectorDock_, !room, inspectorCollapsed_);
  }
  makeRoomForInspector();
  const bool compact = width < kTilesWidth, flat = height < kFlatHeight;
  processors->setCompact(compact);
  collapse(*timelineDock_, lowest, timelineCollapsed_);
  nowBar->setFixedHeight(low ? 40 : 44);
  ruler->setFixedHeight(low ? 56 : 64);
  if (compact == tiles_ && flat == flat_) return;
  tiles_ = compact, flat_ = flat;
  layOutDocks();
}

void Regions::restore(const QSettings* remembered, QSize asked) {
  window_.resize(asked.isValid() ? inUnits(asked, window_.devicePixelRatioF()) : kUsualSize);
  bool restored = false;
  if (remembered != nullptr) {
    if (!asked.isValid())
      window_.restoreGeometry(remembered->value(QStringLiteral("geometry")).toByteArray());
    restored = window_.restoreState(remembered->value(QStringLiteral("state")).toByteArray(), kStateVersion);
  }
  exactSize_ = asked.isValid() && remembered == nullptr;
  fit();
  if (!restored) layOut();
  rail_->setVisible(inspectorDock_->isHidden());
}

void Regions::fit() {
  if (!exactSize_) fitToScreen(window_);
}

void Regions::layOut() {
  layOutDocks();
  inspectorDock_->setVisible(window_.width() >= kSmallWidth);
}

void Regions::layOutDocks() {
  const bool small = window_.width() < kSmallWidth;
  window_.resizeDocks({processorsDock_}, {tiles_ ? 112 : small ? 200 : 248}, Qt::Horizontal);
  window_.resizeDocks({inspectorDock_}, {320}, Qt::Horizontal);
  window_.resizeDocks({timelineDock_},
                      {flat_                             ? 122
                       : window_.height() < kSmallHeight ? 150
                                                         : 210},
                      Qt::Vertical);
}

void Regions::save(QSettings& settings) const {
  settings.setValue(QStringLiteral("geometry"), window_.saveGeometry());
  settings.setValue(QStringLiteral("state"), window_.saveState(kStateVersion));
}

}  // namespace sweepscope::gui
