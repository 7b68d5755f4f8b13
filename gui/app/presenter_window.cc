#include "gui/app/presenter_window.h"

#include <QCloseEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "gui/models/lesson_words.h"
#include "gui/theme/reading.h"

namespace sweepscope::gui {

PresenterWindow::PresenterWindow(const Theme& theme, QWidget* parent)
    : QWidget(parent, Qt::Window), theme_(theme) {
  setObjectName(QStringLiteral("presenter"));
  setWindowTitle(tr("Sweepscope: presenter's notes"));
  setAttribute(Qt::WA_StyledBackground);
  resize(560, 640);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(20, 16, 20, 16);
  outer->setSpacing(10);
  auto* top = new QHBoxLayout;
  const auto label = [this](const char* name) {
    auto* made = new QLabel(this);
    made->setObjectName(QLatin1String(name));
    made->setTextFormat(Qt::PlainText);
    made->setWordWrap(true);
    made->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return made;
  };
  clock_ = label("clock");
  clock_->setAccessibleName(tr("Elapsed of the planned minutes"));
  reset_ = new QPushButton(tr("Reset the clock"), this);
  top->addWidget(clock_, 1);
  top->addWidget(reset_, 0);
  outer->addLayout(top);
  beat_ = label("presentedBeat");
  stage_ = label("presentedStage");
  outer->addWidget(beat_);
  outer->addWidget(stage_);
  auto* scroll = new QScrollArea(this);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setWidgetResizable(true);
  auto* body = new QWidget(scroll);
  auto* column = new QVBoxLayout(body);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(12);
  notes_ = label("notes");
  answer_ = label("answer");
  column->addWidget(notes_);
  column->addWidget(answer_);
  column->addStretch(1);
  scroll->setWidget(body);
  outer->addWidget(scroll, 1);
  next_ = label("nextBeat");
  outer->addWidget(next_);
  connect(reset_, &QPushButton::clicked, this, &PresenterWindow::resetClock);
  connect(&tick_, &QTimer::timeout, this, &PresenterWindow::showClock);
  tick_.start(500);
  elapsed_.start();
}

void PresenterWindow::refresh(const LessonRun* run) {
  QFont clock = titleFont(theme_);
  clock_->setFont(clock);
  beat_->setFont(titleFont(theme_));
  for (QLabel* text : {stage_, notes_, answer_, next_}) text->setFont(readingFont(theme_));
  if (run == nullptr) {
    minutes_.reset();
    for (QLabel* text : {beat_, stage_, notes_, answer_, next_}) text->clear();
    beat_->setText(tr("No lesson is open"));
    return showClock();
  }
  const auto& lesson = run->lesson();
  minutes_ = lesson.minutes;
  const auto& beat = run->beat();
  beat_->setText(tr("%1 (%2 of %3)")
                     .arg(QString::fromStdString(beat.name))
                     .arg(run->beatNumber() + 1)
                     .arg(run->beats()));
  const QString hint = nextHint(*run);
  stage_->setText(tr("Page Down: %1").arg(buttonWords(run->next())) +
                  (hint.isEmpty() ? hint : QStringLiteral(" \u00b7 ") + hint));
  const QString notes = plainText(beat.notes);
  notes_->setText(notes.isEmpty() ? tr("No notes for this beat.") : tr("Notes: %1").arg(notes));
  answer_->setText(answerWords(beat));
  const uint32_t next = run->beatNumber() + 1;
  next_->setText(next < run->beats()
                     ? tr("Next beat: %1").arg(QString::fromStdString(lesson.beats[next].name))
                     : tr("This is the last beat."));
  showClock();
}

void PresenterWindow::resetClock() {
  elapsed_.start();
  showClock();
}

void PresenterWindow::showClock() {
  clock_->setText(minutes_ ? clockWords(elapsed_.elapsed(), *minutes_) : QString());
  reset_->setVisible(minutes_.has_value());
}

void PresenterWindow::closeEvent(QCloseEvent* event) {
  QWidget::closeEvent(event);
  emit closed();
}

}  // namespace sweepscope::gui
