// Where `sweepctl export` writes its pages, and what it refuses.
#include "workloads/laboratory/export_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/laboratory/bench/bench_session.h"
#include "telemetry/lessons/catalogue.h"
#include "telemetry/lessons/goal_compiler.h"
#include "workloads/laboratory/html_page.h"
#include "workloads/laboratory/lesson_stepper.h"

namespace sweepscope::workloads {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Export : public ::testing::Test {
 protected:
  Export() {
    std::string pattern = ::testing::TempDir() + "/export.XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~Export() override { fs::remove_all(folder_); }

  std::string in_folder(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(in_folder(name)) << text;
    return in_folder(name);
  }
  static std::string read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  // The exit code; error_ has the lines on standard error.
  int run(const std::vector<std::string>& names, const std::string& out, bool force = false) {
    ::testing::internal::CaptureStderr();
    ::testing::internal::CaptureStdout();
    const int code = export_html_command({names, out, force, "test"});
    error_ = ::testing::internal::GetCapturedStderr();
    out_ = ::testing::internal::GetCapturedStdout();
    return code;
  }

  fs::path folder_;
  std::string error_, out_;
};

TEST_F(Export, WritesALessonIntoAFileAFolderOrStandardOutput) {
  EXPECT_EQ(run({"B3"}, in_folder("mine.html")), 0) << error_;
  const std::string page = read(in_folder("mine.html"));
  EXPECT_THAT(page, StartsWith(std::string(kPageBegins)));
  EXPECT_EQ(run({"B3"}, folder_.string()), 0) << error_;
  EXPECT_EQ(read(in_folder("lesson-B3.html")), page);
  EXPECT_EQ(run({"B3"}, "-"), 0) << error_;
  EXPECT_EQ(out_, page);
}

TEST_F(Export, WritesAllLessonsIntoAFolder) {
  EXPECT_EQ(run({}, folder_.string()), 0) << error_;
  for (const char* id : {"1", "2", "7", "B2"})
    EXPECT_TRUE(fs::exists(in_folder(std::string("lesson-") + id + ".html")));
  EXPECT_EQ(run({}, ""), 2);
  EXPECT_THAT(error_, HasSubstr("name a folder"));
}

TEST_F(Export, SeveralPagesInAFolderHaveAnIndexThatLinksEachOfThem) {
  laboratory::BenchSession session;
  LessonStepper stepper(session);
  const auto played = telemetry::lessons::compile(*telemetry::lessons::find_lesson("B3"), 0, stepper);
  const std::string odd =
      write("a: <b>.schedule.txt", laboratory::format_schedule(session.schedule(played.last)));
  EXPECT_EQ(run({"B2", odd}, folder_.string()), 0) << error_;
  const std::string index = read(in_folder("index.html"));
  EXPECT_THAT(index, StartsWith(std::string(kPageBegins)));
  EXPECT_THAT(index, HasSubstr("<a href=\"./lesson-B2.html\">B2. Where an object comes from</a>"));
  EXPECT_THAT(index, HasSubstr("<a href=\"./a%3A%20%3Cb%3E.html\">"));
  EXPECT_THAT(index, Not(HasSubstr("<b>")));
  EXPECT_THAT(index, HasSubstr("default-src 'none'; style-src"));
  EXPECT_EQ(run({"B2"}, in_folder("one.html")), 0) << error_;
  write("index.html", "mine");
  EXPECT_EQ(run({"B2", "B3"}, folder_.string()), 2);
  EXPECT_THAT(error_, HasSubstr("index.html exists and was not made by this command"));
  EXPECT_FALSE(fs::exists(in_folder("lesson-B3.html")));
}

TEST_F(Export, SeveralPagesNeedAFolderAndNamesOfTheirOwn) {
  EXPECT_EQ(run({"B2", "B3"}, in_folder("one.html")), 2);
  EXPECT_THAT(error_, HasSubstr("name a folder that exists"));
  EXPECT_EQ(run({"B2", "B3"}, "-"), 2);
  EXPECT_EQ(run({"B3", "B3"}, folder_.string()), 2);
  EXPECT_THAT(error_, HasSubstr("another page of this command"));
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(Export, ReplacesItsOwnPagesOnly) {
  const std::string mine = write("mine.html", "<!DOCTYPE html>\n<p>of the user</p>");
  EXPECT_EQ(run({"B3"}, mine), 2);
  EXPECT_THAT(error_, HasSubstr("was not made by this command"));
  EXPECT_THAT(read(mine), HasSubstr("of the user"));
  EXPECT_EQ(run({"B3"}, mine, true), 0) << error_;
  EXPECT_EQ(run({"B2"}, mine), 0) << error_;  // now it is a page of this command
  const std::string link = in_folder("link.html");
  fs::create_symlink(mine, link);
  EXPECT_EQ(run({"B3"}, link), 2);
}

TEST_F(Export, AFifoIsNotOpened) {
  ASSERT_EQ(mkfifo(in_folder("fifo").c_str(), 0600), 0);
  fs::create_symlink(in_folder("fifo"), in_folder("link"));
  for (const char* name : {"fifo", "link"}) EXPECT_EQ(run({"B3"}, in_folder(name), true), 2) << name;
  EXPECT_EQ(run({in_folder("fifo")}, in_folder("page.html")), 2);
}

TEST_F(Export, NamesWhatIsNoLessonAndNoSchedule) {
  EXPECT_EQ(run({"no-such"}, in_folder("x.html")), 2);
  EXPECT_THAT(error_, HasSubstr("no lesson 'no-such'"));
  EXPECT_EQ(run({write("a.txt", "hello\n")}, in_folder("x.html")), 2);
  EXPECT_THAT(error_, HasSubstr("neither a lesson nor a schedule"));
  EXPECT_EQ(run({write("b.lesson", "sweepscope-lesson 1\nid: x\n")}, in_folder("x.html")), 2);
  EXPECT_THAT(error_, HasSubstr("b.lesson:"));
  EXPECT_EQ(run({write("c.txt", "sweepscope-schedule 1\nscenario moon\n")}, in_folder("x.html")), 2);
  EXPECT_THAT(error_, HasSubstr("c.txt: "));
  EXPECT_FALSE(fs::exists(in_folder("x.html")));
}

TEST_F(Export, ALessonThatDoesNotHoldIsNotExported) {
  const std::string lesson =
      write("mine.lesson",
            "sweepscope-lesson 1\nid: mine\ntitle: T\nminutes: 1\nscenario: two-cycles\n\n"
            "== A beat\ntext: T\ngoal: collector until sg rises\nclaim: sg is 5\ntakeaway: T\n");
  EXPECT_EQ(run({lesson}, in_folder("x.html")), 1);
  EXPECT_THAT(error_, HasSubstr("claim 'sg is 5' is false"));
  EXPECT_FALSE(fs::exists(in_folder("x.html")));
}

TEST_F(Export, AFolderThatCannotBeWrittenIsNamedBeforeTheLessonIsPlayed) {
  EXPECT_EQ(run({"B3"}, in_folder("none/x.html")), 2);
  EXPECT_THAT(error_, HasSubstr("none/x.html"));
}

}  // namespace
}  // namespace sweepscope::workloads
