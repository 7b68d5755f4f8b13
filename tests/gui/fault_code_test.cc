#include "gui/models/fault_code.h"

#include <gtest/gtest.h>

#include <QFile>
#include <QRegularExpression>
#include <algorithm>
#include <filesystem>
#include <iostream>

namespace sweepscope::gui {
namespace {

std::string without(const char* text) { return withAnswer(text, "no-flush", false).toStdString(); }
std::string with(const char* text) { return withAnswer(text, "no-flush", true).toStdString(); }

TEST(FaultCode, AnswersTheQuestionInTheStatement) {
  const char* early = "  if (fault(Fault::kNoFlush)) return;";
  EXPECT_EQ(without(early), "");
  EXPECT_EQ(with(early), "return;");

  const char* guarded = "if (!fault(Fault::kNoFlush)) flush(m, p);";
  EXPECT_EQ(without(guarded), "flush(m, p);");
  EXPECT_EQ(with(guarded), "");

  const char* both = "const bool stale = raw == encode(kStale, h) && !fault(Fault::kNoFlush);";
  EXPECT_EQ(without(both), "const bool stale = raw == encode(kStale, h);");
  EXPECT_EQ(with(both), "const bool stale = false;");

  const char* either = "return left == 0 || fault(Fault::kNoFlush);";
  EXPECT_EQ(without(either), "return left == 0;");
  EXPECT_EQ(with(either), "return true;");

  const char* choice = "cache.tiny = fault(Fault::kNoFlush) ? cache.tiny : f(0, a ? 1 : 2);";
  EXPECT_EQ(without(choice), "cache.tiny = f(0, a ? 1 : 2);");
  EXPECT_EQ(with(choice), "cache.tiny = cache.tiny;");

  const char* named = "q = fault(Fault::kNoFlush) ? Colour::kWhite : heap.birth();";
  EXPECT_EQ(without(named), "q = heap.birth();");
  EXPECT_EQ(with(named), "q = Colour::kWhite;");

  const char* otherwise = "if (fault(Fault::kNoFlush))\n  store(1);\nelse if (!cas(2))\n  return {};";
  EXPECT_EQ(without(otherwise), "if (!cas(2))\n  return {};");
  EXPECT_EQ(with(otherwise), "store(1);");

  const char* weaker = "if (!fault(Fault::kNoFlush) && !fault(Fault::kOther) && bad(a)) refuse();";
  EXPECT_EQ(without(weaker), "if (bad(a)) refuse();");
  EXPECT_EQ(with(weaker), "");

  const char* inner = "x = a || (raw == h && !fault(Fault::kNoFlush));";
  EXPECT_EQ(without(inner), "x = a || (raw == h);");
  EXPECT_EQ(with(inner), "x = a;");
}

using Source = std::pair<QString, QString>;

std::vector<Source> engine_sources() {
  std::vector<Source> sources;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("engine")) {
    const std::string path = entry.path().string(), end = entry.path().extension().string();
    if ((end != ".h" && end != ".cc") || path.starts_with("engine/laboratory")) continue;
    QFile file(QString::fromStdString(path));
    EXPECT_TRUE(file.open(QIODevice::ReadOnly)) << path;
    sources.emplace_back(QString::fromStdString(path), QString::fromUtf8(file.readAll()));
  }
  std::sort(sources.begin(), sources.end());
  return sources;
}

// On the engine as it is: each fault that can be stepped has its lines, and they differ.
TEST(FaultCode, EachFaultOfTheEngineHasItsLines) {
  const std::vector<Source> sources = engine_sources();
  const auto names = std::find_if(sources.begin(), sources.end(),
                                  [](const Source& s) { return s.first == "engine/base/fault.h"; });
  ASSERT_NE(names, sources.end());
  static const QRegularExpression kName(R"rx(X\(k\w+, "([a-z-]+)")rx");
  int faults = 0;
  for (auto it = kName.globalMatch(names->second); it.hasNext(); ++faults) {
    const QString fault = it.next().captured(1);
    if (fault.endsWith("-relaxed")) continue;  // a memory order: cannot be stepped
    const std::vector<FaultSite> sites = faultSites(fault, sources);
    EXPECT_FALSE(sites.empty()) << fault.toStdString();
    for (const FaultSite& site : sites) {
      const QString both = site.withoutFault + site.withFault;
      SCOPED_TRACE((site.file + ":" + QString::number(site.line) + " " + fault + "\n--- without\n" +
                    site.withoutFault + "\n--- with\n" + site.withFault)
                       .toStdString());
      EXPECT_FALSE(both.contains("fault(")) << "a question is left";
      EXPECT_FALSE(both.contains(QChar(0x22A4)) || both.contains(QChar(0x22A5)));
      EXPECT_NE(site.withoutFault, site.withFault);
      EXPECT_EQ(both.count('('), both.count(')'));
      EXPECT_EQ(both.count('{'), both.count('}'));
      if (qEnvironmentVariableIsSet("SWEEPSCOPE_PRINT_FAULTS"))
        std::cout << fault.toStdString() << "  " << site.file.toStdString() << ":" << site.line
                  << "\n--- without\n"
                  << site.withoutFault.toStdString() << "\n--- with\n"
                  << site.withFault.toStdString() << "\n\n";
    }
  }
  EXPECT_GT(faults, 50);
}

}  // namespace
}  // namespace sweepscope::gui
