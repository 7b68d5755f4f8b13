#include "gui/views/ruler_widget.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cstdlib>

#include "gui/models/formats.h"
#include "gui/views/glyphs.h"

namespace sweepscope::gui {

namespace {

constexpr double kLeft = 8;
constexpr double kTrayColumn = 82, kNarrowTrayColumn = 58;
constexpr int kNarrow = 560;          // of the ruler
constexpr double kGenFromWidth = 64;  // a column has room for its generation and its distance
constexpr int kFarthest = 6;          // the largest distance to sg with a column

struct Column {
  int distance;
  CellState state;
};
constexpr std::array<Column, 5> kColumns = {{{-2, CellState::kNeeds},
                                             {-1, CellState::kSweeping},
                                             {0, CellState::kSwept},
                                             {1, CellState::kStale},
                                             {3, CellState::kCached}}};

// Unknown spans exist only after a loss.
std::vector<CellState> trayStates(const HeapCensus& census) {
  std::vector<CellState> states{CellState::kFree, CellState::kStack, CellState::kIllegal};
  if (census[CellState::kUnknown].spans > 0) states.push_back(CellState::kUnknown);
  return states;
}

const Column* columnOf(int distance) {
  for (const Column& column : kColumns) {
    if (column.distance == distance) return &column;
  }
  return nullptr;
}

}  // namespace

RulerWidget::RulerWidget(const SessionController& session, const Theme& theme, QWidget* parent)
    : RulerWidget(
          [&session] {
            const telemetry::Replica& replica = session.replica();
            return RulerReading{heapCensus(replica), replica.sweepgen(), session.log() != nullptr,
                                session.turnShare(), session.codes().pages()};
          },
          theme, parent) {}

RulerWidget::RulerWidget(std::function<RulerReading()> read, const Theme& theme, QWidget* parent)
    : QWidget(parent), read_(std::move(read)), theme_(theme) {
  setObjectName(QStringLiteral("ruler"));
  setAccessibleName(tr("Ruler of sweepgens, the legend; digits 1 to 8 filter"));
  setMouseTracking(true);
  setFocusPolicy(Qt::TabFocus);
  setFixedHeight(64);
}

double RulerWidget::trayLeft(const HeapCensus& census) const {
  return width() - static_cast<double>(trayStates(census).size()) * trayColumn() - 4;
}
double RulerWidget::trayColumn() const { return width() < kNarrow ? kNarrowTrayColumn : kTrayColumn; }
double RulerWidget::axisWidth(const HeapCensus& census) const { return trayLeft(census) - kLeft - 12; }

double RulerWidget::turnProgress(const RulerReading& reading) const {
  return theme_.reducedMotion() ? 2 : turnAt(reading.turnShare);
}

RulerGeometry RulerWidget::geometry(const RulerReading& reading) const {
  const HeapCensus& census = reading.census;
  RulerRange range;
  for (const IllegalDistance& at : census.illegal) {
    if (std::abs(at.distance) > kFarthest) continue;  // counted in the tray
    range.first = std::min(range.first, at.distance);
    range.last = std::max(range.last, at.distance);
  }
  return {kLeft, axisWidth(census), reading.sg, turnProgress(reading), range};
}

void RulerWidget::onPicture() { update(); }

std::vector<RulerWidget::Entry> RulerWidget::entries(const RulerReading& reading) const {
  const HeapCensus& census = reading.census;
  std::vector<Entry> all;
  const RulerGeometry axis = geometry(reading);
  const auto boxAt = [&](int distance) {
    return QRectF(axis.columnLeft(distance), 0, axis.columnWidth(), height());
  };
  for (const Column& column : kColumns)
    all.push_back({boxAt(column.distance), column.state, census[column.state], column.distance});
  for (const IllegalDistance& at : census.illegal) {
    if (std::abs(at.distance) <= kFarthest)
      all.push_back({boxAt(at.distance), CellState::kIllegal, at.count, at.distance});
  }
  for (Entry& entry : tray(census)) all.push_back(std::move(entry));
  return all;
}

std::vector<RulerWidget::Entry> RulerWidget::tray(const HeapCensus& census) const {
  std::vector<Entry> all;
  double left = trayLeft(census);
  for (const CellState state : trayStates(census)) {
    all.push_back({QRectF(left, 0, trayColumn(), height()), state, census[state]});
    left += trayColumn();
  }
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

void RulerWidget::paintLabel(QPainter& painter, const QRectF& box, CellState state, const QString& distance,
                             bool some, bool lit) const {
  const CanvasPalette& palette = theme_.canvas();
  painter.setOpacity(lit ? 1.0 : 0.35);
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

void RulerWidget::paintColumn(QPainter& painter, const QRectF& box, CellState state, SpanCount count,
                              bool lit, uint32_t pagesOfHeap) const {
  const auto [spans, pages] = count;
  const CanvasPalette& palette = theme_.canvas();
  painter.setOpacity(lit ? 1.0 : 0.35);
  const QRectF track(box.left() + 7, 20.5, box.width() - 15, height() < 60 ? 4 : height() < 90 ? 5 : 30);
  painter.setPen(Qt::NoPen);
  painter.setBrush(toColor(palette.grid));
  painter.drawRect(track);
  if (pages > 0) {
    const double share = static_cast<double>(pages) / static_cast<double>(std::max(pagesOfHeap, 1u));
    painter.setBrush(toColor(palette[state]));
    if (theme_.kind() == ThemeKind::kProjector) painter.setPen(toColor(palette.outline));
    painter.drawRect(QRectF(track.left(), track.top(), std::max(2.0, share * track.width()), track.height()));
  }
  const bool some = spans + pages > 0;
  painter.setFont(theme_.small());
  painter.setPen(toColor(some ? palette.text : palette.dim));
  painter.drawText(QPointF(track.left(), height() - 8), figureOf(state, count, box.width()));
  painter.setOpacity(1);
}

// A figure that does not fit is left to the hover text.
QString RulerWidget::figureOf(CellState state, SpanCount count, double width) const {
  const QFontMetrics metrics(theme_.small());
  const bool counted = state != CellState::kFree && state != CellState::kStack;
  const QString bytes = formatBytes(count.pages * 8192), spans = formatCount(count.spans);
  QString text = bytes;
  if (counted) text = count.pages > 0 ? tr("%1, %2").arg(spans, bytes) : tr("none");
  if (metrics.horizontalAdvance(text) > width - 8) text = bytes;
  if (metrics.horizontalAdvance(text) > width - 8 && counted) text = spans;
  return text;
}

// The texts of an illegal column are on the canvas colour, with the hatching around them.
void RulerWidget::paintFigureGround(QPainter& painter, const QRectF& box, SpanCount count) const {
  const QFontMetrics metrics(theme_.small());
  const double most = box.width() - 12;
  const double name = metrics.horizontalAdvance(QLatin1String(words(CellState::kIllegal).name));
  const double figure = metrics.horizontalAdvance(figureOf(CellState::kIllegal, count, box.width()));
  painter.setPen(Qt::NoPen);
  painter.setBrush(toColor(theme_.canvas().canvas));
  painter.drawRect(QRectF(box.left() + 4, 3, std::min(most, 44.0), 17));
  painter.drawRect(QRectF(box.left() + 4, height() - 33, std::min(most, name + 6), 15));
  painter.drawRect(QRectF(box.left() + 4, height() - 19, std::min(most, figure + 6), 14));
  if (box.width() >= kGenFromWidth) painter.drawRect(QRectF(box.right() - 26, 3, 20, 17));
}

void RulerWidget::paintNever(QPainter& painter, const QRectF& box) const {
  const CanvasPalette& palette = theme_.canvas();
  painter.setPen(Qt::NoPen);
  painter.setBrush(QBrush(toColor(mix(palette.canvas, palette.dim, 34)), Qt::BDiagPattern));
  painter.drawRect(box.adjusted(5, 5, -5, -5));
}

void RulerWidget::paintNeverChip(QPainter& painter, const QRectF& box, int distance) const {
  const CanvasPalette& palette = theme_.canvas();
  painter.setPen(Qt::NoPen);
  painter.setFont(theme_.small());
  QString never = distance == 2 ? tr("+2 never") : tr("never");
  const auto width = [&] { return painter.fontMetrics().horizontalAdvance(never) + 8; };
  if (width() > box.width() - 12) never = tr("never");
  if (width() > box.width() - 12) return;
  const QRectF chip(box.left() + 9, height() - 33, width(), 15);
  painter.setBrush(toColor(palette.canvas));
  painter.drawRect(chip);
  painter.setPen(toColor(palette.dim));
  painter.drawText(chip, Qt::AlignCenter, never);
}

void RulerWidget::paintAxis(QPainter& painter, const RulerReading& reading) const {
  const CanvasPalette& palette = theme_.canvas();
  const HeapCensus& census = reading.census;
  const RulerGeometry axis = geometry(reading);
  constexpr int kFirst = -kFarthest - 2, kLast = kFarthest + 2;  // a turn moves the view by two columns
  const auto labelBox = [&](int distance) {
    return QRectF(axis.labelLeft(distance), 0, axis.columnWidth(), height());
  };
  painter.save();
  painter.setClipRect(QRectF(kLeft, 0, axisWidth(census), height()));
  // While the labels slide they lie over the columns of other distances, whose spans may be legal there.
  const bool arrived = turnProgress(reading) >= 1;
  for (int distance = kFirst; arrived && distance <= kLast; ++distance) {
    if (columnOf(distance) != nullptr) continue;
    paintNever(painter, labelBox(distance));
    if (reading.complete && census.illegalAt(distance).spans == 0)
      paintNeverChip(painter, labelBox(distance), distance);
  }
  for (int distance = kFirst; distance <= kLast; ++distance) {
    const QRectF box(axis.columnLeft(distance), 0, axis.columnWidth(), height());
    const Column* legal = columnOf(distance);
    const SpanCount illegal = census.illegalAt(distance);
    if (legal == nullptr && illegal.spans > 0) paintFigureGround(painter, box, illegal);
    painter.setPen(toColor(palette.grid));
    painter.drawLine(box.topLeft() + QPointF(0, 5), box.bottomLeft() - QPointF(0, 5));
    const int64_t gen = static_cast<int64_t>(axis.sweepgen()) + distance;
    if (reading.sgKnown && gen >= 0 &&
        axis.columnWidth() >= kGenFromWidth) {  // before the first event the generation is unknown
      painter.setFont(theme_.small());
      painter.setPen(toColor(palette.dim));
      painter.drawText(box.adjusted(0, 5, -8, 0), Qt::AlignRight | Qt::AlignTop,
                       distance == 0 ? tr("sg %1").arg(gen) : QString::number(gen));
    }
    if (legal != nullptr) {
      paintColumn(painter, box, legal->state, census[legal->state], passes(filter_, legal->state, distance),
                  reading.pages);
    } else if (illegal.spans > 0) {
      paintColumn(painter, box, CellState::kIllegal, illegal, passes(filter_, CellState::kIllegal, distance),
                  reading.pages);
    }
  }
  for (int distance = kFirst; distance <= kLast; ++distance) {
    const Column* legal = columnOf(distance);
    const bool some = (legal ? census[legal->state] : census.illegalAt(distance)).spans > 0;
    if (legal == nullptr && !some) continue;
    const QString sign = distance > 0 ? QStringLiteral("+%1").arg(distance) : QString::number(distance);
    const CellState state = legal ? legal->state : CellState::kIllegal;
    paintLabel(painter, labelBox(distance), state, sign, some, passes(filter_, state, distance));
  }
  painter.restore();
}

void RulerWidget::paintTray(QPainter& painter, const RulerReading& reading) const {
  const HeapCensus& census = reading.census;
  painter.setPen(toColor(mix(theme_.canvas().grid, theme_.canvas().dim, 40)));
  painter.drawLine(QPointF(trayLeft(census) - 6, 6), QPointF(trayLeft(census) - 6, height() - 6));
  for (const Entry& entry : tray(census)) {
    const bool lit = filter_ & maskOf(entry);
    paintLabel(painter, entry.box, entry.state, {}, entry.count.spans + entry.count.pages > 0, lit);
    paintColumn(painter, entry.box, entry.state, entry.count, lit, reading.pages);
  }
}

void RulerWidget::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(rect(), toColor(theme_.canvas().canvas));
  painter.setPen(toColor(theme_.canvas().grid));
  painter.drawLine(0, 0, width(), 0);
  const RulerReading reading = read_();
  paintAxis(painter, reading);
  paintTray(painter, reading);
  if (hasFocus()) {
    painter.setPen(theme_.ui().accent);
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
}

const RulerWidget::Entry* RulerWidget::entryAt(const std::vector<Entry>& all, QPointF pos) const {
  for (const Entry& entry : all) {
    if (entry.box.contains(pos)) return &entry;
  }
  return nullptr;
}

// The illegal state of the tray covers all distances, a column only its own.
StateMask RulerWidget::maskOf(const Entry& entry) {
  return entry.state == CellState::kIllegal && entry.distance ? maskOfIllegal(*entry.distance)
                                                              : gui::maskOf(entry.state);
}

void RulerWidget::toggle(StateMask mask, bool add) {
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
  const auto all = entries(read_());
  if (const Entry* entry = entryAt(all, event->position())) {
    toggle(maskOf(*entry), event->modifiers() & (Qt::ShiftModifier | Qt::ControlModifier));
  } else {
    setFilter(kEveryState);
  }
}

QString RulerWidget::hoverText(const Entry& entry, const HeapCensus& census) const {
  QString name = QLatin1String(words(entry.state).name);
  if (entry.state == CellState::kIllegal) {
    QStringList at;
    for (const IllegalDistance& i : census.illegal) {
      const QString sign =
          i.distance > 0 ? QStringLiteral("+%1").arg(i.distance) : QString::number(i.distance);
      if (!entry.distance || *entry.distance == i.distance)
        at << (entry.distance ? sign : tr("%1 at %2").arg(formatCount(i.count.spans), sign));
    }
    if (!at.isEmpty()) name += QStringLiteral(" (%1)").arg(at.join(QStringLiteral(", ")));
  }
  QString count;
  if (entry.count.spans > 0)
    count = tr(" Now %1, %2.")
                .arg(formatCounted(entry.count.spans, "span"), formatBytes(entry.count.pages * 8192));
  return tr("%1: %2.%3 Click to show only these.")
      .arg(name, QLatin1String(words(entry.state).meaning), count);
}

void RulerWidget::mouseMoveEvent(QMouseEvent* event) {
  const RulerReading reading = read_();
  const HeapCensus& census = reading.census;
  const auto all = entries(reading);
  const Entry* entry = entryAt(all, event->position());
  setCursor(entry ? Qt::PointingHandCursor : Qt::ArrowCursor);
  if (entry == nullptr)
    return emit hovered(tr("In a correct run, no span is ever at this distance from sg."));
  emit hovered(hoverText(*entry, census));
}

void RulerWidget::leaveEvent(QEvent*) { emit hovered({}); }

void RulerWidget::keyPressEvent(QKeyEvent* event) {
  const int digit = event->key() - Qt::Key_1;
  if (digit >= 0 && digit < static_cast<int>(CellState::kUnknown)) {
    return toggle(gui::maskOf(static_cast<CellState>(digit)), event->modifiers() & Qt::ShiftModifier);
  }
  QWidget::keyPressEvent(event);
}

}  // namespace sweepscope::gui
