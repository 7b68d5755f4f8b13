#include "workloads/laboratory/text_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "telemetry/model/result.h"

namespace sweepscope::workloads {

TextFile read_text_file(const std::string& path, size_t most_bytes) {
  const auto wrong = [&path](const char* action, const char* reason) {
    return TextFile{{}, telemetry::file_error(action, path, reason)};
  };
  const int file = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return wrong("open", std::strerror(errno));
  TextFile result;
  struct stat status {};
  if (fstat(file, &status) != 0) {
    result = wrong("read", std::strerror(errno));
  } else if (!S_ISREG(status.st_mode)) {
    result = wrong("read", S_ISDIR(status.st_mode) ? std::strerror(EISDIR) : "not a regular file");
  } else {
    result.text.resize(std::min(static_cast<size_t>(status.st_size), most_bytes) + 1);
    size_t size = 0;
    ssize_t n = 1;
    while (size < result.text.size() && n > 0) {
      n = read(file, result.text.data() + size, result.text.size() - size);
      if (n > 0) size += static_cast<size_t>(n);
    }
    result.text.resize(size);
    if (n < 0) result = wrong("read", std::strerror(errno));
  }
  close(file);
  return result;
}

}  // namespace sweepscope::workloads
