#include "gui/views/lesson_card.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpressionValidator>
#include <QScrollArea>
#include <QScrollBar>
#include <QTextDocumentFragment>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

#include "gui/models/lesson_words.h"
#include "gui/theme/reading.h"
#include "gui/views/choice_button.h"
#include "gui/views/paragraph.h"

namespace sweepscope::gui {

namespace {

constexpr int kMostChoices = 6;

QString tight(const QString& text) { return paragraph(text, QStringLiteral("margin:0; line-height:118%")); }

}  // namespace

LessonCard::LessonCard(const BenchScene& scene, const Theme& theme, QWidget* parent)
    : QFrame(parent), scene_(scene), theme_(theme) {
  setObjectName(QStringLiteral("lessonCard"));
  setAccessibleName(tr("Lesson card"));
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->setSpacing(0);
  auto* head = new QHBoxLayout;
  head->setContentsMargins(18, 12, 18, 8);
  name_ = new QLabel(this), count_ = new QLabel(this);
  name_->setObjectName(QStringLiteral("beatName"));
  count_->setObjectName(QStringLiteral("beatCount"));
  name_->setTextFormat(Qt::PlainText);
  name_->setWordWrap(true);
  head->addWidget(name_, 1);
  head->addWidget(count_, 0, Qt::AlignTop);
  outer->addLayout(head);

  scroll_ = new QScrollArea(this);
  scroll_->setObjectName(QStringLiteral("lessonText"));
  scroll_->setAccessibleName(tr("Text of the lesson; Up and Down scroll"));
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->setWidgetResizable(true);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->setFocusPolicy(Qt::StrongFocus);
  body_ = new QWidget(scroll_);
  body_->setObjectName(QStringLiteral("lessonBody"));
  layout_ = new QVBoxLayout(body_);
  layout_->setContentsMargins(18, 2, 18, 12);
  layout_->setSpacing(10);
  text_ = addText("text", false);
  words_ = addText("words", true);
  question_ = addText("question", false);
  addChoices();
  result_ = addText("result", false);
  because_ = addText("because", false);
  task_ = addText("task", true);
  checks_ = addText("checks", false);
  deadEnd_ = addText("deadEnd", true);
  addNumbers();
  typedAnswer_ = addText("typedAnswer", false);
  step_ = addText("step", true);
  violation_ = addText("violation", true);
  then_ = addText("then", false);
  takeaway_ = addText("takeaway", true);
  layout_->addStretch(1);
  scroll_->setWidget(body_);
  outer->addWidget(scroll_, 1);
  addButtons(outer);
}

QLabel* LessonCard::addText(const char* name, bool box) {
  auto* label = new QLabel(body_);
  label->setObjectName(QLatin1String(name));
  label->setProperty("box", box);
  label->setTextFormat(Qt::RichText);
  label->setWordWrap(true);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  layout_->addWidget(label);
  label->hide();
  return label;
}

void LessonCard::addChoices() {
  group_ = new QButtonGroup(this);
  for (int i = 0; i < kMostChoices; ++i) {
    auto* choice = new ChoiceButton(i + 1, theme_, body_);
    group_->addButton(choice, i);
    layout_->addWidget(choice);
    choice->hide();
    choices_.push_back(choice);
  }
  connect(group_, &QButtonGroup::idClicked, this, [this](int id) { emit picked(static_cast<quint32>(id)); });
}

void LessonCard::addNumbers() {
  numbers_ = new QWidget(body_);
  auto* row = new QHBoxLayout(numbers_);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  const auto field = [&](const QString& name) {
    auto* label = new QLabel(name, numbers_);
    auto* edit = new QLineEdit(numbers_);
    edit->setValidator(
        new QRegularExpressionValidator(QRegularExpression(QStringLiteral("[0-9]{1,9}")), edit));
    edit->setMaximumWidth(90);
    edit->setAccessibleName(name);
    label->setBuddy(edit);
    row->addWidget(label);
    row->addWidget(edit);
    connect(edit, &QLineEdit::textChanged, this,
            [this] { check_->setEnabled(sg_->hasAcceptableInput() && sweepgen_->hasAcceptableInput()); });
    return edit;
  };
  sg_ = field(tr("sg"));
  sweepgen_ = field(tr("sweepgen"));
  check_ = new QPushButton(tr("Check"), numbers_);
  check_->setAccessibleName(tr("Check the pair (Enter)"));
  check_->setEnabled(false);
  row->addWidget(check_);
  row->addStretch(1);
  layout_->addWidget(numbers_);
  numbers_->hide();
  connect(check_, &QPushButton::clicked, this, &LessonCard::checkNumbers);
}

void LessonCard::addButtons(QVBoxLayout* outer) {
  auto* foot = new QFrame(this);
  foot->setObjectName(QStringLiteral("lessonFoot"));
  auto* column = new QVBoxLayout(foot);
  column->setContentsMargins(18, 8, 18, 12);
  column->setSpacing(6);
  hint_ = new QLabel(foot);
  hint_->setObjectName(QStringLiteral("lessonHint"));
  hint_->setTextFormat(Qt::PlainText);
  hint_->setWordWrap(true);
  column->addWidget(hint_);
  auto* awayRow = new QHBoxLayout;
  away_ = new QLabel(foot);
  return_ = new QPushButton(foot);
  awayRow->addWidget(away_, 1);
  awayRow->addWidget(return_);
  column->addLayout(awayRow);
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  back_ = new QPushButton(tr("Back"), foot);
  back_->setAccessibleName(tr("Back (Page Up)"));
  back_->setToolTip(back_->accessibleName());
  next_ = new QPushButton(foot);
  next_->setObjectName(QStringLiteral("primary"));
  row->addWidget(back_);
  row->addWidget(next_, 1);
  column->addLayout(row);
  outer->addWidget(foot);
  connect(back_, &QPushButton::clicked, this, &LessonCard::backRequested);
  connect(next_, &QPushButton::clicked, this, &LessonCard::forwardRequested);
  connect(return_, &QPushButton::clicked, this, &LessonCard::returnRequested);
}

void LessonCard::setRun(const LessonRun* run) {
  run_ = run;
  shownBeat_ = ~0u;
  notice_.clear();
  refresh();
}

void LessonCard::setNotice(const QString& text) {
  notice_ = text;
  if (run_ != nullptr) fillButtons();
}

void LessonCard::setTypedAnswer(const QString& text) {
  typedText_ = text;
  refresh();
  focusNumbers();  // the next pair replaces this one
}

void LessonCard::setNumbers(uint32_t sg, uint32_t sweepgen) {
  sg_->setText(QString::number(sg));
  sweepgen_->setText(QString::number(sweepgen));
}

void LessonCard::put(QLabel* label, const QString& html) {
  label->setFont(readingFont(theme_));
  label->setText(html);
  label->setAccessibleName(QTextDocumentFragment::fromHtml(html).toPlainText());
  label->setVisible(!html.isEmpty());
}

void LessonCard::refresh() {
  if (run_ == nullptr) return;
  const telemetry::lessons::Beat& beat = run_->beat();
  const bool entered = run_->beatNumber() != shownBeat_;
  if (entered) {
    shownBeat_ = run_->beatNumber();
    typedText_.clear();
    sg_->clear(), sweepgen_->clear();
  }
  name_->setFont(titleFont(theme_));
  name_->setText(QString::fromStdString(beat.name));
  count_->setFont(readingFont(theme_));
  count_->setText(tr("%1 of %2").arg(run_->beatNumber() + 1).arg(run_->beats()));
  put(text_, paragraphsHtml(beat.text, beat.words));
  put(words_, wordsHtml(beat.words));
  fillPrediction();
  fillHandsOn();
  const QString step = stepWords(*run_, scene_);
  const bool stepped = !step.isEmpty() && step != shownStep_;
  shownStep_ = step;
  put(step_, step.isEmpty() ? QString() : tight(step));
  const QStringList violated = run_->asks() ? QStringList() : violationLines(scene_);
  QString violations;
  for (const QString& line : violated) violations += tight(line);
  put(violation_, violations);
  put(then_, run_->explained() ? paragraphsHtml(beat.then, {}) : QString());
  put(takeaway_, run_->explained() && !beat.takeaway.empty()
                     ? QStringLiteral("<b>%1</b> ").arg(tr("Takeaway:")) +
                           QString::fromStdString(beat.takeaway).toHtmlEscaped()
                     : QString());
  fillButtons();
  scroll_->setAccessibleDescription(plainText());
  QSet<QWidget*> parts;
  QWidget* firstNew = nullptr;
  for (int i = 0; i < layout_->count(); ++i) {
    QWidget* part = layout_->itemAt(i)->widget();
    if (part == nullptr || part->isHidden()) continue;
    parts.insert(part);
    if (firstNew == nullptr && !shownParts_.contains(part)) firstNew = part;
  }
  shownParts_ = parts;
  if (entered)
    scroll_->verticalScrollBar()->setValue(0);
  else if (firstNew == nullptr && stepped)
    firstNew = step_;  // its text may be longer than before
  if (!entered && firstNew != nullptr)
    QTimer::singleShot(0, this,
                       [this, firstNew] { reveal(firstNew); });  // after the layout has given it a place
}

void LessonCard::fillPrediction() {
  const auto& prediction = run_->beat().prediction;
  put(question_,
      prediction
          ? QStringLiteral("<b>%1</b>").arg(QString::fromStdString(prediction->question).toHtmlEscaped())
          : QString());
  const bool asks = run_->asks();
  group_->setExclusive(false);  // else the one that was checked stays so
  for (uint32_t i = 0; i < choices_.size(); ++i) {
    ChoiceButton* choice = choices_[i];
    const bool there = prediction && i < prediction->choices.size();
    choice->setVisible(there);
    if (!there) continue;
    const bool right = i == prediction->right, mine = run_->answered() == i;
    choice->setChecked(asks ? run_->picked() == i : mine);
    choice->show(QString::fromStdString(prediction->choices[i]), asks            ? ChoiceButton::Mark::kOpen
                                                                 : mine && right ? ChoiceButton::Mark::kChosen
                                                                 : mine  ? ChoiceButton::Mark::kMistake
                                                                 : right ? ChoiceButton::Mark::kRight
                                                                         : ChoiceButton::Mark::kPlain);
  }
  group_->setExclusive(true);
  const QString result = resultWords(*run_);
  put(result_,
      result.isEmpty()
          ? QString()
          : QStringLiteral("<b style='color:%1'>%2</b>")
                .arg((run_->right() || !run_->answered() ? theme_.ui().good : theme_.ui().bad).name(),
                     result.toHtmlEscaped()));
  put(because_, prediction && !asks ? tight(QString::fromStdString(prediction->because)) : QString());
}

void LessonCard::fillHandsOn() {
  const bool shown = run_->handsOn() && !run_->asks();
  put(task_, shown ? QStringLiteral("<b>%1</b> ").arg(tr("Your turn:")) +
                         QString::fromStdString(run_->beat().hands_on->text).toHtmlEscaped()
                   : QString());
  QString list;
  if (shown)
    for (const LessonRun::Check& check : run_->checks())
      list += QStringLiteral("<p style='margin:0 0 3px 0'>%1 %2</p>")
                  .arg(check.ticked ? QStringLiteral("\u2611") : QStringLiteral("\u2610"),
                       (check.shown    ? tr("%1 (shown)")
                        : check.ticked ? tr("%1 (done)")
                                       : QStringLiteral("%1"))
                           .arg(check.text)
                           .toHtmlEscaped());
  const QString dimmed = QStringLiteral("margin:6px 0 0 0; color:%1").arg(theme_.ui().dim.name());
  if (const QString words = shownWords(*run_); shown && !words.isEmpty()) list += paragraph(words, dimmed);
  if (shown && !run_->types())
    list += paragraph(
        tr("Choose a thread with 1 to 9. Enter: its next arc. A: one access. R: as far as it can run."),
        dimmed);
  put(checks_, list);
  const QString deadEnd = shown ? deadEndWords(*run_) : QString();
  put(deadEnd_, deadEnd.isEmpty() ? QString() : tight(deadEnd));
  numbers_->setVisible(shown && run_->types());
  for (QWidget* part : numbers_->findChildren<QWidget*>()) part->setFont(readingFont(theme_));
  put(typedAnswer_, shown && !typedText_.isEmpty() ? tight(typedText_) : QString());
}

void LessonCard::fillButtons() {
  const LessonRun::Next next = run_->next();
  next_->setText(buttonWords(next));
  next_->setAccessibleName(tr("%1 (Page Down)").arg(next_->text()));
  next_->setToolTip(next_->accessibleName());
  next_->setEnabled(next != LessonRun::Next::kWait && next != LessonRun::Next::kChoose);
  back_->setEnabled(run_->step() > 0 || run_->beatNumber() > 0);
  for (QPushButton* button : {next_, back_, return_}) button->setFont(readingFont(theme_));
  const bool deadEnd = !run_->deadEnd().isEmpty();
  const bool away =
      run_->ready() && scene_.begun() && scene_.shown() != run_->node() && (!run_->canStep() || deadEnd);
  away_->setText(deadEnd ? tr("This way ends here.") : tr("You look at another step."));
  return_->setText(deadEnd ? tr("Back to where it began") : tr("Back to the lesson's board"));
  return_->setAccessibleName(tr("%1 (%2)").arg(return_->text(), deadEnd ? tr("Backspace") : tr("B")));
  return_->setToolTip(return_->accessibleName());
  away_->setFont(readingFont(theme_));
  away_->setVisible(away), return_->setVisible(away);
  const QString hint = notice_.isEmpty() ? nextHint(*run_) : notice_;
  hint_->setFont(readingFont(theme_));
  hint_->setText(hint);
  hint_->setVisible(!hint.isEmpty());
}

// What was added, and as much above it as fits.
void LessonCard::reveal(const QWidget* firstNew) {
  constexpr int kAbove = 8;
  QScrollBar* bar = scroll_->verticalScrollBar();
  bar->setValue(std::max(bar->value(), std::min(bar->maximum(), firstNew->y() - kAbove)));
}

void LessonCard::chooseAnswer(int choice) {
  if (run_ == nullptr || !run_->asks() || choice >= static_cast<int>(run_->beat().prediction->choices.size()))
    return;
  choices_[static_cast<size_t>(choice)]->setFocus();
  emit picked(static_cast<quint32>(choice));
}

void LessonCard::focusText() { scroll_->setFocus(); }

void LessonCard::focusNumbers() {
  sg_->setFocus();
  sg_->selectAll();
}

bool LessonCard::typing() const { return sg_->hasFocus() || sweepgen_->hasFocus(); }

void LessonCard::checkNumbers() {
  if (!sg_->hasAcceptableInput() || !sweepgen_->hasAcceptableInput()) return;
  emit typed(sg_->text().toUInt(), sweepgen_->text().toUInt());
}

QString LessonCard::plainText() const {
  QStringList all{name_->text(), count_->text()};
  for (int i = 0; i < layout_->count(); ++i) {
    const QWidget* part = layout_->itemAt(i)->widget();
    if (part != nullptr && !part->isHidden() && !part->accessibleName().isEmpty())
      all << part->accessibleName();
  }
  return all.join(QLatin1Char('\n'));
}

void LessonCard::resizeEvent(QResizeEvent* event) {
  QFrame::resizeEvent(event);
  for (ChoiceButton* choice : choices_) choice->updateGeometry();
}

}  // namespace sweepscope::gui
