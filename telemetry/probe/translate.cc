#include "telemetry/probe/translate.h"

#include <array>
#include <utility>

namespace sweepscope::telemetry {
namespace {

using observe::EventKind;

// Every enumerator of the engine equals telemetry's, so translation is a cast.
template <class Theirs, class Ours>
constexpr bool equal(Theirs theirs, Ours ours) {
  return static_cast<int>(theirs) == static_cast<int>(ours);
}
#define SWEEPSCOPE_SAME(Enum, enumerator) \
  static_assert(equal(observe::Enum::enumerator, Enum::enumerator), #Enum "::" #enumerator)
SWEEPSCOPE_SAME(Cause, kNone);
SWEEPSCOPE_SAME(Cause, kBackground);
SWEEPSCOPE_SAME(Cause, kProportional);
SWEEPSCOPE_SAME(Cause, kCacheSpan);
SWEEPSCOPE_SAME(Cause, kFlush);
SWEEPSCOPE_SAME(Cause, kEnsureSwept);
SWEEPSCOPE_SAME(Cause, kLargeAlloc);
SWEEPSCOPE_SAME(Cause, kReclaim);
SWEEPSCOPE_SAME(Cause, kForced);
SWEEPSCOPE_SAME(Cause, kFinish);
SWEEPSCOPE_SAME(Cause, kStw);
SWEEPSCOPE_SAME(Cause, kRefill);
SWEEPSCOPE_SAME(Cause, kRelease);
SWEEPSCOPE_SAME(FlushCause, kAcquireP);
SWEEPSCOPE_SAME(FlushCause, kProcresize);
SWEEPSCOPE_SAME(FlushCause, kForEachP);
SWEEPSCOPE_SAME(FlushCause, kStw);
SWEEPSCOPE_SAME(FlushCause, kBackground);
SWEEPSCOPE_SAME(FlushCause, kSlowPath);
SWEEPSCOPE_SAME(FlushCause, kDestroy);
SWEEPSCOPE_SAME(FlushCause, kStats);
SWEEPSCOPE_SAME(FlushCause, kGcStart);
SWEEPSCOPE_SAME(Phase, kOff);
SWEEPSCOPE_SAME(Phase, kSweepTermination);
SWEEPSCOPE_SAME(Phase, kMark);
SWEEPSCOPE_SAME(Phase, kMarkTermination);
SWEEPSCOPE_SAME(StwEdge, kRequested);
SWEEPSCOPE_SAME(StwEdge, kStopped);
SWEEPSCOPE_SAME(StwEdge, kReleased);
SWEEPSCOPE_SAME(StwEdge, kStarted);
SWEEPSCOPE_SAME(StwReason, kSweepTermination);
SWEEPSCOPE_SAME(StwReason, kMarkTermination);
SWEEPSCOPE_SAME(StwReason, kProcresize);
SWEEPSCOPE_SAME(StwReason, kStats);
SWEEPSCOPE_SAME(StwReason, kControl);
SWEEPSCOPE_SAME(StwReason, kStwSweep);
SWEEPSCOPE_SAME(PStatus, kIdle);
SWEEPSCOPE_SAME(PStatus, kReady);
SWEEPSCOPE_SAME(PStatus, kRunning);
SWEEPSCOPE_SAME(PStatus, kBlocked);
SWEEPSCOPE_SAME(PStatus, kFlushing);
SWEEPSCOPE_SAME(PStatus, kStopped);
SWEEPSCOPE_SAME(PStatus, kDead);
SWEEPSCOPE_SAME(ListMembership, kNone);
SWEEPSCOPE_SAME(ListMembership, kNonempty);
SWEEPSCOPE_SAME(ListMembership, kEmpty);
SWEEPSCOPE_SAME(ListMembership, kBusyLarge);
SWEEPSCOPE_SAME(MarkedBy, kDedicated);
SWEEPSCOPE_SAME(MarkedBy, kFractional);
SWEEPSCOPE_SAME(MarkedBy, kIdle);
SWEEPSCOPE_SAME(MarkedBy, kAssist);
SWEEPSCOPE_SAME(AllocPath, kFast);
SWEEPSCOPE_SAME(AllocPath, kRefill);
SWEEPSCOPE_SAME(AllocPath, kSweep);
SWEEPSCOPE_SAME(AllocPath, kGrow);
SWEEPSCOPE_SAME(AllocPath, kLarge);
SWEEPSCOPE_SAME(AllocPath, kAssist);
SWEEPSCOPE_SAME(AllocPath, kCollect);
#undef SWEEPSCOPE_SAME
static_assert(equal(observe::Arc::kT2Cache, Arc::kT2) && equal(observe::Arc::kT3ReplaceFull, Arc::kT3) &&
              equal(observe::Arc::kT4Uncache, Arc::kT4) && equal(observe::Arc::kT6Claim, Arc::kT6) &&
              equal(observe::Arc::kT7ClaimStale, Arc::kT7) && equal(observe::Arc::kT8Swept, Arc::kT8a) &&
              equal(observe::Arc::kT8SweptListed, Arc::kT8b));
static_assert(observe::kNoP == kNoP && observe::kManualSpanClass == kManualSpanClass);

// The wire's kind is the variant's index plus one, and the engine's kind is the wire's.
template <EventKind kKind, class T>
constexpr bool stands_at =
    std::is_same_v<std::variant_alternative_t<static_cast<size_t>(kKind) - 1, Body>, T>;
static_assert(stands_at<EventKind::kTransition, Transition> &&
              stands_at<EventKind::kSpanAllocated, SpanAllocated> &&
              stands_at<EventKind::kSpanFreed, SpanFreed> && stands_at<EventKind::kTurn, Turn> &&
              stands_at<EventKind::kFlush, Flush> && stands_at<EventKind::kPhase, PhaseChange> &&
              stands_at<EventKind::kStw, Stw> && stands_at<EventKind::kMarkProgress, MarkProgress> &&
              stands_at<EventKind::kSweepCredit, SweepCredit> && stands_at<EventKind::kPacer, Pacer> &&
              stands_at<EventKind::kProcresize, Procresize> &&
              stands_at<EventKind::kPStatus, PStatusChange> &&
              stands_at<EventKind::kCheckFired, CheckFired> && stands_at<EventKind::kLog, Log> &&
              stands_at<EventKind::kStep, StepTaken> && stands_at<EventKind::kMarkWork, MarkWork> &&
              stands_at<EventKind::kMarkShare, MarkShare> &&
              stands_at<EventKind::kAllocLatency, AllocLatency>);

template <class Ours>
Ours as(auto theirs) {
  return static_cast<Ours>(theirs);
}
template <class E>
bool within(E value, E first, E last) {
  return value >= first && value <= last;
}
bool is_arc(Arc arc) {
  switch (arc) {
    case Arc::kT2:
    case Arc::kT3:
    case Arc::kT4:
    case Arc::kT6:
    case Arc::kT7:
    case Arc::kT8a:
    case Arc::kT8b: return true;
  }
  return false;
}

std::optional<Body> transition(const observe::Record& record) {
  const auto r = observe::restore<observe::Transition>(record);
  const Transition e{r.header.subject,
                     r.number,
                     r.from,
                     r.to,
                     r.alloc_count,
                     r.header.p,
                     as<Arc>(r.header.code),
                     as<Cause>(r.cause),
                     as<ListMembership>(r.list)};
  if (!is_arc(e.arc) || e.cause > Cause::kRelease || e.list > ListMembership::kBusyLarge) return {};
  return e;
}

}  // namespace

std::optional<Body> translate(const observe::Record& record) {
  const observe::Header& header = record.header;
  switch (header.kind) {
    case EventKind::kTransition: return transition(record);
    case EventKind::kSpanAllocated: {
      const auto r = observe::restore<observe::SpanAllocated>(record);
      if (header.code >= kSpanClasses && header.code != kManualSpanClass) return {};
      return SpanAllocated{header.subject, r.number, r.first_page, r.pages,
                           r.sweepgen,     header.p, header.code};
    }
    case EventKind::kSpanFreed: {
      const auto r = observe::restore<observe::SpanFreed>(record);
      return SpanFreed{header.subject, r.number, r.first_page, r.pages, r.sweepgen, header.p};
    }
    case EventKind::kTurn: {
      const auto r = observe::restore<observe::Turn>(record);
      return Turn{header.subject, r.from, r.to, r.spans_in_use, r.ps};
    }
    case EventKind::kFlush: {
      const auto r = observe::restore<observe::Flush>(record);
      const auto cause = as<FlushCause>(header.code);
      if (!within(cause, FlushCause::kAcquireP, FlushCause::kGcStart)) return {};
      return Flush{header.p, cause, r.spans, r.swept, r.ns, r.flush_gen, r.freed_objects, header.subject};
    }
    case EventKind::kPhase: {
      const auto r = observe::restore<observe::PhaseChange>(record);
      const auto phase = as<Phase>(header.code);
      if (phase > Phase::kMarkTermination) return {};
      return PhaseChange{header.subject, phase, r.heap_live, r.heap_marked};
    }
    case EventKind::kStw: {
      const auto r = observe::restore<observe::Stw>(record);
      const auto edge = as<StwEdge>(header.code);
      const auto reason = as<StwReason>(r.reason);
      if (!within(edge, StwEdge::kRequested, StwEdge::kStarted) ||
          !within(reason, StwReason::kSweepTermination, StwReason::kStwSweep))
        return {};
      const bool released = edge == StwEdge::kReleased, started = edge == StwEdge::kStarted;
      return Stw{header.subject,
                 edge,
                 reason,
                 r.ns,
                 released || started ? 0 : r.detail,
                 r.spans_flushed,
                 released ? r.detail : 0,
                 started ? r.detail : 0};
    }
    case EventKind::kMarkProgress: {
      const auto r = observe::restore<observe::MarkProgress>(record);
      return MarkProgress{header.subject, r.worker, r.marked_objects, r.marked_bytes};
    }
    case EventKind::kSweepCredit: {
      const auto r = observe::restore<observe::SweepCredit>(record);
      return SweepCredit{header.p, header.subject, r.bytes, r.pages_owed};
    }
    case EventKind::kPacer: {
      const auto r = observe::restore<observe::Pacer>(record);
      return Pacer{header.subject, r.trigger, r.goal};
    }
    case EventKind::kProcresize: {
      const auto r = observe::restore<observe::Procresize>(record);
      return Procresize{r.from, header.subject, r.flush_gen};
    }
    case EventKind::kPStatus: {
      const auto r = observe::restore<observe::PStatusChange>(record);
      const auto from = as<PStatus>(r.from), to = as<PStatus>(header.code);
      if (from > PStatus::kDead || to > PStatus::kDead) return {};
      return PStatusChange{header.p, from, to, header.subject, r.owner, r.flush_gen, r.cached};
    }
    case EventKind::kCheckFired: {
      const auto r = observe::restore<observe::CheckFired>(record);
      return CheckFired{header.code, header.p, header.subject, r.sweepgen, r.raw, r.oracle, r.fiber};
    }
    case EventKind::kLog: {
      const auto r = observe::restore<observe::Log>(record);
      return Log{header.code, header.subject, r.a, r.b};
    }
    case EventKind::kStep: {
      const auto r = observe::restore<observe::StepTaken>(record);
      const auto op = as<StepOp>(header.code);
      if (!within(op, StepOp::kLoad, StepOp::kChoice)) return {};
      return StepTaken{header.p, op, r.word, header.subject, r.object, r.before, r.after};
    }
    case EventKind::kMarkWork: {
      const auto r = observe::restore<observe::MarkWork>(record);
      const auto by = as<MarkedBy>(header.code);
      if (by > MarkedBy::kAssist) return {};
      return MarkWork{header.subject, by, r.ns, r.bytes};
    }
    case EventKind::kMarkShare: {
      const auto r = observe::restore<observe::MarkShare>(record);
      return MarkShare{header.subject, r.utilisation, r.ratio, r.credit_bytes};
    }
    case EventKind::kAllocLatency: {
      const auto r = observe::restore<observe::AllocLatency>(record);
      const auto path = as<AllocPath>(header.code);
      if (path > AllocPath::kCollect) return {};
      return AllocLatency{header.subject, path, r.count, r.total_ns, r.max_ns};
    }
  }
  return {};
}

}  // namespace sweepscope::telemetry
