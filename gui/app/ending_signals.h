// SIGINT, SIGTERM and SIGHUP as an ordinary event of the GUI thread, so that the window closes as if the user
// closed it: the current recording is finished, preferences are saved, the child engine is stopped. One object
// per program.
//
// The handler writes to an eventfd and nothing else. It runs once: a second signal ends the program at once,
// and the engine with it (gui/session/ends_with_parent.h).
#pragma once

#include <QObject>
#include <QSocketNotifier>

namespace sweepscope::gui {

class EndingSignals : public QObject {
  Q_OBJECT

 public:
  explicit EndingSignals(QObject* parent = nullptr);
  ~EndingSignals() override;

 signals:
  void received(int signal);

 private:
  void onReadable();

  int events_;  // eventfd: its count is the sum of the signals' numbers, of which there is one
  QSocketNotifier notifier_;
};

}  // namespace sweepscope::gui
