// Events in human words, the arc or rule of PROTOCOL.md cited. Pure; the Inspector, hover texts and the
// banner use it.
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
  CellState after = CellState::kUnknown;  // state it leaves its span in; kUnknown: not about a span
};

// `info` has the session's names of checks, steps and threads; without it they are numbers. `sg` is the
// heap's sweepgen when it happened: a sentence claims the distances that the event's values have to it, and
// where those are not the arc's own it says so. Without it they are taken from the arc's first distance.
Sentence describe(const telemetry::Event& event, const telemetry::SessionInfo& info = {},
                  std::optional<uint32_t> sg = {});
using CheckNames = std::vector<std::pair<uint32_t, std::string>>;
QString describe(const telemetry::CheckFired& check, const CheckNames& names = {});
// By the laboratory's oracle, whose code is the rule; else by a check of the engine, where the heap verifier
// names the invariant that it found broken.
bool firedByOracle(const telemetry::CheckFired& check);

// "cached", "illegal (+2)": what the span shows as while the heap's sweepgen is `sg`.
QString stateWords(const telemetry::SpanPicture& span, uint32_t sg);

// The engine's words for its steps write the heap's sweepgen as h; on screen it is sg everywhere.
QString withSg(QString words);
QString actor(uint16_t p);  // "P2", or "no P" for somebody without one
QString phaseName(telemetry::Phase phase);
QString statusName(telemetry::PStatus status);
QString reasonName(telemetry::StwReason reason);
QString stopName(
    const telemetry::PauseMark& stop);  // what it was for; "whole collection" if it was marked in
QString flushCauseName(telemetry::FlushCause cause);
char flushCauseLetter(telemetry::FlushCause cause);       // its mark on the timeline, lower case
telemetry::SpanId spanOf(const telemetry::Event& event);  // kNobody: the event is not about one span

}  // namespace sweepscope::gui
