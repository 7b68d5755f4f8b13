#include "gui/views/choice_button.h"

#include <QPainter>

#include "gui/theme/reading.h"

namespace sweepscope::gui {

namespace {

constexpr int kLeft = 38, kRight = 10, kMargin = 7, kRing = 16;

QString noteOf(ChoiceButton::Mark mark) {
  switch (mark) {
    case ChoiceButton::Mark::kRight: return ChoiceButton::tr("the right answer");
    case ChoiceButton::Mark::kChosen: return ChoiceButton::tr("your answer, right");
    case ChoiceButton::Mark::kMistake: return ChoiceButton::tr("your answer");
    default: return {};
  }
}

}  // namespace

ChoiceButton::ChoiceButton(int number, const Theme& theme, QWidget* parent)
    : QRadioButton(parent), number_(number), theme_(theme) {
  QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  setCursor(Qt::PointingHandCursor);
}

void ChoiceButton::show(const QString& text, Mark mark) {
  mark_ = mark;
  setText(text);
  const QString note = noteOf(mark);
  setAccessibleName(note.isEmpty() ? text : tr("%1 (%2)").arg(text, note));
  setEnabled(mark == Mark::kOpen);
  updateGeometry();
  update();
}

int ChoiceButton::heightForWidth(int width) const {
  const QRect room(0, 0, std::max(width - kLeft - kRight, 60), 10'000);
  const int text =
      QFontMetrics(readingFont(theme_)).boundingRect(room, Qt::TextWordWrap, this->text()).height();
  const int note = noteOf(mark_).isEmpty() ? 0 : QFontMetrics(readingFont(theme_)).height() + 1;
  return text + note + 2 * kMargin;
}

QSize ChoiceButton::sizeHint() const { return {300, heightForWidth(width() > 60 ? width() : 300)}; }
QSize ChoiceButton::minimumSizeHint() const { return {120, heightForWidth(width() > 60 ? width() : 300)}; }

void ChoiceButton::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const UiColours& ui = theme_.ui();
  const bool decided = mark_ == Mark::kChosen || mark_ == Mark::kMistake || mark_ == Mark::kRight;
  const QColor sign = mark_ == Mark::kMistake ? ui.bad : ui.good;
  const QColor edge = decided ? sign : hasFocus() || isChecked() ? ui.accent : ui.border;
  painter.setPen(QPen(edge, hasFocus() || mark_ == Mark::kChosen || mark_ == Mark::kMistake ? 2 : 1));
  painter.setBrush(isChecked() || underMouse() ? ui.raised : ui.panel);
  if (!isEnabled()) painter.setBrush(ui.panel);
  painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 5, 5);

  const QRectF ring(11, kMargin + 3, kRing, kRing);
  painter.setFont(readingFont(theme_));
  if (decided) {
    painter.setPen(sign);
    painter.drawText(ring.adjusted(-4, -4, 4, 4), Qt::AlignCenter,
                     mark_ == Mark::kMistake ? QStringLiteral("\u2715") : QStringLiteral("\u2713"));
  } else {
    painter.setPen(QPen(isChecked() ? ui.accent : ui.dim, 1.5));
    painter.setBrush(Qt::NoBrush);
    painter.drawEllipse(ring);
    painter.setFont(theme_.small());
    painter.setPen(mark_ == Mark::kOpen ? ui.text : ui.dim);
    if (isChecked()) {
      painter.setPen(Qt::NoPen);
      painter.setBrush(ui.accent);
      painter.drawEllipse(ring.adjusted(4, 4, -4, -4));
    } else {
      painter.drawText(ring.adjusted(-2, -2, 2, 2), Qt::AlignCenter, QString::number(number_));
    }
  }
  painter.setFont(readingFont(theme_));
  painter.setPen(mark_ == Mark::kPlain ? ui.dim : ui.text);
  QRect text(kLeft, kMargin, width() - kLeft - kRight, height() - 2 * kMargin);
  QRect used;
  painter.drawText(text, Qt::TextWordWrap, this->text(), &used);
  if (const QString note = noteOf(mark_); !note.isEmpty()) {
    painter.setPen(sign);
    painter.drawText(QRect(kLeft, used.bottom() + 1, text.width(), 26), Qt::AlignLeft | Qt::AlignTop, note);
  }
}

}  // namespace sweepscope::gui
