#include "gui/models/board_layout.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>

namespace sweepscope::gui {

using telemetry::BoardPlace;

namespace {

constexpr int kGap = 8, kPad = 8;
constexpr int kLeastRegion = 184;      // its title fits
constexpr int kManyCaches = 8;         // more: the empty ones share a region
constexpr int kMostCacheRegions = 32;  // more: all share one
constexpr int kEmptyBody = 34;         // of a region without cards

struct Rung {
  CardDetail detail;
  QSize card;
  int gap;
};
constexpr std::array kLadder = std::to_array<Rung>({{CardDetail::kFull, {264, 148}, kGap},
                                                    {CardDetail::kFull, {228, 122}, kGap},
                                                    {CardDetail::kFull, {170, 122}, kGap},
                                                    {CardDetail::kMedium, {184, 88}, kGap},
                                                    {CardDetail::kSmall, {92, 46}, 6},
                                                    {CardDetail::kLetter, {26, 26}, 3},
                                                    {CardDetail::kDot, {10, 10}, 2}});

struct Group {  // a region with its cards, before it has a rectangle
  BoardRegion region;
  std::vector<uint32_t> spans;
};
using Band = std::vector<Group>;  // regions that lie side by side while there is room

Group groupOf(BoardPlace place, uint16_t p = telemetry::kNoP, uint32_t ps = 0) {
  return {{place, p, ps, {}, 0}, {}};
}

Band cachesOf(const telemetry::Board& board, const std::map<uint16_t, std::vector<uint32_t>>& cached) {
  Band band;
  if (cached.size() > kMostCacheRegions) {
    Group all = groupOf(BoardPlace::kCache, telemetry::kNoP,
                        static_cast<uint32_t>(std::max(board.ps.size(), cached.size())));
    for (const auto& [p, spans] : cached) all.spans.insert(all.spans.end(), spans.begin(), spans.end());
    band.push_back(std::move(all));
    return band;
  }
  std::vector<uint16_t> ps;
  for (const telemetry::BoardP& p : board.ps) ps.push_back(p.id);
  for (const auto& [p, spans] : cached) ps.push_back(p);
  std::sort(ps.begin(), ps.end());
  ps.erase(std::unique(ps.begin(), ps.end()), ps.end());
  const bool many = ps.size() > kManyCaches;
  uint32_t others = 0;
  for (const uint16_t p : ps) {
    const auto it = cached.find(p);
    if (it == cached.end() && many) {
      ++others;
      continue;
    }
    Group group = groupOf(BoardPlace::kCache, p);
    if (it != cached.end()) group.spans = it->second;
    band.push_back(std::move(group));
  }
  if (others > 0) band.push_back(groupOf(BoardPlace::kCache, telemetry::kNoP, others));
  return band;
}

// Caches above, the lists in the middle, pages below: a span that is allocated goes up, one that is freed down.
std::vector<Band> bandsOf(const telemetry::Board& board) {
  std::map<uint16_t, std::vector<uint32_t>> cached;
  std::array<Group, 6> others = {groupOf(BoardPlace::kBetween), groupOf(BoardPlace::kNonempty),
                                 groupOf(BoardPlace::kEmpty),   groupOf(BoardPlace::kFree),
                                 groupOf(BoardPlace::kLarge),   groupOf(BoardPlace::kManual)};
  for (uint32_t i = 0; i < board.spans.size(); ++i) {
    const telemetry::BoardSpan& span = board.spans[i];
    if (span.place == BoardPlace::kCache) {
      cached[span.p].push_back(i);
      continue;
    }
    for (Group& group : others)
      if (group.region.place == span.place) group.spans.push_back(i);
  }
  std::vector<Band> bands(3);
  bands[0] = cachesOf(board, cached);
  for (size_t i = 0; i < others.size(); ++i) {
    if (i >= 4 && others[i].spans.empty()) continue;  // large objects and stacks, if there are any
    bands[i < 3 ? 1 : 2].push_back(std::move(others[i]));
  }
  return bands;
}

struct Row {  // regions side by side
  std::vector<Group*> groups;
  std::vector<int> widths, columns;
  int height = 0;
};

int bodyHeight(size_t cards, int columns, const Rung& rung) {
  if (cards == 0) return kEmptyBody;
  const int rows = (static_cast<int>(cards) + columns - 1) / columns;
  return rows * (rung.card.height() + rung.gap) - rung.gap;
}

// Room that is left goes, a column of cards at a time, to the region with the most rows; what then remains to all.
void shareWidth(Row& row, int width, const Rung& rung) {
  const int step = rung.card.width() + rung.gap;
  const int least = std::max(kLeastRegion, rung.card.width() + 2 * kPad);
  int left = width - static_cast<int>(row.groups.size() - 1) * kGap;
  for (size_t i = 0; i < row.groups.size(); ++i) {
    const int own = std::min(least, std::max(left, 1));
    row.widths.push_back(own);
    row.columns.push_back(std::max(1, (own - 2 * kPad + rung.gap) / step));
    left -= own;
  }
  const auto rowsOf = [&](size_t i) {
    return (static_cast<int>(row.groups[i]->spans.size()) + row.columns[i] - 1) / row.columns[i];
  };
  while (left >= step) {
    size_t tallest = 0;
    for (size_t i = 1; i < row.groups.size(); ++i)
      if (rowsOf(i) > rowsOf(tallest)) tallest = i;
    if (rowsOf(tallest) <= 1) break;
    row.widths[tallest] += step, ++row.columns[tallest], left -= step;
  }
  for (size_t i = 0; i < row.widths.size() && left > 0; ++i) {
    const int share = left / static_cast<int>(row.widths.size() - i);
    row.widths[i] += share, left -= share;
    row.columns[i] = std::max(1, (row.widths[i] - 2 * kPad + rung.gap) / step);
  }
  for (size_t i = 0; i < row.groups.size(); ++i)
    row.height = std::max(row.height, bodyHeight(row.groups[i]->spans.size(), row.columns[i], rung));
  row.height += kRegionTitle + kPad;
}

std::vector<Row> rowsOf(std::vector<Band>& bands, int width, const Rung& rung) {
  std::vector<Row> rows;
  const int least = std::max(kLeastRegion, rung.card.width() + 2 * kPad);
  for (Band& band : bands) {
    if (band.empty()) continue;
    const size_t perRow = std::max<size_t>(1, static_cast<size_t>((width + kGap) / (least + kGap)));
    for (size_t first = 0; first < band.size(); first += perRow) {
      Row row;
      for (size_t i = first; i < std::min(first + perRow, band.size()); ++i) row.groups.push_back(&band[i]);
      shareWidth(row, width, rung);
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

int heightOf(const std::vector<Row>& rows) {
  return std::accumulate(rows.begin(), rows.end(), 0,
                         [](int sum, const Row& row) { return sum + row.height + kGap; }) -
         (rows.empty() ? 0 : kGap);
}

void place(BoardLayout& out, const Row& row, int top, const Rung& rung) {
  int left = 0;
  for (size_t i = 0; i < row.groups.size(); ++i) {
    BoardRegion region = row.groups[i]->region;
    region.rect = QRect(left, top, row.widths[i], row.height);
    region.cards = static_cast<uint32_t>(row.groups[i]->spans.size());
    const auto number = static_cast<uint32_t>(out.regions.size());
    for (size_t n = 0; n < row.groups[i]->spans.size(); ++n) {
      const int column = static_cast<int>(n) % row.columns[i], line = static_cast<int>(n) / row.columns[i];
      const QPoint at(left + kPad + column * (rung.card.width() + rung.gap),
                      top + kRegionTitle + line * (rung.card.height() + rung.gap));
      out.cards.push_back({row.groups[i]->spans[n], number, QRect(at, rung.card)});
    }
    out.regions.push_back(region);
    left += row.widths[i] + kGap;
  }
}

}  // namespace

int BoardLayout::cardAt(QPoint at) const {
  for (size_t i = 0; i < cards.size(); ++i)
    if (cards[i].rect.contains(at)) return static_cast<int>(i);
  return -1;
}

BoardLayout layOutBoard(const telemetry::Board& board, int width, int height) {
  width = std::max(width, kLeastRegion);
  // Three bands, or the lists and the free pages side by side: whichever shows larger cards.
  std::vector<Band> three = bandsOf(board), two = three;
  two[1].insert(two[1].end(), two[2].begin(), two[2].end());
  two.pop_back();
  std::vector<Row> rows;
  const Rung* chosen = &kLadder.back();
  bool fits = false;
  for (const Rung& rung : kLadder) {
    if (rung.card.width() + 2 * kPad > width) continue;
    chosen = &rung;
    for (std::vector<Band>* bands : {&three, &two}) {
      rows = rowsOf(*bands, width, rung);
      if ((fits = heightOf(rows) <= height)) break;
    }
    if (fits) break;
  }
  BoardLayout out;
  out.detail = chosen->detail;
  out.card = chosen->card;
  // The regions share the room that the cards leave.
  int left = std::max(0, height - heightOf(rows)), top = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const int share = left / static_cast<int>(rows.size() - i);
    rows[i].height += share, left -= share;
    place(out, rows[i], top, *chosen);
    top += rows[i].height + kGap;
  }
  out.height = std::max(top - kGap, 0);
  return out;
}

}  // namespace sweepscope::gui
