// The texts of a lesson's card and of the presenter's window: paragraphs as HTML with every character of the file escaped,
// the result of a prediction, the sentence of a step, the clock. Pure.
#pragma once

#include <QString>
#include <QStringList>

#include "gui/models/lesson_run.h"

namespace sweepscope::gui {

// Paragraphs; the words of `marked` are bold where they stand first.
QString paragraphsHtml(const std::vector<std::string>& paragraphs,
                       const std::vector<telemetry::lessons::Word>& marked);
QString wordsHtml(const std::vector<telemetry::lessons::Word>& words);
QString plainText(const std::vector<std::string>& paragraphs);

// "Right." or "Not right. The answer: ..."
QString resultWords(const LessonRun& run);
// What happened since the stop before: "Step 2 of 5: P1 claims span 3 for sweeping ..., and 3 steps that change nothing on
// the board."; empty at the beginning of a beat.
QString stepWords(const LessonRun& run, const BenchScene& scene);
// What violated a rule at the shown node, one line for each; empty: none did.
QStringList violationLines(const BenchScene& scene);
QString buttonWords(LessonRun::Next next);
// What stops the button from being pressed, or what it will show; empty: nothing to say.
QString nextHint(const LessonRun& run);

// Under the check list of a task that was not done by the student; empty: nothing to say.
QString shownWords(const LessonRun& run);
QString deadEndWords(const LessonRun& run);

// For the presenter: the right choice and why, or that there is no question; the goals; what a hands-on step comes to.
QString answerWords(const telemetry::lessons::Beat& beat);
QString clockWords(qint64 elapsedMs, uint32_t minutes);  // "2:05 of 3 minutes"

}  // namespace sweepscope::gui
