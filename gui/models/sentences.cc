#include "gui/models/sentences.h"

#include <QRegularExpression>
#include <algorithm>

#include "gui/models/formats.h"
#include "gui/models/invariants.h"
#include "gui/models/page_codes.h"
#include "telemetry/replica/arc_table.h"

namespace sweepscope::gui {

using namespace telemetry;

namespace {

constexpr uint8_t kHeapGrown = 1;  // Log.code of the schema's LogColumns; a, b: first page, pages

QString pages(uint64_t n) { return formatCounted(n, "page"); }
QString objects(uint64_t n) { return formatCounted(n, "object"); }
QString spans(uint64_t n) { return formatCounted(n, "span"); }

QString sweeper(Cause cause, uint16_t p) {
  switch (cause) {
    case Cause::kBackground: return QStringLiteral("The background sweeper");
    case Cause::kProportional: return actor(p) + QStringLiteral(", in proportional sweep,");
    case Cause::kCacheSpan: return actor(p) + QStringLiteral(", looking for a span to cache,");
    case Cause::kFlush: return QStringLiteral("The flush of ") + actor(p) + QStringLiteral("'s cache");
    case Cause::kEnsureSwept: return actor(p) + QStringLiteral(", in ensure_swept,");
    case Cause::kLargeAlloc:
    case Cause::kReclaim: return actor(p) + QStringLiteral(", reclaiming pages for a large object,");
    case Cause::kForced: return QStringLiteral("A forced collection");
    case Cause::kFinish: return QStringLiteral("The next cycle, finishing the sweep,");
    case Cause::kStw: return QStringLiteral("The stop-the-world sweep");
    default: return actor(p);
  }
}

// The distances of the span's sweepgen in an event.
struct Distances {
  uint32_t sg;
  int32_t from, to;
  CellState after() const { return stateTable(sg)[genCode(sg + static_cast<uint32_t>(to), sg)]; }
};

QString arrow(const QString& from, const QString& to) { return QStringLiteral("%1 \u2192 %2").arg(from, to); }

// The list of the span after a sweep that freed slots.
QString placeOf(ListMembership list) {
  switch (list) {
    case ListMembership::kNonempty: return QStringLiteral("on its mcentral's nonempty list");
    case ListMembership::kEmpty: return QStringLiteral("on its mcentral's empty list");
    case ListMembership::kBusyLarge: return QStringLiteral("on the list of large objects");
    case ListMembership::kNone: break;
  }
  return QStringLiteral("on no list");
}

// The sentence of an arc whose values match the event.
QString arcSentence(const Transition& t) {
  switch (t.arc) {
    case Arc::kT2: return actor(t.p) + QStringLiteral(" puts it into its cache and may now allocate from it");
    case Arc::kT3: return actor(t.p) + QStringLiteral(" found it full and returns it to its mcentral");
    case Arc::kT4:
      return actor(t.p) +
             QStringLiteral("'s cache is flushed; the span was swept in this cycle and needs no sweep");
    case Arc::kT6: return sweeper(t.cause, t.p) + QStringLiteral(" claims it for sweeping");
    case Arc::kT7:
      return QStringLiteral("The flush of %1's cache claims the stale span; no other thread may claim it")
          .arg(actor(t.p));
    case Arc::kT8a:
      return QStringLiteral("Swept: its mark bits became its alloc bits, %1 live")
          .arg(objects(t.alloc_count));
    case Arc::kT8b:
      return QStringLiteral("Swept with slots freed, %1 live; %2")
          .arg(objects(t.alloc_count), placeOf(t.list));
  }
  return {};
}

Sentence ofTransition(const Transition& t, std::optional<uint32_t> heapGen) {
  const ArcSpec* arc = find_arc(t.arc);
  if (arc == nullptr) {
    return {QStringLiteral("Unknown arc: sweepgen %1 to %2").arg(t.from).arg(t.to),
            "?",
            {},
            heapGen ? stateTable(*heapGen)[genCode(t.to, *heapGen)] : CellState::kUnknown};
  }
  const uint32_t sg = heapGen.value_or(t.from - static_cast<uint32_t>(arc->from));
  const Distances d{sg, static_cast<int32_t>(t.from - sg), static_cast<int32_t>(t.to - sg)};
  const QString from = formatDistance(t.from, sg), to = formatDistance(t.to, sg);
  const QString rule = QLatin1String(arc->name);
  if (d.from == arc->from && d.to == arc->to) return {arcSentence(t), rule, arrow(from, to), d.after()};
  return {QStringLiteral("%1 moves it from %2 to %3 (%4), but %5 leads from %6 to %7")
              .arg(actor(t.p), from, to, QLatin1String(words(d.after()).name), rule,
                   formatDistance(sg + static_cast<uint32_t>(arc->from), sg),
                   formatDistance(sg + static_cast<uint32_t>(arc->to), sg)),
          QStringLiteral("not ") + rule, arrow(from, to), d.after()};
}

// "mark cached, sweepgen := h+3": the name of a step has the value that the protocol writes. The event has the
// value written; where a fault changed it, the sentence reports that one.
QString withWritten(QString name, const StepTaken& step, uint32_t sg) {
  if (step.op != StepOp::kStore && step.op != StepOp::kRmw && step.op != StepOp::kCasWon) return name;
  static const QRegularExpression kWrites(QStringLiteral("(:= |-> )h([+-]\\d+)?(?![\\w+-])"));
  const QRegularExpressionMatch match = kWrites.match(name);
  if (!match.hasMatch()) return name;
  const int named = match.captured(2).toInt();  // none: 0
  if (step.after - sg == static_cast<uint32_t>(named)) return name;
  const auto relative = [](int32_t distance) {
    return distance == 0 ? QStringLiteral("h")
                         : QStringLiteral("h%1%2").arg(distance > 0 ? "+" : "").arg(distance);
  };
  return name.replace(match.capturedStart(), match.capturedLength(),
                      match.captured(1) + relative(static_cast<int32_t>(step.after - sg))) +
         QStringLiteral(" where the protocol writes ") + relative(named);
}

QString nameOf(const std::vector<std::pair<uint32_t, std::string>>& names, uint32_t id) {
  const auto named = std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.first == id; });
  return named == names.end() ? QString() : QString::fromStdString(named->second);
}

QString markersName(MarkedBy by) {
  switch (by) {
    case MarkedBy::kDedicated: return QStringLiteral("dedicated workers");
    case MarkedBy::kFractional: return QStringLiteral("fractional workers");
    case MarkedBy::kIdle: return QStringLiteral("idle workers");
    case MarkedBy::kAssist: break;
  }
  return QStringLiteral("assists");
}

// What allocations of the path did.
QString pathWords(AllocPath path) {
  switch (path) {
    case AllocPath::kFast: return QStringLiteral("took a free slot of a cached span");
    case AllocPath::kRefill: return QStringLiteral("took another span");
    case AllocPath::kSweep: return QStringLiteral("swept a span first");
    case AllocPath::kGrow: return QStringLiteral("made a span of free pages");
    case AllocPath::kLarge: return QStringLiteral("took pages for a large object");
    case AllocPath::kAssist: return QStringLiteral("paid with marking, or waited for credit");
    case AllocPath::kCollect: break;
  }
  return QStringLiteral("began a collection, or waited for one");
}

QString percent(uint32_t millionths) { return QStringLiteral("%1 %").arg(millionths / 1e4, 0, 'f', 1); }

// The effect of an atomic step on its word, shown where a transition shows its distances.
QString effectOf(const StepTaken& s) {
  switch (s.op) {
    case StepOp::kLoad: return QStringLiteral("reads %1").arg(s.after);
    case StepOp::kStore:
    case StepOp::kRmw:
    case StepOp::kCasWon: return QStringLiteral("%1 \u2192 %2").arg(s.before).arg(s.after);
    case StepOp::kCasLost: return QStringLiteral("CAS lost");
    case StepOp::kLock: return QStringLiteral("locks");
    case StepOp::kUnlock: return QStringLiteral("unlocks");
    case StepOp::kWait: return QStringLiteral("waits");
    case StepOp::kChoice: return QStringLiteral("chooses %1").arg(s.after);
  }
  return {};
}

struct Describer {
  const SessionInfo& info;
  std::optional<uint32_t> sg;

  QString time(double ns) const { return formatDuration(ns, info.engine_build == "laboratory"); }
  Sentence operator()(const Transition& t) const { return ofTransition(t, sg); }
  Sentence operator()(const SpanAllocated& s) const {
    const QString text =
        QStringLiteral("%1 %2 a span (%3)")
            .arg(pages(s.pages), s.pages == 1 ? QStringLiteral("becomes") : QStringLiteral("become"),
                 formatSpanClass(s.span_class));
    if (s.span_class == kManualSpanClass)  // its sweepgen has no meaning
      return {text, "T1", arrow(QStringLiteral("free"), QStringLiteral("stack")), CellState::kStack};
    const uint32_t now = sg.value_or(s.sweepgen);
    const QString to = formatDistance(s.sweepgen, now);
    const CellState after = stateTable(now)[genCode(s.sweepgen, now)];
    if (after == CellState::kSwept) return {text, "T1", arrow(QStringLiteral("free"), to), after};
    return {
        QStringLiteral("%1 at %2 (%3), but T1 leads to 0").arg(text, to, QLatin1String(words(after).name)),
        "not T1", arrow(QStringLiteral("free"), to), after};
  }
  Sentence operator()(const SpanFreed& s) const {
    // The event does not have the span's kind; only a span with objects must have sweepgen sg.
    const bool swept = !sg || s.sweepgen == *sg;
    return {QStringLiteral("%1 %2 free again")
                .arg(pages(s.pages), s.pages == 1 ? QStringLiteral("is") : QStringLiteral("are")),
            "T9",
            arrow(swept ? QStringLiteral("0") : QStringLiteral("sweepgen %1").arg(s.sweepgen),
                  QStringLiteral("free")),
            CellState::kFree};
  }
  Sentence operator()(const Turn& t) const {
    const QString text =
        QStringLiteral("The turn: sg %1 \u2192 %2. It changes the state of %3 without a write to any span")
            .arg(t.from)
            .arg(t.to)
            .arg(spans(t.spans_in_use));
    const bool byTwo = t.to - t.from == 2;
    return {byTwo ? text : text + QStringLiteral("; but T5 adds 2"),
            byTwo ? "T5" : "not T5",
            {},
            CellState::kUnknown};
  }
  Sentence operator()(const Flush& f) const {
    return {QStringLiteral("%1's cache is flushed by %2: %3, %4 of them swept, %5")
                .arg(actor(f.p), flushCauseName(f.cause), spans(f.spans))
                .arg(f.swept)
                .arg(time(f.ns)),
            {},
            {},
            CellState::kUnknown};
  }
  Sentence operator()(const PhaseChange& p) const {
    return {QStringLiteral("Cycle %1 enters %2, heap %3")
                .arg(p.cycle)
                .arg(phaseName(p.phase), formatBytes(p.heap_live)),
            {},
            {},
            CellState::kUnknown};
  }
  Sentence operator()(const Stw& s) const {
    const QString why = reasonName(s.reason);
    switch (s.edge) {
      case StwEdge::kRequested:
        return {
            QStringLiteral("Stop requested (%1), %2 running").arg(why, formatCounted(s.running, "thread")),
            {},
            {},
            CellState::kUnknown};
      case StwEdge::kStopped:
        return {QStringLiteral("The world is stopped after %1 (%2)").arg(time(s.ns), why),
                {},
                {},
                CellState::kUnknown};
      case StwEdge::kReleased:
        return {QStringLiteral("Stop released after %1 (%2), %3 flushed in the pause")
                    .arg(time(s.ns), why, spans(s.spans_flushed)),
                {},
                {},
                CellState::kUnknown};
      case StwEdge::kStarted: break;
    }
    return {QStringLiteral("The world is running again, %1 after the release").arg(time(s.ns)),
            {},
            {},
            CellState::kUnknown};
  }
  Sentence operator()(const MarkProgress& m) const {
    return {QStringLiteral("Marker %1 marked %2 in %3")
                .arg(m.worker)
                .arg(formatBytes(m.marked_bytes), objects(m.marked_objects)),
            {},
            {},
            CellState::kUnknown};
  }
  Sentence operator()(const SweepCredit& c) const {
    return {QStringLiteral("%1 swept %2 before allocating %3")
                .arg(actor(c.p), pages(c.pages), formatBytes(c.bytes)),
            {},
            {},
            CellState::kUnknown};
  }
  Sentence operator()(const Pacer& p) const {
    const QString trigger = p.trigger == ~uint64_t{0} ? QStringLiteral("off") : formatBytes(p.trigger);
    return {QStringLiteral("Pacer: next cycle at %1, goal %2")
                .arg(trigger, p.goal == ~uint64_t{0} ? QStringLiteral("none") : formatBytes(p.goal)),
            {},
            {},
            CellState::kUnknown};
  }
  Sentence operator()(const Procresize& r) const {
    return {r.from == r.to ? QStringLiteral("The number of Ps stays %1").arg(r.to)
                           : QStringLiteral("The number of Ps changes from %1 to %2").arg(r.from).arg(r.to),
            {},
            {},
            CellState::kUnknown};
  }
  Sentence operator()(const PStatusChange& p) const {
    return {QStringLiteral("P%1: %2 \u2192 %3").arg(p.p).arg(statusName(p.from), statusName(p.to)),
            {},
            {},
            CellState::kUnknown};
  }
  Sentence operator()(const CheckFired& c) const {
    return {describe(c, info.check_names), {}, {}, CellState::kIllegal};
  }
  Sentence operator()(const Log& l) const {
    if (l.code == kHeapGrown)
      return {QStringLiteral("The heap grows by %1").arg(pages(l.b)), {}, {}, CellState::kUnknown};
    return {QStringLiteral("Log %1: %2, %3").arg(l.code).arg(l.a).arg(l.b), {}, {}, CellState::kUnknown};
  }
  Sentence operator()(const StepTaken& s) const {
    const QString who = nameOf(info.stream_names, s.fiber), name = nameOf(info.step_names, s.step),
                  what = withSg(sg ? withWritten(name, s, *sg) : name);
    return {QStringLiteral("%1: %2").arg(who.isEmpty() ? QStringLiteral("Fiber %1").arg(s.fiber) : who,
                                         what.isEmpty() ? QStringLiteral("step %1").arg(s.step) : what),
            {},
            effectOf(s),
            CellState::kUnknown};
  }
  Sentence operator()(const MarkWork& w) const {
    return {QStringLiteral("Cycle %1: %2 marked for %3 and scanned %4")
                .arg(w.cycle)
                .arg(markersName(w.by), time(static_cast<double>(w.ns)), formatBytes(w.bytes)),
            {},
            {},
            CellState::kUnknown};
  }
  Sentence operator()(const MarkShare& s) const {
    return {QStringLiteral(
                "Cycle %1: marking used %2 of the Ps, workers scanned %3 in place of assists; its trigger "
                "was %4 above the marked heap")
                .arg(s.cycle)
                .arg(percent(s.utilisation), formatBytes(s.credit_bytes), percent(s.ratio)),
            {},
            {},
            CellState::kUnknown};
  }
  Sentence operator()(const AllocLatency& a) const {
    QString text = QStringLiteral("Cycle %1: %2 %3")
                       .arg(a.cycle)
                       .arg(formatCounted(a.count, "allocation"), pathWords(a.path));
    if (a.path != AllocPath::kFast && a.count > 0)
      text += QStringLiteral("; %1 on average, %2 at most")
                  .arg(time(static_cast<double>(a.total_ns) / static_cast<double>(a.count)),
                       time(static_cast<double>(a.max_ns)));
    return {text, {}, {}, CellState::kUnknown};
  }
};

}  // namespace

Sentence describe(const Event& event, const SessionInfo& info, std::optional<uint32_t> sg) {
  return std::visit(Describer{info, sg}, event.body);
}

QString describe(const CheckFired& check, const CheckNames& names) {
  const QString name = nameOf(names, check.code);
  const QString code = name.isEmpty() ? QString::number(check.code) : QStringLiteral("\"%1\"").arg(name);
  QString text = QStringLiteral("Engine check %1 fired").arg(code);
  if (firedByOracle(check)) {
    text = QStringLiteral("Oracle %1 fired").arg(oracleRuleName(check.oracle));
  } else if (check.oracle != 0) {
    text = QStringLiteral("Engine check %1 found %2 broken").arg(code, oracleRuleName(check.oracle));
  }
  if (check.p != kNoP) text += QStringLiteral(" on P%1").arg(check.p);
  if (check.span != kNoId && check.raw == 0) {  // the check did not compare sweepgens, so none is reported
    text += QStringLiteral(", span %1").arg(check.span);
  } else if (check.span != kNoId) {
    text += QStringLiteral(", span %1 at %2 (sweepgen %3, sg %4)")
                .arg(check.span)
                .arg(formatDistance(check.raw, check.sweepgen))
                .arg(check.raw)
                .arg(check.sweepgen);
  }
  return text;
}

bool firedByOracle(const CheckFired& check) { return check.oracle != 0 && check.code == check.oracle; }

QString stateWords(const SpanPicture& span, uint32_t sg) {
  const CellState state = stateOf(span, sg);
  const QString name = QLatin1String(words(state).name);
  return state == CellState::kIllegal ? QStringLiteral("%1 (%2)").arg(name, formatDistance(span.sweepgen, sg))
                                      : name;
}

QString withSg(QString words) {
  static const QRegularExpression kHeapGen(QStringLiteral("\\bh\\b"));
  return words.replace(kHeapGen, QStringLiteral("sg"));
}

SpanId spanOf(const Event& event) {
  if (const auto* t = std::get_if<Transition>(&event.body)) return t->span;
  if (const auto* a = std::get_if<SpanAllocated>(&event.body)) return a->span;
  if (const auto* f = std::get_if<SpanFreed>(&event.body)) return f->span;
  if (const auto* c = std::get_if<CheckFired>(&event.body)) return c->span;
  return kNoId;
}

}  // namespace sweepscope::gui
