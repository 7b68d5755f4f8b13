// What the window says in words: the banner when something went wrong or wants explaining, a caption when
// something is worth knowing, and why the map is empty. It decides the words; that something happened it is
// told by the main window. GUI thread.
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

  void clear();                     // another session is asked for
  void opened();                    // and here it is
  void failed(const QString& why);  // it is not, or a seek did not arrive
  void noEngine(const QString& why);
  void noSchedule(const QString& why);
  void checkFired();
  void engineEnded(int code, bool crashed);  // the one started here
  void connectionLost();                     // to one that was not
  void recorded(const RingRecording& recording);
  void recordingFailed(const QString& why);
  void filtered(uint16_t states);
  void pictureChanged();  // what is said of it may no longer hold
  void showCaption(const QString& message);
  void refreshEmptyText();

 private:
  QString emptyText() const;
  QString absentText() const;
  void offerRetry();  // in the banner, the engine that was watched

  const Regions& regions_;
  const SessionController& session_;
  const EngineLink& link_;
  const Beginnings& beginnings_;
  const QString& demo_;  // the workload of the engine started here
  QString problem_;      // why there is no session
  uint16_t filter_ = 0;  // states that are shown
  QString absent_;       // said because there were none of them
};

}  // namespace sweepscope::gui
