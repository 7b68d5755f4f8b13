// Words of a bench session: places, states, accesses, waits, verdicts. Every sentence is made from the values of the
// message and names its subject. An arc is cited in words first: "a swept span becomes cached, T2". Pure.
#pragma once

#include <QString>
#include <QStringList>
#include <optional>

#include "gui/theme/palette.h"
#include "telemetry/model/bench.h"

namespace sweepscope::gui {

CellState cellStateOf(telemetry::BoardSpanState state);
CellState cellStateOf(const telemetry::BoardSpan& span);
QString signedDistance(int32_t distance);  // "+3", "0", "-2"
// False for free spans and stacks, which are never swept: the distance of their sweepgen has no meaning.
bool hasSweepState(const telemetry::BoardSpan& span);
// In place of the cards of a place that has none. A cached span stays on its list `empty`, but its card lies in the cache.
QString emptyWords(telemetry::BoardPlace place, const telemetry::Board& board);
QString queueWords(telemetry::BoardQueue queue);  // "swept queue"; empty: in none
QString nameOfPlace(const telemetry::BoardSpan& span);
// "Span 3 (+3, cached) is in the cache of P1 ..."
QString spanSentence(const telemetry::BoardSpan& span, uint32_t sg);

// A sentence of the session, as it is shown: sg is what the engine's comments call h, and "->" is an arrow.
QString shownText(const std::string& text);

QString threadName(const telemetry::BenchView& view, uint32_t thread);
QString actorName(const telemetry::BenchView& view, uint32_t thread);  // "P1", or the thread if it has no P
// What it does next, or why it cannot and which thread it waits for.
QString nextSentence(const telemetry::BenchThread& thread, const telemetry::BenchView& view);
QString lockSentence(const telemetry::BoardLock& lock, const telemetry::BenchView& view);
QString stopWords(telemetry::BenchStop stop);

struct ArcRule {
  const char* name;             // "T2"
  const char* words;            // "a swept span becomes cached"
  const char* verb;             // "caches", for a lane's mark
  const char* who;              // who takes it and when
  const char* guard;            // what protects it
  std::optional<int> from, to;  // distances to sg of one span
};
const ArcRule* ruleOfArc(const QString& arc);  // T8a and T8b are T8; null: no such arc

struct StepSentence {
  QString rule;          // "a swept span becomes cached, T2"; empty: no arc
  QString text;          // "P1 caches span 3: 0 -> +3"
  bool differs = false;  // the values are not those of the arc: a fault
};
StepSentence sentenceOf(const telemetry::BenchRow& row, const telemetry::BenchView& view);
// The state in which the access leaves its span; kUnknown: it is not about a span.
CellState stateAfter(const telemetry::BenchRow& row, const telemetry::BenchView& view);
std::optional<uint32_t> spanOfRow(const telemetry::BenchRow& row);
// The label of a lane's mark, short, and without the actor, whose lane it is: "T2 caches 3". Of a step without an arc what
// it did: "P1: idle -> running", of a choice the alternative. view, before: of the step's node and its parent; null: not known.
QString markLabel(const telemetry::BenchRow& row);
QString stepLabel(const telemetry::BenchNode& step, const telemetry::BenchView* view,
                  const telemetry::BenchView* before);
// The alternative that a choice took: "allocate a block"; empty: it is not known, or no choice.
QString alternativeOf(const telemetry::BenchNode& step, const telemetry::BenchView* before);

// Whether a rule was violated at this node: "fired: I5".
struct LampWords {
  QString text;
  bool bad = false;
};
LampWords lampOf(const telemetry::BenchView& view);
// What fired, after how many steps, what the rule demands. Lines of plain text, the first is the heading.
QStringList verdictLines(const telemetry::BenchView& view, const telemetry::BenchSetup& setup);

}  // namespace sweepscope::gui
