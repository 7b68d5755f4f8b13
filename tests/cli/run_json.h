// Runs `sweepctl run` and reads its result.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli/program.h"

namespace sweepscope::testing_support {

inline nlohmann::json run_json(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "run");
  arguments.insert(arguments.end(), {"--json", "-"});
  const Finished finished = sweepctl(arguments);
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  auto json = nlohmann::json::parse(finished.out, nullptr, false);
  EXPECT_TRUE(json.is_object()) << finished.out;
  return json;
}

// Arguments of a run with some dozen cycles; `mode`: "--stw-mark" or nothing.
inline std::vector<std::string> trees(const std::string& mode, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"binary_trees", "--procs", "2",  "--threads", "2", "--set",
                                     "depth=12",     "--gogc",  "20", "--cycles",  "30"};
  if (!mode.empty()) arguments.push_back(mode);
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace sweepscope::testing_support
