#include "gui/models/object_words.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>
#include <array>

#include "gui/models/bench_words.h"
#include "gui/models/formats.h"
#include "telemetry/model/reachable.h"

namespace sweepscope::gui {

using namespace telemetry;

namespace {

struct ColourWords {
  const char* name;
  char letter;
  const char* meaning;
};
constexpr std::array kColours = std::to_array<ColourWords>({
    {"", 0, "nothing is being marked"},
    {"white", 'W', "not found by this marking"},
    {"grey", 'G', "found, its references still to be read"},
    {"black", 'B', "marked, and its references were read"},
    {"freed", 'F', "its slot was freed although the program did not drop it"},
});
const ColourWords& wordsOf(ObjectColour colour) { return kColours[static_cast<size_t>(colour)]; }

QString tr(const char* text) { return QCoreApplication::translate("Objects", text); }

// "object 1, object 2"; empty: none.
QString objectList(const std::vector<uint32_t>& numbers) {
  QStringList names;
  for (const uint32_t number : numbers)
    if (number != 0) names << tr("object %1").arg(number);
  return names.join(QStringLiteral(", "));
}

}  // namespace

QString colourName(ObjectColour colour) { return QLatin1String(wordsOf(colour).name); }
char colourLetter(ObjectColour colour) { return wordsOf(colour).letter; }

QString colourWords(const BoardObject& object, bool reachable) {
  const QString name = colourName(object.colour);
  if (object.colour == ObjectColour::kFreed) return reachable ? tr("freed, in use") : name;
  if (reachable) return name;
  return name.isEmpty() ? tr("garbage") : tr("%1, garbage").arg(name);
}

QString placeWords(const BoardObject& object) {
  if (object.span == kNoId) return tr("span not in use");
  return tr("span %1, slot %2").arg(object.span).arg(object.slot);
}

QString rootName(const BoardRoot& root, const BenchView& view) {
  switch (root.kind) {
    case RootKind::kGlobals: return tr("Globals");
    case RootKind::kStack: return tr("%1's stack").arg(threadName(view, root.thread));
    case RootKind::kBarrier: return tr("%1's barrier").arg(threadName(view, root.thread));
  }
  return {};
}

QString scanWords(const BoardRoot& root) {
  const auto held = static_cast<int>(root.objects.size());
  if (root.kind == RootKind::kBarrier) return held == 0 ? tr("nothing shaded") : tr("%1 shaded").arg(held);
  switch (root.scan) {
    case RootScan::kWaiting: return tr("not scanned");
    case RootScan::kScanned: return tr("scanned");
    case RootScan::kNone: break;
  }
  return held == 0 ? tr("empty") : formatCounted(root.objects.size(), "object");
}

QString objectSentence(const BoardObject& object, const Board& board) {
  const QString refs = objectList(object.refs);
  QString text = tr("Object %1").arg(object.number);
  if (object.colour != ObjectColour::kNone)
    text += tr(" is %1 (%2)").arg(colourName(object.colour), tr(wordsOf(object.colour).meaning));
  text += object.colour == ObjectColour::kNone ? tr(": %1").arg(placeWords(object))
                                               : tr("; %1").arg(placeWords(object));
  if (object.colour != ObjectColour::kFreed)
    text += refs.isEmpty() ? tr("; refers to nothing") : tr("; refers to %1").arg(refs);
  if (object.colour == ObjectColour::kGrey && !object.marked) text += tr("; its mark bit is still to be set");
  return text + (is_reachable(board, object.number) ? tr(". The program can reach it.")
                                                    : tr(". The program cannot reach it: garbage."));
}

QString rootSentence(const BoardRoot& root, const BenchView& view) {
  const QString held = objectList(root.objects);
  const QString name = rootName(root, view);
  if (root.kind == RootKind::kBarrier)
    return held.isEmpty() ? tr("%1 has shaded nothing that is still to be marked.").arg(name)
                          : tr("%1 has shaded %2, still to be marked.").arg(name, held);
  QString text = held.isEmpty() ? tr("%1 hold no object").arg(name) : tr("%1: %2").arg(name, held);
  if (root.kind == RootKind::kStack && held.isEmpty()) text = tr("%1 holds no object").arg(name);
  if (root.scan == RootScan::kScanned) text += tr("; scanned in this marking");
  if (root.scan == RootScan::kWaiting) text += tr("; not scanned yet in this marking");
  return text + QLatin1Char('.');
}

QString objectsSummary(const Board& board) {
  if (board.objects.empty()) return {};
  QStringList parts;
  for (size_t i = 1; i < kColours.size(); ++i) {
    const auto n = std::count_if(board.objects.begin(), board.objects.end(), [i](const BoardObject& object) {
      return object.colour == static_cast<ObjectColour>(i);
    });
    if (n > 0) parts << QStringLiteral("%1 %2").arg(n).arg(QLatin1String(kColours[i].name));
  }
  const QString count = formatCounted(board.objects.size(), "object");
  return parts.isEmpty() ? tr("%1.").arg(count) : tr("%1: %2.").arg(count, parts.join(QStringLiteral(", ")));
}

}  // namespace sweepscope::gui
