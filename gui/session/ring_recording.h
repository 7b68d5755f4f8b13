// Rec in a live session: writes the events of the flight ring, and all that follow, to a file until stopped. The
// engine is not involved.
//
// GUI thread; its own worker reads the ring (under the log's lock, a stretch at a time), encodes and writes. The
// ring lives until all of it is written, even if another session replaces it on screen.
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
  ~RingRecording() override;  // finishes the current recording

  void start(const QString& path, std::shared_ptr<telemetry::History> ring);
  void stop();  // after the events in the ring now; ended() follows
  void tick();  // from the frame loop

  bool active() const { return ring_ != nullptr && !stopping_; }
  const QString& path() const { return path_; }
  uint64_t events() const { return events_; }
  uint64_t bytes() const { return bytes_; }

 signals:
  void changed();                    // started, or wrote events
  void ended(const QString& error);  // empty: the file is complete

 private:
  struct Writer;  // the state of the worker
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
