// A dock with its own header: the title or a sentence, and a close button. GUI thread.
#pragma once

#include <QDockWidget>
#include <QLabel>

namespace sweepscope::gui {

class PanelDock : public QDockWidget {
  Q_OBJECT

 public:
  PanelDock(const QString& name, const QString& title, QWidget* body, QWidget* parent);
  // "1024 Ps: 37 stale, 1 flushing": the part before the colon in bold, the rest elided to fit.
  void setSentence(const QString& sentence);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void layOutSentence();
  QLabel* title_;
  QString sentence_;
};

}  // namespace sweepscope::gui
