#include "gui/models/invariants.h"

#include <QCoreApplication>
#include <algorithm>
#include <array>

namespace sweepscope::gui {

namespace {

// The rules of the oracle that are no invariants, from number 16 on (engine/laboratory/check_modes.h).
constexpr std::array kOtherRules{"accounting", "contents", "finalizers"};

struct Invariant {
  const char *name, *words;
};
constexpr std::array kInvariants = std::to_array<Invariant>({
    {"I1", QT_TRANSLATE_NOOP("Invariant", "objects come only from a swept span in the own, flushed cache")},
    {"I2", QT_TRANSLATE_NOOP("Invariant", "no object that lives is freed or handed out again")},
    {"I3", QT_TRANSLATE_NOOP("Invariant", "each span is swept exactly once a cycle")},
    {"I4", QT_TRANSLATE_NOOP("Invariant", "one sweeper a span at a time, and the span reads -1 meanwhile")},
    {"I5",
     QT_TRANSLATE_NOOP("Invariant", "only the flusher of its cache sweeps a span that lies in a cache")},
    {"I6", QT_TRANSLATE_NOOP("Invariant", "a span is in one cache at most, and reads +1 or +3 just then")},
    {"I7", QT_TRANSLATE_NOOP("Invariant", "when a cycle begins all spans are swept and all caches flushed")},
    {"I8", QT_TRANSLATE_NOOP("Invariant", "a span is on the list and in the queue that its state demands")},
    {"I9", QT_TRANSLATE_NOOP("Invariant", "heap_live is what was marked plus what was allocated since")},
    {"I10",
     QT_TRANSLATE_NOOP("Invariant", "objects allocated less objects freed are the objects in the spans")},
    {"I11", QT_TRANSLATE_NOOP("Invariant", "once all is swept no list keeps a span without objects")},
    {"I12", QT_TRANSLATE_NOOP("Invariant", "a span's count of objects agrees with its bits")},
    {"I13", QT_TRANSLATE_NOOP("Invariant", "sweeping counts as complete only when every span is swept")},
    {"I14", QT_TRANSLATE_NOOP("Invariant", "a free span that a sweeper comes upon reads 0 or +3")},
    {"I15", QT_TRANSLATE_NOOP("Invariant", "a free span never looks unswept to a sweeper")},
    {"accounting",
     QT_TRANSLATE_NOOP("Invariant", "objects allocated less objects freed are those that live")},
    {"contents", QT_TRANSLATE_NOOP("Invariant", "a new object is zero, and a live one keeps what it holds")},
    {"finalizers",
     QT_TRANSLATE_NOOP("Invariant", "a finalizer comes once, for a dead object that is still whole")},
    {"L1", QT_TRANSLATE_NOOP("Invariant", "every cycle and its flush barrier come to an end")},
    {"L2", QT_TRANSLATE_NOOP("Invariant", "who waits for a span to be swept can go on at last")},
    {"L3", QT_TRANSLATE_NOOP("Invariant", "every span is swept before the next cycle")},
});

}  // namespace

QString oracleRuleName(uint32_t oracle) {
  if (oracle >= 16 && oracle - 16 < kOtherRules.size()) return QString::fromLatin1(kOtherRules[oracle - 16]);
  return QStringLiteral("I%1").arg(oracle);
}

QString invariantWords(const QString& name) {
  const auto* const it =
      std::find_if(kInvariants.begin(), kInvariants.end(),
                   [&](const Invariant& invariant) { return name == QLatin1String(invariant.name); });
  return it == kInvariants.end() ? QString() : QCoreApplication::translate("Invariant", it->words);
}

}  // namespace sweepscope::gui
