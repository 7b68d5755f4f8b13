#include "gui/app/main_window.h"

#include <QCloseEvent>
#include <QFileDialog>
#include <QInputDialog>
#include <QMenuBar>
#include <QMessageBox>
#include <utility>

#include "gui/app/modes.h"
#include "gui/app/theme_actions.h"
#include "gui/theme/icons.h"
#include "gui/views/inspector.h"
#include "gui/views/map_accessible.h"
#include "gui/views/map_widget.h"
#include "gui/views/now_bar.h"
#include "gui/views/overlays.h"
#include "gui/views/processors_panel.h"
#include "gui/views/ruler_widget.h"
#include "gui/views/start_tiles.h"
#include "gui/views/timeline_widget.h"

namespace sweepscope::gui {

namespace {

constexpr int kFrameMs = 16, kSlowFrameMs = 33, kUnfocusedFrameMs = 50;
constexpr double kSlowPaintMs = 8;
constexpr uint64_t kStepsBefore = 10;  // a check

}  // namespace

MainWindow::MainWindow(const Options& options)
    : options_(options),
      toolBar_(new ToolBar(actions_, session_, this)),
      status_(*statusBar()),
      recent_(new RecentFiles(this)),
      captions_(*regions_.caption) {
  setObjectName(QStringLiteral("mainWindow"));
  setWindowTitle(QStringLiteral("Sweepscope"));
  actions_.createMenus(*menuBar(), *recent_, *modeMenu(*this, Mode::kWatch, options_, theme_),
                       regions_.panelActions());
  regions_.addBars(toolBar_);
  wireActions();
  wireSession();
  wireRegions();
  wireEngine();
  wireBeginnings();
  preferences_.restore();
  regions_.adaptToSize();
  refreshTransport();
  notices_.refreshEmptyText();
  connect(&frameTimer_, &QTimer::timeout, this, &MainWindow::frame);
  frameClock_.start();
  uptime_.start();
  frameTimer_.setTimerType(Qt::PreciseTimer);
  frameTimer_.start(kFrameMs);
}

MainWindow::~MainWindow() = default;

void MainWindow::wireActions() {
  const Actions& a = actions_;
  connect(a.open, &QAction::triggered, this, &MainWindow::openFileDialog);
  connect(a.watch, &QAction::triggered, this, [this] {
    regions_.showTiles(false);
    startDemo();
  });
  connect(a.connectTo, &QAction::triggered, this, &MainWindow::askAddress);
  connect(a.record, &QAction::triggered, this, &MainWindow::toggleRecording);
  connect(a.cancelOpeningOrSearch, &QAction::triggered, &session_, &SessionController::cancelOpening);
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
  connect(a.nextOfFilter, &QAction::triggered, this,
          [this] { regions_.map->selectNextOf(regions_.ruler->filter(), 1); });
  connect(a.clearFilter, &QAction::triggered, this, [this] { regions_.ruler->setFilter(kEveryState); });
  connect(a.zoomPolicy, &QAction::triggered, this, [this] {
    MapWidget& map = *regions_.map;
    map.setPolicy(static_cast<ZoomPolicy>((static_cast<int>(map.policy()) + 1) % 3));
    static const char* const kNames[] = {"Auto", "Majority", "Alarm"};
    status_.showHover(tr("Zoom policy: %1").arg(QLatin1String(kNames[static_cast<int>(map.policy())])));
  });
  connect(a.fitMap, &QAction::triggered, regions_.map, &MapWidget::zoomToFit);
  connect(a.wholeTimeline, &QAction::triggered, regions_.timeline, &TimelineWidget::showAll);
  connect(a.reducedMotion, &QAction::toggled, this, [this](bool on) { theme_.setReducedMotion(on); });
  connect(a.fullScreen, &QAction::toggled, this, [this](bool on) { on ? showFullScreen() : showNormal(); });
  connect(a.keys, &QAction::triggered, this, [this] { KeySheet(actions(), theme_, this).exec(); });
  connect(a.about, &QAction::triggered, this, [this] {
    QMessageBox::about(this, tr("About Sweepscope"),
                       tr("<b>Sweepscope " SWEEPSCOPE_VERSION
                          "</b><br>Shows the garbage collector of an engine that re-creates the Go runtime's "
                          "allocator and sweepgen protocol, with lazy mcache flushing."));
  });
  connect(a.themes, &QActionGroup::triggered, this, [this](const QAction* action) {
    preferences_.applyTheme(themeOf(action));
    refreshTransport();
  });
  connect(recent_, &RecentFiles::chosen, this, [this](const QString& path) { openRecording(path); });
}

void MainWindow::wireSession() {
  connect(&session_, &SessionController::opened, this, &MainWindow::onOpened);
  connect(&session_, &SessionController::pictureChanged, this, &MainWindow::onPicture);
  connect(&session_, &SessionController::transportChanged, this, &MainWindow::refreshTransport);
  connect(&session_, &SessionController::marksGrew, regions_.timeline, qOverload<>(&QWidget::update));
  connect(&session_, &SessionController::checkDetected, this, [this] {
    notices_.checkFired();
    regions_.nowBar->update();
  });
  connect(&session_, &SessionController::storyReady, regions_.inspector, &Inspector::setStory);
  connect(&session_, &SessionController::linkChanged, this, [this] {
    refreshTransport();
    // For a child engine, EngineLink::ended has the reason.
    if (session_.linkState() != LinkState::kClosed || link_.own()) return;
    session_.setLive(false);
    notices_.connectionLost();
  });
  connect(&session_, &SessionController::openingChanged, this, [this] {
    refreshCancel();
    notices_.refreshEmptyText();
    status_.refresh(session_);
  });
  connect(&session_, &SessionController::noticed, this,
          [this](const QString& message) { notices_.showCaption(message); });
  connect(&session_, &SessionController::recordingChanged, this, &MainWindow::refreshTransport);
  connect(&session_, &SessionController::recordingEnded, this, &MainWindow::onRecordingEnded);
  connect(&session_, &SessionController::failed, this, [this](const QString& message) {
    spanToSelect_ = telemetry::kNoId;
    emit sessionFailed(message);
    notices_.failed(message);
  });
}

void MainWindow::wireRegions() {
  const Regions& r = regions_;
  connect(r.map, &MapWidget::selectionChanged, this, [this](telemetry::SpanId span) {
    if (span != telemetry::kNoId) regions_.openInspector();
    regions_.inspector->showSpan(span);
  });
  connect(r.processors, &ProcessorsPanel::spanChosen, r.map, &MapWidget::select);
  connect(r.ruler, &RulerWidget::filterChanged, this, [this](StateMask filter) {
    regions_.map->setFilter(filter);
    regions_.processors->setFilter(filter);
    if (filter == kEveryState) status_.showHover({});
    notices_.filtered(filter);
  });
  connect(r.timeline, &TimelineWidget::seekRequested, &session_, &SessionController::seekNs);
  connect(r.inspector, &Inspector::seekRequested, &session_, [this](quint64 seq) {
    session_.setPlaying(false);
    session_.seekSeq(seq);
  });
  const auto showHover = [this](const QString& text) { status_.showHover(text); };
  connect(r.map, &MapWidget::hovered, this, showHover);
  connect(r.ruler, &RulerWidget::hovered, this, showHover);
  connect(r.processors, &ProcessorsPanel::hovered, this, showHover);
  connect(r.timeline, &TimelineWidget::hovered, this, showHover);
  connect(r.tiles, &StartTiles::watchChosen, this, [this] {
    regions_.showTiles(false);
    if (session_.source() != SessionController::Source::kLive) startDemo();
  });
  connect(r.tiles, &StartTiles::openChosen, this, &MainWindow::openFileDialog);
  connect(r.banner, &Banner::retryRequested, this, [this] {
    if (link_.own()) return startDemo();
    link_.connectTo(session_.sourceName());
  });
  connect(r.banner, &Banner::stepsRequested, this, [this] {
    session_.setPlaying(false);
    const uint64_t seq = session_.checkSeq();
    session_.seekSeq(seq > kStepsBefore ? seq - kStepsBefore : 0);
    regions_.showEvents();
  });
}

void MainWindow::wireEngine() {
  connect(&link_, &EngineLink::connected, this, [this] {
    if (link_.own()) captions_.begin();
    notices_.clear();
    session_.follow(link_.take());
  });
  connect(&link_, &EngineLink::failed, this, [this](const QString& why) {
    notices_.noEngine(why);
    emit sessionFailed(why);
  });
  connect(&link_, &EngineLink::ended, this, [this](int code, bool crashed) {
    session_.setLive(false);
    notices_.engineEnded(code, crashed);
    regions_.nowBar->update();
  });
}

void MainWindow::wireBeginnings() {
  connect(&beginnings_, &Beginnings::found, this,
          [this](const QString& schedule) { openMode(Mode::kStep, options_, theme_, schedule); });
  connect(regions_.tiles, &StartTiles::lessonChosen, this,
          [this] { openMode(Mode::kLesson, options_, theme_); });
  connect(&beginnings_, &Beginnings::demoNeeded, this, &MainWindow::startDemo);
  connect(&beginnings_, &Beginnings::changed, this, [this] {
    refreshCancel();
    notices_.refreshEmptyText();
  });
  connect(&beginnings_, &Beginnings::failed, this, [this](const QString& why) { notices_.noSchedule(why); });
}

void MainWindow::closeEvent(QCloseEvent* event) {
  preferences_.save();
  frameTimer_.stop();
  session_.stopRecording();
  beginnings_.cancel();
  link_.stop();
  QMainWindow::closeEvent(event);
}

void MainWindow::resizeEvent(QResizeEvent* event) {
  QMainWindow::resizeEvent(event);
  regions_.adaptToSize();
}

void MainWindow::showEvent(QShowEvent* event) {
  QMainWindow::showEvent(event);
  if (!event->spontaneous())  // shown by the program, not restored by the window manager
    QTimer::singleShot(0, this, [this] { regions_.fit(); });  // the frame geometry is known by then
}

void MainWindow::begin() {
  regions_.showTiles(options_.file.isEmpty() && options_.connectAddress.isEmpty() && !options_.demoRequested);
  if (!options_.file.isEmpty()) return openRecording(options_.file, options_.anchor);
  if (!options_.connectAddress.isEmpty()) return link_.connectTo(options_.connectAddress);
  startDemo();
}

void MainWindow::startDemo() {
  notices_.clear();
  session_.close();
  link_.startOwn({options_.demo, 4, options_.seed, options_.recordFile});
  options_.recordFile.clear();
  notices_.refreshEmptyText();
}

void MainWindow::openFileDialog() {
  const QString path = QFileDialog::getOpenFileName(this, tr("Open a recording"), {},
                                                    tr("Recordings (*.mcap);;All files (*)"));
  if (!path.isEmpty()) openRecording(path);
}

void MainWindow::openRecording(const QString& path, std::optional<Anchor> anchor) {
  regions_.showTiles(false);
  notices_.clear();
  session_.openRecording(path, anchor);
  spanToSelect_ = anchor && anchor->kind == Anchor::Kind::kSpan
                      ? static_cast<telemetry::SpanId>(anchor->value)
                      : telemetry::kNoId;
  recent_->add(path);
}

void MainWindow::askAddress() {
  const QString address =
      QInputDialog::getText(this, tr("Connect to an engine"), tr("Address printed by sweepctl run --serve:"));
  if (!address.isEmpty()) link_.connectTo(address);
}

void MainWindow::toggleRecording(bool on) {
  if (!on) return session_.stopRecording();
  const QString file = QFileDialog::getSaveFileName(
      this, tr("Record to file"), QStringLiteral("session.mcap"), tr("Recordings (*.mcap)"));
  if (!file.isEmpty()) session_.startRecording(file);
  refreshTransport();  // the button shows the actual state
}

void MainWindow::onRecordingEnded(const QString& error) {
  const RingRecording& recording = session_.recording();
  if (!error.isEmpty()) {
    notices_.recordingFailed(error);
  } else {
    recent_->add(recording.path());
    notices_.recorded(recording);
  }
  refreshTransport();
}

void MainWindow::frame() {
  const double seconds = static_cast<double>(frameClock_.nsecsElapsed()) / 1e9;
  frameClock_.restart();
  session_.tick(seconds);
  if (link_.own()) captions_.tick(session_, regions_.map->showsSquares(), uptime_.elapsed());
  const bool attended = isActiveWindow() || !options_.screenshot.isEmpty();
  const int interval = !attended                                    ? kUnfocusedFrameMs
                       : regions_.map->lastPaintMs() > kSlowPaintMs ? kSlowFrameMs
                                                                    : kFrameMs;
  if (frameTimer_.interval() != interval) frameTimer_.setInterval(interval);
}

void MainWindow::onOpened() {
  resetViews();
  notifyHeapReplaced(*regions_.map);
  refreshTransport();
  notices_.opened();
  if (session_.laboratory()) showFailingStep();
  if (session_.source() != SessionController::Source::kLive) captions_.end();
  if (session_.source() == SessionController::Source::kRecording) link_.stop();
}

// Selection, filter and zoom belong to the previous session.
void MainWindow::resetViews() {
  regions_.ruler->setFilter(kEveryState);
  regions_.timeline->followHead();
  regions_.processors->reset();
  regions_.caption->dismiss();
  regions_.map->select(std::exchange(spanToSelect_, telemetry::kNoId));
  regions_.map->zoomToFit();
}

// Shows the steps of the schedule and selects the span at which the rule breaks.
void MainWindow::showFailingStep() {
  if (const auto check = session_.checkFired(); check && check->span != telemetry::kNoId)
    regions_.map->select(check->span);
  regions_.showEvents();
}

void MainWindow::onPicture(const std::vector<PageRun>& dirty, bool everything) {
  regions_.map->onPicture(dirty, everything);
  regions_.ruler->onPicture();
  regions_.processors->onPicture();
  regions_.setProcessorsSentence(regions_.processors->sentence());
  regions_.timeline->onPicture();
  regions_.inspector->onPicture();
  regions_.nowBar->update();
  status_.refresh(session_);
  notices_.pictureChanged();
}

void MainWindow::refreshCancel() {
  actions_.cancelOpeningOrSearch->setEnabled(session_.opening() || beginnings_.searching());
}

void MainWindow::refreshTransport() {
  toolBar_->refresh(link_.own() ? options_.demo : QString());
  actions_.play->setIcon(icon(session_.playing() ? Icon::kPause : Icon::kPlay, theme_));
  regions_.nowBar->update();
  regions_.timeline->update();
  status_.refresh(session_);
}

}  // namespace sweepscope::gui
