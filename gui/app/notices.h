// The texts of the window: the banner for errors and explanations, the caption for notices, and the reason why
// the map is empty. The main window reports the events; this class chooses the text. GUI thread.
#pragma once

#include <QCoreApplication>
#include <QString>
#include <cstdint>

#include "gui/app/beginnings.h"
#include "gui/app/engine_link.h"
#include "gui/app/regions.h"
#include "gui/session/session_controller.h"

namespace sweepscope::gui {

class Notices {
  Q_DECLARE_TR_FUNCTIONS(Notices)

 public:
  Notices(const Regions& regions, const SessionController& session, const EngineLink& link,
          const Beginnings& beginnings, const QString& demo)
      : regions_(regions), session_(session), link_(link), beginnings_(beginnings), demo_(demo) {}

  void clear();                     // another session was requested
  void opened();                    // it is open
  void failed(const QString& why);  // it could not be opened, or a seek failed
  void noEngine(const QString& why);
  void noSchedule(const QString& why);
  void checkFired();
  void engineEnded(int code, bool crashed);  // the child engine
  void connectionLost();                     // to an engine that was not started here
  void recorded(const RingRecording& recording);
  void recordingFailed(const QString& why);
  void filtered(uint16_t states);
  void pictureChanged();  // hides texts that no longer match it
  void showCaption(const QString& message);
  void refreshEmptyText();

 private:
  QString emptyText() const;
  QString absentText() const;
  void offerRetry();  // adds a button to the banner: restart or reconnect

  const Regions& regions_;
  const SessionController& session_;
  const EngineLink& link_;
  const Beginnings& beginnings_;
  const QString& demo_;  // the workload of the engine started here
  QString problem_;      // why there is no session
  uint16_t filter_ = 0;  // states that are shown
  QString absent_;       // the caption shown because the filter matches no page
};

}  // namespace sweepscope::gui
