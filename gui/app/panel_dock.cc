#include "gui/app/panel_dock.h"

#include <QHBoxLayout>
#include <QToolButton>

namespace sweepscope::gui {

namespace {

constexpr int kHeight = 26;
constexpr int kSentencePx = 11;

// A dock takes the size hint of its title bar and ignores a fixed height.
class Header : public QWidget {
 public:
  using QWidget::QWidget;
  QSize sizeHint() const override { return {100, kHeight}; }
  QSize minimumSizeHint() const override { return {40, kHeight}; }
};

}  // namespace

PanelDock::PanelDock(const QString& name, const QString& title, QWidget* body, QWidget* parent)
    : QDockWidget(title, parent) {
  setObjectName(name);
  setWidget(body);
  auto* header = new Header(this);
  header->setObjectName(QStringLiteral("panelHeader"));
  header->setAttribute(Qt::WA_StyledBackground);
  header->setFixedHeight(kHeight);
  auto* layout = new QHBoxLayout(header);
  layout->setContentsMargins(10, 0, 2, 0);
  layout->setSpacing(2);
  title_ = new QLabel(QStringLiteral("<b>%1</b>").arg(title), header);
  title_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  layout->addWidget(title_, 1);
  auto* close = new QToolButton(header);
  close->setAutoRaise(true);
  close->setText(QStringLiteral("\u00d7"));
  close->setToolTip(tr("Close this panel"));
  close->setAccessibleName(tr("Close %1").arg(title));
  close->setStyleSheet(QStringLiteral("QToolButton { border: none; padding: 0 4px; }"));
  connect(close, &QToolButton::clicked, this, &QWidget::hide);
  layout->addWidget(close);
  setTitleBarWidget(header);
}

void PanelDock::setSentence(const QString& sentence) {
  if (sentence == sentence_) return;
  sentence_ = sentence;
  layOutSentence();
}

void PanelDock::layOutSentence() {
  if (sentence_.isEmpty()) return;
  const QString head = sentence_.section(QLatin1Char(':'), 0, 0);
  QFont bold = title_->font();
  bold.setBold(true);
  QFont small = title_->font();
  small.setPixelSize(kSentencePx);
  const int room = title_->width() - QFontMetrics(bold).horizontalAdvance(head) - 2;
  const QString rest = QFontMetrics(small).elidedText(sentence_.mid(head.size()), Qt::ElideRight, room);
  title_->setText(
      QStringLiteral("<b>%1</b><span style='font-size:%2px'>%3</span>").arg(head).arg(kSentencePx).arg(rest));
  title_->setToolTip(sentence_);
}

void PanelDock::resizeEvent(QResizeEvent* event) {
  QDockWidget::resizeEvent(event);
  layOutSentence();
}

}  // namespace sweepscope::gui
