// The last ten recordings opened, and their menu. GUI thread.
#pragma once

#include <QMenu>
#include <QStringList>

namespace sweepscope::gui {

class RecentFiles : public QMenu {
  Q_OBJECT

 public:
  explicit RecentFiles(QWidget* parent);
  void set(const QStringList& files);
  const QStringList& files() const { return files_; }
  void add(const QString& path);

 signals:
  void chosen(const QString& path);

 private:
  QStringList files_;
};

}  // namespace sweepscope::gui
