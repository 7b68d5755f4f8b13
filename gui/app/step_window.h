// The window of the step mode: the bench form, then the step page; a bench client behind them. Every action has a key.
#pragma once

#include <QMainWindow>
#include <QString>
#include <optional>

#include "gui/app/options.h"
#include "gui/models/challenge.h"
#include "gui/session/bench_client.h"
#include "gui/theme/theme.h"

class QLabel;
class QStackedWidget;

namespace sweepscope::gui {

class BenchForm;
class ChallengeBar;
class StepPage;
class StepStrip;

class StepWindow : public QMainWindow {
  Q_OBJECT

 public:
  explicit StepWindow(const Options& options);

  void begin();  // starts the laboratory, or connects to one
  const BenchClient& client() const { return client_; }

 private:
  void createActions();
  QAction* add(const QString& text, const QList<QKeySequence>& keys, const QString& tip);
  void wireClient();
  void onScene();
  void refreshSteps();
  void refreshChallenge();
  void request(telemetry::BenchStepKind kind);
  void openSchedule();
  void loadSchedule(const QString& path);
  void saveSchedule();
  void nameNode();
  void askHint();
  void openAgain(const QStringList& checks);
  void showForm(bool form);
  void say(const QString& text);
  void applyTheme(ThemeKind kind);

  Options options_;
  Theme theme_;
  BenchClient client_;
  QStackedWidget* pages_;
  BenchForm* form_;
  StepPage* page_;
  StepStrip* strip_;
  ChallengeBar* challengeBar_;
  Challenge challenge_;
  std::optional<Challenge::Fault> challengeNext_;  // begins with the session that was asked for
  QLabel* status_;
  QString saveTo_, toLoad_, notice_;
  QStringList toCheck_;  // that the schedule asked for is to be opened with; empty: it is to be saved
  void expectTree();
  // The page opens at a state of the session that is newer than this one.
  std::optional<uint64_t> openAfter_;
  bool prefilled_ = false;  // the form, with what the session runs
  QAction *newSession_ = nullptr, *open_ = nullptr, *save_ = nullptr, *inspector_ = nullptr,
          *table_ = nullptr, *hint_ = nullptr, *search_ = nullptr;
  QList<QAction*> stepActions_;  // only while the page is shown
};

}  // namespace sweepscope::gui
