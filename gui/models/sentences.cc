#include "gui/models/sentences.h"

#include <QRegularExpression>
#include <algorithm>

#include "gui/models/formats.h"
#include "gui/models/invariants.h"

namespace sweepscope::gui {

using namespace telemetry;

namespace {

constexpr uint8_t kHeapGrown = 1;  // Log.code, as the schema's LogColumns tells it: first page, pages

QString pages(uint32_t n) { return n == 1 ? QStringLiteral("1 page") : QStringLiteral("%1 pages").arg(n); }

QString sweeper(Cause cause, uint16_t p) {
  switch (cause) {
    case Cause::kBackground: return QStringLiteral("The background sweeper");
    case Cause::kProportional: return actor(p) + QStringLiteral(", paying for its allocation,");
    case Cause::kCacheSpan: return actor(p) + QStringLiteral(", looking for a span to cache,");
    case Cause::kFlush: return QStringLiteral("The flusher of ") + actor(p) + QStringLiteral("'s cache");
    case Cause::kEnsureSwept: return actor(p) + QStringLiteral(", in ensure_swept,");
    case Cause::kLargeAlloc:
    case Cause::kReclaim: return actor(p) + QStringLiteral(", reclaiming pages for a large object,");
    case Cause::kForced: return QStringLiteral("A forced collection");
    case Cause::kFinish: return QStringLiteral("The next cycle, finishing the sweep,");
    case Cause::kStw: return QStringLiteral("The stopped-world sweep");
    default: return actor(p);
  }
}

Sentence ofTransition(const Transition& t) {
  switch (t.arc) {
    case Arc::kT2:
      return {actor(t.p) + QStringLiteral(" puts it into its cache and may now allocate from it"), "T2",
              QStringLiteral("0 \u2192 +3"), CellState::kCached};
    case Arc::kT3:
      return {actor(t.p) + QStringLiteral(" found it full and gives it back"), "T3",
              QStringLiteral("+3 \u2192 0"), CellState::kSwept};
    case Arc::kT4:
      return {actor(t.p) + QStringLiteral("'s cache is emptied; the span was fresh and needs no sweep"), "T4",
              QStringLiteral("+3 \u2192 0"), CellState::kSwept};
    case Arc::kT6:
      return {sweeper(t.cause, t.p) + QStringLiteral(" wins the right to sweep it"), "T6",
              QStringLiteral("-2 \u2192 -1"), CellState::kSweeping};
    case Arc::kT7:
      return {
          QStringLiteral("The flusher of %1's cache claims the stale span; nobody else may").arg(actor(t.p)),
          "T7", QStringLiteral("+1 \u2192 -1"), CellState::kSweeping};
    case Arc::kT8a:
      return {
          QStringLiteral("Swept: its mark bits became its alloc bits, %1 objects live").arg(t.alloc_count),
          "T8a", QStringLiteral("-1 \u2192 0"), CellState::kSwept};
    case Arc::kT8b:
      return {QStringLiteral("Swept with slots freed, %1 objects live; back on its mcentral's list")
                  .arg(t.alloc_count),
              "T8b", QStringLiteral("-1 \u2192 0"), CellState::kSwept};
  }
  return {QStringLiteral("An arc this version does not know"), "?", {}, CellState::kIllegal};
}

QString nameOf(const std::vector<std::pair<uint32_t, std::string>>& names, uint32_t id) {
  const auto named = std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.first == id; });
  return named == names.end() ? QString() : QString::fromStdString(named->second);
}

// What an atomic step did to its word, for the place where a transition has its distance.
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

  QString time(double ns) const { return formatDuration(ns, info.engine_build == "laboratory"); }
  Sentence operator()(const Transition& t) const { return ofTransition(t); }
  Sentence operator()(const SpanAllocated& s) const {
    const bool stack = s.span_class == kManualSpanClass;
    return {QStringLiteral("%1 %2 a span (%3)")
                .arg(pages(s.pages), s.pages == 1 ? QStringLiteral("becomes") : QStringLiteral("become"),
                     formatSpanClass(s.span_class)),
            "T1", QStringLiteral("free \u2192 0"), stack ? CellState::kStack : CellState::kSwept};
  }
  Sentence operator()(const SpanFreed& s) const {
    return {QStringLiteral("Nothing in it lives: %1 free again").arg(pages(s.pages)), "T9",
            QStringLiteral("0 \u2192 free"), CellState::kFree};
  }
  Sentence operator()(const Turn& t) const {
    return {
        QStringLiteral("The turn: sg %1 \u2192 %2. %3 spans change their meaning and nobody writes to them")
            .arg(t.from)
            .arg(t.to)
            .arg(formatCount(t.spans_in_use)),
        "T5",
        {},
        CellState::kUnknown};
  }
  Sentence operator()(const Flush& f) const {
    return {QStringLiteral("%1's cache is flushed by %2: %3 spans, %4 of them swept, %5")
                .arg(actor(f.p), flushCauseName(f.cause))
                .arg(f.spans)
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
        return {QStringLiteral("Stop requested (%1), %2 running")
                    .arg(why, s.running == 1 ? QStringLiteral("1 thread")
                                             : QStringLiteral("%1 threads").arg(s.running)),
                {},
                {},
                CellState::kUnknown};
      case StwEdge::kStopped:
        return {QStringLiteral("The world stands still after %1 (%2)").arg(time(s.ns), why),
                {},
                {},
                CellState::kUnknown};
      case StwEdge::kReleased:
        return {QStringLiteral("Released after %1 (%2), %3 spans flushed inside")
                    .arg(time(s.ns), why)
                    .arg(s.spans_flushed),
                {},
                {},
                CellState::kUnknown};
      case StwEdge::kStarted: break;
    }
    return {QStringLiteral("The world runs again, %1 after its release").arg(time(s.ns)),
            {},
            {},
            CellState::kUnknown};
  }
  Sentence operator()(const MarkProgress& m) const {
    return {QStringLiteral("Marker %1 marked %2 in %3 objects")
                .arg(m.worker)
                .arg(formatBytes(m.marked_bytes), formatCount(m.marked_objects)),
            {},
            {},
            CellState::kUnknown};
  }
  Sentence operator()(const SweepCredit& c) const {
    return {QStringLiteral("%1 swept %2 pages before allocating %3")
                .arg(actor(c.p))
                .arg(c.pages)
                .arg(formatBytes(c.bytes)),
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
    return {QStringLiteral("The number of Ps goes from %1 to %2").arg(r.from).arg(r.to),
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
      return {QStringLiteral("The heap grows by %1").arg(pages(static_cast<uint32_t>(l.b))),
              {},
              {},
              CellState::kUnknown};
    return {QStringLiteral("Log %1: %2, %3").arg(l.code).arg(l.a).arg(l.b), {}, {}, CellState::kUnknown};
  }
  Sentence operator()(const StepTaken& s) const {
    const QString who = nameOf(info.stream_names, s.fiber), what = withSg(nameOf(info.step_names, s.step));
    return {QStringLiteral("%1: %2").arg(who.isEmpty() ? QStringLiteral("Fiber %1").arg(s.fiber) : who,
                                         what.isEmpty() ? QStringLiteral("step %1").arg(s.step) : what),
            {},
            effectOf(s),
            CellState::kUnknown};
  }
};

}  // namespace

Sentence describe(const Event& event, const SessionInfo& info) {
  return std::visit(Describer{info}, event.body);
}

QString describe(const CheckFired& check, const CheckNames& names) {
  const QString name = nameOf(names, check.code);
  const QString code = name.isEmpty() ? QString::number(check.code) : QStringLiteral("\"%1\"").arg(name);
  QString text = check.oracle == 0 ? QStringLiteral("Engine check %1 fired").arg(code)
                                   : QStringLiteral("Oracle %1 fired").arg(oracleRuleName(check.oracle));
  if (check.p != kNoP) text += QStringLiteral(" on P%1").arg(check.p);
  if (check.span != kNobody && check.sweepgen == 0 && check.raw == 0) {  // an oracle tells no gens
    text += QStringLiteral(", span %1").arg(check.span);
  } else if (check.span != kNobody) {
    text += QStringLiteral(", span %1 at %2 (sweepgen %3, sg %4)")
                .arg(check.span)
                .arg(formatDistance(check.raw, check.sweepgen))
                .arg(check.raw)
                .arg(check.sweepgen);
  }
  return text;
}

QString withSg(QString words) {
  static const QRegularExpression kHeapGen(QStringLiteral("\\bh\\b"));
  return words.replace(kHeapGen, QStringLiteral("sg"));
}

QString actor(uint16_t p) {
  return p == kNoP ? QStringLiteral("somebody without a P") : QStringLiteral("P%1").arg(p);
}

QString phaseName(Phase phase) {
  switch (phase) {
    case Phase::kOff: return QStringLiteral("sweep / off");
    case Phase::kSweepTermination: return QStringLiteral("sweep termination");
    case Phase::kMark: return QStringLiteral("mark");
    case Phase::kMarkTermination: return QStringLiteral("mark termination");
  }
  return QStringLiteral("unknown");
}

QString statusName(PStatus status) {
  switch (status) {
    case PStatus::kIdle: return QStringLiteral("idle");
    case PStatus::kReady: return QStringLiteral("ready");
    case PStatus::kRunning: return QStringLiteral("running");
    case PStatus::kBlocked: return QStringLiteral("blocked");
    case PStatus::kFlushing: return QStringLiteral("flushing");
    case PStatus::kStopped: return QStringLiteral("stopped");
    case PStatus::kDead: return QStringLiteral("dead");
  }
  return QStringLiteral("unknown");
}

QString stopName(const telemetry::PauseMark& stop) {
  return stop.mark_ns() > 0 ? QStringLiteral("whole collection") : reasonName(stop.reason);
}

QString reasonName(StwReason reason) {
  switch (reason) {
    case StwReason::kSweepTermination: return QStringLiteral("sweep termination");
    case StwReason::kMarkTermination: return QStringLiteral("mark termination");
    case StwReason::kProcresize: return QStringLiteral("procresize");
    case StwReason::kStats: return QStringLiteral("statistics");
    case StwReason::kControl: return QStringLiteral("empty control stop");
    case StwReason::kStwSweep: return QStringLiteral("stopped-world sweep");
  }
  return QStringLiteral("unknown");
}

QString flushCauseName(FlushCause cause) {
  switch (cause) {
    case FlushCause::kAcquireP: return QStringLiteral("acquire_p");
    case FlushCause::kProcresize: return QStringLiteral("procresize");
    case FlushCause::kForEachP: return QStringLiteral("the flush barrier");
    case FlushCause::kStw: return QStringLiteral("the pause");
    case FlushCause::kBackground: return QStringLiteral("the background sweeper");
    case FlushCause::kSlowPath: return QStringLiteral("a slow path");
    case FlushCause::kDestroy: return QStringLiteral("the end of its P");
    case FlushCause::kStats: return QStringLiteral("statistics");
    case FlushCause::kGcStart: return QStringLiteral("gc_start");
  }
  return QStringLiteral("unknown");
}

char flushCauseLetter(FlushCause cause) {
  switch (cause) {
    case FlushCause::kAcquireP: return 'a';
    case FlushCause::kProcresize: return 'z';
    case FlushCause::kForEachP: return 'b';
    case FlushCause::kStw: return 'x';
    case FlushCause::kBackground: return 'i';
    case FlushCause::kSlowPath: return 's';
    case FlushCause::kDestroy: return 'd';
    case FlushCause::kStats: return 't';
    case FlushCause::kGcStart: return 'g';
  }
  return '?';
}

SpanId spanOf(const Event& event) {
  if (const auto* t = std::get_if<Transition>(&event.body)) return t->span;
  if (const auto* a = std::get_if<SpanAllocated>(&event.body)) return a->span;
  if (const auto* f = std::get_if<SpanFreed>(&event.body)) return f->span;
  if (const auto* c = std::get_if<CheckFired>(&event.body)) return c->span;
  return kNobody;
}

}  // namespace sweepscope::gui
