#include "gui/views/overlays.h"

#include <QAction>
#include <QEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>
#include <QStyle>
#include <QVBoxLayout>

namespace sweepscope::gui {

namespace {

constexpr int kCaptionMs = 9000;

// The alarm looks the same in every theme, as the illegal state does.
const QString kAlarm = QStringLiteral(
    "QFrame#banner { background: #FFFFFF; border: 3px double #14171A; } QFrame#banner QLabel { color: "
    "#14171A; }");

}  // namespace

Caption::Caption(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme) {
  away_.setSingleShot(true);
  connect(&away_, &QTimer::timeout, this, &QWidget::hide);
  parent->installEventFilter(this);
  hide();
}

void Caption::say(const QString& text) {
  text_ = text;
  setAccessibleName(text);
  place();
  show();
  raise();
  away_.start(kCaptionMs);
}

void Caption::place() {
  const QFontMetrics metrics(theme_.body());
  const int width = std::min(metrics.horizontalAdvance(text_) + 36, parentWidget()->width() - 40);
  const int height =
      metrics.boundingRect(QRect(0, 0, width - 36, 200), Qt::TextWordWrap, text_).height() + 18;
  setGeometry((parentWidget()->width() - width) / 2, parentWidget()->height() - height - 14, width, height);
  update();
}

void Caption::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(toColor(theme_.canvas().dim));
  QColor ground = toColor(mix(theme_.canvas().canvas, theme_.canvas().text, 8));
  ground.setAlpha(244);
  painter.setBrush(ground);
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
  painter.setPen(toColor(theme_.canvas().text));
  painter.setFont(theme_.body());
  painter.drawText(rect().adjusted(16, 0, -16, 0), Qt::AlignCenter | Qt::TextWordWrap, text_);
}

void Caption::mousePressEvent(QMouseEvent*) { hide(); }

bool Caption::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Resize && isVisible()) place();
  return QWidget::eventFilter(watched, event);
}

Banner::Banner(QWidget* parent)
    : QFrame(parent),
      title_(new QLabel(this)),
      detail_(new QLabel(this)),
      steps_(new QPushButton(this)),
      again_(new QPushButton(tr("Start again"), this)) {
  setObjectName(QStringLiteral("banner"));
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(14, 8, 10, 8);
  auto* words = new QVBoxLayout;
  words->setSpacing(2);
  title_->setStyleSheet(QStringLiteral("font-weight: 600;"));
  title_->setTextFormat(Qt::PlainText);
  title_->setWordWrap(true);
  detail_->setWordWrap(true);
  detail_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  words->addWidget(title_);
  words->addWidget(detail_);
  layout->addLayout(words, 1);
  steps_->setText(tr("Show the 10 steps before"));
  steps_->setObjectName(QStringLiteral("primary"));
  again_->setText(tr("Start again"));
  auto* close = new QPushButton(tr("Close"), this);
  auto* buttons = new QVBoxLayout;
  buttons->setSpacing(6);
  buttons->addWidget(steps_);
  buttons->addWidget(again_);
  buttons->addWidget(close);
  buttons->addStretch(1);
  layout->addLayout(buttons);
  connect(steps_, &QPushButton::clicked, this, &Banner::stepsWanted);
  connect(again_, &QPushButton::clicked, this, &Banner::againWanted);
  connect(close, &QPushButton::clicked, this, &QWidget::hide);
  QWidget::hide();
}

void Banner::show(const QString& title, const QString& detail, bool offerSteps) {
  setStyleSheet(kAlarm);
  detail_->setTextFormat(Qt::PlainText);
  fill(QStringLiteral("\u2715  ") + title, detail, offerSteps);
}

void Banner::note(const QString& title, const QString& detail, bool offerSteps) {
  setStyleSheet({});
  detail_->setTextFormat(Qt::RichText);
  fill(title, detail, offerSteps);
}

void Banner::fill(const QString& title, const QString& detail, bool offerSteps) {
  title_->setText(title);
  detail_->setText(detail);
  detail_->setVisible(!detail.isEmpty());
  steps_->setVisible(offerSteps);
  again_->hide();
  setAccessibleName(title);
  QWidget::show();
}

void Banner::offer(const QString& again) {
  again_->setText(again);
  again_->show();
}

RailButton::RailButton(const QString& text, const Theme& theme, QWidget* parent)
    : QAbstractButton(parent), theme_(theme) {
  setText(text);
  setFixedSize(28, 100);
  setCursor(Qt::PointingHandCursor);
  setFocusPolicy(Qt::TabFocus);
}

void RailButton::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), underMouse() || hasFocus() ? theme_.ui().raised : theme_.ui().window);
  painter.setFont(theme_.strong());
  painter.setPen(theme_.ui().text);
  painter.translate(width(), 0);
  painter.rotate(90);
  painter.drawText(QRect(10, 0, height() - 10, width()), Qt::AlignLeft | Qt::AlignVCenter, text());
}

KeySheet::KeySheet(const QList<QAction*>& actions, const Theme& theme, QWidget* parent) : QDialog(parent) {
  setWindowTitle(tr("Keys"));
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(24, 20, 24, 20);
  grid->setHorizontalSpacing(18);
  grid->setVerticalSpacing(6);
  QList<std::pair<QString, QString>> rows;
  for (const QAction* action : actions) {
    if (action->shortcut().isEmpty()) continue;
    rows.emplace_back(action->shortcut().toString(QKeySequence::NativeText),
                      action->text().remove(QLatin1Char('&')).remove(QStringLiteral("...")));
  }
  rows.append({{tr("Arrows"), tr("Map: go from span to span. Processors: choose one. Timeline: seek")},
               {tr("+  -  0"), tr("Map and timeline: zoom in, out, whole")},
               {tr("1 ... 8"), tr("Ruler: show one state only; with Shift add it")},
               {tr("Esc"), tr("Map: select nothing")},
               {tr("Wheel, drag"), tr("Zoom, pan")}});
  const int half = (static_cast<int>(rows.size()) + 1) / 2;
  for (int i = 0; i < static_cast<int>(rows.size()); ++i) {
    auto* key = new QLabel(rows[i].first, this);
    key->setFont(theme.strong());
    auto* text = new QLabel(rows[i].second, this);
    grid->addWidget(key, i % half, i / half * 2, Qt::AlignRight);
    grid->addWidget(text, i % half, i / half * 2 + 1);
  }
}

}  // namespace sweepscope::gui
