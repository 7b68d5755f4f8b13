#include "gui/app/main_window.h"

#include <QActionGroup>
#include <QApplication>
#include <QCloseEvent>
#include <QComboBox>
#include <QDockWidget>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QInputDialog>
#include <QMenuBar>
#include <QMessageBox>
#include <QSettings>
#include <QStackedWidget>
#include <QStatusBar>
#include <QStyle>
#include <QToolBar>
#include <QToolButton>
#include <QVBoxLayout>

#include "gui/models/formats.h"
#include "gui/models/sentences.h"
#include "gui/theme/icons.h"
#include "gui/views/inspector.h"
#include "gui/views/map_widget.h"
#include "gui/views/now_bar.h"
#include "gui/views/overlays.h"
#include "gui/views/processors_panel.h"
#include "gui/views/ruler_widget.h"
#include "gui/views/timeline_widget.h"

namespace sweepscope::gui {

namespace {

constexpr int kStateVersion = 1;  // of saveState(): raise it when docks or toolbars change
constexpr int kRecentFiles = 10;
constexpr int kFrameMs = 16, kSlowFrameMs = 33;
constexpr double kSlowPaintMs = 8;
constexpr int kConnectRetryMs = 50, kConnectTries = 200;

const std::pair<const char*, Speed> kSpeeds[] = {
    {QT_TRANSLATE_NOOP("Speed", "a cycle in 2 s"), {Speed::Kind::kCycleIn, 2}},
    {QT_TRANSLATE_NOOP("Speed", "a cycle in 6 s"), {Speed::Kind::kCycleIn, 6}},
    {QT_TRANSLATE_NOOP("Speed", "a cycle in 20 s"), {Speed::Kind::kCycleIn, 20}},
    {QT_TRANSLATE_NOOP("Speed", "a cycle in 60 s"), {Speed::Kind::kCycleIn, 60}},
    {QT_TRANSLATE_NOOP("Speed", "speed 1"), {Speed::Kind::kFactor, 1}},
    {QT_TRANSLATE_NOOP("Speed", "speed 1/10"), {Speed::Kind::kFactor, 1e-1}},
    {QT_TRANSLATE_NOOP("Speed", "speed 1/100"), {Speed::Kind::kFactor, 1e-2}},
    {QT_TRANSLATE_NOOP("Speed", "speed 1/1,000"), {Speed::Kind::kFactor, 1e-3}},
    {QT_TRANSLATE_NOOP("Speed", "speed 1/10,000"), {Speed::Kind::kFactor, 1e-4}},
    {QT_TRANSLATE_NOOP("Speed", "speed 1/100,000"), {Speed::Kind::kFactor, 1e-5}},
    {QT_TRANSLATE_NOOP("Speed", "speed 1/1,000,000"), {Speed::Kind::kFactor, 1e-6}},
};

const char* const kCaptions[] = {
    QT_TRANSLATE_NOOP("Caption", "Each square is 8 KiB of memory."),
    QT_TRANSLATE_NOOP(
        "Caption",
        "The collector just finished marking: amber squares may hold garbage, and nobody wrote to them."),
    QT_TRANSLATE_NOOP(
        "Caption", "Red squares lie in a processor's cache: only whoever flushes that cache may sweep them."),
};

// A dock asks its title bar for a size hint and believes no fixed height.
class PanelHeader : public QWidget {
 public:
  using QWidget::QWidget;
  QSize sizeHint() const override { return {100, 26}; }
  QSize minimumSizeHint() const override { return {40, 26}; }
};

}  // namespace

MainWindow::MainWindow(const Options& options) : options_(options), engine_(this) {
  setObjectName(QStringLiteral("mainWindow"));
  setWindowTitle(QStringLiteral("Sweepscope"));
  setDockOptions(QMainWindow::AnimatedDocks | QMainWindow::AllowTabbedDocks);
  createActions();
  createRegions();
  createMenus();
  createToolBar();
  createRail();
  wire();
  restoreSettings();
  adaptToSize();
  onTransport();
  refreshEmptyText();
  showHover({});
  frameClock_.start();
  frameTimer_.setTimerType(Qt::PreciseTimer);
  frameTimer_.start(kFrameMs);
}

MainWindow::~MainWindow() = default;

QAction* MainWindow::add(const QString& text, const QKeySequence& key, const QString& tip) {
  auto* action = new QAction(text, this);
  action->setShortcut(key);
  const QString shown =
      key.isEmpty() ? tip : QStringLiteral("%1 (%2)").arg(tip, key.toString(QKeySequence::NativeText));
  action->setToolTip(shown);
  action->setStatusTip(tip);
  addAction(action);
  return action;
}

void MainWindow::createActions() {
  Actions& a = actions_;
  a.open = add(tr("&Open a recording..."), QKeySequence::Open, tr("Open a recording"));
  a.watch = add(tr("&Watch a collection"), Qt::CTRL | Qt::Key_N, tr("Start an engine and watch it"));
  a.connectTo =
      add(tr("&Connect to an engine..."), Qt::CTRL | Qt::Key_K, tr("Watch an engine that runs already"));
  a.record = add(tr("&Record..."), Qt::CTRL | Qt::Key_R,
                 tr("Start the engine again with its session recorded into a file"));
  a.quit = add(tr("&Quit"), QKeySequence::Quit, tr("Quit"));
  a.play = add(tr("&Play or pause"), Qt::Key_Space, tr("Play or pause"));
  a.stepEvent = add(tr("Next &event"), Qt::SHIFT | Qt::Key_Period, tr("One event on"));
  a.stepEventBack = add(tr("Previous e&vent"), Qt::SHIFT | Qt::Key_Comma, tr("One event back"));
  a.nextPhase = add(tr("Next p&hase edge"), Qt::Key_Period, tr("To the next phase"));
  a.previousPhase = add(tr("Previous ph&ase edge"), Qt::Key_Comma, tr("To the phase before"));
  a.toStart = add(tr("To the &start"), Qt::CTRL | Qt::Key_Home, tr("To the start of the session"));
  a.toEnd = add(tr("To the e&nd"), Qt::CTRL | Qt::Key_End, tr("To the end of the session"));
  a.live = add(tr("&LIVE: last finished cycle in slow motion"), Qt::Key_F6,
               tr("Follow the engine: its last finished cycle in slow motion"));
  a.live->setCheckable(true);
  a.realTime = add(tr("Real &time"), Qt::Key_F7, tr("Follow the engine in real time"));
  a.realTime->setCheckable(true);
  a.nextOfFilter = add(tr("&Next square of the filtered state"), Qt::Key_N,
                       tr("Select the next span of the filtered state"));
  a.clearFilter = add(tr("Show &every state"), Qt::SHIFT | Qt::Key_Escape, tr("Clear the filter"));
  a.zoomPolicy = add(tr("&Zoom policy: next"), Qt::Key_L,
                     tr("What a pixel of several pages shows: Auto, Majority, Alarm"));
  a.fitMap = add(tr("&Whole map"), Qt::Key_Home, tr("Zoom the map to the whole heap"));
  a.wholeTimeline =
      add(tr("Whole t&imeline"), Qt::SHIFT | Qt::Key_Home, tr("Show the whole session on the timeline"));
  a.reducedMotion = add(tr("&Reduced motion"), {}, tr("No sliding and no moving patterns"));
  a.reducedMotion->setCheckable(true);
  a.fullScreen = add(tr("&Full screen"), Qt::Key_F11, tr("Full screen"));
  a.fullScreen->setCheckable(true);
  a.keys = add(tr("&Keys"), QKeySequence(QStringLiteral("?")), tr("Every key"));
  a.about = add(tr("&About Sweepscope"), {}, tr("About Sweepscope"));
}

void MainWindow::createMenus() {
  const Actions& a = actions_;
  QMenu* file = menuBar()->addMenu(tr("&File"));
  file->addActions({a.watch, a.connectTo, a.open});
  recentMenu_ = file->addMenu(tr("Open r&ecent"));
  file->addSeparator();
  file->addAction(a.record);
  file->addSeparator();
  file->addAction(a.quit);
  QMenu* time = menuBar()->addMenu(tr("&Time"));
  time->addActions({a.play, a.nextPhase, a.previousPhase, a.stepEvent, a.stepEventBack, a.toStart, a.toEnd});
  time->addSeparator();
  time->addActions({a.live, a.realTime});
  QMenu* view = menuBar()->addMenu(tr("&View"));
  view->addActions({a.fitMap, a.wholeTimeline, a.zoomPolicy, a.nextOfFilter, a.clearFilter});
  view->addSeparator();
  for (QDockWidget* dock : {processorsDock_, inspectorDock_, timelineDock_})
    view->addAction(dock->toggleViewAction());
  view->addSeparator();
  QMenu* themes = view->addMenu(tr("&Theme"));
  themeGroup_ = new QActionGroup(this);
  for (const ThemeKind kind : {ThemeKind::kDark, ThemeKind::kLight, ThemeKind::kProjector}) {
    QString title = themeName(kind);
    title[0] = title[0].toUpper();
    QAction* action = themes->addAction(title);
    action->setCheckable(true);
    action->setData(static_cast<int>(kind));
    themeGroup_->addAction(action);
  }
  view->addActions({a.reducedMotion, a.fullScreen});
  QMenu* helpMenu = menuBar()->addMenu(tr("&Help"));
  helpMenu->addActions({a.keys, a.about});
}

void MainWindow::createToolBar() {
  QToolBar* bar = addToolBar(tr("Tools"));
  bar->setObjectName(QStringLiteral("tools"));
  bar->setMovable(false);
  bar->setContextMenuPolicy(Qt::PreventContextMenu);
  bar->setIconSize({16, 16});
  bar->setToolButtonStyle(Qt::ToolButtonIconOnly);
  const Actions& a = actions_;
  source_ = new QLabel(bar);
  source_->setAccessibleName(tr("Source"));
  source_->setMinimumWidth(150);
  source_->setMaximumWidth(300);
  bar->addAction(a.watch);
  bar->addAction(a.open);
  bar->addWidget(source_);
  bar->addAction(a.record);
  bar->addSeparator();
  bar->addActions({a.toStart, a.previousPhase, a.stepEventBack, a.play, a.stepEvent, a.nextPhase, a.toEnd});
  bar->addSeparator();
  speed_ = new QComboBox(bar);
  speed_->setAccessibleName(tr("Speed"));
  speed_->setToolTip(tr("How fast time passes on screen"));
  for (const auto& [name, speed] : kSpeeds) speed_->addItem(QCoreApplication::translate("Speed", name));
  speed_->setCurrentIndex(1);
  bar->addWidget(speed_);
  bar->addSeparator();
  bar->addAction(a.live);
  bar->addAction(a.realTime);
  for (QAction* action : {a.live, a.realTime, a.record}) {
    auto* button = qobject_cast<QToolButton*>(bar->widgetForAction(action));
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  }
  a.live->setIconText(tr("LIVE"));
  a.realTime->setIconText(tr("real time"));
  a.record->setIconText(tr("Rec"));
  auto* gap = new QWidget(bar);
  gap->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  bar->addWidget(gap);
  mode_ = new QComboBox(bar);
  mode_->addItem(tr("Watch"));
  mode_->setAccessibleName(tr("Mode"));
  mode_->setToolTip(tr("Mode"));
  bar->addWidget(mode_);
  auto* keys = new QToolButton(bar);
  keys->setText(QStringLiteral("?"));
  keys->setToolTip(tr("Every key (?)"));
  keys->setAccessibleName(tr("Keys"));
  connect(keys, &QToolButton::clicked, actions_.keys, &QAction::trigger);
  bar->addWidget(keys);

  addToolBarBreak();
  QToolBar* now = addToolBar(tr("Now"));
  now->setObjectName(QStringLiteral("nowBar"));
  now->setMovable(false);
  now->setContextMenuPolicy(Qt::PreventContextMenu);
  nowBar_ = new NowBar(session_, theme_, now);
  now->addWidget(nowBar_);
}

QDockWidget* MainWindow::createDock(const QString& name, const QString& title, QWidget* body,
                                    Qt::DockWidgetArea area) {
  auto* dock = new QDockWidget(title, this);
  dock->setObjectName(name);
  dock->setWidget(body);
  auto* header = new PanelHeader(dock);
  header->setObjectName(QStringLiteral("panelHeader"));
  header->setAttribute(Qt::WA_StyledBackground);
  header->setFixedHeight(26);
  auto* layout = new QHBoxLayout(header);
  layout->setContentsMargins(10, 0, 4, 0);
  layout->setSpacing(8);
  auto* label = new QLabel(title, header);
  label->setStyleSheet(QStringLiteral("font-weight: 600;"));
  layout->addWidget(label);
  if (name == QLatin1String("processorsDock")) {
    label->hide();  // the sentence begins with what the panel is about
    processorsSentence_ = new QLabel(title, header);
    processorsSentence_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    layout->addWidget(processorsSentence_, 1);
  } else {
    layout->addStretch(1);
  }
  auto* close = new QToolButton(header);
  close->setAutoRaise(true);
  close->setText(QStringLiteral("\u00d7"));
  close->setToolTip(tr("Close this panel"));
  close->setAccessibleName(tr("Close %1").arg(title));
  close->setStyleSheet(QStringLiteral("QToolButton { border: none; padding: 0 4px; }"));
  connect(close, &QToolButton::clicked, dock, &QWidget::hide);
  layout->addWidget(close);
  dock->setTitleBarWidget(header);
  addDockWidget(area, dock);
  return dock;
}

void MainWindow::createRegions() {
  setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
  setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);
  auto* centre = new QWidget(this);
  auto* layout = new QVBoxLayout(centre);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  banner_ = new Banner(centre);
  map_ = new MapWidget(session_, theme_, centre);
  ruler_ = new RulerWidget(session_, theme_, centre);
  caption_ = new Caption(theme_, map_);
  layout->addWidget(banner_);
  layout->addWidget(map_, 1);
  layout->addWidget(ruler_);
  setCentralWidget(centre);

  processors_ = new ProcessorsPanel(session_, theme_, this);
  processorsDock_ =
      createDock(QStringLiteral("processorsDock"), tr("Processors"), processors_, Qt::LeftDockWidgetArea);

  inspector_ = new Inspector(session_, theme_, this);
  tiles_ = new StartTiles(theme_, this);
  inspectorStack_ = new QStackedWidget(this);
  inspectorStack_->addWidget(inspector_);
  inspectorStack_->addWidget(tiles_);
  inspectorStack_->setMinimumWidth(240);
  inspectorDock_ =
      createDock(QStringLiteral("inspectorDock"), tr("Inspector"), inspectorStack_, Qt::RightDockWidgetArea);

  timeline_ = new TimelineWidget(session_, theme_, this);
  timelineDock_ =
      createDock(QStringLiteral("timelineDock"), tr("Timeline"), timeline_, Qt::BottomDockWidgetArea);

  statusHover_ = new QLabel(this);
  statusMode_ = new QLabel(this);
  statusLoss_ = new QLabel(this);
  statusHover_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  statusBar()->addWidget(statusHover_, 1);
  statusBar()->addPermanentWidget(statusLoss_);
  statusBar()->addPermanentWidget(statusMode_);
  statusBar()->setSizeGripEnabled(false);
}

// What is left of the Inspector when it is closed: a strip that opens it again.
void MainWindow::createRail() {
  rail_ = new QToolBar(tr("Inspector rail"), this);
  rail_->setObjectName(QStringLiteral("rail"));
  rail_->setMovable(false);
  rail_->setContextMenuPolicy(Qt::PreventContextMenu);
  addToolBar(Qt::RightToolBarArea, rail_);
  rail_->setFixedWidth(28);
  auto* open = new RailButton(tr("Inspector"), theme_, rail_);
  open->setToolTip(tr("Open the Inspector"));
  open->setAccessibleName(tr("Open the Inspector"));
  rail_->addWidget(open);
  connect(open, &QAbstractButton::clicked, inspectorDock_, &QWidget::show);
  connect(inspectorDock_, &QDockWidget::visibilityChanged, this,
          [this](bool) { rail_->setVisible(inspectorDock_->isHidden()); });
  rail_->setVisible(inspectorDock_->isHidden());
}

void MainWindow::wire() {
  const Actions& a = actions_;
  connect(a.open, &QAction::triggered, this, &MainWindow::openFileDialog);
  connect(a.watch, &QAction::triggered, this, &MainWindow::startDemo);
  connect(a.connectTo, &QAction::triggered, this, &MainWindow::askAddress);
  connect(a.record, &QAction::triggered, this, [this] {
    const QString file = QFileDialog::getSaveFileName(this, tr("Record into"), QStringLiteral("session.mcap"),
                                                      tr("Recordings (*.mcap)"));
    if (file.isEmpty()) return;
    options_.recordFile = file;
    startDemo();
  });
  connect(a.quit, &QAction::triggered, this, &QWidget::close);
  connect(a.play, &QAction::triggered, &session_, &SessionController::togglePlaying);
  connect(a.stepEvent, &QAction::triggered, this, [this] { session_.stepEvent(1); });
  connect(a.stepEventBack, &QAction::triggered, this, [this] { session_.stepEvent(-1); });
  connect(a.nextPhase, &QAction::triggered, this, [this] { session_.stepPhase(1); });
  connect(a.previousPhase, &QAction::triggered, this, [this] { session_.stepPhase(-1); });
  connect(a.toStart, &QAction::triggered, this, [this] { session_.seekEnd(false); });
  connect(a.toEnd, &QAction::triggered, this, [this] { session_.seekEnd(true); });
  connect(a.live, &QAction::triggered, this, [this](bool on) {
    session_.setRealTime(false);
    session_.setLive(on);
  });
  connect(a.realTime, &QAction::triggered, &session_, &SessionController::setRealTime);
  connect(a.nextOfFilter, &QAction::triggered, this, [this] { map_->selectNextOf(ruler_->filter(), 1); });
  connect(a.clearFilter, &QAction::triggered, this, [this] { ruler_->setFilter(kEveryState); });
  connect(a.zoomPolicy, &QAction::triggered, this, [this] {
    map_->setPolicy(static_cast<ZoomPolicy>((static_cast<int>(map_->policy()) + 1) % 3));
    static const char* const kNames[] = {"Auto", "Majority", "Alarm"};
    showHover(tr("Zoom policy: %1").arg(QLatin1String(kNames[static_cast<int>(map_->policy())])));
  });
  connect(a.fitMap, &QAction::triggered, map_, &MapWidget::zoomToFit);
  connect(a.wholeTimeline, &QAction::triggered, timeline_, &TimelineWidget::showAll);
  connect(a.reducedMotion, &QAction::toggled, this, [this](bool on) { theme_.setReducedMotion(on); });
  connect(a.fullScreen, &QAction::toggled, this, [this](bool on) { on ? showFullScreen() : showNormal(); });
  connect(a.keys, &QAction::triggered, this, [this] { KeySheet(actions(), theme_, this).exec(); });
  connect(a.about, &QAction::triggered, this, [this] {
    QMessageBox::about(
        this, tr("About Sweepscope"),
        tr("<b>Sweepscope " SWEEPSCOPE_VERSION
           "</b><br>Watches an engine that re-creates the Go runtime's allocator and collector "
           "around the sweepgen protocol with lazy mcache flushing."));
  });
  connect(themeGroup_, &QActionGroup::triggered, this,
          [this](const QAction* action) { applyTheme(static_cast<ThemeKind>(action->data().toInt())); });
  connect(speed_, &QComboBox::activated, this, [this](int i) { session_.setSpeed(kSpeeds[i].second); });

  connect(&frameTimer_, &QTimer::timeout, this, &MainWindow::frame);
  connect(&session_, &SessionController::opened, this, &MainWindow::onOpened);
  connect(&session_, &SessionController::pictureChanged, this, &MainWindow::onPicture);
  connect(&session_, &SessionController::transportChanged, this, &MainWindow::onTransport);
  connect(&session_, &SessionController::marksGrew, timeline_, qOverload<>(&QWidget::update));
  connect(&session_, &SessionController::engineDied, this, &MainWindow::onEngineDied);
  connect(&session_, &SessionController::storyReady, inspector_, &Inspector::setStory);
  connect(&session_, &SessionController::linkChanged, this, &MainWindow::refreshStatus);
  connect(&session_, &SessionController::failed, this, [this](const QString& message) {
    emit sessionFailed(message);
    if (!session_.log()) problem_ = message;
    refreshEmptyText();
    banner_->show(tr("This did not work"), message, false);
  });

  connect(map_, &MapWidget::selectionChanged, this, [this](telemetry::SpanId span) {
    if (span != telemetry::kNobody) {
      inspectorStack_->setCurrentWidget(inspector_);
      if (width() >= 1100) inspectorDock_->show();
    }
    inspector_->showSpan(span);
  });
  connect(processors_, &ProcessorsPanel::spanChosen, map_, &MapWidget::select);
  connect(ruler_, &RulerWidget::filterChanged, this, &MainWindow::setFilter);
  connect(timeline_, &TimelineWidget::seekRequested, &session_, &SessionController::seekNs);
  connect(inspector_, &Inspector::seekRequested, &session_, [this](quint64 seq) {
    session_.setPlaying(false);
    session_.seekSeq(seq);
  });
  connect(map_, &MapWidget::hovered, this, &MainWindow::showHover);
  connect(ruler_, &RulerWidget::hovered, this, &MainWindow::showHover);
  connect(processors_, &ProcessorsPanel::hovered, this, &MainWindow::showHover);
  connect(timeline_, &TimelineWidget::hovered, this, &MainWindow::showHover);
  connect(tiles_, &StartTiles::watchChosen, this, [this] {
    inspectorStack_->setCurrentWidget(inspector_);
    if (session_.source() != SessionController::Source::kLive) startDemo();
  });
  connect(tiles_, &StartTiles::openChosen, this, &MainWindow::openFileDialog);
  connect(banner_, &Banner::stepsWanted, this, [this] {
    session_.setPlaying(false);
    const uint64_t seq = session_.checkSeq();
    session_.seekSeq(seq > 10 ? seq - 10 : 0);
    inspectorDock_->show();
    inspectorStack_->setCurrentWidget(inspector_);
    inspector_->setCurrentIndex(2);
  });
  connect(&engine_, &EngineProcess::startFailed, this, [this](const QString& why) {
    connectTimer_.stop();
    problem_ = why;
    refreshEmptyText();
    emit sessionFailed(why);
  });
  connect(&engine_, &EngineProcess::finished, this, &MainWindow::onEngineFinished);
  connect(&connectTimer_, &QTimer::timeout, this, &MainWindow::tryConnect);
}

void MainWindow::restoreSettings() {
  QSettings settings;
  recent_ = settings.value(QStringLiteral("recentFiles")).toStringList();
  refreshRecent();
  // A picture asked for on the command line must not depend on who sat here before.
  const bool remembered = options_.screenshot.isEmpty();
  const bool dark = palette().color(QPalette::Window).lightness() < 128;
  ThemeKind kind = dark ? ThemeKind::kDark : ThemeKind::kLight;
  if (!remembered) kind = ThemeKind::kDark;
  if (remembered)
    kind = parseTheme(settings.value(QStringLiteral("theme"), themeName(ThemeKind::kDark)).toString())
               .value_or(kind);
  applyTheme(options_.theme.value_or(kind));
  resize(options_.size.isValid() ? options_.size : QSize(1440, 900));
  bool restored = false;
  if (remembered) {
    actions_.reducedMotion->setChecked(settings.value(QStringLiteral("reducedMotion"), false).toBool());
    if (!options_.size.isValid()) restoreGeometry(settings.value(QStringLiteral("geometry")).toByteArray());
    restored = restoreState(settings.value(QStringLiteral("state")).toByteArray(), kStateVersion);
  }
  if (!restored) {
    const bool small = width() < 1360;
    resizeDocks({processorsDock_}, {small ? 200 : 248}, Qt::Horizontal);
    resizeDocks({inspectorDock_}, {320}, Qt::Horizontal);
    resizeDocks({timelineDock_}, {height() < 800 ? 150 : 210}, Qt::Vertical);
    inspectorDock_->setVisible(!small);
  }
  rail_->setVisible(inspectorDock_->isHidden());
}

void MainWindow::saveSettings() {
  if (!options_.screenshot.isEmpty()) return;
  QSettings settings;
  settings.setValue(QStringLiteral("geometry"), saveGeometry());
  settings.setValue(QStringLiteral("state"), saveState(kStateVersion));
  settings.setValue(QStringLiteral("theme"), themeName(theme_.kind()));
  settings.setValue(QStringLiteral("reducedMotion"), theme_.reducedMotion());
  settings.setValue(QStringLiteral("recentFiles"), recent_);
}

void MainWindow::closeEvent(QCloseEvent* event) {
  saveSettings();
  frameTimer_.stop();
  engine_.stop();
  QMainWindow::closeEvent(event);
}

void MainWindow::resizeEvent(QResizeEvent* event) {
  QMainWindow::resizeEvent(event);
  adaptToSize();
}

void MainWindow::adaptToSize() {
  const bool small = height() < 800;
  nowBar_->setFixedHeight(small ? 40 : 44);
  ruler_->setFixedHeight(small ? 56 : 64);
}

void MainWindow::begin() {
  inspectorStack_->setCurrentWidget(options_.file.isEmpty() && options_.connectAddress.isEmpty() &&
                                            !options_.demoAsked
                                        ? static_cast<QWidget*>(tiles_)
                                        : inspector_);
  if (!options_.file.isEmpty()) return openRecording(options_.file, options_.anchor);
  if (!options_.connectAddress.isEmpty()) {
    connectAddress_ = options_.connectAddress;
    connectTries_ = kConnectTries;  // it runs already, or it is not there
    return tryConnect();
  }
  startDemo();
}

void MainWindow::startDemo() {
  problem_.clear();
  banner_->hide();
  session_.close();
  engine_.start({options_.demo, 4, options_.seed, options_.recordFile});
  options_.recordFile.clear();
  if (!engine_.running()) return;
  demoRuns_ = true;
  connectAddress_ = engine_.address();
  connectTries_ = 0;
  connectTimer_.start(kConnectRetryMs);
  refreshEmptyText();
}

void MainWindow::tryConnect() {
  auto source = LiveSource::connect(connectAddress_.toStdString());
  if (source) {
    connectTimer_.stop();
    captionsShown_ = 0;
    captionClock_.invalidate();
    return session_.follow(std::move(*source));
  }
  if (++connectTries_ < kConnectTries && connectTimer_.isActive()) return;
  connectTimer_.stop();
  problem_ = QString::fromStdString(source.error().message);
  refreshEmptyText();
  emit sessionFailed(problem_);
}

void MainWindow::openFileDialog() {
  const QString path = QFileDialog::getOpenFileName(this, tr("Open a recording"), {},
                                                    tr("Recordings (*.mcap);;All files (*)"));
  if (!path.isEmpty()) openRecording(path);
}

void MainWindow::openRecording(const QString& path, std::optional<Anchor> anchor) {
  inspectorStack_->setCurrentWidget(inspector_);
  banner_->hide();
  session_.openRecording(path, anchor);
  if (anchor && anchor->kind == Anchor::Kind::kSpan)
    map_->select(static_cast<telemetry::SpanId>(anchor->value));
  rememberRecent(path);
}

void MainWindow::rememberRecent(const QString& path) {
  const QString absolute = QFileInfo(path).absoluteFilePath();
  recent_.removeAll(absolute);
  recent_.prepend(absolute);
  while (recent_.size() > kRecentFiles) recent_.removeLast();
  refreshRecent();
}

void MainWindow::refreshRecent() {
  if (recentMenu_ == nullptr) return;
  recentMenu_->clear();
  for (const QString& path : recent_) {
    recentMenu_->addAction(path, this, [this, path] { openRecording(path); });
  }
  recentMenu_->setEnabled(!recent_.isEmpty());
}

void MainWindow::askAddress() {
  const QString address = QInputDialog::getText(this, tr("Connect to an engine"),
                                                tr("Address that sweepctl run --serve printed:"));
  if (address.isEmpty()) return;
  connectAddress_ = address;
  connectTries_ = kConnectTries;
  tryConnect();
}

void MainWindow::frame() {
  const double seconds = static_cast<double>(frameClock_.nsecsElapsed()) / 1e9;
  frameClock_.restart();
  session_.tick(seconds);
  advanceCaptions();
  const bool slow = map_->lastPaintMs() > kSlowPaintMs;
  const int interval = !isActiveWindow() && !options_.screenshot.isEmpty() ? kFrameMs
                       : slow                                              ? kSlowFrameMs
                       : isActiveWindow()                                  ? kFrameMs
                                                                           : 50;
  if (frameTimer_.interval() != interval) frameTimer_.setInterval(interval);
}

void MainWindow::onOpened() {
  map_->zoomToFit();
  onTransport();
  refreshEmptyText();
  if (session_.source() == SessionController::Source::kRecording) {
    demoRuns_ = false;
    engine_.stop();
  }
}

void MainWindow::onPicture(const std::vector<PageRun>& dirty, bool everything) {
  map_->onPicture(dirty, everything);
  ruler_->onPicture();
  processors_->onPicture();
  refreshProcessorsSentence();
  timeline_->onPicture();
  inspector_->onPicture();
  nowBar_->update();
  refreshStatus();
  if (session_.codes().pages() == 0) refreshEmptyText();
}

// "1024 Ps: 37 stale, 1 flushing, 1000 idle", the number in bold, the rest as far as there is room.
void MainWindow::refreshProcessorsSentence() {
  const QString sentence = processors_->sentence();
  const QString head = sentence.section(QLatin1Char(':'), 0, 0);
  const QFontMetrics metrics(theme_.strong());
  const int room = processorsSentence_->width() - metrics.horizontalAdvance(head) - 2;
  const QString rest =
      QFontMetrics(theme_.body()).elidedText(sentence.mid(head.size()), Qt::ElideRight, room);
  processorsSentence_->setText(QStringLiteral("<b>%1</b>%2").arg(head, rest));
  processorsSentence_->setToolTip(sentence);
}

void MainWindow::onTransport() {
  const bool any = session_.log() != nullptr;
  const bool liveSource = session_.source() == SessionController::Source::kLive;
  const Actions& a = actions_;
  for (QAction* action :
       {a.play, a.stepEvent, a.stepEventBack, a.nextPhase, a.previousPhase, a.toStart, a.toEnd})
    action->setEnabled(any);
  a.live->setEnabled(liveSource);
  a.realTime->setEnabled(liveSource);
  a.live->setChecked(session_.live() && !session_.realTime());
  a.realTime->setChecked(session_.live() && session_.realTime());
  a.play->setIcon(icon(session_.playing() ? Icon::kPause : Icon::kPlay, theme_));
  speed_->setEnabled(any && !(session_.live() && session_.realTime()));
  for (int i = 0; i < static_cast<int>(std::size(kSpeeds)); ++i) {
    if (kSpeeds[i].second == session_.speed()) speed_->setCurrentIndex(i);
  }
  QString name = tr("no session");
  if (session_.source() == SessionController::Source::kRecording)
    name = QFileInfo(session_.sourceName()).fileName();
  if (session_.source() == SessionController::Source::kOpening) name = tr("opening...");
  if (liveSource) name = demoRuns_ ? tr("own engine: %1").arg(options_.demo) : session_.sourceName();
  source_->setText(source_->fontMetrics().elidedText(name, Qt::ElideMiddle, 280));
  source_->setToolTip(session_.sourceName());
  nowBar_->update();
  timeline_->update();
  refreshStatus();
}

void MainWindow::onEngineDied() {
  const auto check = session_.checkFired();
  if (!check) return;
  QString words = engine_.lastWords();
  if (session_.source() == SessionController::Source::kRecording)
    words = tr("The recording ends here; the picture is the last one before the check.");
  banner_->show(describe(*check), words, true);
  nowBar_->update();
}

void MainWindow::onEngineFinished(int code, bool crashed) {
  if (!demoRuns_ || session_.source() == SessionController::Source::kRecording) return;
  connectTimer_.stop();
  if (!session_.log()) {
    problem_ = engine_.lastWords().isEmpty()
                   ? tr("The engine ended with code %1 before it could be watched.").arg(code)
                   : engine_.lastWords();
    refreshEmptyText();
    emit sessionFailed(problem_);
    return;
  }
  session_.setLive(false);
  if (session_.checkFired()) return onEngineDied();
  const QString title =
      crashed ? tr("The engine died") : tr("The engine has ended (code %1). The picture stays.").arg(code);
  banner_->show(title, engine_.lastWords(), false);
}

void MainWindow::applyTheme(ThemeKind kind) {
  const bool reduced = theme_.reducedMotion();
  theme_ = Theme(kind);
  theme_.setReducedMotion(reduced);
  theme_.apply(*qApp);
  for (QAction* action : themeGroup_->actions())
    action->setChecked(action->data().toInt() == static_cast<int>(kind));
  const Actions& a = actions_;
  a.watch->setIcon(icon(Icon::kEngine, theme_));
  a.open->setIcon(icon(Icon::kFolder, theme_));
  a.record->setIcon(icon(Icon::kRecord, theme_));
  a.toStart->setIcon(icon(Icon::kToStart, theme_));
  a.toEnd->setIcon(icon(Icon::kToEnd, theme_));
  a.previousPhase->setIcon(icon(Icon::kPreviousPhase, theme_));
  a.nextPhase->setIcon(icon(Icon::kNextPhase, theme_));
  a.stepEventBack->setIcon(icon(Icon::kPreviousEvent, theme_));
  a.stepEvent->setIcon(icon(Icon::kNextEvent, theme_));
  a.live->setIcon(icon(Icon::kLive, theme_));
  map_->onThemeChanged();
  onTransport();
}

void MainWindow::refreshStatus() {
  QString mode;
  switch (session_.source()) {
    case SessionController::Source::kNone:
      mode = tr("no session");
      break;
    case SessionController::Source::kOpening:
      mode = tr("opening");
      break;
    case SessionController::Source::kRecording:
      mode = tr("replay");
      break;
    case SessionController::Source::kLive:
      mode = session_.linkState() == LinkState::kClosed ? tr("engine gone")
             : session_.live()                          ? tr("LIVE")
                                                        : tr("rewound, capture goes on");
      break;
  }
  if (session_.log()) mode += QStringLiteral("   ") + formatMoment(session_.ns());
  statusMode_->setText(mode);
  const bool refused = session_.player().refusals() > 0;
  nowBar_->setToolTip(refused ? QString::fromStdString(session_.player().lastRefusal().sentence) : QString());
  const uint64_t lost = session_.eventsLost();
  statusLoss_->setVisible(lost > 0);
  if (lost > 0) statusLoss_->setText(tr("%1 events lost").arg(formatCount(lost)));
}

void MainWindow::refreshEmptyText() {
  if (!problem_.isEmpty()) {
    map_->setEmptyText(tr("No heap to show.\n\n%1\n\nOpen a recording with Ctrl+O, or try again with Ctrl+N.")
                           .arg(problem_));
  } else if (connectTimer_.isActive()) {
    map_->setEmptyText(tr("Starting an engine: %1 ...").arg(options_.demo));
  } else if (session_.source() == SessionController::Source::kOpening) {
    map_->setEmptyText(tr("Opening the recording ..."));
  } else if (session_.log() == nullptr) {
    map_->setEmptyText(tr("No session is open.\n\nCtrl+N watches a collection, Ctrl+O opens a recording."));
  } else if (session_.source() == SessionController::Source::kLive) {
    map_->setEmptyText(tr("Connected. The heap is drawn with the first span the engine allocates."));
  } else {
    map_->setEmptyText(
        tr("Nothing has been allocated yet at this moment of the session.\n\nPress Space to play, or . for "
           "the next phase."));
  }
}

// The first seconds of the demo explain themselves; each sentence comes when what it speaks of is on screen.
void MainWindow::advanceCaptions() {
  if (!demoRuns_ || captionsShown_ >= static_cast<int>(std::size(kCaptions)) || session_.codes().pages() == 0)
    return;
  if (captionClock_.isValid() && captionClock_.elapsed() < 4000) return;
  const telemetry::Census& census = session_.replica().census();
  const auto spans = [&](telemetry::SweepState s) { return census.spans[static_cast<size_t>(s)]; };
  const bool due = captionsShown_ == 0 || (captionsShown_ == 1 && spans(telemetry::SweepState::kNeeds) > 0) ||
                   (captionsShown_ == 2 && spans(telemetry::SweepState::kStale) > 0);
  if (!due) return;
  caption_->say(QCoreApplication::translate("Caption", kCaptions[captionsShown_++]));
  captionClock_.start();
}

// Where nothing is pointed at, the line holds the rule by which the colours are read.
void MainWindow::showHover(const QString& text) {
  const QString rule =
      tr("Cool is clean, warm is dirty, yellow is being cleaned, a dot is held by a P. ? shows every key.");
  statusHover_->setText(text.isEmpty() ? rule : text);
}

void MainWindow::setFilter(uint16_t filter) {
  map_->setFilter(filter);
  processors_->setFilter(filter);
  if (filter == kEveryState) return showHover({});
  // An empty view says what is not there, and where it last was.
  const telemetry::Census& census = session_.replica().census();
  static constexpr std::pair<CellState, telemetry::SweepState> kPairs[] = {
      {CellState::kNeeds, telemetry::SweepState::kNeeds},
      {CellState::kSweeping, telemetry::SweepState::kSweeping},
      {CellState::kSwept, telemetry::SweepState::kSwept},
      {CellState::kStale, telemetry::SweepState::kStale},
      {CellState::kCached, telemetry::SweepState::kCached},
      {CellState::kIllegal, telemetry::SweepState::kIllegal}};
  for (const auto& [cell, state] : kPairs) {
    if (filter == maskOf(cell) && census.spans[static_cast<size_t>(state)] == 0) {
      caption_->say(tr("No span is %1 now. Press . for the next phase, or Shift+Esc to see every state.")
                        .arg(QLatin1String(words(cell).name)));
    }
  }
}

}  // namespace sweepscope::gui
