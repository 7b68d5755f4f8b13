// The bar of a challenge, below the strip: the steps and switches so far, the hint or what to do, the button that asks for a
// hint. Its window hides it outside a challenge. GUI thread.
#pragma once

#include <QWidget>

#include "gui/models/challenge.h"
#include "gui/theme/theme.h"

class QAction;
class QLabel;

namespace sweepscope::gui {

class ChallengeBar : public QWidget {
  Q_OBJECT

 public:
  ChallengeBar(const BenchScene& scene, const Challenge& challenge, const Theme& theme, QAction* hint,
               QWidget* parent = nullptr);
  void onScene();

 private:
  const BenchScene& scene_;
  const Challenge& challenge_;
  const Theme& theme_;
  QLabel *count_, *hint_;
};

}  // namespace sweepscope::gui
