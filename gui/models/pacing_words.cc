#include "gui/models/pacing_words.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>

#include "gui/models/formats.h"

namespace sweepscope::gui {

using namespace telemetry;
using Mark = PacingPart::Mark;

namespace {

constexpr uint64_t kKiB = 1024, kMiB = 1024 * kKiB;
// With GOGC off a byte costs next to no marking, and one assist pays for more than any heap has.
constexpr int64_t kEnough = int64_t{1} << 40;

QString tr(const char* text) { return QCoreApplication::translate("Board", text); }

}  // namespace

QString sizeWords(uint64_t bytes) {
  if (bytes >= kMiB) return formatBytes(bytes);
  if (bytes > 0 && bytes < kKiB) return QStringLiteral("%1 B").arg(bytes);
  const int digits = bytes % kKiB == 0 ? 0 : 1;
  return QStringLiteral("%1 KiB").arg(static_cast<double>(bytes) / kKiB, 0, 'f', digits);
}

QString signedSizeWords(int64_t bytes) {
  const uint64_t size = bytes < 0 ? uint64_t{0} - static_cast<uint64_t>(bytes) : static_cast<uint64_t>(bytes);
  return (bytes < 0 ? QString(QChar(0x2212)) : bytes > 0 ? QStringLiteral("+") : QString()) + sizeWords(size);
}

QString creditWords(const BenchThread& thread) {
  if (thread.assist_credit.value_or(0) == 0) return {};
  if (*thread.assist_credit >= kEnough) return tr("credit without limit");
  return tr("credit %1").arg(signedSizeWords(*thread.assist_credit));
}

std::vector<PacingPart> pacingParts(const BoardPacing& pacing) {
  std::vector<PacingPart> parts{{tr("heap live %1").arg(sizeWords(pacing.heap_live)), Mark::kNone}};
  if (pacing.trigger) parts.push_back({tr("trigger %1").arg(sizeWords(*pacing.trigger)), Mark::kTrigger});
  if (pacing.goal) parts.push_back({tr("goal %1").arg(sizeWords(*pacing.goal)), Mark::kGoal});
  parts.push_back({pacing.gogc ? tr("GOGC %1").arg(*pacing.gogc) : tr("GOGC off"), Mark::kNone});
  if (pacing.credit.value_or(0) != 0)
    parts.push_back({tr("workers' credit %1").arg(signedSizeWords(*pacing.credit)), Mark::kNone});
  if (pacing.unswept_pages > 0) {
    QString left = tr("%1 to sweep").arg(formatCounted(pacing.unswept_pages, "page"));
    if (pacing.owed_pages) left += tr(", %1 before the next refill").arg(*pacing.owed_pages);
    parts.push_back({left, Mark::kNone});
  }
  return parts;
}

QString pacingSentence(const Board& board) {
  if (!board.known || !board.pacing || !board.pacing->matters()) return {};
  QStringList texts;
  for (const PacingPart& part : pacingParts(*board.pacing)) texts << part.text;
  return texts.join(QStringLiteral(", "));
}

uint64_t pacingScale(const BoardPacing& pacing) {
  return std::max({pacing.heap_live, pacing.trigger.value_or(0), pacing.goal.value_or(0), uint64_t{1}});
}

}  // namespace sweepscope::gui
