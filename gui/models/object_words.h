// Words of the objects and roots on a protocol board: colours, their letters, sentences for the status line and for screen
// readers. Pure.
#pragma once

#include <QString>
#include <QStringList>

#include "telemetry/model/bench.h"

namespace sweepscope::gui {

QString colourName(telemetry::ObjectColour colour);  // "grey"; kNone: empty
char colourLetter(telemetry::ObjectColour colour);   // 'G'; kNone: 0
// The second line of a card: "white", "white, garbage", "freed", or of an object without a colour whether it is garbage.
QString colourWords(const telemetry::BoardObject& object, bool reachable);
QString placeWords(const telemetry::BoardObject& object);                              // "span 3, slot 1"
QString rootName(const telemetry::BoardRoot& root, const telemetry::BenchView& view);  // "mover's stack"
QString scanWords(const telemetry::BoardRoot& root);  // "scanned", "not scanned", "2 shaded"
QString objectSentence(const telemetry::BoardObject& object, const telemetry::Board& board);
QString rootSentence(const telemetry::BoardRoot& root, const telemetry::BenchView& view);
// What happened to objects and roots between two boards, a clause each: "object 3 becomes grey", "object 1 refers to
// nothing", "mover's stack is scanned", "mover's barrier shades object 3".
QStringList objectDeeds(const telemetry::Board& before, const telemetry::BenchView& view);
QString objectsSummary(
    const telemetry::Board& board);  // "3 objects: 1 white, 2 black."; empty: there are none

}  // namespace sweepscope::gui
