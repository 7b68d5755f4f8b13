#include "gui/views/processors_panel.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <cmath>

#include "gui/models/formats.h"
#include "gui/models/sentences.h"

namespace sweepscope::gui {

using telemetry::kNoId;
using telemetry::kSpanClasses;
using telemetry::PPicture;
using telemetry::PStatus;
using telemetry::SpanPicture;

namespace {

constexpr double kPad = 10;
constexpr double kLinesHeight = 46;
constexpr int kDetailColumns = 12,
              kDetailRows = 11;  // the 132 cached span classes: all but the two of large objects
constexpr double kDetailHeight = 206;
constexpr double kNamedTile = 34;  // from this width a tile shows the name of its P

}  // namespace

ProcessorsPanel::ProcessorsPanel(const SessionController& session, const Theme& theme, QWidget* parent)
    : QWidget(parent), session_(session), theme_(theme) {
  setObjectName(QStringLiteral("processorsPanel"));
  setAccessibleName(tr("Processors and their caches; arrow keys select one"));
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
}

void ProcessorsPanel::onPicture() {
  noteUsedClasses();
  update();
}

void ProcessorsPanel::reset() {
  selected_ = 0;
  used_.reset();
  onPicture();
}

void ProcessorsPanel::noteUsedClasses() {
  const auto ps = session_.replica().ps();
  if (ps.size() > 64) return;
  for (const PPicture& p : ps) {
    for (size_t c = 2; c < kSpanClasses; ++c) {
      if (p.cache[c] != kNoId) used_.set(c);
    }
  }
}

void ProcessorsPanel::setFilter(StateMask filter) {
  filter_ = filter;
  update();
}

void ProcessorsPanel::setCompact(bool compact) {
  if (compact == compact_) return;
  compact_ = compact;
  updateGeometry();
  update();
}

QString ProcessorsPanel::sentence() const {
  const telemetry::Replica& replica = session_.replica();
  size_t stale = 0, alive = 0;
  std::array<size_t, 7> by{};
  for (const PPicture& p : replica.ps()) {
    if (p.status == PStatus::kDead) continue;
    ++alive;
    ++by[static_cast<size_t>(p.status)];
    stale += p.flush_gen != replica.sweepgen() && p.cached > 0;
  }
  if (alive == 0) return tr("No P yet");
  QStringList parts;
  if (stale > 0) parts << tr("%1 stale").arg(stale);
  for (const PStatus s : {PStatus::kFlushing, PStatus::kRunning, PStatus::kReady, PStatus::kBlocked,
                          PStatus::kStopped, PStatus::kIdle}) {
    if (const size_t n = by[static_cast<size_t>(s)]; n > 0)
      parts << QStringLiteral("%1 %2").arg(n).arg(statusName(s));
  }
  const QString ps = alive == 1 ? tr("1 P") : tr("%1 Ps").arg(alive);
  return ps + QStringLiteral(": ") + parts.join(QStringLiteral(", "));
}

ProcessorsPanel::Form ProcessorsPanel::form() const {
  const size_t n = session_.replica().ps().size();
  if (compact_) return Form::kTiles;
  return n <= 8 ? Form::kLines : n <= 64 ? Form::kRows : Form::kTiles;
}

QRectF ProcessorsPanel::detailRect() const {
  return QRectF(kPad, height() - kDetailHeight, width() - 2 * kPad, kDetailHeight - kPad);
}

QRectF ProcessorsPanel::listRect() const {
  const double bottom = height() > 380 && !compact_ ? kDetailHeight + 4 : kPad;
  return QRectF(kPad, kPad, width() - 2 * kPad, height() - kPad - bottom);
}

QRectF ProcessorsPanel::boxOf(size_t p) const {
  const QRectF list = listRect();
  const size_t n = session_.replica().ps().size();
  switch (form()) {
    case Form::kLines: {
      const double pitch =
          std::min(kLinesHeight + 6, list.height() / static_cast<double>(std::max<size_t>(n, 1)));
      return QRectF(list.left(), list.top() + pitch * static_cast<double>(p), list.width(), pitch - 6);
    }
    case Form::kRows: {
      const double pitch = std::clamp(list.height() / static_cast<double>(n), 2.0, 9.0);
      return QRectF(list.left(), list.top() + pitch * static_cast<double>(p), list.width(), pitch - 1);
    }
    case Form::kTiles: break;
  }
  const auto side = static_cast<size_t>(std::ceil(std::sqrt(static_cast<double>(n))));
  const double pitch = std::min(list.width(), list.height()) / static_cast<double>(side);
  const double gap = pitch >= 4 ? 1 : 0;
  return QRectF(list.left() + pitch * static_cast<double>(p % side),
                list.top() + pitch * static_cast<double>(p / side), pitch - gap, pitch - gap);
}

int ProcessorsPanel::pAt(QPointF pos) const {
  const size_t n = session_.replica().ps().size();
  for (size_t p = 0; p < n; ++p) {
    if (boxOf(p).adjusted(0, 0, 1, 1).contains(pos)) return static_cast<int>(p);
  }
  return -1;
}

QRectF ProcessorsPanel::detailCell(int spanClass) const {
  // Scan above noscan in each pair of rows: class pairs run left to right.
  const QRectF grid = detailRect().adjusted(0, 22, 0, 0);
  const int index = spanClass - 2;
  const double w = grid.width() / kDetailColumns, h = grid.height() / kDetailRows;
  return QRectF(grid.left() + index % kDetailColumns * w, grid.top() + index / kDetailColumns * h, w - 2,
                h - 2);
}

int ProcessorsPanel::cellAt(QPointF pos) const {
  if (!hasDetail()) return -1;
  for (int c = 2; c < kSpanClasses; ++c) {
    if (detailCell(c).contains(pos)) return c;
  }
  return -1;
}

// In a correct run all spans of an mcache have one state: cached once it has been flushed in this epoch, stale
// before.
CellState ProcessorsPanel::worst(const PPicture& p) const {
  const telemetry::Replica& replica = session_.replica();
  if (replica.census().spans[static_cast<size_t>(telemetry::SweepState::kIllegal)] > 0) {
    for (const telemetry::SpanId id : p.cache) {
      const SpanPicture* span = id == kNoId ? nullptr : replica.span(id);
      if (span && stateOf(*span, replica.sweepgen()) == CellState::kIllegal) return CellState::kIllegal;
    }
  }
  return p.flush_gen == replica.sweepgen() ? CellState::kCached : CellState::kStale;
}

QColor ProcessorsPanel::statusColour(PStatus status) const {
  switch (status) {
    case PStatus::kRunning: return theme_.ui().good;
    case PStatus::kReady: return mix(theme_.ui().good.rgb(), theme_.ui().panel.rgb(), 50);
    case PStatus::kFlushing: return toColor(theme_.canvas()[CellState::kSweeping]);
    case PStatus::kBlocked: return theme_.ui().accent;
    case PStatus::kStopped: return theme_.ui().text;
    case PStatus::kIdle: return theme_.ui().dim;
    case PStatus::kDead: return theme_.ui().border;
  }
  return theme_.ui().dim;
}

void ProcessorsPanel::paintCell(QPainter& painter, const QRectF& box, telemetry::SpanId id,
                                bool glyph) const {
  const CanvasPalette& palette = theme_.canvas();
  const SpanPicture* span = id == kNoId ? nullptr : session_.replica().span(id);
  if (span == nullptr) {
    painter.fillRect(box, toColor(palette.grid));
    return;
  }
  const CellState state = stateOf(*span, session_.replica().sweepgen());
  const auto distance = static_cast<int32_t>(span->sweepgen - session_.replica().sweepgen());
  const bool lit = passes(filter_, state, distance);
  const Rgb ground = lit ? palette[state] : mix(palette[state], palette.canvas, 84);
  painter.fillRect(box, toColor(ground));
  if (!glyph) return;
  const QColor ink = toColor(mix(ground, 0xff14171A, 78));
  painter.fillRect(QRectF(box.center().x() - 1.5, box.center().y() - 1.5, 3, 3), ink);
  if (state == CellState::kStale) {
    const QPointF corner = box.topRight();
    painter.setPen(Qt::NoPen);
    painter.setBrush(toColor(palette.canvas));
    painter.drawPolygon(QPolygonF({corner, corner + QPointF(-4, 0), corner + QPointF(0, 4)}));
  }
}

// `step` 2: one line of every second class (scan or noscan); 1: all classes in one row.
void ProcessorsPanel::columnEdges(double left, double width, int step,
                                  std::array<double, kSpanClasses + 1>& edges) const {
  double weight = 0;
  const auto weightOf = [&](int c) {
    const bool wide = step == 2 ? used_[static_cast<size_t>(c)] || used_[static_cast<size_t>(c + 1)]
                                : used_[static_cast<size_t>(c)];
    return wide ? 6.0 : 1.0;
  };
  for (int c = 2; c < kSpanClasses; c += step) weight += weightOf(c);
  double x = left;
  for (int c = 2; c < kSpanClasses; c += step) {
    edges[static_cast<size_t>(c)] = x;
    x += weightOf(c) * width / weight;
    if (step == 2) edges[static_cast<size_t>(c + 1)] = x;
  }
  edges[kSpanClasses] = x;
}

void ProcessorsPanel::paintLines(QPainter& painter, size_t index, const QRectF& box) const {
  const PPicture& p = session_.replica().ps()[index];
  const bool selected = index == selected_;
  painter.setPen(Qt::NoPen);
  painter.setBrush(selected ? theme_.ui().raised : theme_.ui().panel);
  painter.drawRoundedRect(box.adjusted(-4, -3, 4, 3), 4, 4);
  // Status: the busier the P, the longer the arc.
  const QColor status = statusColour(p.status);
  const QRectF ring(box.left() + 1, box.top() + 1, 11, 11);
  painter.setPen(QPen(theme_.ui().border, 2.4));
  painter.drawEllipse(ring);
  painter.setPen(QPen(status, 2.4));
  const int sweep =
      p.status == PStatus::kRunning || p.status == PStatus::kFlushing || p.status == PStatus::kStopped ? 360
      : p.status == PStatus::kReady                                                                    ? 180
      : p.status == PStatus::kBlocked                                                                  ? 90
                                                                                                       : 0;
  painter.drawArc(ring, 90 * 16, -sweep * 16);

  painter.setFont(theme_.strong());
  painter.setPen(theme_.ui().text);
  const QString name = QStringLiteral("P%1").arg(index);
  painter.drawText(QPointF(box.left() + 18, box.top() + 11), name);
  double x = box.left() + 18 + painter.fontMetrics().horizontalAdvance(name) + 7;
  painter.setFont(theme_.small());
  painter.setPen(theme_.ui().dim);
  painter.drawText(QPointF(x, box.top() + 11), statusName(p.status));
  const bool stale = p.flush_gen != session_.replica().sweepgen() && p.cached > 0;
  QString chip = stale ? tr("stale, flushed @%1").arg(p.flush_gen) : tr("flushed @%1").arg(p.flush_gen);
  const double room = box.right() - x - painter.fontMetrics().horizontalAdvance(statusName(p.status)) - 24;
  if (painter.fontMetrics().horizontalAdvance(chip) > room)  // in a narrow panel
    chip = stale ? tr("stale @%1").arg(p.flush_gen) : tr("@%1").arg(p.flush_gen);
  const double chipWidth = painter.fontMetrics().horizontalAdvance(chip);
  painter.setPen(stale ? theme_.ui().text : theme_.ui().dim);
  painter.drawText(QPointF(box.right() - chipWidth, box.top() + 11), chip);
  if (p.status == PStatus::kFlushing) {  // padlock
    const QPointF at(box.right() - chipWidth - 14, box.top() + 5);
    painter.setBrush(status);
    painter.setPen(Qt::NoPen);
    painter.drawRect(QRectF(at, QSizeF(8, 6)));
    painter.setPen(QPen(status, 1.4));
    painter.setBrush(Qt::NoBrush);
    painter.drawArc(QRectF(at.x() + 1.5, at.y() - 4, 5, 7), 0, 180 * 16);
  }

  std::array<double, kSpanClasses + 1> edges{};
  const double top = box.top() + 17, lineHeight = std::max(3.0, (box.height() - 18) / 2);
  painter.fillRect(QRectF(box.left() - 1, top - 1, box.width() + 2, 2 * lineHeight + 2),
                   toColor(theme_.canvas().canvas));
  columnEdges(box.left(), box.width(), 2, edges);
  for (size_t c = 2; c < kSpanClasses; ++c) {
    const size_t pair = c & ~size_t{1};
    const double left = edges[pair], right = edges[pair + 1];
    const double gap = right - left > 4 ? 1 : right - left > 2 ? 0.5 : 0;
    const QRectF cell(left, top + (c & 1 ? lineHeight : 0), right - left - gap, lineHeight - 1);
    paintCell(painter, cell, p.cache[c], cell.width() >= 7 && cell.height() >= 7);
  }
}

void ProcessorsPanel::paintRow(QPainter& painter, size_t index, const QRectF& box) const {
  const PPicture& p = session_.replica().ps()[index];
  painter.fillRect(QRectF(box.left(), box.top(), 4, box.height()), statusColour(p.status));
  std::array<double, kSpanClasses + 1> edges{};
  columnEdges(box.left() + 6, box.width() - 6, 1, edges);
  painter.fillRect(QRectF(box.left() + 6, box.top(), box.width() - 6, box.height()),
                   toColor(theme_.canvas().canvas));
  for (size_t c = 2; c < kSpanClasses; ++c) {
    if (p.cache[c] == kNoId) continue;
    paintCell(painter,
              QRectF(edges[c], box.top(), std::max(1.0, edges[c + 1] - edges[c] - 0.5), box.height()),
              p.cache[c], false);
  }
  if (index == selected_) {
    painter.setPen(theme_.ui().text);
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(box.adjusted(-1, -1, 0, 0));
  }
}

void ProcessorsPanel::paintTile(QPainter& painter, size_t index, const QRectF& box) const {
  const PPicture& p = session_.replica().ps()[index];
  const CanvasPalette& palette = theme_.canvas();
  // On the canvas colour, so that a P without spans is still visible as a tile.
  painter.fillRect(box.adjusted(0, 0, 1, 1), toColor(palette.canvas));
  painter.fillRect(box, toColor(mix(palette.canvas, palette.dim, 20)));
  const double fill = std::min(1.0, static_cast<double>(p.cached) / 132.0) * box.height();
  const CellState state = worst(p);
  const StateMask shown =
      state == CellState::kIllegal ? static_cast<StateMask>(~kEveryState | maskOf(state)) : maskOf(state);
  const Rgb colour = filter_ & shown ? palette[state] : mix(palette[state], palette.canvas, 84);
  if (p.cached > 0) {
    painter.fillRect(QRectF(box.left(), box.bottom() - std::max(1.0, fill), box.width(), std::max(1.0, fill)),
                     toColor(colour));
  }
  if (p.status == PStatus::kFlushing) {
    painter.fillRect(QRectF(box.left(), box.top(), box.width(), std::max(1.0, box.height() / 4)),
                     statusColour(p.status));
  }
  if (box.width() >= kNamedTile) {
    painter.setFont(theme_.small());
    const QString name = QStringLiteral("P%1").arg(index);
    const QRectF chip(box.left() + 2, box.top() + 2, painter.fontMetrics().horizontalAdvance(name) + 6, 15);
    painter.fillRect(chip, toColor(palette.canvas));
    painter.setPen(toColor(palette.text));
    painter.drawText(chip, Qt::AlignCenter, name);
  }
  if (index == selected_) {
    painter.setPen(theme_.ui().text);
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(box.adjusted(-1, -1, 0, 0));
  }
}

void ProcessorsPanel::paintDetail(QPainter& painter) const {
  const auto ps = session_.replica().ps();
  const QRectF area = detailRect();
  const PPicture& p = ps[selected_];
  painter.setPen(theme_.ui().border);
  painter.drawLine(QPointF(0, area.top() - 6), QPointF(width(), area.top() - 6));
  painter.setFont(theme_.strong());
  painter.setPen(theme_.ui().text);
  const QString title = tr("P%1's cache").arg(selected_);
  painter.drawText(QPointF(area.left(), area.top() + 11), title);
  const qreal taken = painter.fontMetrics().horizontalAdvance(title) + 10;
  painter.setFont(theme_.small());
  painter.setPen(theme_.ui().dim);
  QString count = tr("%1 of 132 span classes").arg(p.cached);
  if (painter.fontMetrics().horizontalAdvance(count) > area.width() - taken)
    count = tr("%1 of 132").arg(p.cached);  // in a narrow panel
  painter.drawText(QRectF(area.left(), area.top(), area.width(), 14), Qt::AlignRight | Qt::AlignVCenter,
                   count);
  const QRectF grid = area.adjusted(-3, 19, 1, 1);
  painter.fillRect(grid, toColor(theme_.canvas().canvas));
  for (int c = 2; c < kSpanClasses; ++c)
    paintCell(painter, detailCell(c), p.cache[static_cast<size_t>(c)], true);
}

void ProcessorsPanel::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(rect(), theme_.ui().panel);
  const auto ps = session_.replica().ps();
  if (ps.empty()) {
    painter.setFont(theme_.body());
    painter.setPen(theme_.ui().dim);
    painter.drawText(rect().adjusted(16, 16, -16, -16), Qt::AlignCenter | Qt::TextWordWrap,
                     session_.log() ? tr("No P yet: no event before this moment names one.")
                                    : tr("No session is open.\nOpen a recording or watch a collection."));
    return;
  }
  const Form f = form();
  painter.setRenderHint(QPainter::Antialiasing, f == Form::kLines);
  for (size_t p = 0; p < ps.size(); ++p) {
    const QRectF box = boxOf(p);
    if (box.bottom() > listRect().bottom() + 2) break;
    if (f == Form::kLines) paintLines(painter, p, box);
    if (f == Form::kRows) paintRow(painter, p, box);
    if (f == Form::kTiles) paintTile(painter, p, box);
  }
  if (hasDetail() && selected_ < ps.size()) paintDetail(painter);
  if (hasFocus()) {
    painter.setPen(theme_.ui().accent);
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
}

void ProcessorsPanel::mousePressEvent(QMouseEvent* event) {
  if (const int p = pAt(event->position()); p >= 0) {
    selected_ = static_cast<size_t>(p);
    return update();
  }
  const auto ps = session_.replica().ps();
  if (const int c = cellAt(event->position()); c >= 0 && selected_ < ps.size()) {
    if (const telemetry::SpanId span = ps[selected_].cache[static_cast<size_t>(c)]; span != kNoId)
      emit spanChosen(span);
  }
}

void ProcessorsPanel::mouseMoveEvent(QMouseEvent* event) {
  const auto ps = session_.replica().ps();
  if (const int index = pAt(event->position()); index >= 0) {
    const PPicture& p = ps[static_cast<size_t>(index)];
    emit hovered(tr("P%1: %2, cached spans: %3, flushed at sg %4")
                     .arg(index)
                     .arg(statusName(p.status))
                     .arg(p.cached)
                     .arg(p.flush_gen));
    return;
  }
  const int c = cellAt(event->position());
  if (c < 0 || selected_ >= ps.size()) return emit hovered({});
  const telemetry::SpanId id = ps[selected_].cache[static_cast<size_t>(c)];
  const SpanPicture* span = id == kNoId ? nullptr : session_.replica().span(id);
  QString text = formatSpanClass(static_cast<uint8_t>(c));
  text += span ? tr(": span %1, %2, objects: %3")
                     .arg(id)
                     .arg(stateWords(*span, session_.replica().sweepgen()))
                     .arg(span->alloc_count)
               : tr(": nothing cached");
  emit hovered(text);
}

void ProcessorsPanel::leaveEvent(QEvent*) { emit hovered({}); }

void ProcessorsPanel::keyPressEvent(QKeyEvent* event) {
  const size_t n = session_.replica().ps().size();
  if (n == 0) return QWidget::keyPressEvent(event);
  if (event->key() == Qt::Key_Up || event->key() == Qt::Key_Left)
    selected_ = (selected_ + n - 1) % n;
  else if (event->key() == Qt::Key_Down || event->key() == Qt::Key_Right)
    selected_ = (selected_ + 1) % n;
  else
    return QWidget::keyPressEvent(event);
  update();
}

}  // namespace sweepscope::gui
