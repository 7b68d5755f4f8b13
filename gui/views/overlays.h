// Temporary overlays: the captions of the first seconds, the banner for errors and explanations, the sheet of
// keyboard shortcuts. GUI thread.
#pragma once

#include <QAbstractButton>
#include <QDialog>
#include <QFrame>
#include <QLabel>
#include <QTimer>

#include "gui/theme/theme.h"

class QPushButton;

namespace sweepscope::gui {

// One sentence at the bottom of the map.
class Caption : public QWidget {
  Q_OBJECT

 public:
  Caption(const Theme& theme, QWidget* parent);
  void display(const QString& text);
  void dismiss() { hide(); }
  bool displays(const QString& text) const { return !isHidden() && text_ == text; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void place();
  const Theme& theme_;
  QString text_;
  QTimer away_;
};

// A line above the map that stays until it is closed: an error, or a description of the session.
class Banner : public QFrame {
  Q_OBJECT

 public:
  explicit Banner(QWidget* parent = nullptr);
  // An error. Plain text, because it may come from a file or another program.
  void show(const QString& title, const QString& detail, bool offerSteps);
  // A description. `detail` is rich text.
  void note(const QString& title, const QString& detail, bool offerSteps);
  // Adds a retry button with this label; the next show() or note() removes it.
  void offer(const QString& again);
  QString title() const { return title_->text(); }
  QString detail() const { return detail_->text(); }

 signals:
  void stepsRequested();
  void retryRequested();

 private:
  void fill(const QString& title, const QString& detail, bool offerSteps);

  QLabel* title_;
  QLabel* detail_;
  QPushButton *steps_, *again_;
};

// A vertical button that reopens a closed panel.
class RailButton : public QAbstractButton {
  Q_OBJECT

 public:
  RailButton(const QString& text, const Theme& theme, QWidget* parent);
  QSize sizeHint() const override { return {28, 100}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  const Theme& theme_;
};

class KeySheet : public QDialog {
  Q_OBJECT

 public:
  KeySheet(const QList<QAction*>& actions, const Theme& theme, QWidget* parent);
};

}  // namespace sweepscope::gui
