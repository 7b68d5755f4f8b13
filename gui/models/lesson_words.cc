#include "gui/models/lesson_words.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include "gui/models/bench_words.h"
#include "gui/models/formats.h"
#include "gui/models/invariants.h"
#include "gui/models/sentences.h"

namespace sweepscope::gui {

using namespace telemetry;
using lessons::Beat;
using lessons::Word;

namespace {

QString tr(const char* text) { return QCoreApplication::translate("Lesson", text); }

QString escaped(const std::string& text) { return QString::fromStdString(text).toHtmlEscaped(); }

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
  const BenchView* view = scene.shownView();
  QStringList sentences;
  if (view != nullptr)
    for (const BenchRow& row : view->rows)
      if (!row.arc.empty())
        sentences << sentenceOf(row, *view).text +
                         QStringLiteral(" (%1)").arg(QString::fromStdString(row.arc));
  const BenchNode& node = scene.state().nodes[scene.shown()];
  if (const QString chosen = alternativeOf(node, scene.viewBefore()); !chosen.isEmpty() && view != nullptr)
    sentences.prepend(tr("%1 chooses: %2").arg(threadName(*view, node.thread), chosen));
  if (sentences.isEmpty()) sentences << withSg(QString::fromStdString(node.text));
  return tr("Step %1 of %2: %3.")
      .arg(run.step())
      .arg(run.steps())
      .arg(sentences.mid(0, 3).join(QStringLiteral("; ")));
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

QString answerWords(const Beat& beat) {
  QStringList lines;
  if (beat.prediction) {
    lines << QString::fromStdString(beat.prediction->choices[beat.prediction->right]);
    if (!beat.prediction->because.empty()) lines << QString::fromStdString(beat.prediction->because);
  }
  for (const lessons::Act& act : beat.acts)
    if (act.kind == lessons::Act::Kind::kGoal) lines << tr("Then: %1").arg(QString::fromStdString(act.text));
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
