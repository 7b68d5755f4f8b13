#include "workloads/runner/output_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace sweepscope::workloads {

Expected<> check_writable(const std::string& path) {
  if (path.empty() || path == "-") return {};
  const std::filesystem::path file(path);
  struct stat status {};
  if (stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return wrong(fmt::format("{}: is a directory; name a file", path));
    if (access(path.c_str(), W_OK) != 0)
      return wrong(fmt::format("{}: cannot be written: {}", path, std::strerror(errno)));
    return {};
  }
  const std::string folder = file.has_parent_path() ? file.parent_path().string() : ".";
  if (access(folder.c_str(), W_OK | X_OK) != 0)
    return wrong(fmt::format("{}: cannot be created: {}", path, std::strerror(errno)));
  return {};
}

Expected<> write_text(const std::string& path, const std::string& text) {
  const bool to_stdout = path == "-";
  std::FILE* out = to_stdout ? stdout : std::fopen(path.c_str(), "wb");
  if (out == nullptr) return wrong(fmt::format("{}: cannot be written: {}", path, std::strerror(errno)));
  bool good = std::fwrite(text.data(), 1, text.size(), out) == text.size();
  good = (to_stdout ? std::fflush(out) : std::fclose(out)) == 0 && good;
  if (!good)
    return wrong(
        fmt::format("{}: cannot be written: {}", to_stdout ? "standard output" : path, std::strerror(errno)));
  return {};
}

}  // namespace sweepscope::workloads
