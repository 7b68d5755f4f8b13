#include "gui/views/lesson_list.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPainter>
#include <QPushButton>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <algorithm>

#include "gui/theme/reading.h"
#include "telemetry/lessons/catalogue.h"

namespace sweepscope::gui {

using telemetry::lessons::Lesson;

namespace {

constexpr int kRow = 66, kWidth = 900;
constexpr const char* kPaths[] = {"15 minutes", "50 minutes"};
enum Role { kId = Qt::UserRole, kTitle, kSummary, kMinutes, kStanding, kFinished };

QString textOf(const std::string& text) { return QString::fromStdString(text); }

class LessonDelegate : public QStyledItemDelegate {
 public:
  LessonDelegate(const Theme& theme, QObject* parent) : QStyledItemDelegate(parent), theme_(theme) {}
  QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {200, kRow}; }

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const UiColours& ui = theme_.ui();
    const QRect box = option.rect;
    const bool chosen = option.state & QStyle::State_Selected;
    const auto text = [&](int role) { return index.data(role).toString(); };
    painter->save();
    painter->fillRect(box, chosen ? ui.raised : ui.panel);
    if (chosen) painter->fillRect(QRect(box.left(), box.top(), 3, box.height()), ui.accent);
    painter->setPen(ui.border);
    painter->drawLine(box.bottomLeft(), box.bottomRight());
    painter->setFont(titleFont(theme_));
    painter->setPen(ui.dim);
    painter->drawText(QRect(box.left() + 12, box.top(), 44, box.height()), Qt::AlignCenter, text(kId));
    const int right = 168, left = box.left() + 68, width = box.width() - 68 - right;
    QFont bold = readingFont(theme_);
    bold.setWeight(QFont::DemiBold);
    painter->setFont(bold);
    painter->setPen(ui.text);
    painter->drawText(QRect(left, box.top() + 9, width, 24), Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(text(kTitle), Qt::ElideRight, width));
    painter->setFont(readingFont(theme_));
    painter->setPen(ui.dim);
    painter->drawText(QRect(left, box.top() + 33, width, 24), Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(text(kSummary), Qt::ElideRight, width));
    const QRect side(box.right() - right, box.top() + 9, right - 14, 24);
    painter->drawText(side, Qt::AlignRight | Qt::AlignVCenter, text(kMinutes));
    painter->setPen(index.data(kFinished).toBool() ? ui.good : ui.text);
    painter->drawText(side.translated(0, 24), Qt::AlignRight | Qt::AlignVCenter, text(kStanding));
    painter->restore();
  }

 private:
  const Theme& theme_;
};

}  // namespace

LessonList::LessonList(const Theme& theme, std::function<LessonProgress(const QString&)> progress,
                       QWidget* parent)
    : QWidget(parent), theme_(theme), progress_(std::move(progress)) {
  setObjectName(QStringLiteral("page"));
  setAttribute(Qt::WA_StyledBackground);
  auto* outer = new QHBoxLayout(this);
  auto* body = new QWidget(this);
  body->setMaximumWidth(kWidth);
  outer->addStretch(1);
  outer->addWidget(body, 12);
  outer->addStretch(1);
  auto* column = new QVBoxLayout(body);
  column->setContentsMargins(16, 18, 16, 16);
  column->setSpacing(10);
  const auto label = [&] {
    auto* made = new QLabel(body);
    made->setTextFormat(Qt::PlainText);
    made->setWordWrap(true);
    column->addWidget(made);
    return made;
  };
  title_ = label();
  title_->setText(tr("Lessons on the sweep protocol"));
  intro_ = label();
  intro_->setText(tr(
      "Each lesson runs on the real engine, one step at a time: you predict, watch or step it yourself, and "
      "read why."));
  pathRow_ = new QHBoxLayout;
  pathRow_->setSpacing(6);
  paths_ = new QButtonGroup(this);
  const auto path = [&](const QString& name, const QString& key) {
    auto* button = new QPushButton(name, body);
    button->setCheckable(true);
    button->setAccessibleName(tr("Show: %1").arg(name));
    paths_->addButton(button);
    pathRow_->addWidget(button);
    connect(button, &QPushButton::clicked, this, [this, key] {
      path_ = key;
      fill();
    });
    return button;
  };
  path(tr("All lessons"), {})->setChecked(true);
  for (const char* name : kPaths) path(tr("Path of %1").arg(QLatin1String(name)), QString::fromLatin1(name));
  pathRow_->addStretch(1);
  column->addLayout(pathRow_);
  list_ = new QListWidget(body);
  list_->setObjectName(QStringLiteral("lessons"));
  list_->setAccessibleName(tr("Lessons"));
  list_->setItemDelegate(new LessonDelegate(theme, list_));
  list_->setUniformItemSizes(true);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  column->addWidget(list_, 1);
  message_ = label();
  message_->setObjectName(QStringLiteral("lessonMessage"));
  message_->hide();
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(8);
  open_ = new QPushButton(body);
  open_->setObjectName(QStringLiteral("primary"));
  restart_ = new QPushButton(tr("From the start"), body);
  file_ = new QPushButton(tr("Open a lesson file..."), body);
  for (QPushButton* button : {open_, restart_, file_}) buttons->addWidget(button);
  buttons->addStretch(1);
  column->addLayout(buttons);
  connect(open_, &QPushButton::clicked, this, &LessonList::openSelected);
  connect(restart_, &QPushButton::clicked, this, [this] {
    if (!selected().isEmpty()) emit openRequested(selected(), true);
  });
  connect(file_, &QPushButton::clicked, this, &LessonList::fileRequested);
  connect(list_, &QListWidget::itemDoubleClicked, this, &LessonList::openSelected);
  connect(list_, &QListWidget::currentRowChanged, this, [this] { refreshButtons(); });
  setFocusProxy(list_);
  fill();
}

void LessonList::fill() {
  const QString was = selected();
  list_->clear();
  uint32_t minutes = 0;
  for (const Lesson& lesson : telemetry::lessons::catalogue().lessons) {
    if (!path_.isEmpty() &&
        std::find(lesson.paths.begin(), lesson.paths.end(), path_.toStdString()) == lesson.paths.end())
      continue;
    minutes += lesson.minutes;
    auto* item = new QListWidgetItem(list_);
    item->setData(kId, textOf(lesson.id));
    item->setData(kTitle, textOf(lesson.title));
    item->setData(kSummary, textOf(lesson.summary));
    item->setData(kMinutes, tr("%1 min").arg(lesson.minutes));
    item->setToolTip(textOf(lesson.summary));
  }
  intro_->setToolTip(tr("%1 minutes in all").arg(minutes));
  list_->setCurrentRow(0);
  if (!was.isEmpty()) select(was);
  refresh();
}

void LessonList::refresh() {
  title_->setFont(titleFont(theme_));
  for (QLabel* label : {intro_, message_}) label->setFont(readingFont(theme_));
  for (QPushButton* button : findChildren<QPushButton*>()) button->setFont(readingFont(theme_));
  for (int row = 0; row < list_->count(); ++row) {
    QListWidgetItem* item = list_->item(row);
    const LessonProgress progress = progress_(item->data(kId).toString());
    const Lesson* lesson = telemetry::lessons::find_lesson(item->data(kId).toString().toStdString());
    if (lesson == nullptr) continue;
    const QString standing = progress.finished ? tr("\u2713 finished")
                             : progress.begun()
                                 ? tr("at %1 of %2").arg(progress.beat + 1).arg(lesson->beats.size())
                                 : QString();
    item->setData(kStanding, standing);
    item->setData(kFinished, progress.finished);
    item->setData(Qt::AccessibleTextRole, tr("Lesson %1, %2. %3. %4 minutes. %5")
                                              .arg(item->data(kId).toString(), item->data(kTitle).toString(),
                                                   item->data(kSummary).toString())
                                              .arg(lesson->minutes)
                                              .arg(standing));
  }
  refreshButtons();
}

void LessonList::refreshButtons() {
  const LessonProgress progress = progress_(selected());
  const bool begun = progress.begun() && !progress.finished;
  open_->setText(begun ? tr("Continue") : tr("Begin"));
  open_->setAccessibleName(begun ? tr("Continue the lesson (Enter)") : tr("Begin the lesson (Enter)"));
  restart_->setVisible(begun);
  open_->setEnabled(!selected().isEmpty());
}

void LessonList::openSelected() {
  if (!selected().isEmpty()) emit openRequested(selected(), false);
}

void LessonList::setMessage(const QString& text) {
  message_->setText(text);
  message_->setVisible(!text.isEmpty());
}

void LessonList::select(const QString& id) {
  for (int row = 0; row < list_->count(); ++row)
    if (list_->item(row)->data(kId).toString() == id) list_->setCurrentRow(row);
}

void LessonList::selectNext(const QString& after) {
  int row = -1;
  for (int i = 0; i < list_->count(); ++i)
    if (list_->item(i)->data(kId).toString() == after) row = i;
  if (row >= 0 && row + 1 < list_->count()) list_->setCurrentRow(row + 1);
}

QString LessonList::selected() const {
  const QListWidgetItem* item = list_->currentItem();
  return item == nullptr ? QString() : item->data(kId).toString();
}

}  // namespace sweepscope::gui
