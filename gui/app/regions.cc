#include "gui/app/regions.h"

#include <QCoreApplication>
#include <QToolBar>
#include <QVBoxLayout>

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
constexpr int kInspectorWidth = 1100;  // of a window that has room for it
constexpr QSize kUsualSize(1440, 900);

QString tr(const char* text) { return QCoreApplication::translate("Regions", text); }

}  // namespace

Regions::Regions(QMainWindow& window, SessionController& session, const Theme& theme)
    : window_(window), theme_(theme) {
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
  QObject::connect(inspectorDock_, &QDockWidget::visibilityChanged, rail_,
                   [this](bool) { rail_->setVisible(inspectorDock_->isHidden()); });
  rail_->setVisible(inspectorDock_->isHidden());
}

// In a small window the Inspector is closed: it opens for the tiles and goes with them.
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

void Regions::adaptToSize() {
  const bool small = window_.height() < kSmallHeight;
  nowBar->setFixedHeight(small ? 40 : 44);
  ruler->setFixedHeight(small ? 56 : 64);
}

void Regions::restore(const QSettings* remembered, QSize asked) {
  window_.resize(asked.isValid() ? asked : kUsualSize);
  bool restored = false;
  if (remembered != nullptr) {
    if (!asked.isValid())
      window_.restoreGeometry(remembered->value(QStringLiteral("geometry")).toByteArray());
    restored = window_.restoreState(remembered->value(QStringLiteral("state")).toByteArray(), kStateVersion);
  }
  if (!restored) layOut();
  rail_->setVisible(inspectorDock_->isHidden());
}

void Regions::layOut() {
  const bool small = window_.width() < kSmallWidth;
  window_.resizeDocks({processorsDock_}, {small ? 200 : 248}, Qt::Horizontal);
  window_.resizeDocks({inspectorDock_}, {320}, Qt::Horizontal);
  window_.resizeDocks({timelineDock_}, {window_.height() < kSmallHeight ? 150 : 210}, Qt::Vertical);
  inspectorDock_->setVisible(!small);
}

void Regions::save(QSettings& settings) const {
  settings.setValue(QStringLiteral("geometry"), window_.saveGeometry());
  settings.setValue(QStringLiteral("state"), window_.saveState(kStateVersion));
}

}  // namespace sweepscope::gui
