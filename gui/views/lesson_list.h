// The lessons: title, summary, minutes, and how far the student came; the paths "15 minutes" and "50 minutes" show only
// theirs. A list by mouse and keys. GUI thread.
#pragma once

#include <QWidget>
#include <functional>
#include <vector>

#include "gui/models/lesson_run.h"
#include "gui/theme/theme.h"

class QButtonGroup;
class QHBoxLayout;
class QLabel;
class QListWidget;
class QPushButton;

namespace sweepscope::gui {

class LessonList : public QWidget {
  Q_OBJECT

 public:
  // progress: of the lesson with this id.
  LessonList(const Theme& theme, std::function<LessonProgress(const QString& id)> progress,
             QWidget* parent = nullptr);

  void refresh();  // progress, fonts
  void setMessage(const QString& text);
  void select(const QString& id);
  QString selected() const;  // id; empty: none
  void openSelected();
  // Selects the lesson after this one in the shown path.
  void selectNext(const QString& after);

 signals:
  void openRequested(const QString& id, bool fromStart);
  void fileRequested();

 private:
  void fill();
  void refreshButtons();

  const Theme& theme_;
  std::function<LessonProgress(const QString&)> progress_;
  QLabel *title_, *intro_, *message_;
  QButtonGroup* paths_;
  QHBoxLayout* pathRow_;
  QListWidget* list_;
  QPushButton *open_, *restart_, *file_;
  QString path_;  // empty: all
};

}  // namespace sweepscope::gui
