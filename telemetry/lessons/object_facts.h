// The conditions on objects and roots, at one view. Called by Facts.
#pragma once

#include <string>

#include "telemetry/lessons/condition.h"

namespace sweepscope::telemetry::lessons {

bool holds_of_objects(const BenchView& view, const Condition& condition);
// What is there instead: "object 3 is grey, not white".
std::string instead_of_objects(const BenchView& view, const Condition& condition);

}  // namespace sweepscope::telemetry::lessons
