// Runs sweepctl as a user would: a process with arguments, its two outputs and its exit code.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace sweepscope::testing_support {

struct Finished {
  int exit_code = -1;  // 128 + signal when a signal ended it
  std::string out, err;
};

struct Surroundings {
  std::string out;               // its standard output goes there; empty: to the test
  uint64_t most_file_bytes = 0;  // no file it writes may grow beyond; 0: as the test's own
};

class Program {
 public:
  // Starts sweepctl.
  explicit Program(const std::vector<std::string>& arguments, const Surroundings& surroundings = {});
  ~Program();  // kills it if it still runs
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void send(int signal) const;
  // Reads its standard error, or output, until `text` has come; false: it ended before.
  bool wait_for_error_output(const std::string& text);
  bool wait_for_output(const std::string& text);
  Finished finish();  // waits

 private:
  bool read_some();  // from either output; false: both ended

  pid_t pid_ = -1;
  int out_ = -1, err_ = -1;
  Finished so_far_;
};

Finished sweepctl(const std::vector<std::string>& arguments, const Surroundings& surroundings = {});

// A fresh folder, gone at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace sweepscope::testing_support
