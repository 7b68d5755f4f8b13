#include "gui/views/board_table.h"

#include <array>
#include <bit>

#include "gui/models/bench_words.h"
#include "gui/models/object_words.h"
#include "telemetry/model/reachable.h"

namespace sweepscope::gui {

namespace {

// "0, 2 (2 of 4)": the numbers of the slots, at most a few of them.
QString slotsOf(const std::vector<uint64_t>& bits, uint32_t nelems) {
  QStringList numbers;
  uint64_t set = 0;
  for (size_t word = 0; word < bits.size(); ++word) {
    set += static_cast<uint64_t>(std::popcount(bits[word]));
    for (uint32_t n = 0; n < 64 && numbers.size() < 12; ++n)
      if (bits[word] >> n & 1) numbers << QString::number(word * 64 + n);
  }
  const QString count = BoardTable::tr("%1 of %2").arg(set).arg(nelems);
  if (set == 0) return count;
  return count + QStringLiteral(": ") + numbers.join(QStringLiteral(", ")) +
         (set > 12 ? QStringLiteral(", \u2026") : QString());
}

}  // namespace

void BoardTable::onScene() {
  beginResetModel();
  const telemetry::BenchView* view = scene_.shownView();
  rows_ = view == nullptr ? 0
                          : static_cast<int>(view->board.spans.size() + view->board.objects.size() +
                                             view->board.roots.size());
  changed_ = scene_.changedSpans();
  endResetModel();
}

int BoardTable::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : rows_; }

QVariant BoardTable::headerData(int section, Qt::Orientation orientation, int role) const {
  if (role != Qt::DisplayRole || orientation != Qt::Horizontal) return {};
  const std::array<QString, kColumns> names = {
      tr("Span"),  tr("Place"),           tr("To sg"),        tr("State"),  tr("Sweepgen"),
      tr("Queue"), tr("Allocated slots"), tr("Marked slots"), tr("Changed")};
  return names[static_cast<size_t>(section)];
}

// Below the spans: objects, then roots. Their sentence stands in the last column, which is as wide as the table allows.
QVariant BoardTable::dataOfObjects(const telemetry::BenchView& view, size_t row, int column) {
  const telemetry::Board& board = view.board;
  if (row < board.objects.size()) {
    const telemetry::BoardObject& object = board.objects[row];
    switch (column) {
      case kSpan: return tr("object %1").arg(object.number);
      case kPlace: return placeWords(object);
      case kState: return colourWords(object, telemetry::is_reachable(board, object.number));
      case kMarked: return object.marked ? tr("marked") : QString();
      case kChanged: return objectSentence(object, board);
      default: return {};
    }
  }
  row -= board.objects.size();
  if (row >= board.roots.size()) return {};
  const telemetry::BoardRoot& root = board.roots[row];
  switch (column) {
    case kSpan: return rootName(root, view);
    case kState: return scanWords(root);
    case kChanged: return rootSentence(root, view);
    default: return {};
  }
}

QVariant BoardTable::data(const QModelIndex& index, int role) const {
  const telemetry::BenchView* view = scene_.shownView();
  const auto row = static_cast<size_t>(index.row());
  if (role != Qt::DisplayRole || view == nullptr) return {};
  if (row >= view->board.spans.size())
    return dataOfObjects(*view, row - view->board.spans.size(), index.column());
  const telemetry::BoardSpan& span = view->board.spans[row];
  const bool swept = hasSweepState(span);
  switch (index.column()) {
    case kSpan: return span.id;
    case kPlace: return nameOfPlace(span);
    case kDistance: return swept ? signedDistance(span.distance) : QString();
    case kState: return QLatin1String(words(cellStateOf(span)).name);
    case kSweepgen: return swept ? QVariant(span.sweepgen) : QVariant();
    case kQueue: return queueWords(span.queue);
    case kAllocated: return swept ? slotsOf(span.alloc_bits, span.nelems) : QString();
    case kMarked: return swept ? slotsOf(span.mark_bits, span.nelems) : QString();
    case kChanged: return row < changed_.size() && changed_[row] ? tr("by this step") : QString();
    default: return {};
  }
}

}  // namespace sweepscope::gui
