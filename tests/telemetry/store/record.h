// Records a generated session in a test.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "telemetry/store/mcap_format.h"
#include "telemetry/store/recorder.h"
#include "telemetry/wire/batch.h"
#include "telemetry/wire/schema.h"
#include "tests/support/session_model.h"

namespace sweepscope::testing {

enum class Ending { kFinished, kKilled };

inline std::string temp_path(const std::string& name) {
  return (std::filesystem::path(::testing::TempDir()) / (std::to_string(::getpid()) + "_" + name)).string();
}

inline void record(const std::string& path, std::span<const telemetry::Event> events, size_t per_batch = 500,
                   Ending ending = Ending::kFinished) {
  telemetry::SessionInfo info;
  info.workload = "model";
  info.schema_version = telemetry::kSchemaVersion;
  info.started_unix_ns = 1'700'000'000'000'000'000;
  auto recorder = telemetry::Recorder::create(path, info, nullptr, std::chrono::hours(1));
  ASSERT_TRUE(recorder) << recorder.error().message;
  for (size_t at = 0; at < events.size(); at += per_batch) {
    const auto part = events.subspan(at, std::min(per_batch, events.size() - at));
    (*recorder)->consume(
        {at, static_cast<uint32_t>(part.size()), 0, telemetry::encode_batch(part, at, 0), part});
    if (at / per_batch % 4 == 3) (*recorder)->drain();  // several chunks
  }
  if (ending == Ending::kKilled) {
    (*recorder)->drain();
    return;
  }
  const auto finished = (*recorder)->finish();
  ASSERT_TRUE(finished) << finished.error().message;
}

inline std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
inline void spill(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// Where each cycle of the session begins, with the request of its first stop; [i] is cycle i + 1.
inline std::vector<size_t> cycle_starts(std::span<const telemetry::Event> events) {
  std::vector<size_t> starts;
  for (size_t i = 0; i < events.size(); ++i)
    if (const auto* stop = std::get_if<telemetry::Stw>(&events[i].body);
        stop != nullptr && stop->edge == telemetry::StwEdge::kRequested && stop->cycle == starts.size() + 1)
      starts.push_back(i);
  return starts;
}

// Records each cycle in chunks of its own.
inline void record_by_cycle(const std::string& path, std::span<const telemetry::Event> events,
                            Ending ending = Ending::kFinished) {
  telemetry::SessionInfo info;
  info.workload = "model";
  info.schema_version = telemetry::kSchemaVersion;
  info.started_unix_ns = 1'700'000'000'000'000'000;
  auto recorder = telemetry::Recorder::create(path, info, nullptr, std::chrono::hours(1));
  ASSERT_TRUE(recorder) << recorder.error().message;
  std::vector<size_t> ends = cycle_starts(events);
  ends.push_back(events.size());
  size_t at = 0;
  for (const size_t end : ends) {
    while (at < end) {
      const auto part = events.subspan(at, std::min<size_t>(500, end - at));
      (*recorder)->consume(
          {at, static_cast<uint32_t>(part.size()), 0, telemetry::encode_batch(part, at, 0), part});
      at += part.size();
    }
    (*recorder)->drain();
  }
  if (ending == Ending::kKilled) return;
  const auto finished = (*recorder)->finish();
  ASSERT_TRUE(finished) << finished.error().message;
}

// A byte in the middle of each chunk's compressed data.
inline std::vector<size_t> chunk_middles(std::string_view file) {
  std::vector<size_t> middles;
  telemetry::mcap::In in(file.substr(telemetry::mcap::kMagic.size()));
  telemetry::mcap::Record record;
  while (telemetry::mcap::next_record(in, record) && record.opcode != telemetry::mcap::Opcode::kDataEnd)
    if (record.opcode == telemetry::mcap::Opcode::kChunk)
      middles.push_back(static_cast<size_t>(record.content.data() - file.data()) + record.content.size() / 2);
  return middles;
}

inline void damage_chunk(const std::string& path, size_t chunk) {
  std::string bytes = slurp(path);
  bytes[chunk_middles(bytes).at(chunk)] ^= 0x40;
  spill(path, bytes);
}

}  // namespace sweepscope::testing
