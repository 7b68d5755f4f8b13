// The exported page: what it holds is what the session had, and nothing in it can be more than text.
#include "workloads/laboratory/html_page.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/laboratory/bench/bench_session.h"
#include "gui/theme/palette.h"
#include "telemetry/lessons/catalogue.h"
#include "telemetry/lessons/goal_compiler.h"
#include "telemetry/lessons/lesson_parser.h"
#include "telemetry/wire/bench_messages.h"
#include "tests/workloads/laboratory/page_decode.h"
#include "workloads/laboratory/bench_convert.h"
#include "workloads/laboratory/lesson_stepper.h"
#include "workloads/laboratory/page_files.h"

namespace sweepscope::workloads {
namespace {

namespace lessons = telemetry::lessons;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kRecording = "<script type=\"application/json\" id=\"recording\">";

json recording_of(const std::string& html) {
  const size_t at = html.find(kRecording) + kRecording.size();
  return json::parse(html.substr(at, html.find("</script>", at) - at));
}

size_t occurrences(std::string_view text, std::string_view what) {
  size_t n = 0;
  for (size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

// All fields of a view and its step, as bytes.
std::string bytes_of(telemetry::BenchView view, telemetry::BenchNode step) {
  telemetry::BenchState state;
  view.node = 0;
  step.parent = telemetry::kNoNode;
  step.name.clear();
  state.view = std::move(view);
  state.nodes.push_back(std::move(step));
  return telemetry::encode_bench_state(state);
}

telemetry::BenchNode step_of(const laboratory::BenchSession& session, uint32_t node) {
  return to_telemetry(session.tree().nodes()[node]);
}

TEST(HtmlPage, EveryBoardOfEveryLessonIsThatOfTheSession) {
  for (const lessons::Lesson& lesson : lessons::catalogue().lessons) {
    const RecordedOrErrors recorded = record_lesson(lesson);
    ASSERT_EQ(recorded.errors, std::vector<std::string>()) << lesson.id;
    const PageOrError page = html_page(recorded.page, "test");
    ASSERT_EQ(page.error, "") << lesson.id;
    const json recording = recording_of(page.html);
    const PageDecoder decoder(recording);
    size_t compared = 0;
    for (uint32_t run = 0; run < lesson.runs.size(); ++run) {
      laboratory::BenchSession session;
      LessonStepper stepper(session);
      const lessons::LessonPath path = lessons::compile(lesson, run, stepper);
      for (size_t i = 0; i < path.beats.size(); ++i) {
        const std::vector<size_t> nodes = recording["beats"][path.first_beat + i]["nodes"];
        ASSERT_EQ(nodes.size(), path.beats[i].nodes.size()) << lesson.id;
        for (size_t n = 0; n < nodes.size(); ++n, ++compared) {
          const uint32_t node = path.beats[i].nodes[n];
          EXPECT_EQ(bytes_of(decoder.view(nodes[n]), decoder.step(nodes[n])),
                    bytes_of(stepper.view(node), step_of(session, node)))
              << lesson.id << ", node " << node;
        }
      }
    }
    EXPECT_GT(compared, lesson.beats.size());
  }
}

TEST(HtmlPage, BeatsHaveTheirTextsWithoutThePresentersNotes) {
  const lessons::Lesson& lesson = *lessons::find_lesson("2");
  const RecordedOrErrors recorded = record_lesson(lesson);
  const json beat = page_json(recorded.page, "test")["beats"][0];
  EXPECT_EQ(beat["predict"]["right"], 2);
  EXPECT_EQ(beat["predict"]["choices"].size(), 3u);
  EXPECT_EQ(beat["hands_on"]["done"][0]["text"], "sg is 6");
  ASSERT_EQ(beat["words"].size(), lesson.beats[0].words.size());
  for (size_t i = 0; i < beat["words"].size(); ++i)
    EXPECT_EQ(beat["words"][i]["word"], lesson.beats[0].words[i].word);
  EXPECT_THAT(beat["claims"].dump(), HasSubstr("sg is written once"));
  EXPECT_THAT(html_page(recorded.page, "test").html, Not(HasSubstr("Ask before the reveal")));
}

// The page's script shows the name of such a fault after the answer only.
TEST(HtmlPage, ARunWhoseFaultIsHiddenIsMarked) {
  const auto hides = [](const char* id) {
    std::vector<bool> all;
    const json page = page_json(record_lesson(*lessons::find_lesson(id)).page, "test");
    for (const json& run : page["runs"]) all.push_back(run["hides_fault"]);
    return all;
  };
  EXPECT_EQ(hides("exam"), (std::vector<bool>{false, true, true, true}));
  EXPECT_EQ(hides("7"), (std::vector<bool>{false, false, false}));
}

TEST(HtmlPage, OneRecordingGivesOnePage) {
  const lessons::Lesson& lesson = *lessons::find_lesson("9");
  EXPECT_EQ(html_page(record_lesson(lesson).page, "test").html,
            html_page(record_lesson(lesson).page, "test").html);
}

TEST(HtmlPage, TextOfALessonCannotLeaveItsPlace) {
  const std::string hostile = "</script><script>alert(1)</script><!-- \" ' & </title> \\u003c";
  lessons::Lesson lesson = *lessons::find_lesson("B3");
  lesson.title = lesson.summary = hostile;
  lesson.beats[0].text = {hostile};
  lesson.beats[0].name = lesson.beats[0].takeaway = hostile;
  lesson.beats[0].prediction->choices[0] = hostile;
  const std::string html = html_page(record_lesson(lesson).page, hostile).html;
  size_t scripts = 1;
  for (const PageFile& file : page_files()) scripts += file.name.ends_with(".js");
  EXPECT_EQ(occurrences(html, "</script"), scripts);
  EXPECT_EQ(occurrences(html, "<script"), scripts);
  EXPECT_EQ(occurrences(html, "<!--"), 1u);  // that of the first lines
  EXPECT_EQ(occurrences(html, "</title"), 1u);
  EXPECT_EQ(recording_of(html)["beats"][0]["text"][0], hostile);
}

TEST(HtmlPage, PolicyAllowsTheEmbeddedFilesOnly) {
  const std::string html = html_page(record_lesson(*lessons::find_lesson("B3")).page, "test").html;
  const size_t begin = html.find("default-src 'none'");
  ASSERT_NE(begin, std::string::npos);
  const std::string policy = html.substr(begin, html.find('"', begin) - begin);
  size_t files = 0;
  for (const PageFile& file : page_files()) {
    if (file.name.ends_with(".html")) continue;
    ++files;
    EXPECT_THAT(policy, HasSubstr("'sha256-" + base64_of_hex(file.sha256) + "'")) << file.name;
  }
  EXPECT_EQ(occurrences(policy, "sha256-"), files);
  for (const char* wide : {"unsafe", "http", "*", "blob:"}) EXPECT_THAT(policy, Not(HasSubstr(wide)));
  EXPECT_LT(begin, html.find("<style>"));
}

TEST(HtmlPage, EmbeddedFilesStayInsideTheirElements) {
  ASSERT_EQ(page_files()[0].name, "body.html");
  for (const PageFile& file : page_files()) {
    EXPECT_FALSE(file.text.empty()) << file.name;
    if (file.name.ends_with(".html")) continue;
    for (const char* end : {"</script", "</style", "<!--"})
      EXPECT_THAT(std::string(file.text), Not(HasSubstr(end)));
  }
}

TEST(HtmlPage, BeyondTheLimitItIsRefused) {
  RecordedPage page = record_lesson(*lessons::find_lesson("B3")).page;
  page.beats[0].beat.text.push_back(std::string(kMostPageBytes, 'x'));
  const PageOrError made = html_page(page, "test");
  EXPECT_EQ(made.html, "");
  EXPECT_THAT(made.error, HasSubstr("the limit is 3 MiB"));
}

TEST(HtmlPage, ScheduleOpensInItsLastCycleAndEndsWithTheViolation) {
  laboratory::BenchSession session;
  LessonStepper stepper(session);
  const lessons::LessonPath path = lessons::compile(*lessons::find_lesson("7"), 1, stepper);
  const RecordedOrErrors recorded = record_schedule(session.schedule(path.last));
  ASSERT_EQ(recorded.errors, std::vector<std::string>());
  ASSERT_EQ(recorded.page.beats.size(), 1u);
  const RecordedBeat& beat = recorded.page.beats[0];
  EXPECT_EQ(recorded.page.title, "Left out: acquirep-no-flush");
  const auto view = [&](uint32_t place) -> const telemetry::BenchView& {
    return recorded.page.nodes[beat.nodes[place]].view;
  };
  EXPECT_GT(beat.opens, 0u);
  EXPECT_GT(view(beat.opens).board.sg, view(beat.opens - 1).board.sg);
  EXPECT_EQ(recorded.page.nodes[beat.nodes.back()].view.verdict.rule, "I1");
}

TEST(HtmlPage, StylesHaveTheColoursOfTheDashboard) {
  std::string style;
  for (const PageFile& file : page_files())
    if (file.name == "page.css") style = file.text;
  const gui::CanvasPalette& palette = gui::kDarkCanvas;
  const auto has = [&](const char* name, gui::Rgb colour) {
    EXPECT_THAT(style, HasSubstr(fmt::format("--{}: #{:06x};", name, colour & 0xffffff)));
  };
  using gui::CellState;
  for (const auto& [name, state] :
       {std::pair("needs", CellState::kNeeds), std::pair("sweeping", CellState::kSweeping),
        std::pair("swept", CellState::kSwept), std::pair("stale", CellState::kStale),
        std::pair("cached", CellState::kCached), std::pair("stack", CellState::kStack),
        std::pair("free", CellState::kFree), std::pair("illegal", CellState::kIllegal)})
    has(name, palette[state]);
  has("canvas", palette.canvas);
  has("text", palette.text);
  has("dim", palette.dim);
}

TEST(HtmlPage, HashesAreBase64) {
  EXPECT_EQ(base64_of_hex(""), "");
  EXPECT_EQ(base64_of_hex("66"), "Zg==");
  EXPECT_EQ(base64_of_hex("666f"), "Zm8=");
  EXPECT_EQ(base64_of_hex("666f6f"), "Zm9v");
  EXPECT_EQ(base64_of_hex("666f6f62"), "Zm9vYg==");
}

}  // namespace
}  // namespace sweepscope::workloads
