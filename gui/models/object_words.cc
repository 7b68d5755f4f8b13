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

namespace {

template <class List, class Same>
auto* sameOf(const List& list, Same same) {
  const auto found = std::find_if(list.begin(), list.end(), same);
  return found == list.end() ? nullptr : &*found;
}

void addDeeds(QStringList& deeds, const BoardObject* was, const BoardObject& object) {
  const QString name = tr("object %1").arg(object.number);
  const bool coloured = object.colour != ObjectColour::kNone;
  if (was == nullptr) {
    deeds << (coloured ? tr("%1 is new, and %2").arg(name, colourName(object.colour))
                       : tr("%1 is new").arg(name));
    return;
  }
  if (object.colour == ObjectColour::kFreed && was->colour != object.colour) {
    deeds << tr("%1 is freed").arg(name);
  } else if (coloured && was->colour != object.colour && was->colour != ObjectColour::kNone) {
    deeds << tr("%1 becomes %2").arg(name, colourName(object.colour));
  }
  // A freed object has no references on the board.
  if (object.colour == ObjectColour::kFreed || was->refs == object.refs) return;
  const QString to = objectList(object.refs);
  deeds << tr("%1 refers to %2").arg(name, to.isEmpty() ? tr("nothing") : to);
}

void addDeeds(QStringList& deeds, const BoardRoot* was, const BoardRoot& root, const BenchView& view) {
  const QString name = rootName(root, view);
  const bool plural = root.kind == RootKind::kGlobals;
  if (root.scan == RootScan::kScanned && (was == nullptr || was->scan != root.scan))
    deeds << (plural ? tr("%1 are scanned") : tr("%1 is scanned")).arg(name);
  std::vector<uint32_t> got;
  for (const uint32_t number : root.objects)
    if (was == nullptr || std::find(was->objects.begin(), was->objects.end(), number) == was->objects.end())
      got.push_back(number);
  if (const QString objects = objectList(got); !objects.isEmpty())
    deeds << (root.kind == RootKind::kBarrier ? tr("%1 shades %2")
              : plural                        ? tr("%1 hold %2")
                                              : tr("%1 holds %2"))
                 .arg(name, objects);
}

}  // namespace

QStringList objectDeeds(const Board& before, const BenchView& view) {
  QStringList deeds;
  for (const BoardObject& object : view.board.objects)
    addDeeds(deeds, sameOf(before.objects, [&](const BoardObject& o) { return o.number == object.number; }),
             object);
  for (const BoardRoot& root : view.board.roots)
    addDeeds(deeds,
             sameOf(before.roots,
                    [&](const BoardRoot& r) { return r.kind == root.kind && r.thread == root.thread; }),
             root, view);
  return deeds;
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
