// The spotlight of a lesson: a frame around what the beat names, and the rest of its parent dimmed a little. Lies over the
// page and takes no clicks. GUI thread.
#pragma once

#include <QRect>
#include <QVector>
#include <QWidget>

#include "gui/theme/theme.h"

namespace sweepscope::gui {

class Spotlight : public QWidget {
  Q_OBJECT

 public:
  Spotlight(const Theme& theme, QWidget* parent);
  // In the parent's coordinates. lit: framed; bright: not dimmed, without a frame. No lit place: nothing is drawn.
  void show(const QVector<QRect>& lit, const QVector<QRect>& bright);
  const QVector<QRect>& lit() const { return lit_; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  const Theme& theme_;
  QVector<QRect> lit_, bright_;
};

}  // namespace sweepscope::gui
