#include "gui/session/anchor.h"

namespace sweepscope::gui {

std::optional<Anchor> parseAnchor(const QString& text) {
  const QString key = text.section(QLatin1Char('='), 0, 0);
  bool number = false;
  const uint64_t value = text.section(QLatin1Char('='), 1).toULongLong(&number);
  if (!number) return std::nullopt;
  if (key == QLatin1String("cycle")) return Anchor{Anchor::Kind::kCycle, value};
  if (key == QLatin1String("seq")) return Anchor{Anchor::Kind::kSeq, value};
  if (key == QLatin1String("span")) return Anchor{Anchor::Kind::kSpan, value};
  return std::nullopt;
}

}  // namespace sweepscope::gui
