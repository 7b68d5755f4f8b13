#include "gui/views/lanes_widget.h"

#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QScrollBar>
#include <cmath>

#include "gui/models/bench_words.h"
#include "gui/models/formats.h"

namespace sweepscope::gui {

namespace {

constexpr int kNames = 124, kHeadHeight = 17;

}  // namespace

LanesWidget::LanesWidget(const BenchScene& scene, const Theme& theme, QWidget* parent)
    : QAbstractScrollArea(parent), scene_(scene), theme_(theme) {
  setObjectName(QStringLiteral("lanes"));
  setAccessibleName(tr("Thread lanes: the steps of this branch; F opens the accesses of the step shown"));
  setFrameShape(QFrame::NoFrame);
  setFocusPolicy(Qt::StrongFocus);
  empty_ = tr("No step is taken yet. Enter takes the next arc of the chosen thread.");
  setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
  viewport()->setMouseTracking(true);
}

void LanesWidget::layOut() {
  diagram_ = layOutLanes(scene_, open_, chosen_, viewport()->height(), from_);
  const int room = std::max(viewport()->width() - kNames - 8, 1);
  horizontalScrollBar()->setRange(0, std::max(0, diagram_.width - room));
  horizontalScrollBar()->setPageStep(room);
  horizontalScrollBar()->setSingleStep(60);
}

void LanesWidget::onScene(uint32_t chosenThread) {
  chosen_ = chosenThread;
  layOut();
  if (scene_.shown() != shown_) {
    shown_ = scene_.shown();
    horizontalScrollBar()->setValue(horizontalScrollBar()->maximum());  // the shown step is the last column
  }
  QStringList last;
  if (const telemetry::BenchView* view = scene_.shownView()) {
    for (const telemetry::BenchRow& row : view->rows)
      if (!row.arc.empty() && last.size() < 4) last << sentenceOf(row, *view).text;
  }
  setAccessibleDescription(last.isEmpty() ? tr("No arc in this step.") : last.join(QStringLiteral(". ")));
  viewport()->update();
}

void LanesWidget::beginAt(uint32_t node, const QString& empty) { from_ = node, empty_ = empty; }

QRect LanesWidget::boxOfThread(uint32_t thread) const {
  constexpr int kMargin = 3;  // a frame does not cover the marks
  for (size_t i = 0; i < diagram_.lanes.size() && !diagram_.columns.empty(); ++i)
    if (diagram_.lanes[i] == thread)
      return QRect(0, diagram_.top + static_cast<int>(i) * diagram_.laneHeight, width(), diagram_.laneHeight)
          .adjusted(0, -kMargin, 0, kMargin);
  return {};
}

void LanesWidget::toggleFold(uint32_t node) {
  if (!open_.erase(node)) open_.insert(node);
  const bool atEnd = horizontalScrollBar()->value() == horizontalScrollBar()->maximum();
  layOut();
  if (atEnd) horizontalScrollBar()->setValue(horizontalScrollBar()->maximum());
  viewport()->update();
}

void LanesWidget::paintNames(QPainter& painter) const {
  const CanvasPalette& palette = theme_.canvas();
  painter.fillRect(QRect(0, 0, kNames - 6, viewport()->height()), toColor(palette.canvas));
  painter.setFont(theme_.small());
  painter.setPen(toColor(palette.dim));
  painter.drawText(QPoint(10, 13), tr("steps"));
  const telemetry::BenchView* view = scene_.shownView();
  for (size_t i = 0; view != nullptr && i < diagram_.lanes.size(); ++i) {
    const bool chosen = diagram_.lanes[i] == chosen_;
    const QRect box(10, diagram_.top + static_cast<int>(i) * diagram_.laneHeight, kNames - 20,
                    diagram_.laneHeight);
    painter.setPen(toColor(chosen ? palette.text : palette.dim));
    painter.setFont(chosen ? theme_.strong() : theme_.small());
    painter.drawText(
        box, Qt::AlignVCenter | Qt::AlignLeft,
        painter.fontMetrics().elidedText(threadName(*view, diagram_.lanes[i]), Qt::ElideRight, box.width()));
  }
  if (diagram_.hiddenLanes > 0) {
    painter.setFont(theme_.small());
    painter.setPen(toColor(palette.dim));
    painter.drawText(QRect(48, 0, kNames - 58, kHeadHeight), Qt::AlignRight | Qt::AlignVCenter,
                     tr("+%1 more").arg(diagram_.hiddenLanes));
  }
}

void LanesWidget::paintColumns(QPainter& painter, const QRect& visible) const {
  const CanvasPalette& palette = theme_.canvas();
  for (const LaneColumn& column : diagram_.columns) {
    if (column.left > visible.right() || column.left + column.width < visible.left()) continue;
    if (column.current) {
      painter.fillRect(QRect(column.left - 4, 0, column.width + 6, viewport()->height()),
                       toColor(mix(palette.canvas, palette.dim, 14)));
    }
    painter.setFont(theme_.small());
    painter.setPen(toColor(column.current ? palette.text : palette.dim));
    QString head = column.firstStep == column.lastStep
                       ? QString::number(column.lastStep)
                       : QStringLiteral("%1\u2013%2").arg(column.firstStep).arg(column.lastStep);
    const QString fold = column.open ? QStringLiteral("\u2212") : QStringLiteral("+%1").arg(column.folded);
    const bool folds = column.open || column.folded > 0;
    const int foldWidth = folds ? painter.fontMetrics().horizontalAdvance(fold) + 8 : 0;
    if (painter.fontMetrics().horizontalAdvance(head) > column.width - foldWidth)
      head = QString::number(column.lastStep);
    painter.drawText(QPoint(column.left, 13), head);
    if (folds) {
      const QRect chip(column.left + column.width - foldWidth - 2, 2, foldWidth, 14);
      painter.setBrush(toColor(mix(palette.canvas, palette.dim, 28)));
      painter.setPen(Qt::NoPen);
      painter.drawRoundedRect(chip, 3, 3);
      painter.setPen(toColor(palette.text));
      painter.drawText(chip, Qt::AlignCenter, fold);
    }
  }
}

void LanesWidget::paintMark(QPainter& painter, const LaneMark& mark) const {
  const CanvasPalette& palette = theme_.canvas();
  const telemetry::BenchView* view = scene_.view(mark.node);
  CellState state = CellState::kUnknown;
  bool differs = false;
  if (mark.arc && view != nullptr && mark.row >= 0) {
    const telemetry::BenchRow& row = view->rows[static_cast<size_t>(mark.row)];
    state = stateAfter(row, *view);
    differs = sentenceOf(row, *view).differs;
  }
  const bool known = state != CellState::kUnknown;
  const Rgb ground =
      known ? mix(palette.canvas, palette[state], 30) : mix(palette.canvas, palette.dim, mark.quiet ? 6 : 22);
  painter.setPen(
      QPen(toColor(mark.choice || differs ? palette.text : mix(palette.canvas, palette.dim, 55)), 1));
  painter.setBrush(toColor(ground));
  painter.drawRoundedRect(QRectF(mark.rect).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
  if (differs) painter.drawRoundedRect(QRectF(mark.rect).adjusted(2.5, 2.5, -2.5, -2.5), 2, 2);
  if (known) {
    painter.fillRect(QRect(mark.rect.left(), mark.rect.top(), 5, mark.rect.height()),
                     toColor(palette[state]));
    if (theme_.kind() == ThemeKind::kProjector) {
      painter.setPen(toColor(palette.outline));
      painter.drawLine(mark.rect.left() + 5, mark.rect.top(), mark.rect.left() + 5, mark.rect.bottom());
    }
  }
  if (mark.label.isEmpty()) return;
  painter.setFont(theme_.small());
  painter.setPen(toColor(mark.quiet ? palette.dim : palette.text));
  const QRect text = mark.rect.adjusted(known ? 9 : 5, 0, -2, 0);
  painter.drawText(text, Qt::AlignVCenter | Qt::AlignLeft,
                   painter.fontMetrics().elidedText(mark.label, Qt::ElideRight, text.width()));
}

void LanesWidget::paintArrows(QPainter& painter, const QRect& visible) const {
  const CanvasPalette& palette = theme_.canvas();
  painter.setBrush(Qt::NoBrush);
  for (const LaneArrow& arrow : diagram_.arrows) {
    const QRect &from = diagram_.marks[arrow.from].rect, &to = diagram_.marks[arrow.to].rect;
    if (from.right() > visible.right() || to.left() < visible.left()) continue;
    const QPointF a(from.right() + 1, from.center().y() + 0.5), b(to.left() - 1, to.center().y() + 0.5);
    const double bend = std::min(24.0, std::max(6.0, (b.x() - a.x()) / 2));
    QPainterPath path(a);
    path.cubicTo(a + QPointF(bend, 0), b - QPointF(bend + 5, 0), b - QPointF(5, 0));
    painter.setPen(QPen(toColor(palette.text), 1.3));
    painter.drawPath(path);
    painter.setBrush(toColor(palette.text));
    painter.setPen(Qt::NoPen);
    painter.drawPolygon(QPolygonF({b, b + QPointF(-6, -3.5), b + QPointF(-6, 3.5)}));
    painter.setBrush(Qt::NoBrush);
  }
}

void LanesWidget::paintEvent(QPaintEvent*) {
  QPainter painter(viewport());
  const CanvasPalette& palette = theme_.canvas();
  painter.fillRect(viewport()->rect(), toColor(palette.canvas));
  painter.setPen(toColor(palette.grid));
  for (size_t i = 0; i < diagram_.lanes.size(); ++i) {
    const QRect lane(0, diagram_.top + static_cast<int>(i) * diagram_.laneHeight, viewport()->width(),
                     diagram_.laneHeight);
    if (diagram_.lanes[i] == chosen_) painter.fillRect(lane, toColor(palette.grid));
    painter.drawLine(lane.topLeft(), lane.topRight());
  }
  painter.setRenderHint(QPainter::Antialiasing);
  const int shift = horizontalScrollBar()->value();
  const QRect visible(shift - kNames, 0, viewport()->width(), viewport()->height());
  painter.save();
  painter.setClipRect(QRect(kNames - 6, 0, viewport()->width(), viewport()->height()));
  painter.translate(kNames - shift, 0);
  paintColumns(painter, visible);
  for (const LaneMark& mark : diagram_.marks)
    if (mark.rect.intersects(visible)) paintMark(painter, mark);
  paintArrows(painter, visible);
  painter.restore();
  paintNames(painter);
  if (diagram_.columns.empty()) {
    painter.setFont(theme_.body());
    painter.setPen(toColor(palette.dim));
    painter.drawText(QPoint(kNames + 6, diagram_.top + 24), scene_.begun() ? empty_ : QString());
  }
  if (hasFocus()) {
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(theme_.ui().accent);
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(viewport()->rect().adjusted(0, 0, -1, -1));
  }
}

void LanesWidget::resizeEvent(QResizeEvent*) {
  const bool atEnd = horizontalScrollBar()->value() == horizontalScrollBar()->maximum();
  layOut();
  if (atEnd) horizontalScrollBar()->setValue(horizontalScrollBar()->maximum());
}

const LaneColumn* LanesWidget::columnAt(int x) const {
  for (const LaneColumn& column : diagram_.columns)
    if (x >= column.left && x < column.left + column.width) return &column;
  return nullptr;
}

QString LanesWidget::sentenceAt(QPoint body) const {
  for (const LaneMark& mark : diagram_.marks) {
    if (!mark.rect.contains(body)) continue;
    const telemetry::BenchView* view = scene_.view(mark.node);
    if (view == nullptr || mark.row < 0) return mark.label;
    const StepSentence sentence = sentenceOf(view->rows[static_cast<size_t>(mark.row)], *view);
    return sentence.rule.isEmpty() ? sentence.text
                                   : sentence.text + QStringLiteral(" (") + sentence.rule + QLatin1Char(')');
  }
  const LaneColumn* column = columnAt(body.x());
  if (column == nullptr || body.y() > kHeadHeight) return {};
  return column->open
             ? tr("Click to fold the accesses")
             : (column->folded == 1 ? tr("1 access is folded: click to open it")
                                    : tr("%1 accesses are folded: click to open them").arg(column->folded));
}

void LanesWidget::mousePressEvent(QMouseEvent* event) {
  const QPoint body = event->pos() + QPoint(horizontalScrollBar()->value() - kNames, 0);
  const LaneColumn* column = event->pos().x() < kNames ? nullptr : columnAt(body.x());
  if (column == nullptr) return;
  const uint32_t node = column->node;
  event->pos().y() <= kHeadHeight ? toggleFold(node) : emit nodeRequested(node);
}

void LanesWidget::mouseMoveEvent(QMouseEvent* event) {
  emit hovered(sentenceAt(event->pos() + QPoint(horizontalScrollBar()->value() - kNames, 0)));
}

void LanesWidget::leaveEvent(QEvent*) { emit hovered({}); }

void LanesWidget::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_PageUp || event->key() == Qt::Key_PageDown) {
    QScrollBar* bar = horizontalScrollBar();
    return bar->setValue(bar->value() + (event->key() == Qt::Key_PageUp ? -1 : 1) * bar->pageStep());
  }
  event->ignore();  // Left and Right are steps of the session
}

}  // namespace sweepscope::gui
