#include "workloads/runner/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

namespace sweepscope::workloads {
namespace {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> policies(const std::vector<CompareJob>& jobs) {
  std::vector<std::string> names;
  for (const CompareJob& job : jobs) names.push_back(job.flush);
  return names;
}

TEST(Compare, JobsAreInterleavedAndEachRepeatStartsWithAnotherPolicy) {
  CompareOptions options;
  options.workload = "idle_ps";
  options.procs = {"1", "4"};
  options.repeat = 2;
  options.passed_on = {"--cycles", "3"};
  const auto jobs = plan(options, "/bin/sweepctl");
  EXPECT_THAT(policies(jobs),
              ElementsAre("eager", "lazy", "eager", "lazy", "lazy", "eager", "lazy", "eager"));
  EXPECT_THAT(jobs[2].arguments, ElementsAre("/bin/sweepctl", "run", "idle_ps", "--flush", "eager", "--procs",
                                             "4", "--cycles", "3", "--quiet", "--json", "-"));
}

TEST(Compare, EachPolicyRunsEquallyOftenInEachPlace) {
  CompareOptions options;
  options.workload = "idle_ps";
  for (const std::vector<std::string>& flush :
       {std::vector<std::string>{"eager", "lazy"}, {"eager", "lazy", "idle-first"}}) {
    options.flush = flush;
    ASSERT_EQ(options.repeat % flush.size(), 0u) << "the default is balanced";
    const auto jobs = plan(options, "/bin/sweepctl");
    std::map<std::pair<std::string, size_t>, uint32_t> times;  // by policy and place
    for (size_t i = 0; i < jobs.size(); ++i) ++times[{jobs[i].flush, i % flush.size()}];
    EXPECT_EQ(times.size(), flush.size() * flush.size());
    for (const auto& [where, count] : times)
      EXPECT_EQ(count, options.repeat / flush.size()) << where.first << " in place " << where.second;
  }
}

TEST(Compare, TitlesOfColumnsAreDistinct) {
  const std::string text = table({});
  const std::string head = text.substr(text.rfind('\n', text.size() - 2) + 1);
  std::istringstream words(head);
  std::set<std::string> titles;
  for (std::string title; words >> title;) EXPECT_TRUE(titles.insert(title).second) << title;
  EXPECT_GT(titles.size(), 10u);
}

Json run(const char* flush, int procs, double pause_go, double control_go, int spans) {
  Json json{{"flush_policy", flush}, {"procs", procs}, {"gogc", "off"}, {"outcome", "ok"}};
  json["pause_go_us"]["mark_termination"] = {{"p50", pause_go}, {"p99", pause_go * 2}};
  json["control_go_us"] = {{"p50", control_go}};
  json["per_cycle"] = Json::array({{{"mark_termination", {{"spans_flushed", spans}}}}});
  json["wall_s"] = 1.5;
  json["mutator_gap_us"] = nullptr;
  return json;
}

TEST(Compare, RowsHaveMediansRatioAndCostPerSpan) {
  const auto rows =
      medians({run("eager", 4, 30, 0.4, 528), run("lazy", 4, 2, 0.4, 0), run("eager", 4, 50, 0.4, 528),
               run("lazy", 4, 4, 0.4, 0), run("eager", 4, 40, 0.4, 528), run("lazy", 4, 3, 0.4, 0)});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].flush, "eager");
  EXPECT_EQ(rows[0].runs, 3u);
  EXPECT_DOUBLE_EQ(rows[0].pause_go_p50_us.value(), 40);
  EXPECT_DOUBLE_EQ(rows[0].pause_ns_per_span.value(), 39'600.0 / 528);
  EXPECT_EQ(rows[1].pause_ns_per_span, std::nullopt) << "no span was flushed in the pause";
  EXPECT_DOUBLE_EQ(rows[1].ratio.value(), 40.0 / 3);
  EXPECT_EQ(rows[1].ttsp_p50_us, std::nullopt) << "not measured";
}

TEST(Compare, RowsDoNotMixNumbersOfPs) {
  const auto rows =
      medians({run("eager", 1, 10, 0, 132), run("eager", 2, 20, 0, 264), run("lazy", 2, 5, 0, 0)});
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_DOUBLE_EQ(rows[2].ratio.value(), 4);
}

TEST(Compare, FailedRunsAreNotInTheMedians) {
  Json failed = run("lazy", 1, 1000, 0, 0);
  failed["outcome"] = "self_check_failed";
  const auto rows = medians({run("lazy", 1, 2, 0, 0), failed});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].runs, 1u);
  EXPECT_DOUBLE_EQ(rows[0].pause_go_p50_us.value(), 2);
}

TEST(Compare, UnmeasuredFiguresAreDashEmptyOrNull) {
  CompareResult result;
  result.rows = medians({run("lazy", 1, 2, 0, 0)});
  EXPECT_THAT(table(result.rows), HasSubstr(" - "));
  EXPECT_THAT(table(result.rows), HasSubstr("pause_go, p99 and ctl_go: Go's clock, which excludes marking"));
  EXPECT_THAT(table(result.rows), HasSubstr("pause and control: the whole stop"));
  EXPECT_THAT(csv(result.rows), HasSubstr("\n1,off,lazy,1,2,,4,"));
  const Json json = to_json(CompareOptions{}, result);
  EXPECT_TRUE(json["rows"][0]["ratio_eager"].is_null());
  EXPECT_EQ(json["outcome"], "ok");
}

}  // namespace
}  // namespace sweepscope::workloads
