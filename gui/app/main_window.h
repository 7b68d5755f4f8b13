// The window: menu, toolbar, Now bar, the five regions, and the wiring between them. What is shown comes from
// the session controller; this file decides what is where and which action does what. GUI thread.
#pragma once

#include <QElapsedTimer>
#include <QLabel>
#include <QMainWindow>
#include <QPointer>
#include <QTimer>
#include <memory>

#include "gui/app/options.h"
#include "gui/session/engine_process.h"
#include "gui/session/session_controller.h"
#include "gui/theme/theme.h"

class QActionGroup;
class QComboBox;
class QDockWidget;
class QStackedWidget;
class QToolButton;

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

class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  explicit MainWindow(const Options& options);
  ~MainWindow() override;
  const SessionController& session() const { return session_; }
  void begin();  // opens, connects or starts what the options say

 signals:
  void sessionFailed(const QString& message);

 protected:
  void closeEvent(QCloseEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  struct Actions {
    QAction *open, *watch, *connectTo, *record, *quit;
    QAction *play, *stepEvent, *stepEventBack, *nextPhase, *previousPhase, *toStart, *toEnd, *live, *realTime;
    QAction *nextOfFilter, *clearFilter, *zoomPolicy, *fitMap, *wholeTimeline, *reducedMotion, *fullScreen;
    QAction *keys, *about;
  };

  void createActions();
  QAction* add(const QString& text, const QKeySequence& key, const QString& tip);
  void createMenus();
  void createToolBar();
  void createRegions();
  QDockWidget* createDock(const QString& name, const QString& title, QWidget* body, Qt::DockWidgetArea area);
  void createRail();
  void wire();
  void adaptToSize();
  void restoreSettings();
  void saveSettings();

  void startDemo();
  void tryConnect();
  void openFileDialog();
  void openRecording(const QString& path, std::optional<Anchor> anchor = {});
  void rememberRecent(const QString& path);
  void refreshRecent();
  void askAddress();

  void frame();
  void onOpened();
  void onPicture(const std::vector<PageRun>& dirty, bool everything);
  void onTransport();
  void onEngineDied();
  void onEngineFinished(int code, bool crashed);
  void applyTheme(ThemeKind kind);
  void refreshStatus();
  void refreshProcessorsSentence();
  void refreshEmptyText();
  void advanceCaptions();
  void showHover(const QString& text);
  void setFilter(uint16_t filter);

  Options options_;
  Theme theme_;
  SessionController session_;
  EngineProcess engine_;
  Actions actions_{};
  QActionGroup* themeGroup_ = nullptr;
  QMenu* recentMenu_ = nullptr;
  QComboBox* speed_ = nullptr;
  QComboBox* mode_ = nullptr;
  QLabel* source_ = nullptr;

  NowBar* nowBar_ = nullptr;
  ProcessorsPanel* processors_ = nullptr;
  QLabel* processorsSentence_ = nullptr;
  MapWidget* map_ = nullptr;
  RulerWidget* ruler_ = nullptr;
  Inspector* inspector_ = nullptr;
  StartTiles* tiles_ = nullptr;
  QStackedWidget* inspectorStack_ = nullptr;
  TimelineWidget* timeline_ = nullptr;
  QDockWidget *processorsDock_ = nullptr, *inspectorDock_ = nullptr, *timelineDock_ = nullptr;
  QToolBar* rail_ = nullptr;
  Banner* banner_ = nullptr;
  Caption* caption_ = nullptr;
  QLabel *statusHover_ = nullptr, *statusMode_ = nullptr, *statusLoss_ = nullptr;

  QTimer frameTimer_;
  QElapsedTimer frameClock_, captionClock_;
  int captionsShown_ = 0;
  QTimer connectTimer_;
  int connectTries_ = 0;
  QString connectAddress_;
  QStringList recent_;
  bool demoRuns_ = false;
  QString problem_;  // why there is no session, for the empty map
};

}  // namespace sweepscope::gui
