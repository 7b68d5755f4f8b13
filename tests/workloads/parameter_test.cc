#include "workloads/parameter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sweepscope::workloads {
namespace {

using testing::HasSubstr;

constexpr Parameter kParameters[] = {
    {"depth", "16", "depth of the tree", Parameter::Range{6, 26}},
    {"file", "", "a file", std::nullopt},
};

std::string error_of(std::vector<std::string> settings) {
  const auto values = ParameterValues::parse(kParameters, settings);
  return values ? "no error" : values.error();
}

TEST(ParameterValues, DefaultsAreTakenAndTheLastSettingWins) {
  const std::vector<std::string> settings{"file=a=b", "depth=7", "depth=8"};
  const auto values = ParameterValues::parse(kParameters, settings);
  ASSERT_TRUE(values) << values.error();
  EXPECT_EQ(values->integer("depth"), 8u);
  EXPECT_EQ(values->text("file"), "a=b");
  const std::vector<std::string> only_file{"file=x"};
  EXPECT_EQ(ParameterValues::parse(kParameters, only_file)->integer("depth"), 16u);
}

TEST(ParameterValues, BadSettingsAreRefusedInOneLine) {
  EXPECT_THAT(error_of({"file=x", "speed=1"}), HasSubstr("no parameter 'speed' (it has depth, file)"));
  EXPECT_THAT(error_of({"file=x", "depth"}), HasSubstr("expected KEY=VALUE"));
  EXPECT_THAT(error_of({}), HasSubstr("parameter 'file' is required (a file): give --set file=..."));
  for (const char* depth : {"5", "27", "x", "", "-7", "7 ", "0x8", "99999999999999999999"})
    EXPECT_THAT(error_of({"file=x", std::string("depth=") + depth}),
                HasSubstr("expected an integer from 6 to 26"));
}

}  // namespace
}  // namespace sweepscope::workloads
