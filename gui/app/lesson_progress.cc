#include "gui/app/lesson_progress.h"

#include <QSettings>
#include <QStringList>

namespace sweepscope::gui {

namespace {

QString place(const QString& key, const char* what) {
  return QStringLiteral("lessons/%1/%2").arg(key, QLatin1String(what));
}

QStringList flags(const std::vector<bool>& values) {
  QStringList out;
  for (const bool value : values) out << (value ? QStringLiteral("1") : QStringLiteral("0"));
  return out;
}

std::vector<bool> flagsOf(const QStringList& texts) {
  std::vector<bool> out;
  for (const QString& text : texts) out.push_back(text == QLatin1String("1"));
  return out;
}

}  // namespace

LessonProgress LessonProgressStore::load(const QString& key) const {
  LessonProgress progress;
  if (!remembers_) return progress;
  const QSettings settings;
  progress.beat = settings.value(place(key, "beat"), 0).toUInt();
  progress.finished = settings.value(place(key, "finished"), false).toBool();
  progress.seen = flagsOf(settings.value(place(key, "seen")).toStringList());
  progress.done = flagsOf(settings.value(place(key, "done")).toStringList());
  for (const QString& answer : settings.value(place(key, "answers")).toStringList())
    progress.answers.push_back(answer.toInt());
  return progress;
}

void LessonProgressStore::save(const QString& key, const LessonProgress& progress) const {
  if (!remembers_) return;
  QSettings settings;
  settings.setValue(place(key, "beat"), progress.beat);
  settings.setValue(place(key, "finished"), progress.finished);
  settings.setValue(place(key, "seen"), flags(progress.seen));
  settings.setValue(place(key, "done"), flags(progress.done));
  QStringList answers;
  for (const int answer : progress.answers) answers << QString::number(answer);
  settings.setValue(place(key, "answers"), answers);
}

}  // namespace sweepscope::gui
