#include "gui/views/threads_panel.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QPainter>
#include <QPushButton>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <algorithm>

#include "gui/models/bench_words.h"
#include "gui/models/pacing_words.h"

namespace sweepscope::gui {

using namespace telemetry;

namespace {

constexpr int kRowHeight = 60, kMostButtons = 6;

class ThreadDelegate : public QStyledItemDelegate {
 public:
  ThreadDelegate(const Theme& theme, QObject* parent) : QStyledItemDelegate(parent), theme_(theme) {}
  QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {100, kRowHeight}; }

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const UiColours& ui = theme_.ui();
    const QRect box = option.rect;
    const bool chosen = option.state & QStyle::State_Selected;
    painter->save();
    painter->fillRect(box, chosen ? ui.raised : ui.panel);
    if (chosen) painter->fillRect(QRect(box.left(), box.top(), 3, box.height()), ui.accent);
    painter->setPen(ui.border);
    painter->drawLine(box.bottomLeft(), box.bottomRight());
    const auto state = static_cast<BenchThreadState>(index.data(ThreadListModel::kStateRole).toInt());
    const bool can = state == BenchThreadState::kCanRun || state == BenchThreadState::kMustChoose;
    const int left = box.left() + 12, width = box.width() - 22;
    painter->setFont(theme_.small());
    const QString key = index.row() < 9 ? QString::number(index.row() + 1) : QString();
    painter->setPen(ui.dim);
    painter->drawText(QPoint(left, box.top() + 17), key);
    painter->setFont(theme_.strong());
    painter->setPen(can ? ui.text : ui.dim);
    QString p = index.data(ThreadListModel::kPRole).toString();
    if (const QString credit = index.data(ThreadListModel::kCreditRole).toString(); !credit.isEmpty())
      p = p.isEmpty() ? credit : credit + QStringLiteral(" \u00b7 ") + p;
    const int right = QFontMetrics(theme_.small()).horizontalAdvance(p);
    painter->drawText(
        QPoint(left + 16, box.top() + 17),
        painter->fontMetrics().elidedText(index.data(ThreadListModel::kNameRole).toString(), Qt::ElideRight,
                                          width - 16 - (p.isEmpty() ? 0 : right + 10)));
    painter->setFont(theme_.small());
    painter->drawText(QRect(left, box.top() + 5, width, 16), Qt::AlignRight, p);
    painter->setPen(can ? ui.text : ui.dim);
    QString next = index.data(ThreadListModel::kNextRole).toString();
    const QRect text(left + 16, box.top() + 22, width - 16, 32);
    next = twoLines(painter->fontMetrics(), next, text.width());
    painter->drawText(text, Qt::TextWordWrap, next);
    painter->restore();
  }

 private:
  // Cut so that it fits into two lines.
  static QString twoLines(const QFontMetrics& metrics, const QString& text, int width) {
    const auto fits = [&](const QString& t) {
      return metrics.boundingRect(QRect(0, 0, width, 1000), Qt::TextWordWrap, t).height() <=
             2 * metrics.lineSpacing() + 1;
    };
    QString cut = text.left(300);
    if (fits(cut)) return cut;
    while (!cut.isEmpty() && !fits(cut + QChar(0x2026))) cut.chop(4);
    return cut + QChar(0x2026);
  }
  const Theme& theme_;
};

}  // namespace

void ThreadListModel::refresh() {
  const BenchView* view = scene_.shownView();
  const int rows = view == nullptr ? 0 : static_cast<int>(view->threads.size());
  if (rows != rows_) {
    beginResetModel();
    rows_ = rows;
    endResetModel();
  } else if (rows > 0) {
    emit dataChanged(index(0), index(rows - 1));
  }
}

int ThreadListModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : rows_; }

QVariant ThreadListModel::data(const QModelIndex& index, int role) const {
  const BenchView* view = scene_.shownView();
  if (view == nullptr || index.row() >= static_cast<int>(view->threads.size())) return {};
  const BenchThread& thread = view->threads[static_cast<size_t>(index.row())];
  const QString name = QString::fromStdString(thread.name);
  const QString p = thread.p == kNoP ? QString() : QStringLiteral("P%1").arg(thread.p);
  switch (role) {
    case kThreadRole: return thread.thread;
    case kNameRole: return name;
    case kPRole: return p;
    case kStateRole: return static_cast<int>(thread.state);
    case kBetweenRole: return thread.between;
    case kCreditRole: return creditWords(thread);
    case Qt::ToolTipRole:
    case kNextRole: return nextSentence(thread, *view);
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole: {
      const QString credit = creditWords(thread);
      return QStringLiteral("%1%2%3: %4")
          .arg(name, p.isEmpty() ? p : QStringLiteral(", ") + p,
               credit.isEmpty() ? credit : QStringLiteral(", ") + credit, nextSentence(thread, *view));
    }
    default: return {};
  }
}

ThreadsPanel::ThreadsPanel(const BenchScene& scene, const Theme& theme, QWidget* parent)
    : QWidget(parent), scene_(scene), theme_(theme), model_(new ThreadListModel(scene, this)) {
  setObjectName(QStringLiteral("page"));
  setAttribute(Qt::WA_StyledBackground);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  list_ = new QListView(this);
  list_->setObjectName(QStringLiteral("threads"));
  list_->setAccessibleName(tr("Threads and their next accesses; the digits choose one"));
  list_->setModel(model_);
  list_->setItemDelegate(new ThreadDelegate(theme, list_));
  list_->setUniformItemSizes(true);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  layout->addWidget(list_, 1);

  auto* actions = new QWidget(this);
  actions->setObjectName(QStringLiteral("page"));
  auto* box = new QVBoxLayout(actions);
  box->setContentsMargins(12, 8, 12, 10);
  box->setSpacing(6);
  const auto label = [&](const char* name) {
    auto* made = new QLabel(actions);
    made->setObjectName(QLatin1String(name));
    made->setTextFormat(Qt::PlainText);
    made->setWordWrap(true);
    box->addWidget(made);
    return made;
  };
  who_ = label("chosenThread");
  next_ = label("chosenNext");
  steps_ = new QWidget(actions);
  auto* row = new QHBoxLayout(steps_);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(6);
  arc_ = addButton(tr("Arc"), tr("Step to the next arc of the chosen thread (Enter)"), BenchStepKind::kArc);
  access_ = addButton(tr("Access"), tr("One access of the chosen thread (A)"), BenchStepKind::kAccess);
  run_ = addButton(tr("Run"), tr("Run the chosen thread until it blocks, ends or must choose (R)"),
                   BenchStepKind::kRun);
  box->addWidget(steps_);
  choices_ = new QWidget(actions);
  choiceLayout_ = new QVBoxLayout(choices_);
  choiceLayout_->setContentsMargins(0, 0, 0, 0);
  choiceLayout_->setSpacing(4);
  box->addWidget(choices_);
  hint_ = label("stepHint");
  layout->addWidget(actions);

  connect(list_->selectionModel(), &QItemSelectionModel::currentChanged, this,
          [this](const QModelIndex& index) {
            if (index.isValid()) choose(index.data(ThreadListModel::kThreadRole).toUInt());
          });
}

QPushButton* ThreadsPanel::addButton(const QString& text, const QString& name, BenchStepKind kind) {
  auto* button = new QPushButton(text, steps_);
  button->setAccessibleName(name);
  button->setToolTip(name);
  if (kind == BenchStepKind::kArc) button->setObjectName(QStringLiteral("primary"));
  connect(button, &QPushButton::clicked, this, [this, kind] { request(kind); });
  steps_->layout()->addWidget(button);
  return button;
}

const BenchThread* ThreadsPanel::chosenThread() const {
  const BenchView* view = scene_.shownView();
  if (view == nullptr) return nullptr;
  for (const BenchThread& thread : view->threads)
    if (thread.thread == chosen_) return &thread;
  return nullptr;
}

// A thread that must choose is the only one that can step. Else the chosen thread stays chosen, also when it is blocked:
// the next key must not step another one. Only an ended thread gives way.
void ThreadsPanel::onScene() {
  model_->refresh();
  const BenchView* view = scene_.shownView();
  if (view != nullptr && scene_.shown() != followed_) {
    const uint32_t last = scene_.state().nodes[scene_.shown()].thread;
    const bool first = followed_ == ~0u;
    if (first && last != kNoThread) chosen_ = last;
    followed_ = scene_.shown();
    const BenchThread* now = chosenThread();
    for (const BenchThread& thread : view->threads)
      if (thread.state == BenchThreadState::kMustChoose) chosen_ = thread.thread, now = &thread;
    if (now == nullptr || now->state == BenchThreadState::kEnded ||
        (first && now->state == BenchThreadState::kBlocked)) {
      const auto able = std::find_if(view->threads.begin(), view->threads.end(), [](const BenchThread& t) {
        return t.state == BenchThreadState::kCanRun;
      });
      if (able != view->threads.end()) chosen_ = able->thread;
    }
    emit chosenChanged(chosen_);
  }
  choose(chosen_);
}

void ThreadsPanel::choose(uint32_t thread) {
  const bool changed = thread != chosen_;
  chosen_ = thread;
  const BenchView* view = scene_.shownView();
  for (int row = 0; view != nullptr && row < model_->rowCount(); ++row) {
    if (view->threads[static_cast<size_t>(row)].thread != thread) continue;
    if (list_->currentIndex().row() != row) list_->setCurrentIndex(model_->index(row));
    break;
  }
  refreshActions();
  if (changed) emit chosenChanged(chosen_);
}

void ThreadsPanel::chooseRow(int row) {
  if (row >= 0 && row < model_->rowCount())
    choose(model_->index(row).data(ThreadListModel::kThreadRole).toUInt());
}

QRect ThreadsPanel::boxOfThread(uint32_t thread) const {
  for (int row = 0; row < model_->rowCount(); ++row) {
    if (model_->index(row).data(ThreadListModel::kThreadRole).toUInt() != thread) continue;
    const QRect box = list_->visualRect(model_->index(row)) & list_->viewport()->rect();
    return box.isEmpty() ? QRect() : QRect(list_->viewport()->mapTo(this, box.topLeft()), box.size());
  }
  return {};
}

void ThreadsPanel::setCanStep(bool can, const QString& why) {
  canStep_ = can;
  whyNot_ = why;
  refreshActions();
}

void ThreadsPanel::refreshActions() {
  const BenchThread* thread = chosenThread();
  const BenchView* view = scene_.shownView();
  who_->setFont(theme_.strong());
  if (thread == nullptr) {
    who_->setText(tr("No thread"));
    next_->clear(), hint_->clear();
    steps_->setVisible(false), choices_->setVisible(false);
    return;
  }
  const QString name = QString::fromStdString(thread->name);
  who_->setText(thread->p == kNoP ? name : tr("%1 on P%2").arg(name).arg(thread->p));
  const bool choosing = thread->state == BenchThreadState::kMustChoose;
  next_->setText(choosing ? tr("Chooses one of these:") : nextSentence(*thread, *view).left(600));
  steps_->setVisible(!choosing);
  choices_->setVisible(choosing);
  const bool able = canStep_ && thread->state == BenchThreadState::kCanRun;
  for (QPushButton* button : {access_, arc_, run_}) button->setEnabled(able);
  if (choosing) rebuildChoices(*thread);
  for (QPushButton* button : choices_->findChildren<QPushButton*>()) button->setEnabled(canStep_);
  QString hint = whyNot_;
  if (canStep_ && thread->between)
    hint = tr("Stands between reading and writing this word: another thread can write it now.");
  hint_->setText(hint);
  hint_->setVisible(!hint.isEmpty());
}

void ThreadsPanel::rebuildChoices(const BenchThread& thread) {
  if (thread.alternatives == shownChoices_ && choiceLayout_->count() > 0) return;
  shownChoices_ = thread.alternatives;
  while (QLayoutItem* item = choiceLayout_->takeAt(0)) {
    if (item->widget() != nullptr) item->widget()->deleteLater(), item->widget()->setParent(nullptr);
    delete item;
  }
  manyChoices_ = nullptr;
  const auto choose = [this](uint32_t choice) {
    emit stepRequested(BenchStepKind::kChoice, chosen_, choice);
  };
  if (thread.alternatives.size() > kMostButtons) {
    manyChoices_ = new QComboBox(choices_);
    manyChoices_->setAccessibleName(tr("Alternatives of the chosen thread"));
    for (const std::string& text : thread.alternatives) manyChoices_->addItem(QString::fromStdString(text));
    auto* take = new QPushButton(tr("Choose"), choices_);
    connect(take, &QPushButton::clicked, this,
            [=, this] { choose(static_cast<uint32_t>(manyChoices_->currentIndex())); });
    choiceLayout_->addWidget(manyChoices_);
    choiceLayout_->addWidget(take);
    return;
  }
  for (uint32_t i = 0; i < thread.alternatives.size(); ++i) {
    const QString text = QString::fromStdString(thread.alternatives[i]);
    auto* button = new QPushButton(text, choices_);
    button->setAccessibleName(tr("Choose: %1").arg(text));
    if (i == 0) button->setObjectName(QStringLiteral("primary"));
    connect(button, &QPushButton::clicked, this, [=] { choose(i); });
    choiceLayout_->addWidget(button);
  }
}

// Enter on a choice takes the alternative that is focused, else the first.
bool ThreadsPanel::request(BenchStepKind kind) {
  const BenchThread* thread = chosenThread();
  if (!canStep_ || thread == nullptr) return false;
  if (thread->state == BenchThreadState::kMustChoose) {
    const auto buttons = choices_->findChildren<QPushButton*>();
    for (QPushButton* button : buttons)
      if (button->hasFocus()) return button->click(), true;
    if (!buttons.isEmpty()) buttons.first()->click();
    return !buttons.isEmpty();
  }
  if (thread->state != BenchThreadState::kCanRun) return false;
  emit stepRequested(kind, chosen_, 0);
  return true;
}

}  // namespace sweepscope::gui
