// A place in a session, as written on the command line: "cycle=12". Pure.
#pragma once

#include <QString>
#include <cstdint>
#include <optional>

namespace sweepscope::gui {

struct Anchor {
  enum class Kind : uint8_t { kCycle, kSeq, kSpan };
  Kind kind = Kind::kSeq;
  uint64_t value = 0;
};

std::optional<Anchor> parseAnchor(const QString& text);

}  // namespace sweepscope::gui
