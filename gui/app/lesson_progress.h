// The progress of each lesson in the user's settings: beats seen, answers given, finished. A window that takes a screenshot
// neither reads nor writes it. GUI thread.
#pragma once

#include <QString>

#include "gui/models/lesson_run.h"

namespace sweepscope::gui {

class LessonProgressStore {
 public:
  explicit LessonProgressStore(bool remembers) : remembers_(remembers) {}

  // Of the lesson with this key; an empty one if none is kept or it is damaged.
  LessonProgress load(const QString& key) const;
  void save(const QString& key, const LessonProgress& progress) const;

 private:
  bool remembers_;
};

}  // namespace sweepscope::gui
