#include "gui/app/status_line.h"

#include <QCoreApplication>
#include <QFileInfo>

#include "gui/models/formats.h"

namespace sweepscope::gui {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("StatusLine", text); }

QString modeOf(const SessionController& session) {
  if (session.opening()) return tr("opening %1 %").arg(static_cast<int>(session.openingShare() * 100));
  switch (session.source()) {
    case SessionController::Source::kRecording: return tr("replay");
    case SessionController::Source::kLive:
      return session.linkState() == LinkState::kClosed ? tr("disconnected")
             : session.live()                          ? tr("LIVE")
                                                       : tr("rewound, still capturing");
    default: return tr("no session");
  }
}

}  // namespace

StatusLine::StatusLine(QStatusBar& bar)
    : hover_(new QLabel(&bar)),
      recording_(new QLabel(&bar)),
      loss_(new QLabel(&bar)),
      mode_(new QLabel(&bar)) {
  hover_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  bar.addWidget(hover_, 1);
  bar.addPermanentWidget(recording_);
  bar.addPermanentWidget(loss_);
  bar.addPermanentWidget(mode_);
  bar.setSizeGripEnabled(false);
  showHover({});
}

void StatusLine::showHover(const QString& text) {
  const QString rule = tr(
      "Cool is clean, warm is dirty, yellow is being swept, a dot is cached by a P. Press ? for keyboard shortcuts.");
  hover_->setText(text.isEmpty() ? rule : text);
}

void StatusLine::refresh(const SessionController& session) {
  QString mode = modeOf(session);
  if (session.log()) mode += QStringLiteral("   ") + formatMoment(session.ns(), session.laboratory());
  mode_->setText(mode);
  const RingRecording& recording = session.recording();
  recording_->setVisible(recording.active());
  if (recording.active())
    recording_->setText(tr("recording to %1: %2")
                            .arg(QFileInfo(recording.path()).fileName(), formatBytes(recording.bytes())));
  QStringList losses;
  if (const uint64_t lost = session.eventsLost(); lost > 0)
    losses << tr("%1 lost").arg(formatCounted(lost, "event"));
  if (session.cutShort()) losses << tr("unfinished recording");
  loss_->setVisible(!losses.isEmpty());
  loss_->setText(losses.join(QStringLiteral(", ")));
}

}  // namespace sweepscope::gui
