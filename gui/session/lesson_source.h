// A lesson by its id, or from a file, which is not trusted: the lesson, and the text of its file for the session that plays
// it. Reads the file at once, at most 64 KiB.
#pragma once

#include <QString>
#include <QStringList>
#include <optional>
#include <string>

#include "telemetry/lessons/lesson.h"

namespace sweepscope::gui {

struct LessonSource {
  std::optional<telemetry::lessons::Lesson> lesson;
  std::string text;
  QString key;         // of its progress in the settings
  QStringList errors;  // one line each, with file and line, when there is no lesson
};

// An embedded lesson; ids are compared without case.
LessonSource embeddedLesson(const QString& id);
LessonSource lessonFile(const QString& path);
// An id, else a file.
LessonSource findLesson(const QString& idOrFile);

}  // namespace sweepscope::gui
