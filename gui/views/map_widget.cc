#include "gui/views/map_widget.h"

#include <QElapsedTimer>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <cmath>

#include "gui/models/formats.h"
#include "gui/models/sentences.h"
#include "gui/views/map_accessible.h"

namespace sweepscope::gui {

using telemetry::kNoId;
using telemetry::SpanPicture;
using telemetry::SpanStatus;

namespace {

constexpr int kMargin = 8;     // of the picture inside the widget
constexpr int kMaxFitPx = 24;  // of a cell while the whole heap is shown: large enough for its letter
constexpr uint32_t kLaboratoryPages = 64;  // laboratory heaps have a few spans and may use the largest cells

}  // namespace

MapWidget::MapWidget(const SessionController& session, const Theme& theme, QWidget* parent)
    : QWidget(parent), session_(session), theme_(theme) {
  installMapAccessibility();  // first: the calls below may query the interface
  setObjectName(QStringLiteral("map"));
  setAccessibleName(tr("Map of the heap, a cell per page"));
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(480, 240);
  setAttribute(Qt::WA_OpaquePaintEvent);
  view_.theme = theme.kind();
}

MapLayout MapWidget::wholeHeap() const {
  const uint32_t pages = session_.codes().pages();
  const int w = width() - 2 * kMargin, h = height() - 2 * kMargin;
  return session_.laboratory() ? MapLayout::fit(std::max(pages, kLaboratoryPages), w, h, kMaxCellPx)
                               : MapLayout::fitGrowing(pages, w, h, kMaxFitPx);
}

void MapWidget::fit() {
  view_.layout = wholeHeap();
  fittedPages_ = view_.layout.pages();
  view_.originX = view_.originY = -kMargin;
  fitted_ = true;
}

void MapWidget::zoomToFit() {
  fit();
  applyView();
}

void MapWidget::clampOrigin() {
  const MapLayout& layout = view_.layout;
  const int maxX = std::max(-kMargin, layout.widthPx() - width() + kMargin);
  const int maxY = std::max(-kMargin, layout.heightPx() - height() + kMargin);
  view_.originX = std::clamp(view_.originX, -kMargin, maxX);
  view_.originY = std::clamp(view_.originY, -kMargin, maxY);
}

void MapWidget::applyView() {
  view_.width = width(), view_.height = height();
  view_.theme = theme_.kind();
  view_.layout.setPages(session_.codes().pages());
  clampOrigin();
  raster_.setView(view_, session_.codes());
  update();
}

void MapWidget::onPicture(const std::vector<PageRun>& dirty, bool everything) {
  const uint32_t pages = session_.codes().pages();
  if (fitted_ && (pages > fittedPages_ || pages * 4 < fittedPages_)) {
    fit();
    everything = true;
  }
  const bool sweeping =
      session_.replica().census().spans[static_cast<size_t>(telemetry::SweepState::kSweeping)] > 0;
  if (sweeping && !theme_.reducedMotion() && view_.layout.cellPx() >= 8 && session_.playing()) {
    const int motion = static_cast<int>(session_.ns() / 50'000 % 64);
    everything |= motion != view_.motion;
    view_.motion = motion;
  }
  if (everything) return applyView();
  const QRect changed = raster_.redraw(session_.codes(), dirty);
  view_.layout.setPages(pages);
  if (!changed.isEmpty()) update(changed.adjusted(-2, -2, 2, 2));
}

void MapWidget::onThemeChanged() { applyView(); }

void MapWidget::setFilter(StateMask filter) {
  view_.filter = filter;
  applyView();
}

void MapWidget::setPolicy(ZoomPolicy policy) {
  view_.policy = policy;
  applyView();
}

void MapWidget::setEmptyText(const QString& text) {
  emptyText_ = text;
  update();
}

void MapWidget::zoomBy(int steps, QPointF around) {
  MapLayout layout = view_.layout;
  const GridCell anchor{layout.columnAtPx(static_cast<int>(around.x()) + view_.originX),
                        layout.rowAtPx(std::max(0, static_cast<int>(around.y()) + view_.originY))};
  int px = layout.cellPx(), shrink = layout.shrink();
  for (; steps > 0; --steps) {
    if (shrink > 0) {
      --shrink;
    } else {
      px = std::min(kMaxCellPx, px + std::max(1, px / 4));
    }
  }
  for (; steps < 0; ++steps) {
    if (px > 1) {
      px -= std::max(1, px / 5);
    } else {
      shrink = std::min(kMaxShrink, shrink + 1);
    }
  }
  // Zooming out beyond the whole heap would show nothing more.
  const MapLayout whole = wholeHeap();
  if (px <= whole.cellPx() && shrink >= whole.shrink()) return zoomToFit();
  layout.setScale(px, shrink);
  view_.layout = layout;
  view_.originX = layout.columnLeftPx(anchor.column) + px / 2 - static_cast<int>(around.x());
  view_.originY = layout.rowTopPx(anchor.row) + px / 2 - static_cast<int>(around.y());
  fitted_ = false;
  applyView();
}

uint32_t MapWidget::pageUnder(QPointF pos) const {
  const int x = static_cast<int>(pos.x()) + view_.originX, y = static_cast<int>(pos.y()) + view_.originY;
  if (x < 0 || y < 0) return kNoPage;
  return view_.layout.pageAt({view_.layout.columnAtPx(x), view_.layout.rowAtPx(y)});
}

telemetry::SpanId MapWidget::spanUnder(QPointF pos) const {
  const uint32_t page = pageUnder(pos);
  const SpanPicture* span = page == kNoPage ? nullptr : session_.replica().span_at_page(page);
  return span ? span->id : kNoId;
}

QRect MapWidget::cellRect(uint32_t page) const {
  const GridCell cell = view_.layout.cellOf(page);
  return {view_.layout.columnLeftPx(cell.column) - view_.originX,
          view_.layout.rowTopPx(cell.row) - view_.originY, view_.layout.cellPx(), view_.layout.cellPx()};
}

QString MapWidget::hoverText(uint32_t page) const {
  if (page == kNoPage) return {};
  const SpanPicture* span = session_.replica().span_at_page(page);
  if (span == nullptr) return tr("page %1: free").arg(formatCount(page));
  const QString size = formatBytes(uint64_t{span->pages} * 8192);
  if (span->status == SpanStatus::kManual) return tr("span %1: stack, %2").arg(span->id).arg(size);
  const uint32_t sg = session_.replica().sweepgen();
  if (span->unknown) {
    return tr("span %1: %2, %3").arg(span->id).arg(QLatin1String(words(CellState::kUnknown).meaning), size);
  }
  QString text = tr("span %1: %2 (%3), sweepgen %4, %5, %6, objects: %7")
                     .arg(span->id)
                     .arg(QLatin1String(words(stateOf(*span, sg)).name), formatDistance(span->sweepgen, sg))
                     .arg(span->sweepgen)
                     .arg(formatSpanClass(span->span_class), size)
                     .arg(span->alloc_count);
  if (span->owner != telemetry::kNoP) text += tr(", in the cache of P%1").arg(span->owner);
  return text;
}

void MapWidget::paintSpan(QPainter& painter, const SpanPicture& span, const QPen& pen) const {
  const MapLayout& layout = view_.layout;
  painter.setPen(pen);
  painter.setBrush(Qt::NoBrush);
  const uint32_t end = span.first_page + span.pages;
  for (uint32_t page = span.first_page; page < end;) {
    const GridCell cell = layout.cellOf(page);
    const uint32_t rowEnd = layout.rowFirstPage(cell.row) + static_cast<uint32_t>(layout.rowPages(cell.row));
    const uint32_t last = std::min(end, std::max(rowEnd, page + 1));
    const int cells = static_cast<int>(last - page);
    const int left = layout.columnLeftPx(cell.column) - view_.originX;
    const int top = layout.rowTopPx(cell.row) - view_.originY;
    const int px = std::max(layout.cellPx(), 3);
    painter.drawRect(QRectF(left - 0.5, top - 0.5, std::max(cells * layout.cellPx(), 3) + 0.0, px));
    page = last;
  }
}

void MapWidget::paintLargeObjects(QPainter& painter) const {
  const int px = view_.layout.cellPx();
  if (px < 12) return;
  QFont font = theme_.small();
  font.setPixelSize(std::min(px - 2, 13));
  painter.setFont(font);
  painter.setPen(toColor(0xff14171A));
  for (const SpanPicture& span : session_.replica().spans()) {
    if (span.id == kNoId || span.status != SpanStatus::kInUse || span.span_class >= 2 || span.pages < 3)
      continue;
    const GridCell cell = view_.layout.cellOf(span.first_page);
    const QRect where(cell.column * px - view_.originX + 3, view_.layout.rowTopPx(cell.row) - view_.originY,
                      px * 3 - 4, px - 1);
    if (!rect().intersects(where)) continue;
    painter.drawText(where, Qt::AlignVCenter | Qt::AlignLeft, QString::number(span.pages));
  }
}

void MapWidget::paintEmpty(QPainter& painter) const {
  const QColor text = toColor(theme_.canvas().text);
  painter.setPen(text);
  painter.setFont(theme_.body());
  painter.drawText(rect().adjusted(40, 40, -40, -40), Qt::AlignCenter | Qt::TextWordWrap, emptyText_);
}

void MapWidget::paintEvent(QPaintEvent* event) {
  QElapsedTimer clock;
  clock.start();
  QPainter painter(this);
  if (session_.codes().pages() == 0) {
    painter.fillRect(rect(), toColor(theme_.canvas().canvas));
    paintEmpty(painter);
    return;
  }
  for (const QRect& dirty : event->region()) painter.drawImage(dirty, raster_.image(), dirty);
  painter.setClipRegion(event->region());
  paintLargeObjects(painter);
  const telemetry::Replica& replica = session_.replica();
  const QColor strong = toColor(theme_.canvas().text);
  if (hovered_ != kNoId && hovered_ != selected_) {
    if (const SpanPicture* span = replica.span(hovered_)) paintSpan(painter, *span, QPen(strong, 1));
  }
  if (selected_ != kNoId) {
    const SpanPicture* span = replica.span(selected_);
    if (span && span->status != SpanStatus::kFree) {
      paintSpan(painter, *span, QPen(toColor(theme_.canvas().canvas), 4));
      paintSpan(painter, *span, QPen(strong, 2));
    }
  }
  if (hasFocus()) {
    painter.setPen(QPen(theme_.ui().accent, 1));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
  lastPaintMs_ = static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

void MapWidget::resizeEvent(QResizeEvent*) {
  if (fitted_) fit();
  applyView();
}

void MapWidget::wheelEvent(QWheelEvent* event) {
  const int steps = event->angleDelta().y() > 0 ? 1 : event->angleDelta().y() < 0 ? -1 : 0;
  zoomBy(steps, event->position());
}

void MapWidget::mousePressEvent(QMouseEvent* event) {
  pressed_ = event->position();
  pressedOrigin_ = {view_.originX, view_.originY};
  panning_ = false;
}

void MapWidget::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons() & Qt::LeftButton) {
    const QPointF moved = event->position() - pressed_;
    if (panning_ || moved.manhattanLength() > 5) {
      panning_ = true;
      view_.originX = pressedOrigin_.x() - static_cast<int>(moved.x());
      view_.originY = pressedOrigin_.y() - static_cast<int>(moved.y());
      applyView();
    }
    return;
  }
  const telemetry::SpanId id = spanUnder(event->position());
  emit hovered(hoverText(pageUnder(event->position())));
  if (id != hovered_) {
    hovered_ = id;
    update();
  }
}

void MapWidget::mouseReleaseEvent(QMouseEvent* event) {
  if (panning_ || event->button() != Qt::LeftButton) return;
  select(spanUnder(event->position()));
}

void MapWidget::mouseDoubleClickEvent(QMouseEvent* event) { zoomBy(4, event->position()); }

void MapWidget::leaveEvent(QEvent*) {
  hovered_ = kNoId;
  emit hovered({});
  update();
}

void MapWidget::select(telemetry::SpanId span) {
  if (span == selected_) return;
  selected_ = span;
  if (const SpanPicture* picture = session_.replica().span(span)) ensureVisible(picture->first_page);
  emit selectionChanged(span);
  notifyCursorMoved(*this);
  update();
}

void MapWidget::ensureVisible(uint32_t page) {
  if (fitted_) return;
  const GridCell cell = view_.layout.cellOf(page);
  const int px = view_.layout.cellPx();
  const int x = view_.layout.columnLeftPx(cell.column), y = view_.layout.rowTopPx(cell.row);
  if (x < view_.originX || x + px > view_.originX + width()) view_.originX = x - width() / 2;
  if (y < view_.originY || y + px > view_.originY + height()) view_.originY = y - height() / 2;
  applyView();
}

void MapWidget::moveSelection(int direction) {
  const telemetry::Replica& replica = session_.replica();
  const SpanPicture* now = replica.span(selected_);
  int64_t page = now && now->status != SpanStatus::kFree
                     ? (direction > 0 ? int64_t{now->first_page} + now->pages : int64_t{now->first_page} - 1)
                     : 0;
  for (; page >= 0 && page < replica.page_extent(); page += direction) {
    if (const SpanPicture* span = replica.span_at_page(static_cast<uint32_t>(page))) return select(span->id);
  }
}

void MapWidget::moveSelectionByRow(int direction) {
  const telemetry::Replica& replica = session_.replica();
  const SpanPicture* now = replica.span(selected_);
  if (now == nullptr) return moveSelection(1);
  GridCell cell = view_.layout.cellOf(now->first_page);
  for (cell.row += direction; cell.row >= 0 && cell.row < view_.layout.rows(); cell.row += direction) {
    const uint32_t page = view_.layout.pageAt(cell);
    const SpanPicture* span = page == kNoPage ? nullptr : replica.span_at_page(page);
    if (span && span->id != selected_) return select(span->id);
  }
}

void MapWidget::selectNextOf(StateMask states, int direction) {
  const telemetry::Replica& replica = session_.replica();
  const auto bytes = session_.codes().bytes();
  const auto pages = static_cast<int64_t>(bytes.size());
  const SpanPicture* now = replica.span(selected_);
  const int64_t from = now && now->status != SpanStatus::kFree ? now->first_page : direction > 0 ? -1 : pages;
  for (int64_t i = 1; i <= pages; ++i) {
    const int64_t page = ((from + direction * i) % pages + pages) % pages;
    const CellCode code = bytes[static_cast<size_t>(page)];
    if (!(code & kSpanStart) || !codePasses(states, code, replica.sweepgen())) continue;
    if (const SpanPicture* span = replica.span_at_page(static_cast<uint32_t>(page))) return select(span->id);
  }
}

void MapWidget::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Left: return moveSelection(-1);
    case Qt::Key_Right: return moveSelection(1);
    case Qt::Key_Up: return moveSelectionByRow(-1);
    case Qt::Key_Down: return moveSelectionByRow(1);
    case Qt::Key_Plus:
    case Qt::Key_Equal: return zoomBy(1, rect().center());
    case Qt::Key_Minus: return zoomBy(-1, rect().center());
    case Qt::Key_0: return zoomToFit();
    case Qt::Key_Escape: return select(kNoId);
    default: QWidget::keyPressEvent(event);
  }
}

}  // namespace sweepscope::gui
