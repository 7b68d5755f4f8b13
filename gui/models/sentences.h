// Describes events in sentences that cite the arc or rule of engine/README.md. Pure; used by the Inspector, hover
// texts and the banner.
#pragma once

#include <QString>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gui/models/cell_code.h"
#include "telemetry/model/event.h"
#include "telemetry/replica/replica.h"
#include "telemetry/store/event_log.h"

namespace sweepscope::gui {

struct Sentence {
  QString text;                           // "P2 puts it into its cache"
  QString rule;                           // "T2"; empty where no arc is involved
  QString step;                           // "0 \u2192 +3"; empty for events that move no span
  CellState after = CellState::kUnknown;  // state of the span after it; kUnknown: not about a span
};

// `info` has the session's names of checks, steps and threads; without it they are numbers. `sg` is the heap's
// sweepgen at the event: the sentence reports the distances of the event's values to it, and reports where they
// differ from the arc's own. Without it the distances are derived from the arc's first one.
Sentence describe(const telemetry::Event& event, const telemetry::SessionInfo& info = {},
                  std::optional<uint32_t> sg = {});
using CheckNames = std::vector<std::pair<uint32_t, std::string>>;
QString describe(const telemetry::CheckFired& check, const CheckNames& names = {});
// True for the laboratory's oracle, whose code is the rule; false for a check of the engine, where the heap
// verifier names the broken invariant.
bool firedByOracle(const telemetry::CheckFired& check);

// "cached", "illegal (+2)": the displayed state of the span while the heap's sweepgen is `sg`.
QString stateWords(const telemetry::SpanPicture& span, uint32_t sg);

// The engine's step names write the heap's sweepgen as h; on screen it is always sg.
QString withSg(QString words);
QString actor(uint16_t p);  // "P2", or "a thread without a P"
QString phaseName(telemetry::Phase phase);
QString statusName(telemetry::PStatus status);
QString reasonName(telemetry::StwReason reason);
QString stopName(
    const telemetry::PauseMark& stop);  // what it was for; "whole collection" if it was marked in
QString flushCauseName(telemetry::FlushCause cause);
char flushCauseLetter(telemetry::FlushCause cause);       // its letter on the timeline, lower case
telemetry::SpanId spanOf(const telemetry::Event& event);  // kNoId: the event is not about one span

}  // namespace sweepscope::gui
