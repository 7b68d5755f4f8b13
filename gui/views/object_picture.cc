#include "gui/views/object_picture.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPolygon>
#include <algorithm>

#include "gui/models/object_words.h"
#include "telemetry/model/reachable.h"

namespace sweepscope::gui {

using namespace telemetry;

namespace {

constexpr int kTile = 30;

QString tr(const char* text) { return QCoreApplication::translate("Objects", text); }

QString elided(const QPainter& painter, const QString& text, int width) {
  return painter.fontMetrics().elidedText(text, Qt::ElideRight, width);
}

struct TileColours {
  Rgb ground, ink;
};
constexpr TileColours kWhiteTile{0xffFFFFFF, 0xff14171A}, kGreyTile{0xff8A929A, 0xff14171A},
    kBlackTile{0xff000000, 0xffFFFFFF};

}  // namespace

bool ObjectPicture::changed(const BoardObject& object) const {
  if (before_ == nullptr || before_->board.objects.empty()) return false;
  const BoardObject* was = object_of(before_->board, object.number);
  return was == nullptr || was->colour != object.colour || was->refs != object.refs ||
         was->span != object.span;
}

bool ObjectPicture::changed(const BoardRoot& root) const {
  if (before_ == nullptr || before_->board.roots.empty()) return false;
  for (const BoardRoot& was : before_->board.roots)
    if (was.kind == root.kind && was.thread == root.thread)
      return was.scan != root.scan || was.objects != root.objects;
  return true;
}

void ObjectPicture::paintTitle(QPainter& painter, const ObjectLayout& layout) const {
  const CanvasPalette& palette = theme_.canvas();
  painter.setFont(theme_.strong());
  painter.setPen(toColor(palette.text));
  const QString title = tr("Roots and objects");
  painter.drawText(QPoint(10, 16), title);
  const int left = 10 + painter.fontMetrics().horizontalAdvance(title) + 16;
  const bool marking =
      std::any_of(view_.board.objects.begin(), view_.board.objects.end(), [](const BoardObject& o) {
        return o.colour != ObjectColour::kNone && o.colour != ObjectColour::kFreed;
      });
  QString note = marking ? tr("white: not found  \u00b7  grey: found, to be read  \u00b7  black: read")
                         : tr("nothing is being marked");
  if (layout.hidden > 0) note = tr("%1 more objects have no room here; T shows all").arg(layout.hidden);
  painter.setFont(theme_.small());
  painter.setPen(toColor(palette.dim));
  const QRect rest(left, 0, layout.frame.width() - left - 10, 23);
  painter.drawText(rest, Qt::AlignRight | Qt::AlignVCenter, elided(painter, note, rest.width()));
}

void ObjectPicture::paintArrow(QPainter& painter, const std::vector<QPoint>& points) const {
  const QPoint end = points.back(), before = points[points.size() - 2];
  const int away = before.y() < end.y() ? -1 : 1;  // arrows are vertical
  const QPolygon head({end, end + QPoint(-4, 7 * away), end + QPoint(4, 7 * away)});
  painter.setBrush(painter.pen().color());
  const QPen pen = painter.pen();
  painter.setPen(Qt::NoPen);
  painter.drawPolygon(head);
  painter.setPen(pen);
  painter.setBrush(Qt::NoBrush);
}

void ObjectPicture::paintLines(QPainter& painter, const ObjectLayout& layout) const {
  const CanvasPalette& palette = theme_.canvas();
  const QPen plain(toColor(mix(palette.canvas, palette.text, 75)), 1.4);
  const auto ofBarrier = [&](int root) {  // what it shaded is no reference of the program: dashed
    return root >= 0 && view_.board.roots[static_cast<size_t>(root)].kind == RootKind::kBarrier;
  };
  const auto polyline = [&](const std::vector<QPoint>& points) {
    painter.drawPolyline(points.data(), static_cast<int>(points.size()));
  };
  size_t trunk = 0;
  int last = -1;
  for (const ObjectLine& line : layout.lines) {
    QPen pen = plain;
    if (ofBarrier(line.root)) pen.setDashPattern({3, 2});
    painter.setPen(pen);
    if (line.root >= 0 && line.root != last && trunk < layout.trunks.size()) {
      polyline(layout.trunks[trunk++]);
      last = line.root;
    }
    polyline(line.points);
    painter.setPen(plain);
    paintArrow(painter, line.points);
    if (!line.branches) continue;
    painter.setBrush(plain.color());
    painter.drawEllipse(QPointF(line.points[0]), 2.0, 2.0);
    painter.setBrush(Qt::NoBrush);
  }
}

void ObjectPicture::paintRoot(QPainter& painter, const RootBox& box) const {
  const CanvasPalette& palette = theme_.canvas();
  const BoardRoot& root = view_.board.roots[box.root];
  const QRect& at = box.rect;
  painter.setPen(toColor(mix(palette.canvas, palette.dim, 55)));
  painter.setBrush(toColor(mix(palette.canvas, palette.dim, 16)));
  painter.drawRoundedRect(QRectF(at).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
  painter.setBrush(Qt::NoBrush);
  if (changed(root)) {
    painter.setPen(QPen(toColor(palette.text), 2));
    painter.drawRoundedRect(QRectF(at).adjusted(-1, -1, 1, 1), 4, 4);
  }
  // A tick or an open circle before the word shows whether it was scanned.
  const bool scanned = root.scan == RootScan::kScanned, waiting = root.scan == RootScan::kWaiting;
  const QString sign = scanned ? QStringLiteral("\u2713 ") : waiting ? QStringLiteral("\u25cb ") : QString();
  const QString words = sign + scanWords(root);
  const int left = at.left() + 7, width = at.width() - 14;
  painter.setFont(theme_.strong());
  painter.setPen(toColor(palette.text));
  const bool oneLine = at.height() < 30;
  if (oneLine) {
    const QString name = rootName(root, view_);
    painter.drawText(at.adjusted(7, 0, -7, 0), Qt::AlignVCenter | Qt::AlignLeft,
                     elided(painter, name, width));
    const int used = painter.fontMetrics().horizontalAdvance(name) + 8;
    painter.setFont(theme_.small());
    painter.setPen(toColor(palette.dim));
    painter.drawText(at.adjusted(7 + used, 0, -7, 0), Qt::AlignVCenter | Qt::AlignRight,
                     elided(painter, words, std::max(0, width - used)));
    return;
  }
  const int half = at.height() / 2;
  painter.drawText(QRect(left, at.top() + 1, width, half), Qt::AlignVCenter,
                   elided(painter, rootName(root, view_), width));
  painter.setFont(theme_.small());
  painter.setPen(toColor(scanned || waiting ? palette.text : palette.dim));
  painter.drawText(QRect(left, at.top() + half - 1, width, half), Qt::AlignVCenter,
                   elided(painter, words, width));
}

void ObjectPicture::paintTile(QPainter& painter, const QRect& box, ObjectColour colour) const {
  if (colour == ObjectColour::kNone) return;
  const CanvasPalette& palette = theme_.canvas();
  const QRectF inside = QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5);
  const TileColours tile = colour == ObjectColour::kWhite   ? kWhiteTile
                           : colour == ObjectColour::kGrey  ? kGreyTile
                           : colour == ObjectColour::kBlack ? kBlackTile
                                                            : TileColours{palette.canvas, palette.text};
  painter.setPen(toColor(palette.dim));
  painter.setBrush(toColor(tile.ground));
  painter.drawRect(inside);
  painter.setBrush(Qt::NoBrush);
  const char letter = colourLetter(colour);
  if (letter == 0) return;
  QFont font = theme_.strong();
  font.setPixelSize(15);
  painter.setFont(font);
  painter.setPen(toColor(tile.ink));
  painter.drawText(box, Qt::AlignCenter, QString(QLatin1Char(letter)));
}

void ObjectPicture::paintCard(QPainter& painter, const ObjectCard& card, ObjectDetail detail,
                              bool reachable) const {
  const CanvasPalette& palette = theme_.canvas();
  const BoardObject& object = view_.board.objects[card.object];
  const QRect& box = card.rect;
  painter.fillRect(box, toColor(mix(palette.canvas, palette.dim, 22)));
  if (detail == ObjectDetail::kLetter) {
    const int half = box.height() / 2;
    paintTile(painter, QRect(box.left(), box.top() + half, box.width(), box.height() - half), object.colour);
    painter.setFont(theme_.strong());
    painter.setPen(toColor(palette.text));
    painter.drawText(QRect(box.left(), box.top(), box.width(), half), Qt::AlignCenter,
                     QString::number(object.number));
  } else {
    const bool full = detail == ObjectDetail::kFull;
    paintTile(painter, QRect(box.left(), box.top(), kTile, box.height()), object.colour);
    const int left = box.left() + kTile + 7, width = box.right() - left - 3;
    const int lines = full ? 3 : 2, pitch = (box.height() - 4) / lines;
    const auto line = [&](int n, const QFont& font, Rgb ink, const QString& text) {
      painter.setFont(font);
      painter.setPen(toColor(ink));
      painter.drawText(QRect(left, box.top() + 2 + n * pitch, width, pitch), Qt::AlignVCenter,
                       elided(painter, text, width));
    };
    line(0, theme_.strong(), palette.text, tr("object %1").arg(object.number));
    line(1, theme_.body(), reachable ? palette.text : palette.dim, colourWords(object, reachable));
    if (full) line(2, theme_.small(), palette.dim, placeWords(object));
  }
  painter.setBrush(Qt::NoBrush);
  const QRectF border(box);
  if (object.colour == ObjectColour::kFreed && reachable) {  // as an illegal span: a double border
    painter.setPen(toColor(palette.text));
    painter.drawRect(border.adjusted(0.5, 0.5, -0.5, -0.5));
    painter.drawRect(border.adjusted(-2.5, -2.5, 2.5, 2.5));
  } else if (theme_.kind() == ThemeKind::kProjector) {
    painter.setPen(toColor(palette.outline));
    painter.drawRect(border.adjusted(0.5, 0.5, -0.5, -0.5));
  }
  if (changed(object)) {
    painter.setPen(QPen(toColor(palette.text), 2));
    painter.drawRect(border.adjusted(-1, -1, 1, 1));
  }
}

void ObjectPicture::paint(QPainter& painter, const ObjectLayout& layout) const {
  if (layout.empty()) return;
  const CanvasPalette& palette = theme_.canvas();
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(toColor(mix(palette.canvas, palette.dim, 30)));
  painter.setBrush(toColor(mix(palette.canvas, palette.dim, theme_.kind() == ThemeKind::kProjector ? 5 : 8)));
  painter.drawRoundedRect(QRectF(layout.frame).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
  painter.setBrush(Qt::NoBrush);
  paintTitle(painter, layout);
  paintLines(painter, layout);
  for (const RootBox& box : layout.roots) paintRoot(painter, box);
  painter.setRenderHint(QPainter::Antialiasing, false);
  const std::vector<uint32_t> reached = reachable_objects(view_.board);
  for (const ObjectCard& card : layout.cards) {
    const uint32_t number = view_.board.objects[card.object].number;
    const bool reachable = std::find(reached.begin(), reached.end(), number) != reached.end();
    paintCard(painter, card, layout.detail, reachable);
  }
  painter.restore();
}

}  // namespace sweepscope::gui
