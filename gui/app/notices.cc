#include "gui/app/notices.h"

#include <QFileInfo>
#include <cstring>

#include "gui/models/formats.h"
#include "gui/models/heap_census.h"
#include "gui/models/laboratory_note.h"
#include "gui/models/sentences.h"
#include "gui/views/map_widget.h"
#include "gui/views/overlays.h"

namespace sweepscope::gui {

namespace {

// After an engine is gone: the reason, if known, and what the user can still do.
QString keptPictureText(const QString& why) {
  const QString stays =
      Notices::tr("The last picture stays on screen. Press Rec to save the captured events.");
  return why.isEmpty() ? stays : why + QLatin1Char('\n') + stays;
}

}  // namespace

void Notices::clear() {
  problem_.clear();
  regions_.banner->hide();
  refreshEmptyText();
}

void Notices::opened() {
  if (session_.log()) problem_.clear();
  refreshEmptyText();
  if (!session_.laboratory()) return;
  const auto check = session_.checkFired();
  const LaboratoryNote note = noteOf(session_.log()->info(), check);
  regions_.banner->note(note.title, note.detail, check.has_value());
}

void Notices::failed(const QString& why) {
  if (!session_.log()) problem_ = why;
  refreshEmptyText();
  regions_.banner->show(why, {}, false);
}

void Notices::noEngine(const QString& why) {
  if (!session_.log()) problem_ = why;
  refreshEmptyText();
  if (!session_.log()) return;
  regions_.banner->show(tr("Could not connect to an engine"), why, false);
  offerRetry();
}

void Notices::noSchedule(const QString& why) {
  regions_.banner->show(tr("Could not find a schedule to step through"), why, false);
}

// In the laboratory the check that fires is the subject of the session: opened() has shown it.
void Notices::checkFired() {
  const auto check = session_.checkFired();
  if (!check || session_.laboratory()) return;
  const bool recording = session_.source() == SessionController::Source::kRecording;
  const QString words = recording ? tr("The recording ends here. The picture shows the state at the check.")
                                  : keptPictureText(link_.own() ? link_.errorLine() : QString());
  regions_.banner->show(describe(*check, session_.log()->info().check_names), words, true);
  if (!recording) offerRetry();
}

void Notices::engineEnded(int code, bool crashed) {
  if (session_.checkFired()) return checkFired();
  regions_.banner->show(crashed ? tr("The engine was killed by signal %2 (%1)")
                                      .arg(QString::fromLocal8Bit(strsignal(code)))
                                      .arg(code)
                                : tr("The engine exited with code %1").arg(code),
                        keptPictureText(link_.errorLine()), false);
  offerRetry();
}

void Notices::connectionLost() {
  if (session_.checkFired()) return checkFired();
  regions_.banner->show(tr("The connection to %1 was closed").arg(session_.sourceName()),
                        keptPictureText(session_.linkMessage()), false);
  offerRetry();
}

void Notices::offerRetry() { regions_.banner->offer(link_.own() ? tr("Start again") : tr("Connect again")); }

void Notices::recorded(const RingRecording& recording) {
  showCaption(tr("Recorded %1 to %2.")
                  .arg(formatCounted(recording.events(), "event"), QFileInfo(recording.path()).fileName()));
}

void Notices::recordingFailed(const QString& why) {
  regions_.banner->show(tr("Could not finish the recording"), why, false);
}

// If the filter matches nothing, a caption names what is absent and how to find it, until there is some.
void Notices::filtered(uint16_t states) {
  filter_ = states;
  const QString words = absentText();
  if (!words.isEmpty()) showCaption(words);
  if (words.isEmpty() && regions_.caption->displays(absent_)) regions_.caption->dismiss();
  absent_ = words;
}

void Notices::pictureChanged() {
  if (session_.codes().pages() == 0) refreshEmptyText();
  if (!absent_.isEmpty() && absentText().isEmpty() && regions_.caption->displays(absent_)) {
    regions_.caption->dismiss();
    absent_.clear();
  }
}

QString Notices::absentText() const {
  for (int i = 0; i < kCellStates; ++i) {
    const auto state = static_cast<CellState>(i);
    if (filter_ != maskOf(state)) continue;
    const HeapCensus census = heapCensus(session_.replica());
    if (census[state].pages > 0) return {};
    return tr("%1 now. Press . for the next phase, or Shift+Esc to see every state.")
        .arg(QLatin1String(words(state).absent));
  }
  return {};
}

void Notices::showCaption(const QString& message) { regions_.caption->display(message); }

void Notices::refreshEmptyText() { regions_.map->setEmptyText(emptyText()); }

QString Notices::emptyText() const {
  if (!problem_.isEmpty())
    return tr("No heap to show.\n\n%1\n\nPress Ctrl+O to open a recording, or Ctrl+N to start an engine.")
        .arg(problem_);
  if (beginnings_.measuring()) return tr("The demo is stopped while eager and lazy are measured.");
  if (link_.trying()) return tr("Starting an engine: %1...").arg(demo_);
  if (session_.opening())
    return tr("Opening the recording: %1 %\n\nPress Ctrl+. to cancel.")
        .arg(static_cast<int>(session_.openingShare() * 100));
  if (session_.log() == nullptr)
    return tr("No session is open.\n\nPress Ctrl+N to watch a collection, or Ctrl+O to open a recording.");
  if (session_.source() == SessionController::Source::kLive)
    return tr("Connected. The map appears with the first span that the engine allocates.");
  if (session_.laboratory())
    return tr("No span is allocated yet at this step.\n\nPress Shift+. for the next step.");
  return tr(
      "No span is allocated yet at this point of the session.\n\nPress Space to play, or . for the next phase.");
}

}  // namespace sweepscope::gui
