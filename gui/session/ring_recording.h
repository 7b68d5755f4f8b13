// Rec in a live session: the flight ring goes into a file, what it holds and what comes, until stopped. The
// engine is not asked and does not notice.
//
// GUI thread; reading the ring (under the log's lock, a stretch at a time), encoding and writing happen on a
// worker of its own. The ring lives as long as something of it is to be written, also when another session
// has taken its place on screen.
#pragma once

#include <QElapsedTimer>
#include <QMutex>
#include <QObject>
#include <QString>
#include <QThreadPool>
#include <atomic>
#include <memory>

#include "telemetry/store/history_recorder.h"

namespace sweepscope::gui {

class RingRecording : public QObject {
  Q_OBJECT

 public:
  // `logMutex` guards the ring's events.
  explicit RingRecording(QMutex& logMutex, QObject* parent = nullptr);
  ~RingRecording() override;  // what is under way is written to its end

  void start(const QString& path, std::shared_ptr<telemetry::History> ring);
  void stop();  // after what the ring holds now; ended() follows
  void tick();  // from the frame loop

  bool active() const { return ring_ != nullptr && !stopping_; }
  const QString& path() const { return path_; }
  uint64_t events() const { return events_; }
  uint64_t bytes() const { return bytes_; }

 signals:
  void changed();                    // started, or wrote something
  void ended(const QString& error);  // empty: the file is whole

 private:
  struct Writer;  // what the worker touches
  void run(bool last);
  void onRun(const QString& error, bool last);

  QMutex& logMutex_;
  QThreadPool worker_;
  std::shared_ptr<telemetry::History> ring_;
  std::shared_ptr<Writer> writer_;
  QString path_;
  QElapsedTimer sinceRun_;
  bool running_ = false, stopping_ = false;
  uint64_t events_ = 0, bytes_ = 0;
};

}  // namespace sweepscope::gui
