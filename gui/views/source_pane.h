// The engine's source with the line of an access lit. The sources are a resource of this program, of the commit that it was
// built from; a file that is not among them is named. GUI thread.
#pragma once

#include <QWidget>

#include "gui/theme/theme.h"

class QLabel;
class QPlainTextEdit;

namespace sweepscope::gui {

class SourcePane : public QWidget {
  Q_OBJECT

 public:
  explicit SourcePane(const Theme& theme, QWidget* parent = nullptr);
  // line from 1. An empty file: the place is not known, and `why` says so.
  void show(const QString& file, uint32_t line, const QString& why);
  static QString textOf(const QString& file);  // null: not embedded
  static QString commit();

 private:
  const Theme& theme_;
  QLabel* head_;
  QPlainTextEdit* text_;
  QString file_;
};

}  // namespace sweepscope::gui
