// Where each span of the protocol board lies: a region for each place, cards in it. Pure arithmetic on Qt::Core's QRect.
//
// Invariants, tested at every size: each span of the board has exactly one card; no two cards overlap; a card lies inside
// its region; regions do not overlap. The size of the cards is the largest of a ladder with which the board fits; with
// the smallest it may be higher than the view, which then scrolls.
#pragma once

#include <QRect>
#include <QString>
#include <cstdint>
#include <vector>

#include "telemetry/model/bench.h"

namespace sweepscope::gui {

enum class CardDetail : uint8_t { kFull, kMedium, kSmall, kLetter, kDot };

struct BoardRegion {
  telemetry::BoardPlace place;
  uint16_t p = telemetry::kNoP;  // kCache: whose; kNoP: of several Ps
  uint32_t ps = 0;               // kCache of several Ps: how many
  QRect rect;
  uint32_t cards = 0;
};

struct BoardCard {
  uint32_t span;    // place in Board::spans
  uint32_t region;  // place in BoardLayout::regions
  QRect rect;
};

struct BoardLayout {
  CardDetail detail = CardDetail::kFull;
  QSize card;
  int height = 0;
  std::vector<BoardRegion> regions;
  std::vector<BoardCard> cards;  // in the order of reading: by region, then by span

  int cardAt(QPoint at) const;  // place in cards; -1: none
};

inline constexpr int kRegionTitle = 24;

BoardLayout layOutBoard(const telemetry::Board& board, int width, int height);

}  // namespace sweepscope::gui
