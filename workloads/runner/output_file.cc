#include "workloads/runner/output_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "telemetry/model/result.h"

namespace sweepscope::workloads {

Expected<> check_writable(const std::string& path) {
  if (path.empty() || path == "-") return {};
  const std::filesystem::path file(path);
  struct stat status {};
  if (stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return wrong(telemetry::file_error("write", path, std::strerror(EISDIR)));
    if (access(path.c_str(), W_OK) != 0)
      return wrong(telemetry::file_error("write", path, std::strerror(errno)));
    return {};
  }
  const std::string folder = file.has_parent_path() ? file.parent_path().string() : ".";
  if (access(folder.c_str(), W_OK | X_OK) != 0)
    return wrong(telemetry::file_error("write", path, std::strerror(errno)));
  return {};
}

Expected<> write_text(const std::string& path, const std::string& text) {
  const bool to_stdout = path == "-";
  std::FILE* out = to_stdout ? stdout : std::fopen(path.c_str(), "wb");
  if (out == nullptr) return wrong(telemetry::file_error("write", path, std::strerror(errno)));
  bool good = std::fwrite(text.data(), 1, text.size(), out) == text.size();
  good = (to_stdout ? std::fflush(out) : std::fclose(out)) == 0 && good;
  if (!good)
    return wrong(telemetry::file_error("write", to_stdout ? "standard output" : path, std::strerror(errno)));
  return {};
}

}  // namespace sweepscope::workloads
