#include "gui/session/lesson_source.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QFile>
#include <QFileInfo>

#include "telemetry/lessons/catalogue.h"
#include "telemetry/lessons/lesson_parser.h"

namespace sweepscope::gui {

using namespace telemetry::lessons;

namespace {

QString tr(const char* text) { return QCoreApplication::translate("Lesson", text); }

LessonSource failed(const QString& why) {
  LessonSource source;
  source.errors << why;
  return source;
}

}  // namespace

LessonSource embeddedLesson(const QString& id) {
  for (const Lesson& lesson : catalogue().lessons) {
    if (QString::fromStdString(lesson.id).compare(id, Qt::CaseInsensitive) != 0) continue;
    for (const LessonFile& file : lesson_files())
      if (file.name == lesson.file)
        return {lesson, std::string(file.text), QString::fromStdString(lesson.id), {}};
  }
  return failed(tr("there is no lesson '%1'").arg(id));
}

LessonSource lessonFile(const QString& path) {
  const QFileInfo info(path);
  if (!info.exists()) return failed(tr("cannot open '%1': no such file").arg(path));
  if (!info.isFile()) return failed(tr("cannot open '%1': it is not a regular file").arg(path));
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly))
    return failed(tr("cannot open '%1': %2").arg(path, file.errorString()));
  LessonSource source;
  source.text = file.read(kMostLessonBytes + 1).toStdString();  // the parser refuses one byte more
  ParsedLesson parsed = parse_lesson(path.toStdString(), source.text);
  source.lesson = std::move(parsed.lesson);
  for (const std::string& error : parsed.errors) source.errors << QString::fromStdString(error);
  const QByteArray hash =
      QCryptographicHash::hash(info.absoluteFilePath().toUtf8(), QCryptographicHash::Sha1).toHex();
  source.key = QStringLiteral("file-") + QString::fromLatin1(hash);
  return source;
}

LessonSource findLesson(const QString& idOrFile) {
  LessonSource source = embeddedLesson(idOrFile);
  if (source.lesson) return source;
  if (QFileInfo::exists(idOrFile)) return lessonFile(idOrFile);
  QStringList ids;
  for (const Lesson& lesson : catalogue().lessons) ids << QString::fromStdString(lesson.id);
  return failed(tr("there is no lesson and no file '%1'; the lessons are %2")
                    .arg(idOrFile, ids.join(QStringLiteral(", "))));
}

}  // namespace sweepscope::gui
