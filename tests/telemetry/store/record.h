// Recording a generated session in a test.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "telemetry/store/recorder.h"
#include "telemetry/wire/batch.h"
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
  info.schema_version = 1;
  info.started_unix_ns = 1'700'000'000'000'000'000;
  auto recorder = telemetry::Recorder::create(path, info);
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

}  // namespace sweepscope::testing
