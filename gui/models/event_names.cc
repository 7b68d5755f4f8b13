// Names of the things in events: Ps, phases, states, causes.
#include "gui/models/sentences.h"

namespace sweepscope::gui {

using namespace telemetry;

QString actor(uint16_t p) {
  return p == kNoP ? QStringLiteral("a thread without a P") : QStringLiteral("P%1").arg(p);
}

QString phaseName(Phase phase) { return QLatin1String(name(phase)); }

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
    case StwReason::kStwSweep: return QStringLiteral("stop-the-world sweep");
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
    case FlushCause::kDestroy: return QStringLiteral("the destruction of its P");
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

}  // namespace sweepscope::gui
