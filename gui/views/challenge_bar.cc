#include "gui/views/challenge_bar.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

#include "gui/models/formats.h"

namespace sweepscope::gui {

namespace {

constexpr int kHeight = 32;

}  // namespace

ChallengeBar::ChallengeBar(const BenchScene& scene, const Challenge& challenge, const Theme& theme,
                           QAction* hint, QWidget* parent)
    : QWidget(parent), scene_(scene), challenge_(challenge), theme_(theme) {
  setObjectName(QStringLiteral("challengeBar"));
  setAttribute(Qt::WA_StyledBackground);
  setFixedHeight(kHeight);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(12, 0, 8, 0);
  layout->setSpacing(16);
  count_ = new QLabel(this);
  count_->setTextFormat(Qt::PlainText);
  count_->setObjectName(QStringLiteral("challengeCount"));
  hint_ = new QLabel(this);
  hint_->setTextFormat(Qt::PlainText);
  hint_->setObjectName(QStringLiteral("challengeHint"));
  hint_->setMinimumWidth(40);
  hint_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  auto* button = new QToolButton(this);
  button->setDefaultAction(hint);
  button->setAccessibleName(hint->toolTip());
  layout->addWidget(count_);
  layout->addWidget(hint_, 1);
  layout->addWidget(button);
}

void ChallengeBar::onScene() {
  if (!challenge_.on() || !scene_.begun()) return;
  count_->setFont(theme_.strong());
  hint_->setFont(challenge_.hinted(scene_) ? theme_.strong() : theme_.body());
  QPalette colours = palette();
  colours.setColor(QPalette::WindowText, challenge_.hinted(scene_) ? theme_.ui().accent : theme_.ui().text);
  hint_->setPalette(colours);
  count_->setText(challenge_.countLine(scene_));
  if (const uint32_t before = scene_.state().nodes.front().steps; before > 0)
    count_->setToolTip(tr("Without the %1 that made the engine").arg(formatCounted(before, "step")));
  hint_->setText(challenge_.hintLine(scene_));
  hint_->setToolTip(hint_->text());
}

}  // namespace sweepscope::gui
