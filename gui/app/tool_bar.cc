#include "gui/app/tool_bar.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QStandardItemModel>
#include <QStyledItemDelegate>
#include <QToolButton>

namespace sweepscope::gui {

namespace {

const std::pair<const char*, Speed> kSpeeds[] = {
    {QT_TRANSLATE_NOOP("Speed", "a cycle in 2 s"), {Speed::Kind::kCycleIn, 2}},
    {QT_TRANSLATE_NOOP("Speed", "a cycle in 6 s"), {Speed::Kind::kCycleIn, 6}},
    {QT_TRANSLATE_NOOP("Speed", "a cycle in 20 s"), {Speed::Kind::kCycleIn, 20}},
    {QT_TRANSLATE_NOOP("Speed", "a cycle in 60 s"), {Speed::Kind::kCycleIn, 60}},
    {QT_TRANSLATE_NOOP("Speed", "speed 1"), {Speed::Kind::kFactor, 1}},
    {QT_TRANSLATE_NOOP("Speed", "speed 1/10"), {Speed::Kind::kFactor, 1e-1}},
    {QT_TRANSLATE_NOOP("Speed", "speed 1/100"), {Speed::Kind::kFactor, 1e-2}},
    {QT_TRANSLATE_NOOP("Speed", "speed 1/1,000"), {Speed::Kind::kFactor, 1e-3}},
    {QT_TRANSLATE_NOOP("Speed", "speed 1/10,000"), {Speed::Kind::kFactor, 1e-4}},
    {QT_TRANSLATE_NOOP("Speed", "speed 1/100,000"), {Speed::Kind::kFactor, 1e-5}},
    {QT_TRANSLATE_NOOP("Speed", "speed 1/1,000,000"), {Speed::Kind::kFactor, 1e-6}},
};

}  // namespace

ToolBar::ToolBar(const Actions& a, SessionController& session, QWidget* parent)
    : QToolBar(tr("Tools"), parent),
      actions_(a),
      session_(session),
      source_(new QLabel(this)),
      speed_(new QComboBox(this)) {
  setObjectName(QStringLiteral("tools"));
  setMovable(false);
  setContextMenuPolicy(Qt::PreventContextMenu);
  setIconSize({16, 16});
  setToolButtonStyle(Qt::ToolButtonIconOnly);
  source_->setAccessibleName(tr("Source"));
  source_->setMinimumWidth(150);
  source_->setMaximumWidth(300);
  addActions({a.watch, a.open});
  addWidget(source_);
  addAction(a.record);
  addSeparator();
  addActions({a.toStart, a.previousPhase, a.stepEventBack, a.play, a.stepEvent, a.nextPhase, a.toEnd});
  addSeparator();
  speed_->setAccessibleName(tr("Speed"));
  speed_->setToolTip(tr("Playback speed"));
  speed_->setItemDelegate(
      new QStyledItemDelegate(speed_));  // Fusion's own delegate draws a menu, which ignores the style sheet
  for (const auto& [name, speed] : kSpeeds) speed_->addItem(QCoreApplication::translate("Speed", name));
  addWidget(speed_);
  addSeparator();
  addActions({a.live, a.realTime});
  for (QAction* action : {a.live, a.realTime, a.record})
    qobject_cast<QToolButton*>(widgetForAction(action))->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  auto* gap = new QWidget(this);
  gap->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  addWidget(gap);
  auto* keys = new QToolButton(this);
  keys->setText(QStringLiteral("?"));
  keys->setToolTip(tr("Keyboard shortcuts (?)"));
  keys->setAccessibleName(tr("Keyboard shortcuts"));
  connect(keys, &QToolButton::clicked, a.keys, &QAction::trigger);
  addWidget(keys);
  connect(speed_, &QComboBox::activated, this, [this](int i) { session_.setSpeed(kSpeeds[i].second); });
}

void ToolBar::refresh(const QString& demo) {
  const bool any = session_.log() != nullptr;
  const bool liveSource = session_.source() == SessionController::Source::kLive;
  for (QAction* action : actions_.transport()) action->setEnabled(any);
  for (QAction* action : {actions_.live, actions_.realTime}) action->setEnabled(liveSource);
  actions_.live->setChecked(session_.live() && !session_.realTime());
  actions_.realTime->setChecked(session_.live() && session_.realTime());
  // Also after the engine is gone: its events are still in memory.
  const bool captured = any && session_.log()->extent().end_seq > session_.log()->extent().first_seq;
  actions_.record->setEnabled(session_.recording().active() ||
                              (liveSource && (session_.linkState() != LinkState::kClosed || captured)));
  actions_.record->setChecked(session_.recording().active());
  speed_->setEnabled(any && !(session_.live() && session_.realTime()));
  const auto* speeds = qobject_cast<QStandardItemModel*>(speed_->model());
  for (int i = 0; i < static_cast<int>(std::size(kSpeeds)); ++i) {
    const Speed& speed = kSpeeds[i].second;
    if (speed == session_.speed()) speed_->setCurrentIndex(i);
    speeds->item(i)->setEnabled(speed.kind == Speed::Kind::kCycleIn || !session_.laboratory());
  }
  QString name = tr("no session");
  if (session_.source() == SessionController::Source::kRecording)
    name = QFileInfo(session_.sourceName()).fileName();
  if (session_.laboratory()) name = tr("laboratory: %1").arg(name);
  if (session_.source() == SessionController::Source::kOpening) name = tr("opening...");
  if (liveSource) name = demo.isEmpty() ? session_.sourceName() : tr("demo: %1").arg(demo);
  source_->setText(source_->fontMetrics().elidedText(name, Qt::ElideMiddle, 280));
  source_->setToolTip(session_.sourceName());
}

}  // namespace sweepscope::gui
