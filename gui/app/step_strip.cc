#include "gui/app/step_strip.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

#include "gui/models/bench_words.h"
#include "gui/models/check_plan.h"

namespace sweepscope::gui {

using namespace telemetry;

StepStrip::StepStrip(const BenchScene& scene, const Theme& theme, const QList<QAction*>& actions,
                     QWidget* parent)
    : QWidget(parent), scene_(scene), theme_(theme) {
  setObjectName(QStringLiteral("stepStrip"));
  setFixedHeight(44);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(12, 0, 8, 0);
  layout->setSpacing(10);
  auto* words = new QVBoxLayout;
  words->setSpacing(1);
  const auto label = [&] {
    auto* made = new QLabel(this);
    made->setTextFormat(Qt::PlainText);
    made->setMinimumWidth(40);
    made->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    return made;
  };
  fault_ = label(), setup_ = label(), lamp_ = label();
  words->addStretch(1);
  words->addWidget(fault_);
  words->addWidget(setup_);
  words->addStretch(1);
  layout->addLayout(words, 3);
  lamp_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  layout->addWidget(lamp_, 2);
  for (QAction* action : actions) {
    auto* button = new QToolButton(this);
    button->setDefaultAction(action);
    button->setAccessibleName(action->toolTip());
    layout->addWidget(button);
  }
}

void StepStrip::onScene() {
  fault_->setFont(theme_.strong());
  setup_->setFont(theme_.small());
  lamp_->setFont(theme_.strong());
  QPalette dim = palette();
  dim.setColor(QPalette::WindowText, theme_.ui().dim);
  setup_->setPalette(dim);
  if (!scene_.begun()) {
    fault_->setText(tr("No session"));
    setup_->clear(), lamp_->clear();
    return;
  }
  const BenchState& state = scene_.state();
  const BenchSetup& setup = state.setup;
  const bool hidden = challenge_ != nullptr && challenge_->hidesFault();
  fault_->setText(hidden                ? tr("Left out: one rule, hidden until a check fires")
                  : setup.fault.empty() ? tr("The complete protocol")
                                        : tr("Left out: %1").arg(QString::fromStdString(setup.fault)));
  fault_->setToolTip(fault_->text());
  QStringList parts{tr("scenario %1").arg(QString::fromStdString(setup.scenario)),
                    tr("policy %1").arg(QString::fromStdString(setup.policy))};
  if (!state.bounds.empty()) parts << QString::fromStdString(state.bounds);
  parts << tr("random seed %1").arg(setup.seed);
  setup_->setText(parts.join(QStringLiteral(" \u00b7 ")));
  setup_->setToolTip(setup_->text());
  const BenchView* view = scene_.shownView();
  LampWords lamp = view == nullptr ? LampWords{} : lampOf(*view);
  const QString met = breakpointMet(state.nodes[scene_.shown()]);
  if (!met.isEmpty() && !lamp.bad) lamp.text = tr("Stopped at the breakpoint %1").arg(met);
  QPalette lit = palette();
  lit.setColor(QPalette::WindowText, lamp.bad ? theme_.ui().bad : theme_.ui().dim);
  lamp_->setPalette(lit);
  lamp_->setText(lamp.text);
  lamp_->setToolTip(lamp.text);
}

}  // namespace sweepscope::gui
