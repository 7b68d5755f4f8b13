#include "gui/app/comparison_dialog.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include "gui/models/formats.h"

namespace sweepscope::gui {

namespace {

constexpr int kRowHeight = 40;
constexpr int kShareRole = Qt::UserRole;  // of the longest pause; absent: not a pause
enum Column : int { kProcs, kSpans, kEager, kLazy, kTimes, kColumns };

const QStringList kArguments = {QStringLiteral("compare"), QStringLiteral("idle_ps"),
                                QStringLiteral("--flush"), QStringLiteral("eager,lazy"),
                                QStringLiteral("--procs"), QStringLiteral("1,64")};

// A figure; a pause also has its length as a bar, all bars to one scale.
class PauseDelegate : public QStyledItemDelegate {
 public:
  PauseDelegate(const Theme& theme, QObject* parent) : QStyledItemDelegate(parent), theme_(theme) {}

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const QRect r = option.rect;
    painter->setPen(theme_.ui().border);
    painter->drawLine(r.bottomLeft(), r.bottomRight());
    painter->setPen(theme_.ui().text);
    painter->setFont(theme_.strong());
    const QVariant share = index.data(kShareRole);
    painter->drawText(r.adjusted(8, 4, -8, share.isValid() ? -14 : -4), Qt::AlignRight | Qt::AlignVCenter,
                      index.data().toString());
    if (!share.isValid()) return;
    const int width = std::max(2, static_cast<int>(share.toDouble() * (r.width() - 16)));
    painter->fillRect(QRect(r.right() - 8 - width, r.bottom() - 11, width, 5), theme_.ui().accent);
  }

 private:
  const Theme& theme_;
};

}  // namespace

ComparisonDialog::ComparisonDialog(const Theme& theme, bool concurrentEngine, QWidget* parent)
    : QDialog(parent),
      theme_(theme),
      concurrentEngine_(concurrentEngine),
      state_(new QLabel(this)),
      origin_(new QLabel(this)),
      progress_(new QProgressBar(this)),
      table_(new QTableWidget(0, kColumns, this)),
      again_(new QPushButton(tr("&Measure again"), this)),
      close_(new QPushButton(tr("Close"), this)) {
  setWindowTitle(tr("Compare eager and lazy"));
  setObjectName(QStringLiteral("comparison"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(24, 20, 24, 18);
  layout->setSpacing(12);
  auto* lead = new QLabel(
      tr("The benchmark fills the mcache of every P with spans, leaves the Ps idle and stops the world. "
         "<b>Eager</b> flushes all mcaches in the pause, so the pause grows with the number of cached spans. "
         "<b>Lazy</b> flushes them after the pause, while the program runs."),
      this);
  lead->setWordWrap(true);
  layout->addWidget(lead);
  table_->setHorizontalHeaderLabels(
      {tr("Ps"), tr("Cached spans"), tr("Eager pause"), tr("Lazy pause"), tr("Eager / lazy")});
  table_->setAccessibleName(tr("Pauses of eager and lazy by number of Ps"));
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setDefaultSectionSize(kRowHeight);
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
  table_->horizontalHeader()->setDefaultAlignment(Qt::AlignRight | Qt::AlignVCenter);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->setItemDelegate(new PauseDelegate(theme, table_));
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setSelectionMode(QAbstractItemView::NoSelection);
  table_->setShowGrid(false);
  table_->setFixedHeight(3 * kRowHeight);
  table_->setFrameShape(QFrame::NoFrame);
  table_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  table_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  layout->addWidget(table_);
  progress_->setRange(0, 0);
  progress_->setTextVisible(false);
  progress_->setFixedHeight(6);
  progress_->hide();
  progress_->setAccessibleName(tr("Measuring"));
  layout->addWidget(progress_);
  state_->setWordWrap(true);
  state_->setFont(theme.strong());
  layout->addWidget(state_);
  origin_->setWordWrap(true);
  origin_->setFont(theme.small());
  origin_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  layout->addWidget(origin_);
  layout->addStretch(1);
  auto* buttons = new QHBoxLayout;
  buttons->addStretch(1);
  buttons->addWidget(again_);
  buttons->addWidget(close_);
  layout->addLayout(buttons);
  setMinimumSize(580, 330);
  close_->setDefault(true);
  connect(again_, &QPushButton::clicked, this, &ComparisonDialog::measure);
  connect(close_, &QPushButton::clicked, this, &QDialog::reject);
  connect(this, &QDialog::finished, &job_, &SweepctlJob::cancel);
  connect(&job_, &SweepctlJob::finished, this, &ComparisonDialog::onFinished);
  connect(&job_, &SweepctlJob::failed, this, &ComparisonDialog::showProblem);
}

void ComparisonDialog::measure() {
  table_->setRowCount(0);
  table_->hide();
  state_->setText(tr("Measuring: 20 short runs, one after another. This takes about 5 seconds."));
  origin_->clear();
  progress_->show();
  again_->setEnabled(false);
  close_->setText(tr("Cancel"));
  job_.start(kArguments +
             QStringList{QStringLiteral("--quiet"), QStringLiteral("--json"), QStringLiteral("-")});
}

void ComparisonDialog::onFinished(int exitCode, const QByteArray& output, const QString& errorLine) {
  if (exitCode != 0) {
    return showProblem(errorLine.isEmpty() ? tr("sweepctl compare exited with code %1.").arg(exitCode)
                                           : errorLine);
  }
  const auto comparison = readComparison(output);
  if (!comparison) return showProblem(QString::fromStdString(comparison.error().message));
  fill(*comparison);
}

void ComparisonDialog::fill(const FlushComparison& comparison) {
  progress_->hide();
  again_->setEnabled(true);
  close_->setText(tr("Close"));
  double longest = 1;
  for (const auto& row : comparison.rows) longest = std::max({longest, row.eagerNs, row.lazyNs});
  table_->setRowCount(static_cast<int>(comparison.rows.size()));
  int at = 0;
  for (const auto& row : comparison.rows) {
    const auto put = [&](Column column, const QString& text) {
      auto* item = new QTableWidgetItem(text);
      item->setFlags(Qt::ItemIsEnabled);
      table_->setItem(at, column, item);
      return item;
    };
    put(kProcs, QString::number(row.procs));
    put(kSpans, formatCount(static_cast<uint64_t>(row.cachedSpans)));
    put(kEager, formatDuration(row.eagerNs))->setData(kShareRole, row.eagerNs / longest);
    put(kLazy, formatDuration(row.lazyNs))->setData(kShareRole, row.lazyNs / longest);
    put(kTimes, tr("%1 x").arg(row.eagerTimesLazy, 0, 'f', row.eagerTimesLazy < 10 ? 1 : 0));
    ++at;
  }
  table_->setFixedHeight(table_->horizontalHeader()->sizeHint().height() + at * kRowHeight);
  table_->show();
  state_->setText(describe(comparison));
  QString origin =
      tr("Medians of %1 runs each, one after another on this machine (%2 cores, %3). The pause is that of "
         "mark termination, as Go measures it.\n%4")
          .arg(comparison.runs)
          .arg(comparison.cores)
          .arg(comparison.cpu, QStringLiteral("sweepctl ") + kArguments.join(QLatin1Char(' ')));
  if (concurrentEngine_)
    origin += tr("\nAnother engine ran at the same time, so these times are less reliable.");
  origin_->setText(origin);
  emit measured(true);
}

void ComparisonDialog::showProblem(const QString& why) {
  progress_->hide();
  again_->setEnabled(true);
  close_->setText(tr("Close"));
  state_->setText(tr("Could not measure the pauses: %1").arg(why));
  emit measured(false);
}

}  // namespace sweepscope::gui
