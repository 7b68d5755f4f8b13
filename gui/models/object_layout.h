// Where the objects of a protocol board lie, and the lines to them: roots at the left, a card per object in a row, one line
// per root above the cards, one per reference below them. Pure arithmetic on Qt::Core's QRect.
//
//   Globals  -----+---------+-----------        a root's line branches at a dot; lines that cross without a dot do not meet
//   a stack  -----|---------|----------+
//                 v         v          v
//             [object 1][object 2][object 3]
//                 |         |        ^ ^
//                 |         '--------' |
//                 '--------------------'
//
// Invariants, tested at every size: each object has one card or is counted in `hidden`; cards and boxes do not overlap; a
// line ends at the border of the card that it names, and crosses no card and no box.
#pragma once

#include <QPoint>
#include <QRect>
#include <cstdint>
#include <vector>

#include "telemetry/model/bench.h"

namespace sweepscope::gui {

enum class ObjectDetail : uint8_t {
  kFull,    // number, colour in words, slot
  kMedium,  // without the slot
  kLetter,  // number and letter
};

struct ObjectCard {
  uint32_t object;  // place in Board::objects
  QRect rect;
};

struct RootBox {
  uint32_t root;  // place in Board::roots
  QRect rect;
};

struct ObjectLine {
  int root = -1;               // place in Board::roots; -1: of an object
  int from = -1;               // place in Board::objects; -1: of a root
  uint32_t to = 0;             // place in Board::objects
  std::vector<QPoint> points;  // a polyline; the last one is where its arrow ends
  bool branches = false;       // points[0] is a dot on the root's line
};

struct ObjectLayout {
  ObjectDetail detail = ObjectDetail::kFull;
  QRect frame;  // of all; empty: the board has no objects
  std::vector<RootBox> roots;
  std::vector<ObjectCard> cards;            // in the order of the objects
  std::vector<std::vector<QPoint>> trunks;  // of each root that holds something, up to its last branch
  std::vector<ObjectLine> lines;
  uint32_t hidden = 0;  // objects without a card: there is no room

  bool empty() const { return frame.isEmpty(); }
  int cardAt(QPoint at) const;  // place in cards; -1: none
  int boxAt(QPoint at) const;   // place in roots; -1: none
};

inline constexpr int kObjectsTitle = 24;

// height: of the whole board; the objects take a part of it.
ObjectLayout layOutObjects(const telemetry::Board& board, int width, int height);

}  // namespace sweepscope::gui
