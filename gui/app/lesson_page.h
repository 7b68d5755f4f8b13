// A lesson's page: strip, board over ruler, lanes, and the lesson card at the right; the threads at the left while the student
// steps. Shows a BenchScene and a LessonRun, asks by signals, knows no client. GUI thread.
#pragma once

#include <QWidget>
#include <optional>

#include "gui/models/bench_scene.h"
#include "gui/models/challenge.h"
#include "gui/models/lesson_run.h"
#include "gui/theme/theme.h"

class QAction;
class QLabel;

namespace sweepscope::gui {

class BoardArea;
class ChallengeBar;
class FaultPane;
class LanesWidget;
class LessonCard;
class SourcePane;
class Spotlight;
class ThreadsPanel;

class LessonPage : public QWidget {
  Q_OBJECT

 public:
  LessonPage(const BenchScene& scene, const Theme& theme, QWidget* parent = nullptr);

  void setRun(const LessonRun* run);
  void refresh();
  void showSpotlight(bool shown);
  // Of a hands-on beat whose fault is hidden; off elsewhere.
  Challenge& challenge() { return challenge_; }

  BoardArea* area;
  ThreadsPanel* threads;
  LanesWidget* lanes;
  LessonCard* card;
  Spotlight* spotlight;
  QAction* hint;  // enabled in a challenge; its window gives it a key and carries it out

 signals:
  void nodeRequested(quint32 node);
  void hovered(const QString& text);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void fillStrip();
  void followChallenge();
  void fillFault();
  void arrange();
  void placeSpotlight();
  bool threadsWanted() const;
  bool sourceWanted() const;
  uint32_t threadNamed(const std::string& name) const;  // kNoThread: there is none yet
  uint32_t threadOfTask() const;                        // that of the beat's first goal; kNoThread
  uint32_t threadInFocus() const;  // of the lanes: that of the spotlight, else the chosen one
  QVector<QRect> boxesOf(const telemetry::lessons::Spotlight& on) const;
  QRect inPage(const QWidget* widget, const QRect& box) const;

  const BenchScene& scene_;
  const Theme& theme_;
  const LessonRun* run_ = nullptr;
  QWidget* strip_;
  QLabel *title_, *setup_, *lamp_;
  SourcePane* source_;
  FaultPane* fault_;
  ChallengeBar* challengeBar_;
  Challenge challenge_;
  std::optional<uint32_t> challengeOf_;  // the beat that it began with
  bool spotlightShown_ = true;
  std::optional<uint32_t> taskOf_;  // the beat whose task's thread was chosen, once
};

}  // namespace sweepscope::gui
