#include "gui/models/invariants.h"

#include <QCoreApplication>
#include <algorithm>
#include <array>

namespace sweepscope::gui {

namespace {

// The rules of the oracle that are not invariants, from number 16 (engine/laboratory/seam/check_modes.h).
constexpr std::array kOtherRules{"accounting", "contents", "finalizers"};

struct Invariant {
  const char *name, *words;
};
constexpr std::array kInvariants = std::to_array<Invariant>({
    {"I1",
     QT_TRANSLATE_NOOP("Invariant", "a P allocates only from a cached span (+3) in its own, flushed mcache")},
    {"I2", QT_TRANSLATE_NOOP("Invariant", "no live object is freed or allocated again")},
    {"I3", QT_TRANSLATE_NOOP("Invariant", "each span is swept exactly once per cycle")},
    {"I4",
     QT_TRANSLATE_NOOP("Invariant", "at most one sweeper owns a span, and the span reads -1 meanwhile")},
    {"I5", QT_TRANSLATE_NOOP("Invariant", "a span in an mcache is swept only by the flush of that mcache")},
    {"I6", QT_TRANSLATE_NOOP("Invariant",
                             "a span is in at most one mcache, and reads +1 or +3 exactly while it is")},
    {"I7",
     QT_TRANSLATE_NOOP("Invariant", "when a cycle begins, all spans are swept and all mcaches are flushed")},
    {"I8", QT_TRANSLATE_NOOP("Invariant", "a span is on the list and in the queue that its state requires")},
    {"I9", QT_TRANSLATE_NOOP("Invariant", "heap_live is the bytes marked plus the bytes allocated since")},
    {"I10",
     QT_TRANSLATE_NOOP("Invariant", "objects allocated minus objects freed equals the objects in the spans")},
    {"I11",
     QT_TRANSLATE_NOOP("Invariant", "when sweeping is complete, no list holds a span without objects")},
    {"I12", QT_TRANSLATE_NOOP("Invariant", "a span's object count agrees with its alloc bits")},
    {"I13", QT_TRANSLATE_NOOP("Invariant", "sweeping counts as complete only when every span is swept")},
    {"I14", QT_TRANSLATE_NOOP("Invariant", "a free span that a sweeper finds reads 0 or +3")},
    {"I15", QT_TRANSLATE_NOOP("Invariant", "a free span never looks unswept to a sweeper")},
    {"accounting",
     QT_TRANSLATE_NOOP("Invariant", "objects allocated minus objects freed equals the live objects")},
    {"contents",
     QT_TRANSLATE_NOOP("Invariant", "a new object is zeroed, and a live object keeps its contents")},
    {"finalizers",
     QT_TRANSLATE_NOOP("Invariant",
                       "a finalizer is delivered once, for a dead object whose contents are intact")},
    {"L1", QT_TRANSLATE_NOOP("Invariant", "every cycle and its flush barrier finish")},
    {"L2",
     QT_TRANSLATE_NOOP("Invariant", "every thread that waits for a span to be swept eventually continues")},
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
