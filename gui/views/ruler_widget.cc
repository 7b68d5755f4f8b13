#include "gui/views/ruler_widget.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <cmath>

#include "gui/models/formats.h"
#include "gui/views/glyphs.h"

namespace sweepscope::gui {

using telemetry::SweepState;

namespace {

constexpr double kLeft = 8;
constexpr double kTrayColumn = 82;
constexpr int kTrayColumns = 3;
constexpr double kSlideSeconds = 0.45, kCentreSeconds = 0.35;

struct Column {
  int distance;
  CellState state;
  SweepState census;
};
constexpr std::array<Column, 5> kColumns = {{{-2, CellState::kNeeds, SweepState::kNeeds},
                                             {-1, CellState::kSweeping, SweepState::kSweeping},
                                             {0, CellState::kSwept, SweepState::kSwept},
                                             {1, CellState::kStale, SweepState::kStale},
                                             {3, CellState::kCached, SweepState::kCached}}};

const Column* columnOf(int distance) {
  for (const Column& column : kColumns) {
    if (column.distance == distance) return &column;
  }
  return nullptr;
}

}  // namespace

RulerWidget::RulerWidget(const SessionController& session, const Theme& theme, QWidget* parent)
    : QWidget(parent), session_(session), theme_(theme) {
  setObjectName(QStringLiteral("ruler"));
  setAccessibleName(tr("Ruler of sweepgens, the legend; digits 1 to 8 filter"));
  setMouseTracking(true);
  setFocusPolicy(Qt::TabFocus);
  setFixedHeight(64);
}

double RulerWidget::trayLeft() const { return width() - kTrayColumns * kTrayColumn - 4; }

double RulerWidget::turnProgress() const {
  if (theme_.reducedMotion() || !turn_.isValid()) return 2;
  const double s = static_cast<double>(turn_.elapsed()) / 1000;
  const auto ease = [](double t) { return t * t * (3 - 2 * t); };
  if (s < kSlideSeconds) return ease(s / kSlideSeconds);
  if (s < kSlideSeconds + kCentreSeconds) return 1 + ease((s - kSlideSeconds) / kCentreSeconds);
  return 2;
}

RulerGeometry RulerWidget::geometry() const {
  return {kLeft, trayLeft() - kLeft - 12, session_.replica().sweepgen(), turnProgress()};
}

void RulerWidget::onPicture() {
  const uint32_t sg = session_.replica().sweepgen();
  if (known_ && sg == shownSweepgen_ + 2) turn_.start();
  known_ = session_.log() != nullptr;
  shownSweepgen_ = sg;
  update();
}

std::vector<RulerWidget::Entry> RulerWidget::entries() const {
  std::vector<Entry> all;
  const telemetry::Census& census = session_.replica().census();
  const RulerGeometry axis = geometry();
  for (const Column& column : kColumns) {
    const auto i = static_cast<size_t>(column.census);
    all.push_back({QRectF(axis.columnLeft(column.distance), 0, axis.columnWidth(), height()), column.state,
                   census.spans[i], census.pages[i]});
  }
  const auto illegal = static_cast<size_t>(SweepState::kIllegal);
  const double left = trayLeft();
  all.push_back({QRectF(left, 0, kTrayColumn, height()), CellState::kFree, 0, census.free_pages});
  all.push_back(
      {QRectF(left + kTrayColumn, 0, kTrayColumn, height()), CellState::kStack, 0, census.manual_pages});
  all.push_back({QRectF(left + 2 * kTrayColumn, 0, kTrayColumn, height()), CellState::kIllegal,
                 census.spans[illegal], census.pages[illegal]});
  return all;
}

void RulerWidget::paintSwatch(QPainter& painter, QPointF at, CellState state) const {
  constexpr int kPx = 13;
  QImage image(kPx, kPx, QImage::Format_RGB32);
  const CanvasPalette& palette = theme_.canvas();
  const TileCanvas tile{reinterpret_cast<Rgb*>(image.bits()), kPx};
  tile.fill(0, 0, kPx, kPx, palette[state]);
  drawStateGlyph(tile, state, palette[state], palette, true, 0);
  painter.drawImage(at, image);
  if (theme_.kind() == ThemeKind::kProjector) {
    painter.setPen(toColor(palette.outline));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(QRectF(at.x(), at.y(), kPx, kPx));
  }
}

uint64_t RulerWidget::allPages() const {
  const telemetry::Census& census = session_.replica().census();
  uint64_t all = census.free_pages + census.manual_pages;
  for (const uint64_t pages : census.pages) all += pages;
  return std::max<uint64_t>(all, 1);
}

void RulerWidget::paintLabel(QPainter& painter, const QRectF& box, CellState state, const QString& distance,
                             bool some) const {
  const CanvasPalette& palette = theme_.canvas();
  painter.setOpacity(filter_ & maskOf(state) ? 1.0 : 0.35);
  const double x = box.left() + 7;
  paintSwatch(painter, {x, 5}, state);
  const QString name = QLatin1String(words(state).name);
  painter.setFont(distance.isEmpty() ? theme_.small() : theme_.strong());
  painter.setPen(toColor(some || !distance.isEmpty() ? palette.text : palette.dim));
  painter.drawText(QPointF(x + 19, 16), distance.isEmpty() ? name : distance);
  if (!distance.isEmpty()) {
    painter.setFont(theme_.small());
    painter.setPen(toColor(some ? palette.text : palette.dim));
    painter.drawText(QPointF(x, height() - 21), painter.fontMetrics().elidedText(
                                                    name, Qt::ElideRight, static_cast<int>(box.width()) - 8));
  }
  painter.setOpacity(1);
}

void RulerWidget::paintColumn(QPainter& painter, const QRectF& box, CellState state, uint64_t spans,
                              uint64_t pages) const {
  const CanvasPalette& palette = theme_.canvas();
  painter.setOpacity(filter_ & maskOf(state) ? 1.0 : 0.35);
  const QRectF track(box.left() + 7, 20.5, box.width() - 15, height() < 60 ? 4 : 5);
  painter.setPen(Qt::NoPen);
  painter.setBrush(toColor(palette.grid));
  painter.drawRect(track);
  if (pages > 0) {
    const double share = static_cast<double>(pages) / static_cast<double>(allPages());
    painter.setBrush(toColor(palette[state]));
    if (theme_.kind() == ThemeKind::kProjector) painter.setPen(toColor(palette.outline));
    painter.drawRect(QRectF(track.left(), track.top(), std::max(2.0, share * track.width()), track.height()));
  }
  const bool some = spans + pages > 0;
  painter.setFont(theme_.small());
  painter.setPen(toColor(some ? palette.text : palette.dim));
  const bool counted = state != CellState::kFree && state != CellState::kStack;
  const QString bytes = formatBytes(pages * 8192);
  QString text = !counted ? bytes : some ? tr("%1, %2").arg(formatCount(spans), bytes) : tr("none");
  if (painter.fontMetrics().horizontalAdvance(text) > box.width() - 8) text = bytes;  // hover tells the rest
  painter.drawText(QPointF(track.left(), height() - 8), text);
  painter.setOpacity(1);
}

void RulerWidget::paintNever(QPainter& painter, const QRectF& box, int distance) const {
  const CanvasPalette& palette = theme_.canvas();
  painter.setPen(Qt::NoPen);
  painter.setBrush(QBrush(toColor(mix(palette.canvas, palette.dim, 34)), Qt::BDiagPattern));
  painter.drawRect(box.adjusted(5, 5, -5, -5));
  painter.setFont(theme_.small());
  const QString never = distance == 2 ? tr("+2 never") : tr("never");
  const QRectF chip(box.left() + 9, height() - 33, painter.fontMetrics().horizontalAdvance(never) + 8, 15);
  painter.setBrush(toColor(palette.canvas));
  painter.drawRect(chip);
  painter.setPen(toColor(palette.dim));
  painter.drawText(chip, Qt::AlignCenter, never);
}

void RulerWidget::paintAxis(QPainter& painter) {
  const CanvasPalette& palette = theme_.canvas();
  const RulerGeometry axis = geometry();
  const telemetry::Census& census = session_.replica().census();
  constexpr int kFirst = -6, kLast = 5;  // more than is visible: a turn moves the view by two columns
  painter.save();
  painter.setClipRect(QRectF(kLeft, 0, trayLeft() - kLeft - 12, height()));
  for (int distance = kFirst; distance <= kLast; ++distance) {
    if (columnOf(distance) == nullptr) {
      paintNever(painter, QRectF(axis.labelLeft(distance), 0, axis.columnWidth(), height()), distance);
    }
  }
  for (int distance = kFirst; distance <= kLast; ++distance) {
    const QRectF box(axis.columnLeft(distance), 0, axis.columnWidth(), height());
    painter.setPen(toColor(palette.grid));
    painter.drawLine(box.topLeft() + QPointF(0, 5), box.bottomLeft() - QPointF(0, 5));
    const int64_t gen = static_cast<int64_t>(axis.sweepgen()) + distance;
    if (session_.log() && gen >= 0) {  // before the first event the heap has no generation to be below
      painter.setFont(theme_.small());
      painter.setPen(toColor(palette.dim));
      painter.drawText(box.adjusted(0, 5, -8, 0), Qt::AlignRight | Qt::AlignTop,
                       distance == 0 ? tr("sg %1").arg(gen) : QString::number(gen));
    }
    const Column* now = columnOf(distance);
    if (now == nullptr) continue;
    const Column* over = columnOf(static_cast<int>(std::lround(axis.labelOver(distance))));
    const auto i = static_cast<size_t>(now->census);
    paintColumn(painter, box, over ? over->state : now->state, census.spans[i], census.pages[i]);
  }
  for (int distance = kFirst; distance <= kLast; ++distance) {
    const Column* label = columnOf(distance);
    if (label == nullptr) continue;
    const QString sign = distance > 0 ? QStringLiteral("+%1").arg(distance) : QString::number(distance);
    paintLabel(painter, QRectF(axis.labelLeft(distance), 0, axis.columnWidth(), height()), label->state, sign,
               census.spans[static_cast<size_t>(label->census)] > 0);
  }
  painter.restore();
}

void RulerWidget::paintTray(QPainter& painter) {
  painter.setPen(toColor(mix(theme_.canvas().grid, theme_.canvas().dim, 40)));
  painter.drawLine(QPointF(trayLeft() - 6, 6), QPointF(trayLeft() - 6, height() - 6));
  for (const Entry& entry : entries()) {
    if (entry.state != CellState::kFree && entry.state != CellState::kStack &&
        entry.state != CellState::kIllegal)
      continue;
    paintLabel(painter, entry.box, entry.state, {}, entry.spans + entry.pages > 0);
    paintColumn(painter, entry.box, entry.state, entry.spans, entry.pages);
  }
}

void RulerWidget::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(rect(), toColor(theme_.canvas().canvas));
  painter.setPen(toColor(theme_.canvas().grid));
  painter.drawLine(0, 0, width(), 0);
  paintAxis(painter);
  paintTray(painter);
  if (hasFocus()) {
    painter.setPen(theme_.ui().accent);
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
  if (turnProgress() < 2) update();
}

const RulerWidget::Entry* RulerWidget::entryAt(const std::vector<Entry>& all, QPointF pos) const {
  for (const Entry& entry : all) {
    if (entry.box.contains(pos)) return &entry;
  }
  return nullptr;
}

void RulerWidget::toggle(CellState state, bool add) {
  const StateMask mask = maskOf(state);
  StateMask filter = filter_;
  if (add) {
    filter = filter == kEveryState ? mask : static_cast<StateMask>(filter ^ mask);
  } else {
    filter = filter == mask ? kEveryState : mask;
  }
  setFilter(filter == 0 ? kEveryState : filter);
}

void RulerWidget::setFilter(StateMask filter) {
  if (filter == filter_) return;
  filter_ = filter;
  update();
  emit filterChanged(filter);
}

void RulerWidget::mousePressEvent(QMouseEvent* event) {
  const auto all = entries();
  if (const Entry* entry = entryAt(all, event->position())) {
    toggle(entry->state, event->modifiers() & (Qt::ShiftModifier | Qt::ControlModifier));
  } else {
    setFilter(kEveryState);
  }
}

void RulerWidget::mouseMoveEvent(QMouseEvent* event) {
  const auto all = entries();
  const Entry* entry = entryAt(all, event->position());
  setCursor(entry ? Qt::PointingHandCursor : Qt::ArrowCursor);
  if (entry == nullptr) return emit hovered(tr("No span is ever at this distance from sg."));
  const QString count =
      entry->spans > 0
          ? tr(" Now %1 spans, %2.").arg(formatCount(entry->spans), formatBytes(entry->pages * 8192))
          : QString();
  emit hovered(
      tr("%1: %2.%3 Click to show only these.")
          .arg(QLatin1String(words(entry->state).name), QLatin1String(words(entry->state).meaning), count));
}

void RulerWidget::leaveEvent(QEvent*) { emit hovered({}); }

void RulerWidget::keyPressEvent(QKeyEvent* event) {
  const int digit = event->key() - Qt::Key_1;
  if (digit >= 0 && digit < static_cast<int>(CellState::kUnknown)) {
    return toggle(static_cast<CellState>(digit), event->modifiers() & Qt::ShiftModifier);
  }
  QWidget::keyPressEvent(event);
}

}  // namespace sweepscope::gui
