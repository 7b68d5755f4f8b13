#include "workloads/laboratory/schedule_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "engine/laboratory/search/schedule.h"
#include "telemetry/model/result.h"

namespace sweepscope::workloads {

ScheduleText read_schedule_file(const std::string& path) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (file == nullptr) return {{}, telemetry::file_error("open", path, std::strerror(errno))};
  std::string text;
  char piece[65536];
  while (const size_t n = std::fread(piece, 1, sizeof piece, file.get())) {
    text.append(piece, n);
    if (text.size() > laboratory::kMaxScheduleBytes)
      return {{}, "'" + path + "' is too large for a schedule"};
  }
  if (std::ferror(file.get()) != 0) return {{}, telemetry::file_error("read", path, std::strerror(errno))};
  return {std::move(text), {}};
}

}  // namespace sweepscope::workloads
