#include "gui/models/marked_words.h"

#include <QCoreApplication>
#include <algorithm>

#include "gui/models/formats.h"

namespace sweepscope::gui {

MarkedWords markedWords(const telemetry::Replica& replica) {
  const auto tr = [](const char* text) { return QCoreApplication::translate("NowBar", text); };
  const uint64_t last = replica.heap_marked();  // of the last marking that has ended
  switch (replica.phase()) {
    case telemetry::Phase::kMark: {
      const uint64_t now = replica.marked_now();
      return {tr("marked / last cycle"),
              tr("%1 / %2").arg(formatBytes(now), formatBytes(std::max(last, now)))};
    }
    case telemetry::Phase::kSweepTermination:
      return {tr("marked in the last cycle"), replica.cycle() <= 1 ? tr("nothing yet") : formatBytes(last)};
    default:
      return {tr("marked in this cycle"), replica.cycle() == 0 ? tr("nothing yet") : formatBytes(last)};
  }
}

}  // namespace sweepscope::gui
