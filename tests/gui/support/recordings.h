// Modelled sessions as batches and as files, for the tests of the dashboard.
#pragma once

#include <gtest/gtest.h>
#include <QString>
#include <QTemporaryDir>
#include <algorithm>
#include <span>
#include <vector>

#include "telemetry/store/recorder.h"
#include "telemetry/wire/batch.h"

namespace sweepscope::testing {

inline void feed(telemetry::BatchSink& sink, std::span<const telemetry::Event> events, uint64_t first) {
  constexpr size_t kBatch = 500;
  for (size_t at = 0; at < events.size(); at += kBatch) {
    const auto part = events.subspan(at, std::min(kBatch, events.size() - at));
    sink.consume({first + at, static_cast<uint32_t>(part.size()), 0,
                  telemetry::encode_batch(part, first + at, 0), part});
  }
}

inline QString record(const QTemporaryDir& directory, const std::vector<telemetry::Event>& events,
                      const telemetry::SessionInfo& info = {}) {
  const QString path = directory.filePath(QStringLiteral("s.mcap"));
  auto recorder = telemetry::Recorder::create(path.toStdString(), info);
  EXPECT_TRUE(recorder);
  constexpr size_t kChunk = 4000;
  for (size_t at = 0; at < events.size(); at += kChunk) {
    feed(**recorder, std::span(events).subspan(at, std::min(kChunk, events.size() - at)), at);
    (*recorder)->drain();
  }
  EXPECT_TRUE((*recorder)->finish());
  return path;
}

}  // namespace sweepscope::testing
