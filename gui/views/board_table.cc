#include "gui/views/board_table.h"

#include <array>
#include <bit>

#include "gui/models/bench_words.h"

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
  rows_ = view == nullptr ? 0 : static_cast<int>(view->board.spans.size());
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

QVariant BoardTable::data(const QModelIndex& index, int role) const {
  const telemetry::BenchView* view = scene_.shownView();
  const auto row = static_cast<size_t>(index.row());
  if (role != Qt::DisplayRole || view == nullptr || row >= view->board.spans.size()) return {};
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
