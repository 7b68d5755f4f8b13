// A new directory of mode 0700 for sockets and recordings; the destructor removes it with its files.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace sweepscope::telemetry::testing {

class PrivateDirectory {
 public:
  PrivateDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "sweepscope-test-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;
  ~PrivateDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace sweepscope::telemetry::testing
