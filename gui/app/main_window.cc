#include "gui/app/main_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QMenuBar>
#include <QMessageBox>
#include <QSettings>

#include "gui/models/formats.h"
#include "gui/models/laboratory_note.h"
#include "gui/models/sentences.h"
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
  actions_.createMenus(*menuBar(), *recent_, regions_.panelActions());
  regions_.addBars(toolBar_);
  wireActions();
  wireSession();
  wireRegions();
  wireEngine();
  wireBeginnings();
  restoreSettings();
  regions_.adaptToSize();
  refreshTransport();
  refreshEmptyText();
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
  connect(a.giveUpOpening, &QAction::triggered, &session_, &SessionController::cancelOpening);
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
    QMessageBox::about(
        this, tr("About Sweepscope"),
        tr("<b>Sweepscope " SWEEPSCOPE_VERSION
           "</b><br>Watches an engine that re-creates the Go runtime's allocator and collector "
           "around the sweepgen protocol with lazy mcache flushing."));
  });
  connect(a.themes, &QActionGroup::triggered, this,
          [this](const QAction* action) { applyTheme(static_cast<ThemeKind>(action->data().toInt())); });
  connect(recent_, &RecentFiles::chosen, this, [this](const QString& path) { openRecording(path); });
}

void MainWindow::wireSession() {
  connect(&session_, &SessionController::opened, this, &MainWindow::onOpened);
  connect(&session_, &SessionController::pictureChanged, this, &MainWindow::onPicture);
  connect(&session_, &SessionController::transportChanged, this, &MainWindow::refreshTransport);
  connect(&session_, &SessionController::marksGrew, regions_.timeline, qOverload<>(&QWidget::update));
  connect(&session_, &SessionController::engineDied, this, &MainWindow::onCheckFired);
  connect(&session_, &SessionController::storyReady, regions_.inspector, &Inspector::setStory);
  connect(&session_, &SessionController::linkChanged, this, &MainWindow::refreshTransport);
  connect(&session_, &SessionController::openingChanged, this, [this] {
    refreshGiveUp();
    refreshEmptyText();
    status_.refresh(session_);
  });
  connect(&session_, &SessionController::noticed, this,
          [this](const QString& message) { regions_.caption->say(message); });
  connect(&session_, &SessionController::recordingChanged, this, &MainWindow::refreshTransport);
  connect(&session_, &SessionController::recordingEnded, this, &MainWindow::onRecordingEnded);
  connect(&session_, &SessionController::failed, this, [this](const QString& message) {
    emit sessionFailed(message);
    if (!session_.log()) problem_ = message;
    refreshEmptyText();
    regions_.banner->show(tr("This did not work"), message, false);
  });
}

void MainWindow::wireRegions() {
  const Regions& r = regions_;
  connect(r.map, &MapWidget::selectionChanged, this, [this](telemetry::SpanId span) {
    if (span != telemetry::kNobody) regions_.openInspector();
    regions_.inspector->showSpan(span);
  });
  connect(r.processors, &ProcessorsPanel::spanChosen, r.map, &MapWidget::select);
  connect(r.ruler, &RulerWidget::filterChanged, this, &MainWindow::setFilter);
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
  connect(r.banner, &Banner::stepsWanted, this, [this] {
    session_.setPlaying(false);
    const uint64_t seq = session_.checkSeq();
    session_.seekSeq(seq > kStepsBefore ? seq - kStepsBefore : 0);
    regions_.showEvents();
  });
}

void MainWindow::wireEngine() {
  connect(&link_, &EngineLink::connected, this, [this] {
    if (link_.own()) captions_.begin();
    session_.follow(link_.take());
  });
  connect(&link_, &EngineLink::failed, this, &MainWindow::problem);
  connect(&link_, &EngineLink::ended, this, &MainWindow::onEngineEnded);
}

void MainWindow::wireBeginnings() {
  connect(&beginnings_, &Beginnings::found, this, &MainWindow::openFound);
  connect(&beginnings_, &Beginnings::demoWanted, this, &MainWindow::startDemo);
  connect(&beginnings_, &Beginnings::changed, this, [this] {
    refreshGiveUp();
    refreshEmptyText();
  });
  connect(&beginnings_, &Beginnings::failed, this, [this](const QString& why) {
    regions_.banner->show(tr("No schedule to step through"), why, false);
  });
}

void MainWindow::restoreSettings() {
  // A picture asked for on the command line must not depend on who sat here before.
  const bool remembered = options_.screenshot.isEmpty();
  const QSettings settings;
  ThemeKind kind = ThemeKind::kDark;
  if (remembered) {
    recent_->set(settings.value(QStringLiteral("recentFiles")).toStringList());
    kind = parseTheme(settings.value(QStringLiteral("theme")).toString()).value_or(kind);
    actions_.reducedMotion->setChecked(settings.value(QStringLiteral("reducedMotion"), false).toBool());
  }
  applyTheme(options_.theme.value_or(kind));
  regions_.restore(remembered ? &settings : nullptr, options_.size);
}

void MainWindow::saveSettings() {
  if (!options_.screenshot.isEmpty()) return;
  QSettings settings;
  regions_.showTiles(false);  // and what was opened for them
  regions_.save(settings);
  settings.setValue(QStringLiteral("theme"), themeName(theme_.kind()));
  settings.setValue(QStringLiteral("reducedMotion"), theme_.reducedMotion());
  settings.setValue(QStringLiteral("recentFiles"), recent_->files());
}

void MainWindow::closeEvent(QCloseEvent* event) {
  saveSettings();
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

void MainWindow::begin() {
  regions_.showTiles(options_.file.isEmpty() && options_.connectAddress.isEmpty() && !options_.demoAsked);
  if (!options_.file.isEmpty()) return openRecording(options_.file, options_.anchor);
  if (!options_.connectAddress.isEmpty()) return link_.connectTo(options_.connectAddress);
  startDemo();
}

void MainWindow::startDemo() {
  problem_.clear();
  regions_.banner->hide();
  session_.close();
  link_.startOwn({options_.demo, 4, options_.seed, options_.recordFile});
  options_.recordFile.clear();
  refreshEmptyText();
}

void MainWindow::openFileDialog() {
  const QString path = QFileDialog::getOpenFileName(this, tr("Open a recording"), {},
                                                    tr("Recordings (*.mcap);;All files (*)"));
  if (!path.isEmpty()) openRecording(path);
}

void MainWindow::openRecording(const QString& path, std::optional<Anchor> anchor) {
  regions_.showTiles(false);
  regions_.banner->hide();
  session_.openRecording(path, anchor);
  if (anchor && anchor->kind == Anchor::Kind::kSpan)
    regions_.map->select(static_cast<telemetry::SpanId>(anchor->value));
  recent_->add(path);
}

// Not among the recent files: it is gone with this program.
void MainWindow::openFound(const QString& path) {
  regions_.banner->hide();
  session_.openRecording(path, Anchor{Anchor::Kind::kSeq, 1});
  regions_.showEvents();
}

void MainWindow::askAddress() {
  const QString address = QInputDialog::getText(this, tr("Connect to an engine"),
                                                tr("Address that sweepctl run --serve printed:"));
  if (!address.isEmpty()) link_.connectTo(address);
}

void MainWindow::toggleRecording(bool on) {
  if (!on) return session_.stopRecording();
  const QString file = QFileDialog::getSaveFileName(this, tr("Record into"), QStringLiteral("session.mcap"),
                                                    tr("Recordings (*.mcap)"));
  if (!file.isEmpty()) session_.startRecording(file);
  refreshTransport();  // the button shows what is so, not what was pressed
}

void MainWindow::onRecordingEnded(const QString& error) {
  const RingRecording& recording = session_.recording();
  if (!error.isEmpty()) {
    regions_.banner->show(tr("The recording ended early"), error, false);
  } else {
    recent_->add(recording.path());
    regions_.caption->say(tr("Recorded %1 events into %2.")
                              .arg(formatCount(recording.events()), QFileInfo(recording.path()).fileName()));
  }
  refreshTransport();
}

void MainWindow::frame() {
  const double seconds = static_cast<double>(frameClock_.nsecsElapsed()) / 1e9;
  frameClock_.restart();
  session_.tick(seconds);
  if (link_.own()) captions_.tick(session_, uptime_.elapsed());
  const bool attended = isActiveWindow() || !options_.screenshot.isEmpty();
  const int interval = !attended                                    ? kUnfocusedFrameMs
                       : regions_.map->lastPaintMs() > kSlowPaintMs ? kSlowFrameMs
                                                                    : kFrameMs;
  if (frameTimer_.interval() != interval) frameTimer_.setInterval(interval);
}

void MainWindow::onOpened() {
  if (session_.log()) problem_.clear();
  regions_.map->zoomToFit();
  tellHeapReplaced(*regions_.map);
  refreshTransport();
  refreshEmptyText();
  if (session_.source() != SessionController::Source::kLive) captions_.end();
  if (session_.source() == SessionController::Source::kRecording) link_.stop();
  if (session_.laboratory()) {
    const LaboratoryNote note = noteOf(session_.log()->info(), session_.checkFired());
    regions_.banner->note(note.title, note.detail, session_.checkFired().has_value());
  }
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
  if (session_.codes().pages() == 0) refreshEmptyText();
}

void MainWindow::refreshGiveUp() {
  actions_.giveUpOpening->setEnabled(session_.opening() || beginnings_.searching());
}

void MainWindow::refreshTransport() {
  toolBar_->refresh(link_.own() ? options_.demo : QString());
  actions_.play->setIcon(icon(session_.playing() ? Icon::kPause : Icon::kPlay, theme_));
  regions_.nowBar->update();
  regions_.timeline->update();
  status_.refresh(session_);
}

void MainWindow::onCheckFired() {
  const auto check = session_.checkFired();
  if (!check || session_.laboratory()) return;
  const QString words = session_.source() == SessionController::Source::kRecording
                            ? tr("The recording ends here; the picture is the last one before the check.")
                            : link_.lastWords();
  regions_.banner->show(describe(*check, session_.log()->info().check_names), words, true);
  regions_.nowBar->update();
}

void MainWindow::onEngineEnded(int code, bool crashed) {
  session_.setLive(false);
  if (session_.checkFired()) return onCheckFired();
  regions_.banner->show(
      crashed ? tr("The engine died") : tr("The engine has ended (code %1). The picture stays.").arg(code),
      link_.lastWords(), false);
}

void MainWindow::problem(const QString& why) {
  problem_ = why;
  refreshEmptyText();
  emit sessionFailed(why);
}

void MainWindow::applyTheme(ThemeKind kind) {
  const bool reduced = theme_.reducedMotion();
  theme_ = Theme(kind);
  theme_.setReducedMotion(reduced);
  theme_.apply(*qApp);
  for (QAction* action : actions_.themes->actions())
    action->setChecked(action->data().toInt() == static_cast<int>(kind));
  actions_.setIcons(theme_);
  regions_.map->onThemeChanged();
  refreshTransport();
}

void MainWindow::refreshEmptyText() {
  MapWidget& map = *regions_.map;
  if (!problem_.isEmpty()) {
    map.setEmptyText(tr("No heap to show.\n\n%1\n\nOpen a recording with Ctrl+O, or try again with Ctrl+N.")
                         .arg(problem_));
  } else if (beginnings_.measuring()) {
    map.setEmptyText(tr("The demo stands still while eager and lazy are measured."));
  } else if (link_.trying()) {
    map.setEmptyText(tr("Starting an engine: %1 ...").arg(options_.demo));
  } else if (session_.opening()) {
    map.setEmptyText(tr("Opening the recording: %1 %\n\nCtrl+. gives up.")
                         .arg(static_cast<int>(session_.openingShare() * 100)));
  } else if (session_.log() == nullptr) {
    map.setEmptyText(tr("No session is open.\n\nCtrl+N watches a collection, Ctrl+O opens a recording."));
  } else if (session_.source() == SessionController::Source::kLive) {
    map.setEmptyText(tr("Connected. The heap is drawn with the first span the engine allocates."));
  } else if (session_.laboratory()) {
    map.setEmptyText(tr("Nothing has been allocated yet at this step.\n\nPress Shift+. for the next step."));
  } else {
    map.setEmptyText(
        tr("Nothing has been allocated yet at this moment of the session.\n\nPress Space to play, or . for "
           "the next phase."));
  }
}

void MainWindow::setFilter(uint16_t filter) {
  regions_.map->setFilter(filter);
  regions_.processors->setFilter(filter);
  if (filter == kEveryState) return status_.showHover({});
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
      regions_.caption->say(
          tr("No span is %1 now. Press . for the next phase, or Shift+Esc to see every state.")
              .arg(QLatin1String(words(cell).name)));
    }
  }
}

}  // namespace sweepscope::gui
