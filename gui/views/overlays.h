// What lies over the regions for a while: the captions of the first seconds, the banner of an engine that
// died on a check, the key sheet. GUI thread.
#pragma once

#include <QAbstractButton>
#include <QDialog>
#include <QFrame>
#include <QLabel>
#include <QTimer>

#include "gui/theme/theme.h"

class QPushButton;

namespace sweepscope::gui {

// One sentence at the foot of the map that explains what is seen for the first time.
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

// A line above the map that stays until it is closed: the engine is gone, the picture stays; or what it is
// that is shown.
class Banner : public QFrame {
  Q_OBJECT

 public:
  explicit Banner(QWidget* parent = nullptr);
  // Something went wrong. Plain text: it may come from a file or another program.
  void show(const QString& title, const QString& detail, bool offerSteps);
  // Nothing did. `detail` is rich text.
  void note(const QString& title, const QString& detail, bool offerSteps);
  // A way out of what went wrong, beside the words: until other words are shown.
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

// A word written downwards: what is left of a closed panel.
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
