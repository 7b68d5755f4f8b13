// The presenter's window: notes of the beat, the answer, the next beat, and a clock. A second top-level window, for a screen
// that the class does not see; takes the same keys as the lesson. GUI thread.
#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>
#include <optional>

#include "gui/models/lesson_run.h"
#include "gui/theme/theme.h"

class QLabel;
class QPushButton;

namespace sweepscope::gui {

class PresenterWindow : public QWidget {
  Q_OBJECT

 public:
  explicit PresenterWindow(const Theme& theme, QWidget* parent);

  void refresh(const LessonRun* run);  // null: no lesson
  void resetClock();

 signals:
  void closed();

 protected:
  void closeEvent(QCloseEvent* event) override;

 private:
  void showClock();

  const Theme& theme_;
  QLabel *beat_, *notes_, *answer_, *next_, *clock_, *stage_;
  QPushButton* reset_;
  QElapsedTimer elapsed_;
  QTimer tick_;
  std::optional<uint32_t> minutes_;  // of the lesson; nothing: none is open
};

}  // namespace sweepscope::gui
