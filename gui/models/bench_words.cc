#include "gui/models/bench_words.h"

#include <QCoreApplication>
#include <algorithm>
#include <array>

#include "gui/models/formats.h"
#include "gui/models/invariants.h"
#include "gui/models/sentences.h"

namespace sweepscope::gui {

using namespace telemetry;

namespace {

// Words of engine/base/step.h whose object is a span.
constexpr uint8_t kSweepgenWord = 2, kLastSpanWord = 5;
constexpr uint8_t kHeapGenWord = 1;

constexpr std::array kRules = std::to_array<ArcRule>({
    {"T1", "a new span starts as swept", "makes", "the allocator, when it makes a span from free pages",
     "mheap.lock; the state is written last (release)", std::nullopt, 0},
    {"T2", "a swept span becomes cached", "caches", "refill, for the mcache of its own P",
     "no other thread may allocate from the span (release)", 0, 3},
    {"T3", "a full span leaves its cache", "drops", "refill, when it replaces a span without free slots",
     "no other thread may allocate from the span (release)", 3, 0},
    {"T4", "a cached span that is not stale is given back", "returns", "the release of an mcache",
     "the ownership of the mcache; the list move is under mcentral.lock (release)", 3, 0},
    {"T5", "the turn: sg grows by 2 and relabels all spans at once", "turns",
     "the collector, in the stopped world", "the stopped world and mheap.lock (release)", std::nullopt,
     std::nullopt},
    {"T6", "a sweeper claims an unswept span", "claims", "any sweeper",
     "CAS: of several sweepers one wins (acquire)", -2, -1},
    {"T7", "the flusher of a cache claims a stale span in it", "claims",
     "acquire_p, procresize or the flush barrier, for the mcache that holds the span",
     "the ownership of the mcache; no other thread may write at +1", 1, -1},
    {"T8", "the sweep of a span ends", "swept", "the thread that claimed it",
     "the ownership of the sweep (release: publishes the bits and counts)", -1, 0},
    {"T9", "a span without objects returns its pages", "frees", "the sweeper that found no object in it",
     "mcentral.lock for the list, then mheap.lock", 0, std::nullopt},
    {"T10", "a swept span enters the swept queue", "queues",
     "the sweeper, if it has not freed the span, or the allocator of a new one",
     "lock-free push, after T8 or T1", std::nullopt, std::nullopt},
});

QString tr(const char* text) { return QCoreApplication::translate("Bench", text); }
QString arrow() { return QStringLiteral(" \u2192 "); }

// What the actor does, for the sentence of a row.
QString deed(const QString& arc, const QString& span) {
  if (arc == QLatin1String("T1")) return tr("makes %1").arg(span);
  if (arc == QLatin1String("T2")) return tr("caches %1").arg(span);
  if (arc == QLatin1String("T3")) return tr("takes the full %1 out of its cache").arg(span);
  if (arc == QLatin1String("T4")) return tr("gives %1 back").arg(span);
  if (arc == QLatin1String("T6")) return tr("claims %1 for sweeping").arg(span);
  if (arc == QLatin1String("T7")) return tr("claims the stale %1 for sweeping").arg(span);
  if (arc.startsWith(QLatin1String("T8"))) return tr("ends the sweep of %1").arg(span);
  if (arc == QLatin1String("T9")) return tr("frees %1").arg(span);
  if (arc == QLatin1String("T10")) return tr("puts %1 into the swept queue").arg(span);
  return {};
}

// Of the moment of the access: the step may turn it later.
uint32_t sgAt(const BenchRow& row, const BenchView& view) {
  for (const BenchRow& later : view.rows)
    if (later.step > row.step && later.word == kHeapGenWord && later.before != later.after)
      return later.before;
  return view.board.sg;
}

QString listOf(const QStringList& names) {
  if (names.size() <= 4) return names.join(QStringLiteral(", "));
  return tr("%1 and %2 more").arg(names.mid(0, 3).join(QStringLiteral(", "))).arg(names.size() - 3);
}

}  // namespace

CellState cellStateOf(BoardSpanState state) {
  switch (state) {
    case BoardSpanState::kNeeds: return CellState::kNeeds;
    case BoardSpanState::kSweeping: return CellState::kSweeping;
    case BoardSpanState::kSwept: return CellState::kSwept;
    case BoardSpanState::kStale: return CellState::kStale;
    case BoardSpanState::kCached: return CellState::kCached;
    case BoardSpanState::kIllegal: return CellState::kIllegal;
  }
  return CellState::kUnknown;
}

CellState cellStateOf(const BoardSpan& span) {
  if (span.place == BoardPlace::kFree) return CellState::kFree;
  if (span.place == BoardPlace::kManual) return CellState::kStack;
  return cellStateOf(span.state);
}

QString signedDistance(int32_t distance) {
  return distance > 0 ? QStringLiteral("+%1").arg(distance)
                      : QString::number(distance).replace(QLatin1Char('-'), QChar(0x2212));
}

bool hasSweepState(const BoardSpan& span) {
  return span.place != BoardPlace::kFree && span.place != BoardPlace::kManual;
}

QString queueWords(BoardQueue queue) {
  switch (queue) {
    case BoardQueue::kNone: return {};
    case BoardQueue::kSwept: return tr("swept queue");
    case BoardQueue::kUnswept: return tr("unswept queue");
    case BoardQueue::kBoth: return tr("both queues");
  }
  return {};
}

QString emptyWords(BoardPlace place, const Board& board) {
  const auto cached = [](const BoardSpan& span) { return span.place == BoardPlace::kCache; };
  if (place == BoardPlace::kFree) return tr("none now; the heap can grow");
  if (place == BoardPlace::kEmpty && std::any_of(board.spans.begin(), board.spans.end(), cached))
    return tr("none but the cached spans");
  return tr("no span");
}

QString nameOfPlace(const BoardSpan& span) {
  switch (span.place) {
    case BoardPlace::kFree: return tr("free in the mheap");
    case BoardPlace::kNonempty: return tr("in the mcentral's list nonempty");
    case BoardPlace::kEmpty: return tr("in the mcentral's list empty");
    case BoardPlace::kCache: return tr("in the cache of P%1").arg(span.p);
    case BoardPlace::kBetween: return tr("between two places: on no list and in no cache");
    case BoardPlace::kLarge: return tr("a large object");
    case BoardPlace::kManual: return tr("a stack");
  }
  return {};
}

QString spanSentence(const BoardSpan& span, uint32_t sg) {
  if (span.place == BoardPlace::kFree)
    return tr("Span %1 is free, with %2.").arg(span.id).arg(formatCounted(span.pages, "page"));
  if (span.place == BoardPlace::kManual)
    return tr("Span %1 is a stack, with %2. It is never swept.")
        .arg(span.id)
        .arg(formatCounted(span.pages, "page"));
  const CellState state = cellStateOf(span);
  QString text = tr("Span %1 is %2. Its sweepgen %3 is sg %4 %5: %6 (%7).")
                     .arg(span.id)
                     .arg(nameOfPlace(span))
                     .arg(span.sweepgen)
                     .arg(sg)
                     .arg(signedDistance(span.distance), QLatin1String(words(state).name),
                          QLatin1String(words(state).meaning));
  if (span.queue == BoardQueue::kUnswept) text += tr(" It waits in the unswept queue.");
  if (span.queue == BoardQueue::kSwept) text += tr(" It is in the swept queue.");
  if (span.queue == BoardQueue::kBoth)
    text += tr(" It is in both queues: no sweeper has dropped its old entry in the unswept one.");
  return text;
}

QString shownText(const std::string& text) {
  return withSg(QString::fromStdString(text)).replace(QLatin1String("->"), QString(QChar(0x2192)));
}

QString threadName(const BenchView& view, uint32_t thread) {
  for (const BenchThread& t : view.threads)
    if (t.thread == thread) return QString::fromStdString(t.name);
  return tr("thread %1").arg(thread);
}

QString actorName(const BenchView& view, uint32_t thread) {
  for (const BenchThread& t : view.threads)
    if (t.thread == thread && t.p != kNoP) return QStringLiteral("P%1").arg(t.p);
  return threadName(view, thread);
}

QString nextSentence(const BenchThread& thread, const BenchView& view) {
  const QString text = shownText(thread.text);
  switch (thread.state) {
    case BenchThreadState::kCanRun: return text;
    case BenchThreadState::kMustChoose: {
      QStringList names;
      for (const std::string& name : thread.alternatives) names << QString::fromStdString(name);
      return tr("Chooses: %1").arg(listOf(names));
    }
    case BenchThreadState::kEnded: return text.isEmpty() ? tr("Ended") : text;
    case BenchThreadState::kBlocked: break;
  }
  if (view.verdict.outcome != BenchOutcome::kRunning) return text;  // the run stopped before this access
  QString why = tr("Blocked: %1").arg(text);
  if (thread.holder != kNoThread && !text.contains(QLatin1String("held by")))
    why += tr("; held by %1").arg(threadName(view, thread.holder));
  QStringList reads;
  for (const BenchRead& read : thread.reads) reads << shownText(read.text);
  if (!reads.isEmpty()) why += QStringLiteral(" (") + listOf(reads) + QLatin1Char(')');
  return why;
}

QString lockSentence(const BoardLock& lock, const BenchView& view) {
  QString text = QString::fromStdString(lock.name);
  text += lock.holder == kNoThread ? tr(": free") : tr(": held by %1").arg(threadName(view, lock.holder));
  QStringList waiting;
  for (const uint32_t thread : lock.waiters) waiting << threadName(view, thread);
  if (!waiting.isEmpty()) text += tr("; waiting: %1").arg(listOf(waiting));
  return text;
}

QString stopWords(BenchStop stop) {
  switch (stop) {
    case BenchStop::kNone: return {};
    case BenchStop::kAccess: return tr("one access was asked for");
    case BenchStop::kArc: return tr("the thread wrote a word of the protocol");
    case BenchStop::kBlocked: return tr("the thread is blocked");
    case BenchStop::kEnded: return tr("the thread has ended");
    case BenchStop::kChoice: return tr("the thread must choose");
    case BenchStop::kBetween:
      return tr("the thread has read a word and is about to write it, and another thread can write it now");
    case BenchStop::kBreakpoint: return tr("a breakpoint");
    case BenchStop::kViolation: return tr("a rule was violated");
    case BenchStop::kRunEnded: return tr("every thread has ended");
    case BenchStop::kLimit: return tr("too many accesses for one step: ask again");
  }
  return {};
}

const ArcRule* ruleOfArc(const QString& arc) {
  const QString name = arc.startsWith(QLatin1String("T8")) ? QStringLiteral("T8") : arc;
  for (const ArcRule& rule : kRules)
    if (name == QLatin1String(rule.name)) return &rule;
  return nullptr;
}

std::optional<uint32_t> spanOfRow(const BenchRow& row) {
  if (row.word < kSweepgenWord || row.word > kLastSpanWord) return std::nullopt;
  return row.object;
}

CellState stateAfter(const BenchRow& row, const BenchView& view) {
  if (row.word == kSweepgenWord && view.board.known)
    return cellStateOf(state_at(static_cast<int32_t>(row.after - sgAt(row, view))));
  return row.arc == "T9" ? CellState::kFree : row.arc == "T1" ? CellState::kSwept : CellState::kUnknown;
}

StepSentence sentenceOf(const BenchRow& row, const BenchView& view) {
  StepSentence sentence;
  const QString arc = QString::fromStdString(row.arc);
  const ArcRule* rule = ruleOfArc(arc);
  if (rule == nullptr) {
    sentence.text = shownText(row.text);
    return sentence;
  }
  sentence.rule = QStringLiteral("%1, %2").arg(tr(rule->words), arc);
  const QString actor = actorName(view, row.thread);
  const auto span = spanOfRow(row);
  if (row.word == kHeapGenWord) {
    sentence.text = tr("%1 turns sg from %2 to %3").arg(actor).arg(row.before).arg(row.after);
    return sentence;
  }
  if (!span || deed(arc, {}).isEmpty()) {
    sentence.text = shownText(row.text);
    return sentence;
  }
  sentence.text = actor + QLatin1Char(' ') + deed(arc, tr("span %1").arg(*span));
  if (row.word != kSweepgenWord || !view.board.known) return sentence;
  const uint32_t sg = sgAt(row, view);
  const auto from = static_cast<int32_t>(row.before - sg), to = static_cast<int32_t>(row.after - sg);
  const bool fresh = rule->from == std::nullopt;
  sentence.differs = (rule->from && *rule->from != from) || (rule->to && *rule->to != to);
  if (sentence.differs) {
    const QString demanded =
        fresh ? signedDistance(*rule->to)
              : signedDistance(*rule->from) + arrow() + signedDistance(rule->to.value_or(0));
    sentence.text = tr("%1 writes span %2: %3, but %4 is %5")
                        .arg(actor)
                        .arg(*span)
                        .arg(signedDistance(from) + arrow() + signedDistance(to), arc, demanded);
  } else if (!fresh && rule->to) {
    sentence.text += QStringLiteral(": ") + signedDistance(from) + arrow() + signedDistance(to);
  }
  return sentence;
}

QString markLabel(const BenchRow& row) {
  const QString arc = QString::fromStdString(row.arc);
  const ArcRule* rule = ruleOfArc(arc);
  if (row.word == kHeapGenWord) return tr("%1 sg %2").arg(arc).arg(row.after);
  const auto span = spanOfRow(row);
  if (!span || rule == nullptr) return arc;
  return QStringLiteral("%1 %2 %3").arg(QLatin1String(rule->name), tr(rule->verb)).arg(*span);
}

QString alternativeOf(const BenchNode& step, const BenchView* before) {
  if (step.kind != BenchStepKind::kChoice || before == nullptr) return {};
  for (const BenchThread& t : before->threads)
    if (t.thread == step.thread && step.choice < t.alternatives.size())
      return QString::fromStdString(t.alternatives[step.choice]);
  return {};
}

QString stepLabel(const BenchNode& step, const BenchView* view, const BenchView* before) {
  if (const QString chosen = alternativeOf(step, before); !chosen.isEmpty()) return chosen;
  QString text = shownText(step.text);
  if (view != nullptr && step.thread != kNoThread)
    for (const QString& name : {actorName(*view, step.thread), threadName(*view, step.thread)}) {
      if (text.startsWith(name + QStringLiteral(": "))) text.remove(0, name.size() + 2);
      if (text.startsWith(name + QLatin1Char(' '))) text.remove(0, name.size() + 1);
    }
  const QLatin1String sets("sets ");  // the word and its values say it
  return text.startsWith(sets) ? text.mid(sets.size()) : text;
}

LampWords lampOf(const BenchView& view) {
  const auto cross = [](const QString& words) { return LampWords{QStringLiteral("\u2715 ") + words, true}; };
  if (view.verdict.outcome == BenchOutcome::kViolation)
    return cross(
        tr("fired: %1")
            .arg(QString::fromStdString(view.verdict.rule.empty() ? view.verdict.kind : view.verdict.rule)));
  for (auto rule = view.board.rules.rbegin(); rule != view.board.rules.rend(); ++rule)
    if (rule->state == BenchRuleState::kNoted)
      return cross(tr("noted: %1").arg(QString::fromStdString(rule->rule)));
  if (view.verdict.outcome == BenchOutcome::kFinished) return {tr("\u2713 ended, no rule violated"), false};
  return {tr("\u2713 no rule violated"), false};
}

QStringList verdictLines(const BenchView& view, const BenchSetup& setup) {
  const BenchVerdict& verdict = view.verdict;
  QStringList lines;
  if (verdict.outcome == BenchOutcome::kViolation) {
    const QString rule = QString::fromStdString(verdict.rule), kind = QString::fromStdString(verdict.kind);
    lines << (rule.isEmpty() ? tr("%1 after %2").arg(kind, formatCounted(verdict.step, "step"))
                             : tr("Fired after %1: %2").arg(formatCounted(verdict.step, "step"), rule));
    if (kind == QLatin1String("oracle"))
      lines << tr("Found by the oracle, a shadow heap outside the engine.");
    else if (kind == QLatin1String("engine check"))
      lines << tr("Found by the engine's own check.");
    else if (!kind.isEmpty())
      lines << tr("Found as a %1.").arg(kind);
    if (const QString demand = invariantWords(rule); !demand.isEmpty())
      lines << tr("The rule: %1.").arg(demand);
    if (!verdict.text.empty()) lines << shownText(verdict.text);
    if (!verdict.harm.empty())
      lines << (verdict.harm == "none"
                    ? tr("If it is ignored: %1.").arg(shownText(verdict.harm_text))
                    : tr("What follows if it is ignored: %1: %2.")
                          .arg(QString::fromStdString(verdict.harm), shownText(verdict.harm_text)));
    if (verdict.thread != kNoThread) lines << tr("In %1.").arg(threadName(view, verdict.thread));
  } else if (verdict.outcome == BenchOutcome::kFinished) {
    lines << tr("The run ended, and no rule was violated");
    lines << tr("This is one schedule. Another one may end differently.");
  } else {
    const bool noted = std::any_of(view.board.rules.begin(), view.board.rules.end(),
                                   [](const BenchRule& r) { return r.state == BenchRuleState::kNoted; });
    lines << (noted ? tr("A violation was noted, and the run went on") : tr("No rule was violated so far"));
    lines << tr("%1 taken.").arg(formatCounted(view.steps, "step"));
    if (!setup.fault.empty())
      lines << tr("The fault %1 is switched on. Step on, or search from here.")
                   .arg(QString::fromStdString(setup.fault));
  }
  for (const BenchRule& rule : view.board.rules) {
    if (rule.state != BenchRuleState::kNoted) continue;
    const QString name = QString::fromStdString(rule.rule);
    const QString when =
        rule.times == 1
            ? tr("%1, noted at step %2").arg(name).arg(rule.first_step)
            : tr("%1, noted %2 times, first at step %3").arg(name).arg(rule.times).arg(rule.first_step);
    lines << QStringLiteral("%1: %2").arg(when, shownText(rule.text));
  }
  return lines;
}

}  // namespace sweepscope::gui
