// What the Now bar says of marking, and of which cycle. Pure.
#pragma once

#include <QString>

#include "telemetry/replica/replica.h"

namespace sweepscope::gui {

struct MarkedWords {
  QString caption, value;
};

// While a cycle marks: bytes so far, and in the last cycle. Before: what the last cycle marked. After: this one.
MarkedWords markedWords(const telemetry::Replica& replica);

}  // namespace sweepscope::gui
