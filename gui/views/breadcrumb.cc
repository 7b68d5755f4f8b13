#include "gui/views/breadcrumb.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QToolButton>

#include "gui/models/formats.h"
#include "gui/models/sentences.h"

namespace sweepscope::gui {

using namespace telemetry;

namespace {

constexpr int kHeight = 24, kMostCrumbs = 6, kCrumbWidth = 168, kLastCrumb = 300, kMostSiblings = 40;

}  // namespace

Breadcrumb::Breadcrumb(const BenchScene& scene, const Theme& theme, QWidget* parent)
    : QWidget(parent), scene_(scene), theme_(theme), siblingMenu_(new QMenu(this)) {
  setObjectName(QStringLiteral("breadcrumb"));
  setAccessibleName(tr("Branch"));
  setFixedHeight(kHeight);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(6, 0, 10, 0);
  layout->setSpacing(2);
  const auto button = [&](const QString& text, const QString& name) {
    auto* made = new QToolButton(this);
    made->setText(text);
    made->setAccessibleName(name);
    made->setToolTip(name);
    made->setAutoRaise(true);
    made->setFixedHeight(kHeight - 2);
    return made;
  };
  back_ = button(QStringLiteral("\u2190"), tr("Back one step (Left)"));
  forward_ = button(QStringLiteral("\u2192"), tr("Forward one step (Right)"));
  layout->addWidget(back_);
  layout->addWidget(forward_);
  crumbs_ = new QHBoxLayout;
  crumbs_->setSpacing(0);
  for (int i = 0; i < kMostCrumbs; ++i) {
    QToolButton* crumb = button({}, {});
    crumb->setMaximumWidth(kLastCrumb + 16);
    connect(crumb, &QToolButton::clicked, this,
            [this, crumb] { emit nodeRequested(crumb->property("node").toUInt()); });
    crumbs_->addWidget(crumb);
    nodes_.push_back(crumb);
  }
  layout->addLayout(crumbs_);
  siblings_ = button({}, tr("Other steps taken here"));
  siblings_->setPopupMode(QToolButton::InstantPopup);
  siblings_->setMenu(siblingMenu_);
  layout->addWidget(siblings_);
  layout->addStretch(1);
  where_ = new QLabel(this);
  where_->setTextFormat(Qt::PlainText);
  layout->addWidget(where_);
  name_ = button(tr("Name..."), tr("Name this node (N)"));
  layout->addWidget(name_);
  connect(back_, &QToolButton::clicked, this, [this] {
    if (const auto node = scene_.back()) emit nodeRequested(*node);
  });
  connect(forward_, &QToolButton::clicked, this, [this] {
    if (const auto node = scene_.forward()) emit nodeRequested(*node);
  });
  connect(name_, &QToolButton::clicked, this, &Breadcrumb::nameRequested);
  connect(siblingMenu_, &QMenu::triggered, this,
          [this](const QAction* a) { emit nodeRequested(a->data().toUInt()); });
}

QString Breadcrumb::nodeName(const BenchState& state, uint32_t node) {
  const BenchNode& at = state.nodes[node];
  if (!at.name.empty()) return QString::fromStdString(at.name);
  if (at.parent >= node) return tr("Start");
  if (at.text.empty()) return tr("step %1").arg(at.steps_before + at.steps);
  return withSg(QString::fromStdString(at.text));
}

void Breadcrumb::fillSiblings() {
  const std::vector<uint32_t> others = scene_.siblings();
  siblingMenu_->clear();
  for (size_t i = 0; i < others.size() && i < kMostSiblings; ++i)
    siblingMenu_->addAction(nodeName(scene_.state(), others[i]).left(100))->setData(others[i]);
  siblings_->setVisible(!others.empty());
  siblings_->setText(others.size() == 1 ? tr("1 other branch") : tr("%1 other branches").arg(others.size()));
}

void Breadcrumb::onScene() {
  const bool begun = scene_.begun();
  back_->setEnabled(scene_.back().has_value());
  forward_->setEnabled(scene_.forward().has_value());
  name_->setVisible(begun);
  if (!begun) {
    for (QToolButton* crumb : nodes_) crumb->hide();
    siblings_->hide();
    return where_->clear();
  }
  const std::vector<uint32_t> path = scene_.path();
  const int room = std::clamp((width() - 560) / kCrumbWidth, 1, kMostCrumbs);
  const size_t shown = std::min(path.size(), static_cast<size_t>(room));
  for (size_t i = 0; i < nodes_.size(); ++i) {
    QToolButton* crumb = nodes_[i];
    crumb->setVisible(i < shown);
    if (i >= shown) continue;
    const uint32_t node = path[path.size() - shown + i];
    const QString name = nodeName(scene_.state(), node);
    const QString mark = i > 0                 ? QStringLiteral("\u203a ")
                         : path.size() > shown ? QStringLiteral("\u2026 ")
                                               : QString();
    crumb->setFont(i + 1 == shown ? theme_.strong() : theme_.body());
    crumb->setText(
        mark + QFontMetrics(crumb->font())
                   .elidedText(name, Qt::ElideRight, i + 1 == shown ? kLastCrumb - 20 : kCrumbWidth - 20));
    crumb->setToolTip(name.left(300));
    crumb->setAccessibleName(tr("Go to: %1").arg(name.left(300)));
    crumb->setProperty("node", node);
  }
  fillSiblings();
  const BenchNode& at = scene_.state().nodes[scene_.shown()];
  QString where = tr("after %1").arg(formatCounted(at.steps_before + at.steps, "step"));
  if (!scene_.atCurrent()) where += tr(", looking back: a step here begins a branch");
  where_->setText(where);
}

void Breadcrumb::resizeEvent(QResizeEvent*) { onScene(); }

}  // namespace sweepscope::gui
