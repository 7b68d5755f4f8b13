#include "gui/models/object_layout.h"

#include <algorithm>

namespace sweepscope::gui {

using namespace telemetry;

namespace {

constexpr int kPad = 8, kCardGap = 14;
constexpr int kRootWide = 168, kRootNarrow = 128, kRootGap = 6;
constexpr int kTrunkPitch = 9;  // between the lines of two roots
constexpr int kArrow = 12;      // room for an arrow's head
constexpr int kLanePitch = 9;   // between the lines of two references
constexpr int kMostCard = 176, kWords = 100,
              kLeastCard = 38;  // widths: from kWords on there is room for a word
constexpr int kMostRoots = 8;
constexpr int kLowBelow = 330;  // a board of this height has no room for full cards

struct Sizes {
  int root, rootHeight, card, cardHeight;
};

// Interval scheduling: the lowest lane in which nothing lies between from and to.
class Lanes {
 public:
  int take(int from, int to) {
    for (size_t lane = 0;; ++lane) {
      if (lane == taken_.size()) taken_.emplace_back();
      const auto meets = [&](const std::pair<int, int>& other) {
        return from <= other.second + 4 && other.first <= to + 4;
      };
      if (std::any_of(taken_[lane].begin(), taken_[lane].end(), meets)) continue;
      taken_[lane].emplace_back(from, to);
      return static_cast<int>(lane);
    }
  }
  int count() const { return static_cast<int>(taken_.size()); }

 private:
  std::vector<std::vector<std::pair<int, int>>> taken_;
};

int placeOf(const Board& board, uint32_t number, size_t cards) {
  for (size_t i = 0; i < std::min(cards, board.objects.size()); ++i)
    if (board.objects[i].number == number) return static_cast<int>(i);
  return -1;
}

// Places of the objects that it names and that have a card, each once, in their order.
std::vector<uint32_t> targetsOf(const Board& board, const std::vector<uint32_t>& numbers, size_t cards) {
  std::vector<uint32_t> places;
  for (const uint32_t number : numbers)
    if (const int place = placeOf(board, number, cards); place >= 0)
      places.push_back(static_cast<uint32_t>(place));
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  return places;
}

struct Reference {
  uint32_t from, to;  // places
  int fromX = 0, toX = 0, lane = 0;
};

// Of n lines on half of a card, the place of the i-th.
int spread(int left, int width, size_t i, size_t n) {
  return left + width * static_cast<int>(i + 1) / static_cast<int>(n + 1);
}

std::vector<Reference> referencesOf(const Board& board, const std::vector<ObjectCard>& cards, Lanes& lanes) {
  std::vector<Reference> all;
  std::vector<size_t> in(cards.size()), out(cards.size());
  for (size_t i = 0; i < cards.size(); ++i)
    for (const uint32_t to : targetsOf(board, board.objects[i].refs, cards.size())) {
      all.push_back({static_cast<uint32_t>(i), to});
      ++out[i], ++in[to];
    }
  std::vector<size_t> nextIn(cards.size()), nextOut(cards.size());
  for (Reference& one : all) {  // arrows end in the left half of a card and begin in the right one
    const QRect &from = cards[one.from].rect, &to = cards[one.to].rect;
    one.fromX = spread(from.left() + from.width() / 2, from.width() / 2, nextOut[one.from]++, out[one.from]);
    one.toX = spread(to.left(), to.width() / 2, nextIn[one.to]++, in[one.to]);
  }
  std::vector<Reference*> byLength;
  for (Reference& one : all) byLength.push_back(&one);
  std::stable_sort(byLength.begin(), byLength.end(), [](const Reference* a, const Reference* b) {
    return std::abs(a->fromX - a->toX) < std::abs(b->fromX - b->toX);
  });
  for (Reference* one : byLength)
    one->lane = lanes.take(std::min(one->fromX, one->toX), std::max(one->fromX, one->toX));
  return all;
}

}  // namespace

int ObjectLayout::cardAt(QPoint at) const {
  for (size_t i = 0; i < cards.size(); ++i)
    if (cards[i].rect.contains(at)) return static_cast<int>(i);
  return -1;
}

int ObjectLayout::boxAt(QPoint at) const {
  for (size_t i = 0; i < roots.size(); ++i)
    if (roots[i].rect.contains(at)) return static_cast<int>(i);
  return -1;
}

ObjectLayout layOutObjects(const Board& board, int width, int height) {
  ObjectLayout out;
  if (board.objects.empty()) return out;
  const int roots = static_cast<int>(std::min<size_t>(board.roots.size(), kMostRoots));
  const bool low = height<kLowBelow, crowded = roots> 3;
  Sizes sizes{width < 760 ? kRootNarrow : kRootWide, crowded ? 24 : low ? 32 : 38, 0, low ? 38 : 54};
  const int cardsLeft = kPad + sizes.root + kTrunkPitch * (roots + 1) + 6;
  const int room = std::max(kLeastCard, width - cardsLeft - kPad);
  const size_t fit = static_cast<size_t>(std::max(1, (room + kCardGap / 2) / (kLeastCard + kCardGap / 2)));
  const size_t shown = std::min(board.objects.size(), fit);
  out.hidden = static_cast<uint32_t>(board.objects.size() - shown);
  const int pitch = std::min(room / static_cast<int>(shown), kMostCard + 2 * kCardGap);
  sizes.card = std::clamp(pitch - kCardGap, kLeastCard, kMostCard);
  out.detail = sizes.card < kWords ? ObjectDetail::kLetter
               : low               ? ObjectDetail::kMedium
                                   : ObjectDetail::kFull;

  // By the number of roots, whatever they hold: from step to step the cards stay where they are.
  const int cardsTop = kObjectsTitle + 4 + kTrunkPitch * std::max(roots, 1) + kArrow;
  for (size_t i = 0; i < shown; ++i)
    out.cards.push_back({static_cast<uint32_t>(i), QRect(cardsLeft + static_cast<int>(i) * pitch, cardsTop,
                                                         sizes.card, sizes.cardHeight)});
  const int cardsBottom = cardsTop + sizes.cardHeight;
  Lanes lanes;
  for (const Reference& one : referencesOf(board, out.cards, lanes)) {
    const int y = cardsBottom + kArrow + one.lane * kLanePitch;
    ObjectLine line;
    line.from = static_cast<int>(one.from), line.to = one.to;
    line.points = {{one.fromX, cardsBottom}, {one.fromX, y}, {one.toX, y}, {one.toX, cardsBottom}};
    out.lines.push_back(std::move(line));
  }
  const int below = cardsBottom + (lanes.count() == 0 ? 0 : kArrow + lanes.count() * kLanePitch);

  int top = kObjectsTitle;
  for (int r = 0; r < roots; ++r, top += sizes.rootHeight + kRootGap) {
    const QRect box(kPad, top, sizes.root, sizes.rootHeight);
    out.roots.push_back({static_cast<uint32_t>(r), box});
    const auto targets = targetsOf(board, board.roots[static_cast<size_t>(r)].objects, shown);
    if (targets.empty()) continue;
    // No two trunks cross: a lower root's turns up further to the right, and runs below.
    const int x = box.right() + kTrunkPitch * (r + 1);
    const int y = kObjectsTitle + 4 + kTrunkPitch * r;
    const int middle = r == 0 ? y : box.center().y();
    int last = x;
    for (const uint32_t place : targets) {
      const QRect& card = out.cards[place].rect;
      const int at = spread(card.left(), card.width(), static_cast<size_t>(r), static_cast<size_t>(roots));
      ObjectLine line;
      line.root = r, line.to = place, line.branches = true;
      line.points = {{at, y}, {at, card.top() - 1}};
      out.lines.push_back(std::move(line));
      last = std::max(last, at);
    }
    out.trunks.push_back({{box.right() + 1, middle}, {x, middle}, {x, y}, {last, y}});
  }
  out.frame = QRect(0, 0, width, std::max(below, top - kRootGap) + kPad);
  return out;
}

}  // namespace sweepscope::gui
