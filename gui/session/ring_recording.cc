#include "gui/session/ring_recording.h"

namespace sweepscope::gui {

namespace {

constexpr size_t kStretch = 16'384;  // events copied while the lock is held: about a millisecond
constexpr qint64 kRunEveryMs = 100;

}  // namespace

struct RingRecording::Writer {
  std::shared_ptr<telemetry::History> ring;
  std::string path;
  std::unique_ptr<telemetry::HistoryRecorder> recorder;  // made by the first run

  // Writes the events in the ring at this moment; returns the error, if any.
  std::optional<telemetry::Error> run(QMutex& mutex, bool last) {
    uint64_t end = 0;
    {
      const QMutexLocker lock(&mutex);
      end = ring->extent().end_seq;
      if (!recorder) {
        auto made = telemetry::HistoryRecorder::create(path, *ring);
        if (!made) return made.error();
        recorder = std::move(*made);
      }
    }
    for (bool more = true; more && !recorder->error();) {
      {
        const QMutexLocker lock(&mutex);
        more = recorder->take(*ring, kStretch, end);
      }
      recorder->write();
    }
    if (last || recorder->error()) {
      const QMutexLocker lock(&mutex);
      ring->keep_from({});
    }
    if (last) {
      if (auto finished = recorder->finish(); !finished) return finished.error();
    }
    return recorder->error();
  }
};

RingRecording::RingRecording(QMutex& logMutex, QObject* parent) : QObject(parent), logMutex_(logMutex) {
  worker_.setMaxThreadCount(1);
}

RingRecording::~RingRecording() {
  blockSignals(true);  // the receivers are being destroyed, too
  stop();
  worker_.waitForDone();
}

void RingRecording::start(const QString& path, std::shared_ptr<telemetry::History> ring) {
  if (ring_) return;
  ring_ = std::move(ring);
  path_ = path;
  stopping_ = false;
  events_ = bytes_ = 0;
  writer_ = std::make_shared<Writer>();
  writer_->ring = ring_;
  writer_->path = path.toStdString();
  run(false);
  emit changed();
}

void RingRecording::stop() {
  if (!active()) return;
  stopping_ = true;
  run(true);
  emit changed();
}

void RingRecording::tick() {
  if (active() && !running_ && sinceRun_.elapsed() >= kRunEveryMs) run(false);
}

// The pool has one thread, so runs are sequential.
void RingRecording::run(bool last) {
  running_ = true;
  sinceRun_.start();
  worker_.start([this, last, writer = writer_] {
    const auto error = writer->run(logMutex_, last);
    const QString words = error ? QString::fromStdString(error->message) : QString();
    const uint64_t events = writer->recorder ? writer->recorder->events() : 0;
    const uint64_t bytes = writer->recorder ? writer->recorder->bytes() : 0;
    QMetaObject::invokeMethod(
        this,
        [this, words, last, events, bytes, writer] {
          if (writer != writer_) return;  // from an earlier recording, which failed
          events_ = events, bytes_ = bytes;
          onRun(words, last);
        },
        Qt::QueuedConnection);
  });
}

void RingRecording::onRun(const QString& error, bool last) {
  running_ = false;
  const bool over = last || !error.isEmpty();
  if (over) {
    ring_.reset();
    writer_.reset();
    stopping_ = false;
  }
  emit changed();
  if (over) emit ended(error);
}

}  // namespace sweepscope::gui
