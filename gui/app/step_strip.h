// The bar above the board: what runs (scenario, policy, fault, Ps, spans, seed), whether a rule was violated or a
// breakpoint met, and the buttons of the window. GUI thread.
#pragma once

#include <QWidget>

#include "gui/models/bench_scene.h"
#include "gui/models/challenge.h"
#include "gui/theme/theme.h"

class QAction;
class QLabel;
class QToolButton;

namespace sweepscope::gui {

class StepStrip : public QWidget {
  Q_OBJECT

 public:
  StepStrip(const BenchScene& scene, const Theme& theme, const QList<QAction*>& actions,
            QWidget* parent = nullptr);
  void setChallenge(const Challenge* challenge) { challenge_ = challenge; }  // it may hide the fault
  void onScene();

 private:
  const BenchScene& scene_;
  const Theme& theme_;
  const Challenge* challenge_ = nullptr;
  QLabel *fault_, *setup_, *lamp_;
};

}  // namespace sweepscope::gui
