// Runs sweepctl as a process and captures its output and exit code.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace sweepscope::testing_support {

struct Finished {
  int exit_code = -1;  // 128 + signal if a signal ended it
  std::string out, err;
};

struct Surroundings {
  std::string out;               // file for its standard output; empty: captured by the test
  uint64_t most_file_bytes = 0;  // its RLIMIT_FSIZE; 0: that of the test
};

class Program {
 public:
  // Starts sweepctl.
  explicit Program(const std::vector<std::string>& arguments, const Surroundings& surroundings = {});
  ~Program();  // kills the process if it still runs
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void send(int signal) const;
  // Reads until standard error, or output, contains `text`; false: both ended before.
  bool wait_for_error_output(const std::string& text);
  bool wait_for_output(const std::string& text);
  Finished finish();  // waits for its end

 private:
  bool read_some();  // from both outputs; false: both have ended

  pid_t pid_ = -1;
  int out_ = -1, err_ = -1;
  Finished so_far_;
};

Finished sweepctl(const std::vector<std::string>& arguments, const Surroundings& surroundings = {});

// A new temporary folder, deleted by the destructor.
class Folder {
 public:
  Folder();
  ~Folder();
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace sweepscope::testing_support
