#include "gui/app/recent_files.h"

#include <QFileInfo>

namespace sweepscope::gui {

namespace {

constexpr int kKept = 10;

}  // namespace

RecentFiles::RecentFiles(QWidget* parent) : QMenu(tr("Open r&ecent"), parent) { setEnabled(false); }

void RecentFiles::set(const QStringList& files) {
  files_ = files.mid(0, kKept);
  clear();
  for (const QString& path : files_) addAction(path, this, [this, path] { emit chosen(path); });
  setEnabled(!files_.isEmpty());
}

void RecentFiles::add(const QString& path) {
  const QString absolute = QFileInfo(path).absoluteFilePath();
  QStringList files = files_;
  files.removeAll(absolute);
  files.prepend(absolute);
  set(files);
}

}  // namespace sweepscope::gui
