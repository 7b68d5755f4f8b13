#include "gui/models/lost_words.h"

#include <QCoreApplication>
#include <algorithm>

#include "gui/models/formats.h"

namespace sweepscope::gui {

using telemetry::CycleMark;
using telemetry::LostStretch;

namespace {

QString tr(const char* text) { return QCoreApplication::translate("LostWords", text); }

QString cyclesOf(const LostStretch& lost) {
  if (lost.first_cycle == 0) return {};
  if (lost.first_cycle == lost.last_cycle) return tr("cycle %1").arg(lost.first_cycle);
  return tr("cycles %1 to %2").arg(lost.first_cycle).arg(lost.last_cycle);
}

QString intervalOf(const LostStretch& lost, bool steps) {
  return tr("%1 to %2")
      .arg(formatMoment(static_cast<int64_t>(lost.from_ns), steps),
           formatMoment(static_cast<int64_t>(lost.to_ns), steps));
}

}  // namespace

QString briefly(const LostStretch& lost, bool steps) {
  const QString cycles = cyclesOf(lost);
  return cycles.isEmpty() ? intervalOf(lost, steps) : tr("%1, %2").arg(cycles, intervalOf(lost, steps));
}

QString describe(const LostStretch& lost, bool steps) {
  const QString count = lost.events == telemetry::kUnknownCount ? QString()
                        : lost.events == 1                      ? tr(", 1 event")
                                           : tr(", %1 events").arg(formatCount(lost.events));
  return tr("Lost: %1%2 (%3).").arg(briefly(lost, steps), count, QString::fromStdString(lost.why));
}

LostStretch lostIn(const telemetry::Gap& gap, const telemetry::Marks& marks) {
  LostStretch lost{static_cast<uint64_t>(gap.from_ns),
                   static_cast<uint64_t>(gap.to_ns),
                   gap.end_seq - gap.first_seq,
                   0,
                   0,
                   "dropped by the flight ring while an earlier moment was held"};
  const auto after = std::find_if(marks.cycles.begin(), marks.cycles.end(),
                                  [&](const CycleMark& mark) { return mark.seq >= gap.end_seq; });
  if (after == marks.cycles.begin() || after == marks.cycles.end()) return lost;
  // The hold keeps the first event of the last cycle, which ends the one before; the ring may begin inside a cycle.
  const CycleMark& before = *(after - 1);
  const uint32_t first = before.seq + 1 == gap.first_seq ? before.cycle : before.cycle + 1;
  const uint32_t last = after->seq == gap.end_seq ? after->cycle - 1 : after->cycle - 2;
  if (first <= last && last < after->cycle) lost.first_cycle = first, lost.last_cycle = last;
  return lost;
}

const LostStretch* lostCycle(const std::vector<LostStretch>& lost, const telemetry::Marks& marks,
                             uint64_t cycle) {
  for (const LostStretch& stretch : lost) {
    if (stretch.first_cycle != 0 && stretch.first_cycle <= cycle && cycle <= stretch.last_cycle)
      return &stretch;
  }
  // Only its beginning may be missing: it lies between the beginnings of the adjacent cycles.
  const auto after = std::find_if(marks.cycles.begin(), marks.cycles.end(),
                                  [&](const CycleMark& mark) { return mark.cycle > cycle; });
  if (after == marks.cycles.end()) return nullptr;
  const uint64_t from = after == marks.cycles.begin() ? 0 : static_cast<uint64_t>((after - 1)->ns);
  const auto to = static_cast<uint64_t>(after->ns);
  const auto between = [&](const LostStretch& stretch) {
    return from <= stretch.to_ns && stretch.from_ns <= to;
  };
  const auto found = std::find_if(lost.begin(), lost.end(), between);
  return found == lost.end() ? nullptr : &*found;
}

}  // namespace sweepscope::gui
