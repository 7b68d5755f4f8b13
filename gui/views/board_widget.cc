#include "gui/views/board_widget.h"

#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <array>

#include "gui/models/bench_words.h"
#include "gui/models/formats.h"
#include "gui/models/object_words.h"
#include "gui/models/pacing_words.h"
#include "gui/models/sentences.h"
#include "gui/views/board_picture.h"
#include "gui/views/object_picture.h"

namespace sweepscope::gui {

namespace {

constexpr int kMargin = 10, kObjectsGap = 8;

}  // namespace

BoardWidget::BoardWidget(const BenchScene& scene, const Theme& theme, QWidget* parent)
    : QAbstractScrollArea(parent), scene_(scene), theme_(theme) {
  setObjectName(QStringLiteral("board"));
  setAccessibleName(tr("Protocol board: a card per span, in its place; T shows it as a table"));
  setFrameShape(QFrame::NoFrame);
  setFocusPolicy(Qt::StrongFocus);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  viewport()->setMouseTracking(true);
  setMinimumSize(360, 200);
}

int BoardWidget::head() const {
  const telemetry::BenchView* view = scene_.shownView();
  return view == nullptr ? kBoardHead : heightOfHead(view->board);
}

void BoardWidget::layOut() {
  layout_ = {};
  objects_ = {};
  if (const telemetry::BenchView* view = scene_.shownView()) {
    const int width = viewport()->width() - 2 * kMargin;
    objects_ = layOutObjects(view->board, width, viewport()->height() - head() - kMargin);
    const int room = viewport()->height() - bodyTop() - kMargin;
    layout_ = layOutBoard(view->board, width, room);
    verticalScrollBar()->setRange(0, std::max(0, layout_.height - room));
    verticalScrollBar()->setPageStep(std::max(room, 1));
    verticalScrollBar()->setSingleStep(40);
  } else {
    verticalScrollBar()->setRange(0, 0);
  }
}

void BoardWidget::onScene() {
  layOut();
  setAccessibleDescription(summary());
  viewport()->update();
}

void BoardWidget::setFilter(StateMask filter) {
  filter_ = filter;
  viewport()->update();
}

int BoardWidget::bodyTop() const {
  return head() + (objects_.empty() ? 0 : objects_.frame.height() + kObjectsGap);
}

QString BoardWidget::summary() const {
  const telemetry::BenchView* view = scene_.shownView();
  if (view == nullptr) return tr("No session.");
  std::array<uint64_t, kCellStates> counts{};
  for (const telemetry::BoardSpan& span : view->board.spans) ++counts[static_cast<size_t>(cellStateOf(span))];
  QStringList parts;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0)
      parts << QStringLiteral("%1 %2").arg(formatCount(counts[i]),
                                           QLatin1String(words(static_cast<CellState>(i)).name));
  }
  const QString pacing = pacingSentence(view->board);
  return tr("sg %1, %2. %3: %4.%5%6")
      .arg(view->board.sg)
      .arg(phaseName(view->board.phase), formatCounted(view->board.spans.size(), "span"),
           parts.join(QStringLiteral(", ")), pacing.isEmpty() ? pacing : QStringLiteral(" %1.").arg(pacing),
           view->board.objects.empty() ? QString() : QLatin1Char(' ') + objectsSummary(view->board));
}

void BoardWidget::paintEvent(QPaintEvent*) {
  QPainter painter(viewport());
  painter.fillRect(viewport()->rect(), toColor(theme_.canvas().canvas));
  const telemetry::BenchView* view = scene_.shownView();
  if (view == nullptr) {
    painter.setPen(toColor(theme_.canvas().dim));
    painter.setFont(theme_.body());
    painter.drawText(viewport()->rect(), Qt::AlignCenter,
                     scene_.begun() ? tr("This step is being fetched.") : tr("No session has begun."));
    return;
  }
  const BoardPicture picture(*view, scene_.viewBefore(), scene_.changedSpans(), theme_);
  picture.paintHead(painter, QRect(kMargin, 0, viewport()->width() - 2 * kMargin, head()));
  painter.translate(kMargin, head());
  ObjectPicture(*view, scene_.viewBefore(), theme_).paint(painter, objects_);
  painter.resetTransform();
  const QRect body(0, bodyTop(), viewport()->width(), viewport()->height() - bodyTop());
  painter.setClipRect(body);
  const QPoint shift(kMargin, bodyTop() - verticalScrollBar()->value());
  painter.translate(shift);
  picture.paintBody(painter, layout_, body.translated(-shift), cardOf(selected_), filter_);
  painter.resetTransform();
  painter.setClipping(false);
  if (hasFocus()) {
    painter.setPen(theme_.ui().accent);
    painter.drawRect(viewport()->rect().adjusted(0, 0, -1, -1));
  }
}

void BoardWidget::resizeEvent(QResizeEvent*) { layOut(); }

QPoint BoardWidget::bodyAt(QPoint viewport) const {
  return viewport - QPoint(kMargin, bodyTop() - verticalScrollBar()->value());
}

int BoardWidget::cardOf(telemetry::SpanId span) const {
  const telemetry::BenchView* view = scene_.shownView();
  if (view == nullptr || span == telemetry::kNoId) return -1;
  for (size_t i = 0; i < layout_.cards.size(); ++i)
    if (view->board.spans[layout_.cards[i].span].id == span) return static_cast<int>(i);
  return -1;
}

QRect BoardWidget::visiblePart(const QRect& ofLayout) const {
  const QRect body(0, bodyTop(), viewport()->width(), viewport()->height() - bodyTop());
  return ofLayout.translated(kMargin, bodyTop() - verticalScrollBar()->value()) & body;
}

QRect BoardWidget::boxOfSg() const {
  const telemetry::BenchView* view = scene_.shownView();
  if (view == nullptr) return {};
  return BoardPicture::boxOfSg(view->board, theme_,
                               QRect(kMargin, 0, viewport()->width() - 2 * kMargin, head()));
}

QRect BoardWidget::boxOfSpan(telemetry::SpanId span) const {
  const int card = cardOf(span);
  if (card < 0) return {};
  return visiblePart(layout_.cards[static_cast<size_t>(card)].rect.adjusted(-6, -6, 6, 6));
}

QVector<QRect> BoardWidget::boxesOfPlace(telemetry::BoardPlace place, uint16_t p) const {
  QVector<QRect> boxes;
  for (const BoardRegion& region : layout_.regions)
    if (region.place == place && (p == telemetry::kNoP || region.p == p || region.p == telemetry::kNoP))
      boxes << visiblePart(region.rect);
  boxes.removeAll(QRect());
  return boxes;
}

QRect BoardWidget::boxOfObjects() const {
  return objects_.empty() ? QRect() : objects_.frame.translated(kMargin, head()) & viewport()->rect();
}

QRect BoardWidget::boxOfObject(uint32_t number) const {
  const telemetry::BenchView* view = scene_.shownView();
  if (view == nullptr) return {};
  for (const ObjectCard& card : objects_.cards)
    if (view->board.objects[card.object].number == number)
      return card.rect.adjusted(-6, -6, 6, 6).translated(kMargin, head()) & viewport()->rect();
  return {};
}

QVector<QRect> BoardWidget::boxesOfQueues() const {
  QVector<QRect> boxes;
  const telemetry::BenchView* view = scene_.shownView();
  if (view == nullptr || layout_.detail > CardDetail::kMedium) return boxes;
  for (const BoardCard& card : layout_.cards) {
    if (view->board.spans[card.span].queue == telemetry::BoardQueue::kNone) continue;
    const QRect line(card.rect.left(), card.rect.bottom() - 23, card.rect.width(), 26);
    if (const QRect box = visiblePart(line); !box.isEmpty()) boxes << box;
  }
  return boxes;
}

QString BoardWidget::sentenceAt(int card) const {
  const telemetry::BenchView* view = scene_.shownView();
  if (view == nullptr || card < 0) return {};
  return spanSentence(view->board.spans[layout_.cards[static_cast<size_t>(card)].span], view->board.sg);
}

QString BoardWidget::objectSentenceAt(QPoint viewport) const {
  const telemetry::BenchView* view = scene_.shownView();
  if (view == nullptr) return {};
  const QPoint at = viewport - QPoint(kMargin, head());
  if (const int card = objects_.cardAt(at); card >= 0)
    return objectSentence(view->board.objects[objects_.cards[static_cast<size_t>(card)].object], view->board);
  if (const int box = objects_.boxAt(at); box >= 0)
    return rootSentence(view->board.roots[objects_.roots[static_cast<size_t>(box)].root], *view);
  return {};
}

void BoardWidget::select(telemetry::SpanId span) {
  selected_ = span;
  const int card = cardOf(span);
  if (card >= 0) {
    const QRect box = layout_.cards[static_cast<size_t>(card)].rect;
    QScrollBar* bar = verticalScrollBar();
    if (box.top() < bar->value()) bar->setValue(box.top() - kRegionTitle);
    if (box.bottom() > bar->value() + bar->pageStep())
      bar->setValue(box.bottom() - bar->pageStep() + kMargin);
    emit hovered(sentenceAt(card));
    emit spanSelected(span);
  }
  viewport()->update();
}

void BoardWidget::mousePressEvent(QMouseEvent* event) {
  const int card = layout_.cardAt(bodyAt(event->pos()));
  if (event->pos().y() < bodyTop() || card < 0) return select(telemetry::kNoId);
  select(scene_.shownView()->board.spans[layout_.cards[static_cast<size_t>(card)].span].id);
}

void BoardWidget::mouseMoveEvent(QMouseEvent* event) {
  const bool above = event->pos().y() < bodyTop();
  emit hovered(above ? objectSentenceAt(event->pos()) : sentenceAt(layout_.cardAt(bodyAt(event->pos()))));
}

void BoardWidget::leaveEvent(QEvent*) { emit hovered({}); }

void BoardWidget::focusInEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusInEvent(event);
  viewport()->update();
}

// Up and Down walk the cards in reading order; Left and Right are steps of the session.
void BoardWidget::keyPressEvent(QKeyEvent* event) {
  const int cards = static_cast<int>(layout_.cards.size());
  const int at = cardOf(selected_);
  const int to = event->key() == Qt::Key_Down ? at + 1
                 : event->key() == Qt::Key_Up ? (at < 0 ? cards - 1 : at - 1)
                                              : -1;
  const bool moves = event->key() == Qt::Key_Down || event->key() == Qt::Key_Up;
  if (!moves || cards == 0) return event->ignore();  // also no scrolling by Left, Right, Space
  const auto card = static_cast<size_t>(std::clamp(to, 0, cards - 1));
  select(scene_.shownView()->board.spans[layout_.cards[card].span].id);
}

}  // namespace sweepscope::gui
