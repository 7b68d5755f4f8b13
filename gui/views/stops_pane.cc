#include "gui/views/stops_pane.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

#include "gui/models/invariants.h"

namespace sweepscope::gui {

using namespace telemetry;

namespace {

constexpr int kListHeight = 92, kRowHeight = 22, kModeWidth = 72, kArcs = 10;
constexpr size_t kMostSpans = 4096;

}  // namespace

StopsPane::StopsPane(const BenchScene& scene, const Theme& theme, QWidget* parent)
    : QWidget(parent), scene_(scene), theme_(theme) {
  setObjectName(QStringLiteral("page"));
  setAttribute(Qt::WA_StyledBackground);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(12, 10, 12, 8);
  layout->setSpacing(6);
  addBreakpoints();
  layout->addSpacing(10);
  addChecks();
}

QLabel* StopsPane::addText(const QString& text) {
  auto* label = new QLabel(text, this);
  label->setTextFormat(Qt::PlainText);
  label->setWordWrap(true);
  layout()->addWidget(label);
  return label;
}

void StopsPane::addBreakpoints() {
  auto* column = static_cast<QVBoxLayout*>(layout());
  addText(tr("Breakpoints: a run (R) ends at them"))->setFont(theme_.strong());
  kind_ = new QComboBox(this);
  kind_->setAccessibleName(tr("Kind of breakpoint"));
  kind_->addItems({tr("arc"), tr("span"), tr("rule")});
  kind_->setItemData(0, tr("The thread makes this arc"), Qt::ToolTipRole);
  kind_->setItemData(1, tr("The thread accesses a word of this span"), Qt::ToolTipRole);
  kind_->setItemData(2, tr("The rule is violated and noted; one that stops ends the run anyway"),
                     Qt::ToolTipRole);
  name_ = new QComboBox(this);
  name_->setAccessibleName(tr("Arc, span or rule of the breakpoint"));
  name_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  name_->setMinimumContentsLength(8);
  auto* add = new QPushButton(tr("Add"), this);
  add->setAccessibleName(tr("Add the breakpoint"));
  auto* row = new QHBoxLayout;
  row->setSpacing(6);
  row->addWidget(kind_);
  row->addWidget(name_, 1);
  row->addWidget(add);
  column->addLayout(row);
  list_ = new QListWidget(this);
  list_->setObjectName(QStringLiteral("breakpoints"));
  list_->setAccessibleName(tr("Breakpoints"));
  list_->setFrameShape(QFrame::StyledPanel);
  list_->setFixedHeight(kListHeight);
  list_->setTextElideMode(Qt::ElideRight);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  column->addWidget(list_);
  remove_ = new QPushButton(tr("Remove"), this);
  remove_->setAccessibleName(tr("Remove the chosen breakpoint"));
  column->addWidget(remove_, 0, Qt::AlignLeft);
  connect(kind_, &QComboBox::currentIndexChanged, this, &StopsPane::refreshNames);
  connect(add, &QPushButton::clicked, this, &StopsPane::add);
  connect(remove_, &QPushButton::clicked, this, &StopsPane::removeChosen);
  connect(list_, &QListWidget::currentRowChanged, this, [this](int at) { remove_->setEnabled(at >= 0); });
}

void StopsPane::addChecks() {
  auto* column = static_cast<QVBoxLayout*>(layout());
  addText(tr("Checks: what each does when it fires"))->setFont(theme_.strong());
  table_ = new QTableWidget(0, 2, this);
  table_->setObjectName(QStringLiteral("checks"));
  table_->setAccessibleName(tr("Checks and what each does when it fires"));
  table_->setHorizontalHeaderLabels({tr("Check"), tr("When it fires")});
  table_->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
  table_->horizontalHeader()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->horizontalHeader()->setMinimumSectionSize(kModeWidth);
  table_->verticalHeader()->setDefaultSectionSize(kRowHeight);
  table_->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  table_->verticalHeader()->hide();
  table_->setShowGrid(false);
  table_->setCornerButtonEnabled(false);
  table_->setTabKeyNavigation(false);
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  column->addWidget(table_, 1);
  auto* row = new QHBoxLayout;
  row->setSpacing(6);
  const std::pair<QString, QString> words[] = {
      {tr("Stop"), tr("The selected checks stop the run")},
      {tr("Note"), tr("Violations of the selected checks are noted, and the run continues")},
      {tr("Off"), tr("The selected checks do nothing")}};
  for (const BenchRuleMode mode : {BenchRuleMode::kStop, BenchRuleMode::kNote, BenchRuleMode::kOff}) {
    const auto& [text, tip] = words[static_cast<size_t>(mode)];
    auto* button = new QPushButton(text, this);
    button->setAccessibleName(tip);
    button->setToolTip(tip);
    connect(button, &QPushButton::clicked, this, [this, mode] { choose(mode); });
    row->addWidget(button);
    modes_.push_back(button);
  }
  row->addStretch(1);
  column->addLayout(row);
  checksText_ = addText({});
  apply_ = new QPushButton(this);
  apply_->setObjectName(QStringLiteral("primary"));
  column->addWidget(apply_, 0, Qt::AlignLeft);
  connect(apply_, &QPushButton::clicked, this, [this] { emit checksRequested(plan_.settings()); });
  connect(table_, &QTableWidget::itemSelectionChanged, this, &StopsPane::refreshChecks);
}

void StopsPane::setChecksFixed(const QString& why) { fixed_ = why; }

void StopsPane::refreshNames() {
  const BenchView* view = scene_.shownView();
  QStringList names;
  if (kind_->currentIndex() == 0)
    for (int arc = 1; arc <= kArcs; ++arc) names << QStringLiteral("arc T%1").arg(arc);
  if (kind_->currentIndex() == 1 && view != nullptr)
    for (size_t i = 0; i < view->board.spans.size() && i < kMostSpans; ++i)
      names << QStringLiteral("span %1").arg(view->board.spans[i].id);
  if (kind_->currentIndex() == 2)
    for (const std::string& rule : scene_.catalogue().rules)
      names << QStringLiteral("rule %1").arg(QString::fromStdString(rule));
  if (names == names_) return;
  const QString was = name_->currentData().toString();
  names_ = names;
  name_->clear();
  for (const QString& name : names) {
    const QString words = breakpointWords(name);
    name_->addItem(words.section(QLatin1Char(' '), 1), name);
    name_->setItemData(name_->count() - 1, words, Qt::ToolTipRole);
  }
  name_->setCurrentIndex(std::max(0, name_->findData(was)));
}

void StopsPane::add() {
  const QString name = name_->currentData().toString();
  if (name.isEmpty() || breakpoints_.contains(name)) return;
  emit breakpointsRequested(breakpoints_ + QStringList{name});
}

void StopsPane::removeChosen() {
  const int at = list_->currentRow();
  if (at < 0 || at >= breakpoints_.size()) return;
  QStringList left = breakpoints_;
  left.removeAt(at);
  emit breakpointsRequested(left);
}

void StopsPane::choose(BenchRuleMode mode) {
  const auto& rows = plan_.rows();
  QStringList chosen;
  for (const QModelIndex& index : table_->selectionModel()->selectedRows())
    if (index.row() < static_cast<int>(rows.size())) chosen << rows[static_cast<size_t>(index.row())].rule;
  for (const QString& rule : chosen) plan_.choose(rule, mode);
  refreshChecks();
}

void StopsPane::refreshChecks() {
  const auto& rows = plan_.rows();
  const QSignalBlocker quiet(table_);
  table_->setRowCount(static_cast<int>(rows.size()));
  for (int at = 0; at < table_->rowCount(); ++at) {
    const CheckPlan::Row& row = rows[static_cast<size_t>(at)];
    const QString demand = invariantWords(row.rule);
    const QStringList texts{demand.isEmpty() ? row.rule : QStringLiteral("%1: %2").arg(row.rule, demand),
                            row.changed ? tr("%1 (new)").arg(modeWords(row.mode)) : modeWords(row.mode)};
    for (int column = 0; column < texts.size(); ++column) {
      if (table_->item(at, column) == nullptr) table_->setItem(at, column, new QTableWidgetItem);
      QTableWidgetItem* item = table_->item(at, column);
      if (item->text() != texts[column]) item->setText(texts[column]), item->setToolTip(texts[column]);
      item->setFont(row.mode == BenchRuleMode::kStop && !row.changed ? theme_.body() : theme_.strong());
    }
  }
  const bool can = fixed_.isEmpty() && scene_.begun();
  const bool selected = table_->selectionModel() != nullptr && table_->selectionModel()->hasSelection();
  for (QPushButton* button : modes_) button->setEnabled(can && selected);
  const bool atStart = scene_.begun() && !scene_.back();
  apply_->setVisible(can && plan_.changed());
  apply_->setText(atStart ? tr("Begin again with these checks")
                          : tr("Open this path again with these checks"));
  checksText_->setText(!can                            ? fixed_
                       : !selected && !plan_.changed() ? tr("Select checks, then choose what they do.")
                       : plan_.changed() && !atStart ? tr("This discards the other branches of the session.")
                                                     : QString());
  checksText_->setVisible(!checksText_->text().isEmpty());
}

void StopsPane::onScene() {
  QStringList breakpoints;
  if (scene_.begun())
    for (const std::string& breakpoint : scene_.state().breakpoints)
      breakpoints << QString::fromStdString(breakpoint);
  if (breakpoints != breakpoints_) {
    breakpoints_ = breakpoints;
    list_->clear();
    for (const QString& breakpoint : breakpoints) {
      auto* item = new QListWidgetItem(breakpointWords(breakpoint), list_);
      item->setToolTip(item->text());
    }
  }
  for (QWidget* part : {static_cast<QWidget*>(list_), static_cast<QWidget*>(remove_)})
    part->setVisible(!breakpoints.isEmpty());
  remove_->setEnabled(list_->currentRow() >= 0);
  refreshNames();
  plan_.onScene(scene_);
  refreshChecks();
}

}  // namespace sweepscope::gui
