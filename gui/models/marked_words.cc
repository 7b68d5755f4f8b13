#include "gui/models/marked_words.h"

#include <QCoreApplication>
#include <algorithm>

#include "gui/models/formats.h"

namespace sweepscope::gui {

MarkedWords markedWords(const telemetry::Replica& replica) {
  const auto tr = [](const char* text) { return QCoreApplication::translate("NowBar", text); };
  const auto marked = replica.heap_marked();  // by the last marking that has ended
  const QString last = marked ? formatBytes(*marked) : tr("not known");
  switch (replica.phase()) {
    case telemetry::Phase::kMark: {
      const uint64_t now = replica.marked_now();
      return {tr("marked / last cycle"),
              tr("%1 / %2").arg(formatBytes(now), marked ? formatBytes(std::max(*marked, now)) : last)};
    }
    case telemetry::Phase::kSweepTermination:
      return {tr("marked in the last cycle"), replica.cycle() <= 1 ? tr("nothing yet") : last};
    default: return {tr("marked in this cycle"), replica.cycle() == 0 ? tr("nothing yet") : last};
  }
}

}  // namespace sweepscope::gui
