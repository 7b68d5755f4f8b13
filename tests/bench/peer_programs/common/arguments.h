// Arguments: the command line of a program that tests/bench/peers runs: a subcommand, then `--name value` pairs. The
// peers in C++ and peer_bench share it, so that one line runs all of them.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

namespace sweepscope::bench {

class Arguments {
 public:
  Arguments(int count, char** words) {
    if (count < 2) fail("a subcommand is missing");
    command_ = words[1];
    for (int i = 2; i < count; i += 2) {
      const std::string name = words[i];
      if (name.rfind("--", 0) != 0) fail(name + ": expected --NAME VALUE");
      if (i + 1 == count) fail(name + ": a value is missing");
      values_[name.substr(2)] = words[i + 1];
    }
  }

  const std::string& command() const { return command_; }

  std::string text(const std::string& name, const std::string& otherwise) {
    const auto found = values_.find(name);
    if (found == values_.end()) return otherwise;
    const std::string value = found->second;
    values_.erase(found);
    return value;
  }
  uint64_t number(const std::string& name, uint64_t otherwise) {
    const std::string value = text(name, std::to_string(otherwise));
    char* end = nullptr;
    const uint64_t parsed = std::strtoull(value.c_str(), &end, 10);
    if (value.empty() || value[0] < '0' || value[0] > '9' || *end != '\0')
      fail("--" + name + " " + value + ": expected a whole number");
    return parsed;
  }
  // One of two words; true: the first.
  bool first_of(const std::string& name, const std::string& first, const std::string& second) {
    const std::string value = text(name, first);
    if (value != first && value != second)
      fail("--" + name + " " + value + ": expected " + first + " or " + second);
    return value == first;
  }
  // After the last of the above: a misspelt name must not measure the default.
  void all_used() const {
    if (!values_.empty()) fail("--" + values_.begin()->first + ": unknown for " + command_);
  }

  [[noreturn]] static void fail(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(2);
  }

 private:
  std::string command_;
  std::map<std::string, std::string> values_;
};

}  // namespace sweepscope::bench
