// Draws the protocol board: the head with sg, phase and locks; the regions; a card per span. No widget; needs fonts.
//
// A card names its span, its distance to sg with the sign, its state by colour, letter and words, its slots and its queue.
// Colours of states are those of the map (theme/palette.h). What the last step changed has a light frame and its old
// distance; an illegal distance has its number at every size but the smallest, where it has the X.
#pragma once

#include <QRect>
#include <vector>

#include "gui/models/bench_scene.h"
#include "gui/models/board_layout.h"
#include "gui/models/state_mask.h"
#include "gui/theme/theme.h"

class QFontMetrics;
class QPainter;

namespace sweepscope::gui {

inline constexpr int kBoardHead = 62;
// The head's height: with the pacer's line, where heap_live decides something.
int heightOfHead(const telemetry::Board& board);

class BoardPicture {
 public:
  // before: the view of the parent node, for old distances; null: not known.
  BoardPicture(const telemetry::BenchView& view, const telemetry::BenchView* before,
               std::vector<bool> changed, const Theme& theme)
      : view_(view), before_(before), changed_(std::move(changed)), theme_(theme) {}

  // Where paintHead writes sg, in the same box.
  static QRect boxOfSg(const telemetry::Board& board, const Theme& theme, const QRect& box);
  void paintHead(QPainter& painter, const QRect& box) const;
  // The part of the layout that lies in `visible`. selected: a card; -1: none.
  void paintBody(QPainter& painter, const BoardLayout& layout, const QRect& visible, int selected,
                 StateMask filter) const;

 private:
  struct Card;  // what of a span the painters below need
  void paintRegion(QPainter& painter, const BoardRegion& region) const;
  void paintLargeCard(QPainter& painter, const Card& card) const;
  void paintSmallCard(QPainter& painter, const Card& card) const;
  void paintTile(QPainter& painter, const QRect& box, CellState state) const;
  void paintFrame(QPainter& painter, const Card& card, bool selected) const;
  void paintSlots(QPainter& painter, const QRect& box, const telemetry::BoardSpan& span, bool labelled) const;
  QString regionTitle(const BoardRegion& region) const;
  QString regionDetail(const BoardRegion& region, bool& warm) const;
  static QString sgWords(const telemetry::Board& board);
  QString lockLine() const;
  QString stateName(const Card& card) const;
  static QString shapeOf(const telemetry::BoardSpan& span, const QFontMetrics& metrics, int width);

  const telemetry::BenchView& view_;
  const telemetry::BenchView* before_;
  std::vector<bool> changed_;
  const Theme& theme_;
};

}  // namespace sweepscope::gui
