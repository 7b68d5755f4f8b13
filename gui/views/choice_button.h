// A choice of a prediction: a radio button whose text wraps. After the answer it shows a tick or a cross in words and shape,
// never by colour alone, and takes no more clicks. GUI thread.
#pragma once

#include <QRadioButton>

#include "gui/theme/theme.h"

namespace sweepscope::gui {

class ChoiceButton : public QRadioButton {
  Q_OBJECT

 public:
  enum class Mark : uint8_t {
    kOpen,     // the question is open
    kPlain,    // answered; neither the answer nor the right one
    kRight,    // the right one, not chosen
    kChosen,   // chosen, and right
    kMistake,  // chosen, and wrong
  };

  ChoiceButton(int number, const Theme& theme, QWidget* parent = nullptr);  // number: the key that chooses it
  void show(const QString& text, Mark mark);
  Mark mark() const { return mark_; }

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;

 protected:
  bool hitButton(const QPoint& at) const override { return rect().contains(at); }
  void paintEvent(QPaintEvent* event) override;

 private:
  int number_;
  const Theme& theme_;
  Mark mark_ = Mark::kOpen;
};

}  // namespace sweepscope::gui
