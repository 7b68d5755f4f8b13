#include "gui/views/board_picture.h"

#include <QCoreApplication>
#include <QImage>
#include <QPainter>
#include <algorithm>
#include <bit>

#include "gui/models/bench_words.h"
#include "gui/models/formats.h"
#include "gui/models/sentences.h"
#include "gui/views/glyphs.h"
#include "gui/views/pacing_picture.h"

namespace sweepscope::gui {

using namespace telemetry;

namespace {

constexpr int kSgPx = 28;
constexpr int kTile = 34;  // from here a letter has dots of two pixels

QString tr(const char* text) { return QCoreApplication::translate("Board", text); }

QFont sized(QFont font, int px) {
  font.setPixelSize(px);
  return font;
}

QString elided(const QPainter& painter, const QString& text, int width) {
  return painter.fontMetrics().elidedText(text, Qt::ElideRight, width);
}

bool showsPacing(const Board& board) { return board.known && board.pacing && board.pacing->matters(); }

bool bitAt(const std::vector<uint64_t>& bits, uint32_t n) {
  return n / 64 < bits.size() && (bits[n / 64] >> (n % 64) & 1) != 0;
}

// By their flushGen: the engine's own count is of the flush barrier only, which not every policy has.
int cachesToFlush(const Board& board) {
  return static_cast<int>(std::count_if(board.ps.begin(), board.ps.end(), awaits_flush));
}

uint64_t bitsSet(const std::vector<uint64_t>& bits) {
  uint64_t sum = 0;
  for (const uint64_t word : bits) sum += static_cast<uint64_t>(std::popcount(word));
  return sum;
}

}  // namespace

int heightOfHead(const Board& board) { return kBoardHead + (showsPacing(board) ? kPacingLine : 0); }

struct BoardPicture::Card {
  const BoardSpan& span;
  CellState state;
  QRect box;
  bool changed;
  CardDetail detail;
  Rgb ground;
};

// --- the head --------------------------------------------------------------------------------------------

QString BoardPicture::lockLine() const {
  if (view_.board.locks.empty()) return tr("No lock is held.");
  QStringList parts;
  for (const BoardLock& lock : view_.board.locks) {
    parts << lockSentence(lock, view_);
    if (parts.size() == 6 && view_.board.locks.size() > 6) {
      parts << tr("%1 more locks").arg(view_.board.locks.size() - 6);
      break;
    }
  }
  return parts.join(QStringLiteral("   \u00b7   "));
}

QString BoardPicture::sgWords(const Board& board) {
  return board.known ? tr("sg %1").arg(board.sg) : tr("sg unknown");
}

QRect BoardPicture::boxOfSg(const Board& board, const Theme& theme, const QRect& box) {
  const int width = QFontMetrics(sized(theme.figure(), kSgPx)).horizontalAdvance(sgWords(board));
  return {box.left() - 3, box.top() + 3, width + 14, 41};
}

void BoardPicture::paintHead(QPainter& painter, const QRect& box) const {
  const CanvasPalette& palette = theme_.canvas();
  const Board& board = view_.board;
  painter.setFont(sized(theme_.figure(), kSgPx));
  painter.setPen(toColor(palette.text));
  const QString sg = sgWords(board);
  painter.drawText(QPoint(box.left() + 4, box.top() + 36), sg);
  const int left = box.left() + 4 + painter.fontMetrics().horizontalAdvance(sg) + 26;
  const bool turned = before_ != nullptr && before_->board.known && before_->board.sg != board.sg;
  if (!board.known) {
    painter.setFont(theme_.body());
    painter.setPen(toColor(palette.dim));
    painter.drawText(QPoint(left, box.top() + 30), tr("The engine is not made yet, or has ended."));
    return;
  }
  const std::pair<QString, QString> figures[] = {
      {tr("phase"), phaseName(board.phase)},
      {tr("world"), board.stopped ? tr("stopped") : tr("running")},
      {tr("sweep"), board.sweep_done ? tr("all spans taken") : tr("spans left")},
      {tr("sweepers"), QString::number(board.sweepers)},
      {tr("caches to flush"), QString::number(cachesToFlush(board))},
  };
  int x = left;
  for (const auto& [name, value] : figures) {
    painter.setFont(theme_.small());
    painter.setPen(toColor(palette.dim));
    painter.drawText(QPoint(x, box.top() + 17), name);
    int width = painter.fontMetrics().horizontalAdvance(name);
    painter.setFont(sized(theme_.strong(), 13));
    painter.setPen(toColor(palette.text));
    painter.drawText(QPoint(x, box.top() + 35), value);
    width = std::max(width, painter.fontMetrics().horizontalAdvance(value));
    x += width + 24;
  }
  painter.setFont(theme_.small());
  painter.setPen(toColor(palette.dim));
  if (turned)
    painter.drawText(QPoint(x, box.top() + 35),
                     elided(painter, tr("The turn: sg was %1.").arg(before_->board.sg), box.right() - x));
  painter.setPen(toColor(board.locks.empty() ? palette.dim : palette.text));
  painter.setFont(theme_.body());
  painter.drawText(QPoint(box.left() + 5, box.top() + 55), elided(painter, lockLine(), box.width() - 10));
  if (showsPacing(board))
    paintPacing(painter, QRect(box.left(), box.top() + kBoardHead - 2, box.width(), kPacingLine),
                *board.pacing, theme_);
}

// --- regions ---------------------------------------------------------------------------------------------

QString BoardPicture::regionTitle(const BoardRegion& region) const {
  switch (region.place) {
    case BoardPlace::kFree: return tr("Free pages of the mheap");
    case BoardPlace::kNonempty: return tr("mcentral, list nonempty");
    case BoardPlace::kEmpty: return tr("mcentral, list empty");
    case BoardPlace::kBetween: return tr("Between two places");
    case BoardPlace::kLarge: return tr("Large objects");
    case BoardPlace::kManual: return tr("Stacks");
    case BoardPlace::kCache: break;
  }
  if (region.p != kNoP) return tr("Cache of P%1").arg(region.p);
  return region.cards > 0 ? tr("Caches of %1 Ps").arg(formatCount(region.ps))
                          : tr("Caches of %1 other Ps").arg(formatCount(region.ps));
}

QString BoardPicture::regionDetail(const BoardRegion& region, bool& warm) const {
  if (region.place != BoardPlace::kCache || region.p == kNoP) {
    return region.cards == 0 ? QString() : formatCounted(region.cards, "span");
  }
  for (const BoardP& p : view_.board.ps) {
    if (p.id != region.p) continue;
    const QString owner = p.thread == kNoThread ? statusName(p.status) : threadName(view_, p.thread);
    warm = awaits_flush(p);
    return tr("%1 \u00b7 flushGen %2")
        .arg(owner, p.distance == 0 ? tr("= sg") : tr("sg %1").arg(signedDistance(p.distance)));
  }
  return {};
}

void BoardPicture::paintRegion(QPainter& painter, const BoardRegion& region) const {
  const CanvasPalette& palette = theme_.canvas();
  painter.setPen(toColor(mix(palette.canvas, palette.dim, 30)));
  painter.setBrush(toColor(mix(palette.canvas, palette.dim, theme_.kind() == ThemeKind::kProjector ? 5 : 8)));
  painter.drawRoundedRect(QRectF(region.rect).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
  painter.setFont(theme_.strong());
  painter.setPen(toColor(palette.text));
  const QString title = regionTitle(region);
  const int left = region.rect.left() + 10, base = region.rect.top() + 16;
  const int titleWidth = painter.fontMetrics().horizontalAdvance(title);
  painter.drawText(QPoint(left, base), elided(painter, title, region.rect.width() - 20));
  bool warm = false;
  const QString detail = regionDetail(region, warm);
  painter.setFont(theme_.small());
  painter.setPen(toColor(warm ? palette[CellState::kNeeds] : palette.dim));
  if (warm && theme_.kind() == ThemeKind::kProjector) painter.setPen(toColor(palette.text));
  const QRect rest(left + titleWidth + 10, region.rect.top(), region.rect.width() - titleWidth - 28, 23);
  if (rest.width() >= 60 || painter.fontMetrics().horizontalAdvance(detail) <= rest.width())
    painter.drawText(rest, Qt::AlignRight | Qt::AlignVCenter, elided(painter, detail, rest.width()));
  if (region.cards == 0) {
    painter.setPen(toColor(palette.dim));
    painter.drawText(QPoint(left, region.rect.top() + kRegionTitle + 14),
                     emptyWords(region.place, view_.board));
  }
}

// --- cards -----------------------------------------------------------------------------------------------

void BoardPicture::paintTile(QPainter& painter, const QRect& box, CellState state) const {
  const CanvasPalette& palette = theme_.canvas();
  const int px = std::min(box.width(), box.height()) + 1;  // glyphs leave the last row and column to the grid
  QImage image(px, px, QImage::Format_RGB32);
  const TileCanvas tile{reinterpret_cast<Rgb*>(image.bits()), px};
  tile.fill(0, 0, px, px, palette[state]);
  drawStateGlyph(tile, state, palette[state], palette, true, 0);
  painter.fillRect(box, toColor(palette[state]));
  painter.drawImage(box.topLeft(), image, QRect(0, 0, px - 1, px - 1));
}

void BoardPicture::paintFrame(QPainter& painter, const Card& card, bool selected) const {
  const CanvasPalette& palette = theme_.canvas();
  const QRectF box(card.box);
  const bool fine = card.detail == CardDetail::kDot;
  painter.setBrush(Qt::NoBrush);
  if (card.state == CellState::kIllegal && !fine) {  // a double border, never colour alone
    painter.setPen(QPen(toColor(palette.text), 1));
    painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5));
    painter.drawRect(box.adjusted(3.5, 3.5, -3.5, -3.5));
  } else if (theme_.kind() == ThemeKind::kProjector) {
    painter.setPen(QPen(toColor(palette.outline), 1));
    painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5));
  }
  if (card.changed) {
    painter.setPen(QPen(toColor(palette.text), fine ? 1 : 2));
    painter.drawRect(fine ? box.adjusted(-0.5, -0.5, 0.5, 0.5) : box.adjusted(-1, -1, 1, 1));
  }
  if (selected) {
    painter.setPen(QPen(theme_.ui().accent, 2, Qt::DashLine));
    painter.drawRect(box.adjusted(-3, -3, 3, 3));
  }
}

// Two rows of squares: slots with an alloc bit, slots with a mark bit. A slot below freeindex is allocated as well; if it
// has no bit yet, it is drawn half.
void BoardPicture::paintSlots(QPainter& painter, const QRect& box, const BoardSpan& span,
                              bool labelled) const {
  const CanvasPalette& palette = theme_.canvas();
  if (span.nelems == 0) return;
  painter.setFont(theme_.small());
  const int label = labelled ? 36 : 0, room = box.width() - label, pitch = box.height() / 2;
  const bool squares = span.nelems * 5 <= static_cast<uint32_t>(room);
  const int side = squares ? std::min({room / static_cast<int>(span.nelems) - 2, pitch - 3, 12}) : 6;
  for (int row = 0; row < 2; ++row) {
    const auto& bits = row == 0 ? span.alloc_bits : span.mark_bits;
    const int top = box.top() + row * pitch;
    if (labelled) {
      painter.setPen(toColor(palette.dim));
      painter.drawText(QPoint(box.left(), top + side), row == 0 ? tr("alloc") : tr("mark"));
    }
    const Rgb empty = mix(palette.canvas, palette.dim, 45);
    if (!squares) {  // too many slots for squares: their number
      painter.setPen(toColor(palette.text));
      const uint64_t set = bitsSet(bits);
      painter.drawText(QPoint(box.left() + label, top + side + 2),
                       tr("%1 of %2").arg(formatCount(set), formatCount(span.nelems)));
      continue;
    }
    for (uint32_t n = 0; n < span.nelems; ++n) {
      const QRect slot(box.left() + label + static_cast<int>(n) * (side + 2), top, side, side);
      painter.setPen(toColor(empty));
      painter.setBrush(Qt::NoBrush);
      painter.drawRect(slot.adjusted(0, 0, -1, -1));
      if (bitAt(bits, n)) {
        painter.fillRect(slot, toColor(palette.text));
      } else if (row == 0 && n < span.freeindex) {
        painter.fillRect(slot.adjusted(0, slot.height() / 2, 0, 0), toColor(palette.text));
      }
    }
  }
}

QString BoardPicture::stateName(const Card& card) const {
  const BoardSpan& span = card.span;
  const BoardSpan* was = before_ == nullptr ? nullptr : spanOf(before_->board, span.id);
  QString name = QLatin1String(words(card.state).name);
  if (card.state == CellState::kIllegal) name = tr("illegal %1").arg(signedDistance(span.distance));
  if (was == nullptr) return name;
  const bool wasFree = was->place == BoardPlace::kFree;
  if (was->distance != span.distance && hasSweepState(span) && hasSweepState(*was))
    return name + tr(", was %1").arg(signedDistance(was->distance));
  if (was->place != span.place) return name + (wasFree ? tr(", was free") : tr(", has moved"));
  return name;
}

// Its last line: the queue, and how the span is cut if there is room for both.
QString BoardPicture::shapeOf(const BoardSpan& span, const QFontMetrics& metrics, int width) {
  const QString shape =
      span.place == BoardPlace::kLarge
          ? formatCounted(span.pages, "page")
          : QStringLiteral("%1 \u00d7 %2").arg(span.nelems).arg(formatBytes(span.elem_bytes));
  if (span.queue == BoardQueue::kNone) return shape;
  const QString queue = queueWords(span.queue);
  const QString both = queue + QStringLiteral(" \u00b7 ") + shape;
  return metrics.horizontalAdvance(both) <= width ? both : queue;
}

void BoardPicture::paintLargeCard(QPainter& painter, const Card& card) const {
  const CanvasPalette& palette = theme_.canvas();
  const BoardSpan& span = card.span;
  const bool full = card.detail == CardDetail::kFull, sweeps = hasSweepState(span);
  const QRect box = card.box;
  painter.fillRect(box, toColor(card.ground));
  painter.fillRect(QRect(box.left(), box.top(), kTile, box.height()), toColor(palette[card.state]));
  paintTile(painter, QRect(box.left(), box.top(), kTile, kTile), card.state);
  const int left = box.left() + kTile + 9, right = box.right() - 7, width = right - left;
  const int lines = full ? 6 : 5, pitch = (box.height() - 10) / lines;
  int base = box.top() + 5 + pitch - 3;
  const auto line = [&](const QFont& font, Rgb ink, const QString& text) {
    painter.setFont(font);
    painter.setPen(toColor(ink));
    painter.drawText(QPoint(left, base), elided(painter, text, width));
    base += pitch;
  };
  if (sweeps) {
    painter.setFont(sized(theme_.figure(), full ? 21 : 18));
    painter.setPen(toColor(palette.text));
    painter.drawText(QRect(left, box.top() + 1, width, 26), Qt::AlignRight | Qt::AlignVCenter,
                     signedDistance(span.distance));
  }
  line(sized(theme_.strong(), 14), palette.text, tr("span %1").arg(span.id));
  line(theme_.body(), palette.text, stateName(card));
  if (!sweeps) return line(theme_.small(), palette.dim, formatCounted(span.pages, "page"));
  if (full)
    line(theme_.small(), palette.dim,
         tr("sweepgen %1 = sg %2")
             .arg(span.sweepgen)
             .arg(span.distance == 0 ? QString() : signedDistance(span.distance)));
  paintSlots(painter, QRect(left, base - 10, width, 2 * pitch), span, true);
  base += 2 * pitch;
  line(theme_.small(), palette.dim, shapeOf(span, QFontMetrics(theme_.small()), width));
}

void BoardPicture::paintSmallCard(QPainter& painter, const Card& card) const {
  const CanvasPalette& palette = theme_.canvas();
  const QRect box = card.box;
  if (card.detail == CardDetail::kSmall) {
    painter.fillRect(box, toColor(card.ground));
    paintTile(painter, QRect(box.left(), box.top(), 26, box.height()), card.state);
    painter.setFont(theme_.strong());
    painter.setPen(toColor(palette.text));
    const int left = box.left() + 34;
    painter.drawText(QPoint(left, box.top() + 18),
                     elided(painter, tr("span %1").arg(card.span.id), box.right() - left));
    if (hasSweepState(card.span)) {
      painter.setFont(theme_.body());
      painter.drawText(QPoint(left, box.top() + 37), signedDistance(card.span.distance));
    }
    return;
  }
  paintTile(painter, box, card.state);
  if (card.state != CellState::kIllegal || card.detail == CardDetail::kDot) return;
  painter.setFont(theme_.small());  // its number in place of the X
  painter.fillRect(box, toColor(palette[card.state]));
  painter.setPen(toColor(kProjectorCanvas.text));
  painter.drawText(box, Qt::AlignCenter, signedDistance(card.span.distance));
}

void BoardPicture::paintBody(QPainter& painter, const BoardLayout& layout, const QRect& visible, int selected,
                             StateMask filter) const {
  painter.setRenderHint(QPainter::Antialiasing);
  for (const BoardRegion& region : layout.regions)
    if (region.rect.intersects(visible)) paintRegion(painter, region);
  painter.setRenderHint(QPainter::Antialiasing, false);
  const Rgb canvas = theme_.canvas().canvas;
  for (size_t i = 0; i < layout.cards.size(); ++i) {
    const BoardCard& at = layout.cards[i];
    if (!at.rect.intersects(visible) || at.span >= view_.board.spans.size()) continue;
    const BoardSpan& span = view_.board.spans[at.span];
    const CellState state = cellStateOf(span);
    const bool lit = passes(filter, state, span.distance);
    const bool pale = theme_.kind() == ThemeKind::kProjector || state == CellState::kIllegal;
    const Rgb ground = mix(canvas, theme_.canvas()[state], pale ? 12 : 20);
    const Card card{span,          state, at.rect, at.span < changed_.size() && changed_[at.span],
                    layout.detail, ground};
    painter.setOpacity(lit ? 1.0 : 0.3);
    const bool large = layout.detail == CardDetail::kFull || layout.detail == CardDetail::kMedium;
    large ? paintLargeCard(painter, card) : paintSmallCard(painter, card);
    painter.setOpacity(1);
    paintFrame(painter, card, static_cast<int>(i) == selected);
  }
}

}  // namespace sweepscope::gui
