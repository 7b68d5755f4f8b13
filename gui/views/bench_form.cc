#include "gui/views/bench_form.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QRandomGenerator>
#include <QRegularExpressionValidator>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>

#include "gui/models/challenge.h"

namespace sweepscope::gui {

using namespace telemetry;

namespace {

constexpr int kFormWidth = 860;

QString textOf(const std::string& text) { return QString::fromStdString(text).left(600); }

bool lists(const std::vector<std::string>& names, const std::string& name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

BenchForm::BenchForm(const BenchScene& scene, const Theme& theme, QWidget* parent)
    : QWidget(parent),
      scene_(scene),
      theme_(theme),
      chance_([] { return QRandomGenerator::global()->generate(); }) {
  setObjectName(QStringLiteral("page"));
  setAttribute(Qt::WA_StyledBackground);
  auto* outer = new QHBoxLayout(this);
  auto* body = new QWidget(this);
  body->setMaximumWidth(kFormWidth);
  outer->addStretch(1);
  outer->addWidget(body, 8);
  outer->addStretch(1);
  auto* grid = new QGridLayout(body);
  grid->setContentsMargins(20, 24, 20, 20);
  grid->setHorizontalSpacing(16);
  grid->setVerticalSpacing(8);
  grid->setColumnStretch(1, 1);
  int row = 0;
  const auto words = [&](const QString& text) {
    auto* label = new QLabel(text, body);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    return label;
  };
  auto* title = words(tr("Step through the sweep protocol on the real engine"));
  QFont heading = theme.strong();
  heading.setPixelSize(18);
  title->setFont(heading);
  grid->addWidget(title, row++, 0, 1, 2);
  grid->addWidget(
      words(tr(
          "Choose what runs. You then decide which thread takes the next step, and the engine does nothing else.")),
      row++, 0, 1, 2);
  const auto field = [&](const QString& name, QWidget* widget, QLabel* label) {
    auto* buddy = new QLabel(name, body);
    buddy->setBuddy(widget);
    widget->setAccessibleName(QString(name).remove(QLatin1Char('&')));
    grid->addWidget(buddy, row, 0, Qt::AlignRight | Qt::AlignTop);
    grid->addWidget(widget, row++, 1);
    if (label != nullptr) grid->addWidget(label, row++, 1);
  };
  scenario_ = new QComboBox(body), policy_ = new QComboBox(body);
  scenarioText_ = words({}), policyText_ = words({}), faultText_ = words({}), message_ = words({});
  fault_ = new QListWidget(body);
  fault_->setObjectName(QStringLiteral("faults"));
  fault_->setWordWrap(true);
  fault_->setMinimumHeight(120);
  fault_->setFrameShape(QFrame::StyledPanel);
  procs_ = new QSpinBox(body), spans_ = new QSpinBox(body);
  seed_ = new QLineEdit(QStringLiteral("1"), body);
  seed_->setValidator(
      new QRegularExpressionValidator(QRegularExpression(QStringLiteral("[0-9]{1,19}")), seed_));
  passed_ = new QCheckBox(tr("Only note checks that fire before the harm, and continue"), body);
  field(tr("&Scenario"), scenario_, scenarioText_);
  field(tr("Flush &policy"), policy_, policyText_);
  field(tr("Rule &left out"), fault_, faultText_);
  grid->addWidget(passed_, row++, 1);
  grid->setRowStretch(row - 3, 1);
  auto* numbers = new QWidget(body);
  auto* line = new QHBoxLayout(numbers);
  line->setContentsMargins(0, 0, 0, 0);
  line->setSpacing(8);
  const auto number = [&](const QString& name, QWidget* widget, int width) {
    auto* buddy = new QLabel(name, numbers);
    buddy->setBuddy(widget);
    widget->setAccessibleName(QString(name).remove(QLatin1Char('&')));
    widget->setFixedWidth(width);
    line->addWidget(buddy);
    line->addWidget(widget);
    line->addSpacing(12);
  };
  number(tr("P&s"), procs_, 84);
  number(tr("Sp&ans"), spans_, 84);
  number(tr("&Random seed"), seed_, 150);
  line->addStretch(1);
  grid->addWidget(numbers, row++, 1);
  for (QSpinBox* box : {procs_, spans_}) {
    box->setSpecialValueText(tr("default"));
    box->setRange(0, 64);
  }
  challenge_ = new QCheckBox(tr("&Challenge: break it as the scheduler"), body);
  challenge_->setToolTip(tr("Your steps are counted, and a hint is the next step of a search"));
  surprise_ = new QCheckBox(tr("S&urprise me with a hidden rule left out"), body);
  surprise_->setToolTip(tr("Chance chooses the rule that is left out; it is named when a check fires"));
  auto* game = new QHBoxLayout;
  game->setSpacing(24);
  game->addWidget(challenge_);
  game->addWidget(surprise_);
  game->addStretch(1);
  grid->addLayout(game, row++, 1);
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(8);
  begin_ = new QPushButton(tr("&Begin"), body);
  begin_->setObjectName(QStringLiteral("primary"));
  begin_->setDefault(true);
  open_ = new QPushButton(tr("&Open a schedule..."), body);
  back_ = new QPushButton(tr("Back to the &session"), body);
  for (QPushButton* button : {begin_, open_, back_}) buttons->addWidget(button);
  buttons->addStretch(1);
  grid->addLayout(buttons, row++, 1);
  grid->addWidget(message_, row++, 1);
  connect(begin_, &QPushButton::clicked, this, &BenchForm::beginRequested);
  connect(open_, &QPushButton::clicked, this, &BenchForm::openRequested);
  connect(back_, &QPushButton::clicked, this, &BenchForm::backRequested);
  connect(scenario_, &QComboBox::currentIndexChanged, this, [this] { refreshLimits(), refreshWords(); });
  connect(policy_, &QComboBox::currentIndexChanged, this, &BenchForm::refreshWords);
  connect(fault_, &QListWidget::currentRowChanged, this, &BenchForm::refreshWords);
  connect(challenge_, &QCheckBox::toggled, this, &BenchForm::refreshSurprise);
  connect(surprise_, &QCheckBox::toggled, this, &BenchForm::refreshSurprise);
  refreshSurprise();
  setReady(false);
}

void BenchForm::onCatalogue() {
  const BenchCatalogue& catalogue = scene_.catalogue();
  const QSignalBlocker quietScenario(scenario_), quietPolicy(policy_), quietFault(fault_);
  scenario_->clear(), policy_->clear(), fault_->clear();
  for (const BenchScenario& s : catalogue.scenarios) scenario_->addItem(textOf(s.name));
  for (const BenchPolicy& p : catalogue.policies) policy_->addItem(textOf(p.name));
  fault_->addItem(tr("none: the protocol is complete"));
  for (const BenchFault& fault : catalogue.faults) {
    const bool steppable = fault.outside.empty();
    const QString second =
        steppable ? textOf(fault.text) : tr("cannot be stepped: %1").arg(textOf(fault.outside));
    auto* item = new QListWidgetItem(QStringLiteral("%1: %2").arg(textOf(fault.name), second), fault_);
    if (!steppable) item->setFlags(Qt::NoItemFlags);
  }
  fault_->setCurrentRow(0);
  const auto lazy = std::find_if(catalogue.policies.begin(), catalogue.policies.end(),
                                 [](const BenchPolicy& p) { return p.name == "lazy"; });
  if (lazy != catalogue.policies.end())
    policy_->setCurrentIndex(static_cast<int>(lazy - catalogue.policies.begin()));
  refreshLimits();
  refreshWords();
}

const BenchFault* BenchForm::chosenFault() const {
  const int row = fault_->currentRow() - 1;
  const auto& faults = scene_.catalogue().faults;
  return row < 0 || row >= static_cast<int>(faults.size()) ? nullptr : &faults[static_cast<size_t>(row)];
}

void BenchForm::refreshLimits() {
  const int at = scenario_->currentIndex();
  const auto& all = scene_.catalogue().scenarios;
  if (at < 0 || at >= static_cast<int>(all.size())) return;
  const BenchScenario& scenario = all[static_cast<size_t>(at)];
  const auto limit = [](QSpinBox* box, uint32_t usual, uint32_t most) {
    box->setRange(0, static_cast<int>(std::min(most, 4096u)));
    box->setSpecialValueText(usual > 0 ? tr("%1").arg(usual) : tr("default"));
    box->setEnabled(most > 0);
  };
  limit(procs_, scenario.procs, scenario.most_procs);
  limit(spans_, scenario.spans, scenario.most_spans);
}

// No fault of the list is chosen while chance chooses one.
void BenchForm::refreshSurprise() {
  surprise_->setEnabled(challenge());
  fault_->setEnabled(!surprise());
  if (surprise()) {
    if (fault_->currentRow() >= 0) rowBeforeSurprise_ = fault_->currentRow();
    fault_->setCurrentRow(-1);
  } else if (fault_->currentRow() < 0) {
    fault_->setCurrentRow(std::max(0, rowBeforeSurprise_));
  }
  refreshWords();
}

void BenchForm::refreshWords() {
  const BenchCatalogue& catalogue = scene_.catalogue();
  const auto at = [](const auto& all, int i) {
    return i >= 0 && i < static_cast<int>(all.size()) ? textOf(all[static_cast<size_t>(i)].text) : QString();
  };
  scenarioText_->setText(at(catalogue.scenarios, scenario_->currentIndex()));
  policyText_->setText(at(catalogue.policies, policy_->currentIndex()));
  const BenchFault* fault = chosenFault();
  passed_->setVisible(!surprise() && fault != nullptr && !fault->passed.empty());
  if (surprise())
    return faultText_->setText(
        tr("Chance chooses the rule that is left out. It is named when a check fires."));
  if (fault == nullptr)
    return faultText_->setText(
        challenge() ? tr("No rule is left out: nothing can be broken. Choose a rule, or the surprise.")
                    : tr("No rule is left out. No check should fire in any schedule."));
  QStringList lines{textOf(fault->text)};
  QStringList rules;
  for (const std::string& rule : fault->rules) rules << textOf(rule);
  lines << (rules.isEmpty() ? tr("Nothing breaks without it.")
                            : tr("Its harm is detected by: %1.").arg(rules.join(QStringLiteral(", "))));
  if (!lists(fault->policies, policy_->currentText().toStdString())) {
    QStringList names;
    for (const std::string& name : fault->policies) names << textOf(name);
    lines << tr("It exists only under the policy %1.").arg(names.join(QStringLiteral(", ")));
  }
  if (!lists(fault->scenarios, scenario_->currentText().toStdString()))
    lines << tr("In this scenario it cannot show; it shows fastest in %1.")
                 .arg(textOf(fault->scenarios.front()));
  faultText_->setText(lines.join(QLatin1Char(' ')));
}

void BenchForm::setSetup(const BenchSetup& setup) {
  const auto choose = [](QComboBox* box, const std::string& name) {
    if (const int at = box->findText(QString::fromStdString(name)); at >= 0) box->setCurrentIndex(at);
  };
  choose(scenario_, setup.scenario);
  choose(policy_, setup.policy);
  const auto& faults = scene_.catalogue().faults;
  int row = 0;
  for (size_t i = 0; i < faults.size(); ++i)
    if (!setup.fault.empty() && faults[i].name == setup.fault) row = static_cast<int>(i) + 1;
  fault_->setCurrentRow(row);
  procs_->setValue(static_cast<int>(setup.procs));
  spans_->setValue(static_cast<int>(setup.spans));
  seed_->setText(QString::number(setup.seed));
  refreshSurprise();
}

bool BenchForm::challenge() const { return challenge_->isChecked(); }
bool BenchForm::surprise() const { return challenge() && surprise_->isChecked(); }

BenchSetup BenchForm::setup() const {
  BenchSetup setup;
  setup.scenario = scenario_->currentText().toStdString();
  setup.policy = policy_->currentText().toStdString();
  if (const BenchFault* fault = chosenFault(); fault != nullptr && !surprise()) {
    setup.fault = fault->name;
    if (passed_->isChecked()) setup.checks = fault->passed;
  }
  setup.procs = static_cast<uint32_t>(procs_->value());
  setup.spans = static_cast<uint32_t>(spans_->value());
  setup.seed = seed_->text().toULongLong();
  return surprise() ? withSurprise(scene_.catalogue(), std::move(setup), chance_()) : setup;
}

void BenchForm::keyPressEvent(QKeyEvent* event) {
  const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
  if (enter && begin_->isEnabled()) return begin_->click();
  QWidget::keyPressEvent(event);
}

void BenchForm::setMessage(const QString& text) {
  message_->setText(text);
  message_->setVisible(!text.isEmpty());
}

void BenchForm::setReady(bool ready) {
  begin_->setEnabled(ready);
  open_->setEnabled(ready);
  back_->setVisible(scene_.begun());
}

}  // namespace sweepscope::gui
