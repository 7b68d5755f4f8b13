// Reads the file of a schedule, which is not trusted.
#pragma once

#include <string>

namespace sweepscope::workloads {

struct ScheduleText {
  std::string text;
  std::string error;  // one line; empty: fine
};
ScheduleText read_schedule_file(const std::string& path);

}  // namespace sweepscope::workloads
