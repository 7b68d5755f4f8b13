#include "gui/models/lesson_words.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <algorithm>
#include <array>

#include "gui/models/bench_words.h"
#include "gui/models/formats.h"
#include "gui/models/invariants.h"
#include "gui/models/object_words.h"
#include "gui/models/sentences.h"

namespace sweepscope::gui {

using namespace telemetry;
using lessons::Beat;
using lessons::Word;

namespace {

QString tr(const char* text) { return QCoreApplication::translate("Lesson", text); }

QString escaped(const std::string& text) { return QString::fromStdString(text).toHtmlEscaped(); }

// The nodes after `before`, up to and with `node`, in their order.
std::vector<uint32_t> nodesSince(uint32_t before, uint32_t node, const BenchScene& scene) {
  std::vector<uint32_t> nodes;
  for (; node != before && node != kNoNode; node = scene.state().nodes[node].parent) nodes.push_back(node);
  std::reverse(nodes.begin(), nodes.end());
  return nodes;
}

bool isToSee(BenchStop stop) {
  return stop == BenchStop::kBlocked || stop == BenchStop::kEnded || stop == BenchStop::kChoice ||
         stop == BenchStop::kBreakpoint || stop == BenchStop::kViolation || stop == BenchStop::kRunEnded;
}

// Whether the access changes what the board shows: a write to a word that it draws (engine/base/step.h), or a span that
// moves from a list to another.
bool isDrawn(const BenchRow& row) {
  constexpr std::array<uint8_t, 9> kDrawn{2, 3, 4, 5, 8, 9, 12, 13, 15};  // of spans, queues, Ps, the phase
  constexpr uint8_t kWorld = 16;
  constexpr uint32_t kStop = 1u << 31;
  if (row.text.find(" moves span") != std::string::npos) return true;
  const bool writes = row.op == StepOp::kStore || row.op == StepOp::kCasWon || row.op == StepOp::kRmw;
  if (!writes || row.before == row.after) return false;
  if (row.word == kWorld) return ((row.before ^ row.after) & kStop) != 0;
  return std::find(kDrawn.begin(), kDrawn.end(), row.word) != kDrawn.end();
}

// "P0 moves span 1 from no list to the list empty; takes mcentral.lock": the access under which a span moved is left out.
QString deedOf(const BenchRow& row) {
  const size_t moves = row.text.find(" moves span"), rest = row.text.find("; ");
  const bool cut = moves != std::string::npos && rest != std::string::npos && moves < rest;
  return shownText(cut ? row.text.substr(0, rest) : row.text);
}

// Of many deeds those without an arc are left out first. How many were.
qsizetype leaveOutTheLeast(QStringList& deeds) {
  constexpr qsizetype kMostDeeds = 4;
  const qsizetype all = deeds.size();
  while (deeds.size() > kMostDeeds) {
    const auto other = std::find_if(deeds.begin(), deeds.end(),
                                    [](const QString& deed) { return !deed.contains(QLatin1String("(T")); });
    deeds.erase(other == deeds.end() ? deeds.begin() : other);
  }
  return all - deeds.size();
}

// What of a step is to be told: the choice that it took, what changed the board, and why it ended, if that is to be seen.
// Empty: a quiet step, unless it makes an arc.
QStringList deedsOf(uint32_t node, const BenchScene& scene) {
  const BenchNode& step = scene.state().nodes[node];
  const BenchView *view = scene.view(node), *before = scene.view(step.parent);
  QStringList deeds;
  if (const QString chosen = alternativeOf(step, before); !chosen.isEmpty())
    deeds << tr("%1 chooses: %2").arg(threadName(*before, step.thread), chosen);
  if (view != nullptr && before != nullptr && before->board.known) deeds << objectDeeds(before->board, *view);
  const std::vector<BenchRow> unknown;
  for (const BenchRow& row : view == nullptr ? unknown : view->rows) {
    if (!row.arc.empty())
      deeds << sentenceOf(row, *view).text + QStringLiteral(" (%1)").arg(QString::fromStdString(row.arc));
    else if (!step.quiet && isDrawn(row))
      deeds << deedOf(row);
  }
  if (step.quiet) return deeds;
  const bool end = isToSee(step.stop) && !step.why.empty();
  if (deeds.isEmpty() && !end) deeds << shownText(step.text);
  if (end) deeds << shownText(step.why);
  return deeds;
}

}  // namespace

QString paragraphsHtml(const std::vector<std::string>& paragraphs, const std::vector<Word>& marked) {
  QString html;
  for (const std::string& paragraph : paragraphs)
    html += QStringLiteral("<p style='margin:0 0 9px 0; line-height:118%'>%1</p>").arg(escaped(paragraph));
  for (const Word& word : marked) {
    // A whole word outside of tags; a plural counts.
    const QRegularExpression first(
        QStringLiteral("\\b(%1(?:s|es)?)\\b(?![^<]*>)").arg(QRegularExpression::escape(escaped(word.word))));
    const QRegularExpressionMatch match = first.match(html);
    if (match.hasMatch())
      html.replace(match.capturedStart(1), match.capturedLength(1),
                   QStringLiteral("<b>%1</b>").arg(match.captured(1)));
  }
  return html;
}

QString wordsHtml(const std::vector<Word>& words) {
  QString html;
  for (const Word& word : words)
    html += QStringLiteral("<p style='margin:0 0 4px 0'><b>%1</b>: %2</p>")
                .arg(escaped(word.word), escaped(word.meaning));
  return html;
}

QString plainText(const std::vector<std::string>& paragraphs) {
  QStringList all;
  for (const std::string& paragraph : paragraphs) all << QString::fromStdString(paragraph);
  return all.join(QStringLiteral("\n\n"));
}

QString resultWords(const LessonRun& run) {
  const auto& prediction = run.beat().prediction;
  if (!prediction || run.asks()) return {};
  if (run.right()) return tr("\u2713 Right.");
  const QString answer = QString::fromStdString(prediction->choices[prediction->right]);
  return run.answered() ? tr("\u2715 Not right. The answer: %1.").arg(answer)
                        : tr("The answer: %1.").arg(answer);
}

QString stepWords(const LessonRun& run, const BenchScene& scene) {
  if (run.step() == 0 || !scene.begun() || scene.shown() != run.node()) return {};
  QStringList deeds;
  size_t folded = 0;
  for (const uint32_t node : nodesSince(run.nodeBefore(), run.node(), scene)) {
    const QStringList done = deedsOf(node, scene);
    if (done.isEmpty()) ++folded;
    deeds += done;
  }
  if (deeds.isEmpty()) {  // the last step of a beat is shown even if it is quiet
    deeds << shownText(scene.state().nodes[run.node()].text);
    --folded;
  }
  const qsizetype left = leaveOutTheLeast(deeds);
  QString what = deeds.join(QStringLiteral("; "));
  if (left > 0) what += tr("; and %1 more").arg(left);
  if (folded == 1) what += tr(", and 1 step that changes nothing on the board");
  if (folded > 1) what += tr(", and %1 steps that change nothing on the board").arg(folded);
  return tr("Step %1 of %2: %3.").arg(run.step()).arg(run.steps()).arg(what);
}

QStringList violationLines(const BenchScene& scene) {
  const BenchView* view = scene.shownView();
  QStringList lines;
  if (view == nullptr) return lines;
  const auto line = [&](const QString& what, const std::string& rule, const std::string& text) {
    const QString name = QString::fromStdString(rule), demand = invariantWords(name);
    QString words = QStringLiteral("\u2715 ") + what.arg(name);
    if (!demand.isEmpty()) words += QStringLiteral(": ") + demand;
    if (!text.empty() && demand.isEmpty())
      words += QStringLiteral(": ") + withSg(QString::fromStdString(text));
    lines << words + QLatin1Char('.');
  };
  if (view->verdict.outcome == BenchOutcome::kViolation)
    line(view->verdict.kind == "engine check" ? tr("The engine's own check stopped the run: %1")
         : view->verdict.rule.empty() ? QString::fromStdString(view->verdict.kind) + QStringLiteral("%1")
                                      : tr("Rule %1 fired"),
         view->verdict.rule, view->verdict.text);
  for (const BenchRule& rule : view->board.rules)
    if (rule.state == BenchRuleState::kNoted)
      line(tr("Rule %1 is violated; noted, and the run continues"), rule.rule, rule.text);
  return lines;
}

QString buttonWords(LessonRun::Next next) {
  switch (next) {
    case LessonRun::Next::kWait: return tr("One moment...");
    case LessonRun::Next::kChoose:
    case LessonRun::Next::kAnswer: return tr("Answer");
    case LessonRun::Next::kStep: return tr("Next step");
    case LessonRun::Next::kDo: return tr("Show me");
    case LessonRun::Next::kBeat: return tr("Next beat");
    case LessonRun::Next::kFinish: return tr("Finish");
  }
  return {};
}

QString nextHint(const LessonRun& run) {
  const QString place = run.step() > 0 ? tr("Step %1 of %2").arg(run.step()).arg(run.steps())
                                       : tr("%1 to watch").arg(formatCounted(run.steps(), "step"));
  switch (run.next()) {
    case LessonRun::Next::kChoose: return tr("Choose an answer.");
    case LessonRun::Next::kStep: return place;
    case LessonRun::Next::kDo: return run.showing() && !run.types() ? place : QString();
    default: return {};
  }
}

QString shownWords(const LessonRun& run) {
  if (!run.handsOn() || !run.shownOnly()) return {};
  return run.types()
             ? tr("These pairs were shown, not typed by you.")
             : tr("This task was shown, not done by you. Go back to where it began to do it yourself.");
}

QString deadEndWords(const LessonRun& run) {
  if (run.deadEnd().isEmpty()) return {};
  return tr("This way the task cannot be done any more: %1. Press Backspace to go back to where it began.")
      .arg(run.deadEnd());
}

QString answerWords(const Beat& beat) {
  QStringList lines;
  if (beat.prediction) {
    lines << tr("Answer: %1").arg(QString::fromStdString(beat.prediction->choices[beat.prediction->right]));
    if (!beat.prediction->because.empty()) lines << QString::fromStdString(beat.prediction->because);
  } else {
    lines << tr("No question in this beat.");
  }
  for (const lessons::Act& act : beat.acts)
    if (act.kind == lessons::Act::Kind::kGoal) lines << tr("Steps: %1").arg(QString::fromStdString(act.text));
  if (beat.hands_on)
    for (const lessons::Condition& done : beat.hands_on->done)
      lines << tr("Done when: %1").arg(QString::fromStdString(done.text));
  return lines.join(QLatin1Char('\n'));
}

QString clockWords(qint64 elapsedMs, uint32_t minutes) {
  const qint64 seconds = elapsedMs / 1000;
  return tr("%1:%2 of %3 %4")
      .arg(seconds / 60)
      .arg(seconds % 60, 2, 10, QLatin1Char('0'))
      .arg(minutes)
      .arg(minutes == 1 ? tr("minute") : tr("minutes"));
}

}  // namespace sweepscope::gui
