// sweepctl compare and list, end to end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/cli/run_json.h"

namespace sweepscope::testing_support {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

TEST(SweepctlCompare, RunsEveryCombinationAndReportsTheRatio) {
  const Folder folder;
  const std::string json_file = folder / "compare.json", csv_file = folder / "compare.csv";
  const Finished finished =
      sweepctl({"compare", "idle_ps", "--flush", "eager,lazy", "--procs", "1,4", "--repeat", "2", "--cycles",
                "3", "--json", json_file, "--csv", csv_file});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("pause_go"));
  const Json json = Json::parse(std::ifstream(json_file));
  EXPECT_EQ(json["runs"].size(), 8u);
  ASSERT_EQ(json["rows"].size(), 4u);
  for (const Json& row : json["rows"]) {
    EXPECT_EQ(row["runs"], 2);
    EXPECT_TRUE(row["ratio_eager"].is_number());
  }
  std::string header;
  std::getline(std::ifstream(csv_file), header);
  EXPECT_TRUE(header.starts_with("procs,gogc,flush,runs,pause_go_p50_us"));
}

TEST(SweepctlCompare, PassesTheMarkingModeToEachRun) {
  for (const std::string mode : {"--stw-mark", "--concurrent-mark"}) {
    const Finished finished = sweepctl({"compare", "idle_ps", "--repeat", "1", mode, "--plan"});
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    EXPECT_THAT(finished.out, HasSubstr("run idle_ps --flush lazy " + mode + " --quiet --json -\n"));
  }
}

TEST(SweepctlCompare, PlanPrintsTheJobsAndRunsNone) {
  const Finished finished = sweepctl({"compare", "idle_ps", "--procs", "1,2", "--repeat", "3", "--plan"});
  EXPECT_EQ(finished.exit_code, 0);
  EXPECT_EQ(std::ranges::count(finished.out, '\n'), 2 * 2 * 3);
  EXPECT_THAT(finished.out, HasSubstr("run idle_ps --flush lazy --procs 2 --quiet --json -\n"));
}

TEST(SweepctlList, ListsWorkloadsPoliciesScenariosAndFaults) {
  const Finished finished = sweepctl({"list", "--json"});
  ASSERT_EQ(finished.exit_code, 0);
  const Json json = Json::parse(finished.out);
  for (const char* list : {"workloads", "policies", "scenarios", "faults"}) {
    EXPECT_FALSE(json[list].empty()) << list;
    for (const Json& item : json[list]) {
      EXPECT_FALSE(item["name"].get<std::string>().empty());
      EXPECT_FALSE(item["summary"].get<std::string>().empty());
    }
  }
  EXPECT_EQ(json["policies"][0]["name"], "lazy") << "the default first";
}

}  // namespace
}  // namespace sweepscope::testing_support
