// The two start actions that run sweepctl first: the search for a schedule to step through, and the comparison
// of the flush policies. They reach the window by signals. GUI thread.
#pragma once

#include <QObject>
#include <QPointer>

#include "gui/app/actions.h"
#include "gui/app/comparison_dialog.h"
#include "gui/app/engine_link.h"
#include "gui/app/regions.h"
#include "gui/session/found_schedule.h"
#include "gui/session/session_controller.h"

namespace sweepscope::gui {

class Beginnings : public QObject {
  Q_OBJECT

 public:
  Beginnings(const Actions& actions, const Regions& regions, SessionController& session, EngineLink& link,
             const Theme& theme, QWidget* window);
  bool measuring() const { return dialog_ != nullptr; }
  bool searching() const { return schedule_.searching(); }
  void cancel() { schedule_.cancel(); }

 signals:
  void changed();                       // searching() or measuring()
  void found(const QString& schedule);  // a file: step through it
  void failed(const QString& why);
  void demoNeeded();  // restart it: it was stopped for the measurement

 private:
  void compare();

  const Regions& regions_;
  SessionController& session_;
  EngineLink& link_;
  const Theme& theme_;
  QWidget* window_;
  FoundSchedule schedule_;
  QPointer<ComparisonDialog> dialog_;
};

}  // namespace sweepscope::gui
