// The window of the lesson mode: the list of lessons, then a lesson's page; a bench client behind them, which opens the run of
// the engine that a beat belongs to. Every action has a key, those of a presenter's remote control among them. GUI thread.
#pragma once

#include <QMainWindow>
#include <memory>
#include <optional>

#include "gui/app/lesson_progress.h"
#include "gui/app/options.h"
#include "gui/models/lesson_run.h"
#include "gui/session/bench_client.h"
#include "gui/session/lesson_source.h"
#include "gui/theme/theme.h"

class QLabel;
class QStackedWidget;

namespace sweepscope::gui {

class LessonList;
class LessonPage;
class PresenterWindow;

class LessonWindow : public QMainWindow {
  Q_OBJECT

 public:
  explicit LessonWindow(const Options& options);

  void begin();  // starts the laboratory, or connects to one
  // Begins where the student left it.
  void open(LessonSource source, bool fromStart);
  const BenchClient& client() const { return client_; }
  const LessonRun* run() const { return run_.get(); }

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void closeEvent(QCloseEvent* event) override;

 private:
  void createActions();
  void createStepActions();
  void createViewActions();
  QAction* add(const QString& text, const QList<QKeySequence>& keys, const QString& tip);
  // An action that is off while the list is shown.
  template <class Act>
  QAction* inLesson(const QString& text, const QList<QKeySequence>& keys, const QString& tip, Act act);
  void wire();
  void connectClient();
  void onScene();
  void refresh();
  void openFile();
  void arrive();  // at a beat: opens its run if another one is open
  void forward();
  void pageDown();  // forward, but not past a question or a task by accident
  void back();
  void restart();
  void press(bool enter);  // Enter or Space
  void digit(int number);
  void lookBeside(bool forward);
  void askHint();
  void type(uint32_t sg, uint32_t sweepgen);
  void showList(const QString& message);
  void showBlank(bool blank);
  void showPresenter(bool shown);
  void fail(const QString& why);
  void save();
  void focusPart();
  void applyTheme(ThemeKind kind);

  Options options_;
  Theme theme_;
  BenchClient client_;
  LessonProgressStore store_;
  LessonSource source_;
  std::unique_ptr<LessonRun> run_;
  std::optional<uint32_t> openRun_;    // that the session has, or is asked for
  bool opened_ = false;                // it was answered
  bool ended_ = false;                 // the session; the next lesson begins another one
  bool skipAsked_ = false;             // the answer without a choice was asked for once
  std::optional<uint32_t> showAsked_;  // of this beat: to be shown its task
  QStackedWidget* pages_;
  LessonList* list_;
  LessonPage* page_;
  PresenterWindow* presenter_;
  QWidget* blank_;
  QLabel* status_;
  QAction *blankAction_ = nullptr, *presenterAction_ = nullptr;
  QList<QAction*> lessonActions_;
};

}  // namespace sweepscope::gui
