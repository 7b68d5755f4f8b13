// The requests of viewers on a bench session, without sockets; and the board against telemetry's replica of the same run.
#include "workloads/laboratory/bench_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "engine/laboratory/bench/look.h"
#include "telemetry/lessons/beat_nodes.h"
#include "telemetry/lessons/catalogue.h"
#include "telemetry/probe/collector.h"
#include "telemetry/replica/replica.h"
#include "telemetry/wire/bench_messages.h"
#include "tests/engine/laboratory/bench_fixture.h"
#include "tests/support/seed.h"
#include "workloads/laboratory/bench_convert.h"

namespace sweepscope::workloads {
namespace {

using namespace telemetry;
using ::testing::HasSubstr;

BenchSetup sweep() { return {"sweep", "lazy", "", 2, 1, 5, {}}; }

BenchAnswer ask(BenchService& service, uint64_t viewer, BenchRequestBody body) {
  return service.handle(viewer, BenchRequest{1, std::move(body)});
}

TEST(BenchService, StateIsWhatTheSessionHasAndFitsItsMessage) {
  BenchService service(nullptr);
  ASSERT_EQ(service.begin(sweep()), "");
  ASSERT_EQ(ask(service, 1, BenchStepRequest{0, BenchStepKind::kRun, 0, 0}).error, "");
  EXPECT_TRUE(service.changed());
  const BenchState state = service.state();
  EXPECT_EQ(state.setup, sweep());
  EXPECT_EQ(state.nodes.size(), 2u);
  EXPECT_EQ(state.current, 1u);
  EXPECT_EQ(state.view.node, 1u);
  EXPECT_EQ(state.view.rows.size(), state.nodes[1].steps);
  EXPECT_EQ(state.seat, 1u);
  const auto back = decode_bench_state(encode_bench_state(state));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->view.rows.size(), state.view.rows.size());
  EXPECT_EQ(back->view.threads.size(), state.view.threads.size());
}

TEST(BenchService, TheVerdictOfAViolationSaysWhatFollows) {
  laboratory::NodeView view;
  view.aftermath = {laboratory::Harm::kMemory, "frees the live object 2, 21 steps later", 153};
  EXPECT_EQ(to_telemetry(view).verdict.harm, "") << "the run goes on";
  view.outcome = laboratory::NodeOutcome::kViolation;
  const BenchVerdict verdict = to_telemetry(view).verdict;
  EXPECT_EQ(verdict.harm, "memory");
  EXPECT_EQ(verdict.harm_text, view.aftermath.text);
  EXPECT_EQ(verdict.harm_step, 153u);
}

TEST(BenchService, OnlyOneViewerStepsAndRevisionsRise) {
  BenchService service(nullptr);
  ASSERT_EQ(service.begin(sweep()), "");
  const uint64_t before = service.state().revision;
  EXPECT_EQ(ask(service, 1, BenchTakeSeat{}).error, "");
  EXPECT_GT(service.state().revision, before);
  for (const BenchRequestBody& body : std::vector<BenchRequestBody>{
           BenchTakeSeat{}, BenchLeaveSeat{}, sweep(), BenchStepRequest{0, BenchStepKind::kArc, 0, 0},
           BenchGo{0}, BenchName{0, "x"}, BenchBreakpoints{}, BenchSearchRequest{0, true}, BenchLoad{"x"},
           BenchOpenLesson{"x", 1}}) {
    EXPECT_THAT(ask(service, 2, body).error, HasSubstr("another viewer steps"));
    EXPECT_FALSE(service.changed());
  }
  for (const BenchRequestBody& body :
       std::vector<BenchRequestBody>{BenchWatch{}, BenchLook{0}, BenchGetSchedule{0}})
    EXPECT_EQ(ask(service, 2, body).error, "");
  service.viewer_left(2);
  EXPECT_EQ(service.state().seat, 1u);
  service.viewer_left(1);
  EXPECT_TRUE(service.changed());
  EXPECT_EQ(ask(service, 2, BenchTakeSeat{}).error, "");
}

TEST(BenchService, HostileNumbersGiveOneLine) {
  BenchService service(nullptr);
  ASSERT_EQ(service.begin(sweep()), "");
  for (const BenchRequestBody& body : std::vector<BenchRequestBody>{
           BenchStepRequest{~0u, BenchStepKind::kArc, 0, 0}, BenchStepRequest{0, BenchStepKind::kArc, ~0u, 0},
           BenchStepRequest{0, BenchStepKind::kChoice, ~0u, ~0u}, BenchGo{~0u}, BenchLook{~0u},
           BenchName{~0u, "x"}, BenchSearchRequest{~0u, true}, BenchGetSchedule{~0u}, BenchLoad{"moon"},
           BenchBreakpoints{{"moon"}}, BenchSetup{"moon", "lazy", "", 2, 1, 1, {}},
           BenchSetup{"sweep", "moon", "", 2, 1, 1, {}}, BenchSetup{"sweep", "lazy", "moon", 2, 1, 1, {}},
           BenchSetup{"sweep", "lazy", "", ~0u, 1, 1, {}}, BenchSetup{"sweep", "lazy", "", 2, ~0u, 1, {}},
           BenchSetup{"sweep", "lazy", "", 2, 1, 1, {"moon"}}}) {
    const std::string error = ask(service, 1, body).error;
    EXPECT_NE(error, "");
    EXPECT_EQ(error.find('\n'), std::string::npos);
  }
  EXPECT_EQ(service.state().nodes.size(), 1u);
  EXPECT_EQ(ask(service, 1, BenchStepRequest{0, BenchStepKind::kArc, 0, 0}).error, "");
}

// The text of an embedded lesson with two runs.
std::string lesson_text() {
  for (const lessons::LessonFile& file : lessons::lesson_files())
    if (file.name == "04-borrowed.lesson") return std::string(file.text);
  ADD_FAILURE() << "04-borrowed.lesson is not embedded";
  return {};
}

TEST(BenchService, OpensEachRunOfALessonAtItsFirstBeat) {
  BenchService service(nullptr);
  ASSERT_EQ(service.begin(sweep()), "");
  for (const auto& [run, beat, fault] :
       {std::tuple(1u, 0u, ""), std::tuple(2u, 1u, "refill-no-cached-mark"), std::tuple(1u, 0u, "")}) {
    ASSERT_EQ(ask(service, 1, BenchOpenLesson{lesson_text(), run}).error, "") << run;
    EXPECT_TRUE(service.changed());
    const BenchState state = service.state();
    EXPECT_EQ(state.setup.fault, fault);
    const auto beats = lessons::find_beats(*lessons::find_lesson("4"), run - 1, state.nodes);
    ASSERT_TRUE(beats[beat]) << run;
    EXPECT_EQ(state.current, beats[beat]->opens) << run;
    EXPECT_TRUE(decode_bench_state(encode_bench_state(state)));
  }
}

TEST(BenchService, ALessonThatIsRefusedLeavesTheSessionAsItWas) {
  BenchService service(nullptr);
  ASSERT_EQ(service.begin(sweep()), "");
  ASSERT_EQ(ask(service, 1, BenchStepRequest{0, BenchStepKind::kArc, 0, 0}).error, "");
  const uint64_t revision = service.state().revision;
  std::string unreachable = lesson_text();
  const size_t goal = unreachable.find("goal: ");
  unreachable.insert(goal, "goal: mutator 1 until span 77 is stale\n");
  for (const auto& [text, run, words] :
       {std::tuple(std::string("moon"), 1u, "lesson:1:"), std::tuple(std::string(), 1u, "lesson:1:"),
        std::tuple(lesson_text(), 0u, "numbered from 1"),
        std::tuple(lesson_text(), 3u, "has 2 runs, and no run 3"),
        std::tuple(lesson_text(), ~0u, "no run 4294967295"),
        std::tuple(unreachable, 1u, "cannot be reached")}) {
    const std::string error = ask(service, 1, BenchOpenLesson{text, run}).error;
    EXPECT_THAT(error, HasSubstr(words));
    EXPECT_EQ(error.find('\n'), std::string::npos);
    EXPECT_FALSE(service.changed());
  }
  EXPECT_EQ(service.state().revision, revision);
  EXPECT_EQ(service.state().setup, sweep());
  EXPECT_EQ(service.state().nodes.size(), 2u);
}

TEST(BenchService, IsSavedAfterEveryStepAndOpensAgain) {
  const std::string file = (std::filesystem::path(::testing::TempDir()) / "bench_save_test.txt").string();
  std::ofstream(file + ".part") << "the user's";
  BenchService service(nullptr);
  ASSERT_EQ(service.save_to(file), "");
  ASSERT_EQ(service.begin(sweep()), "");
  uint32_t node = 0;
  for (int i = 0; i < 5; ++i) {
    BenchStepRequest next{node, BenchStepKind::kArc, 0, 0};
    for (const BenchThread& t : service.state().view.threads) {
      if (t.state == BenchThreadState::kCanRun) next = {node, BenchStepKind::kArc, t.thread, 0};
      if (t.state == BenchThreadState::kMustChoose) next = {node, BenchStepKind::kChoice, t.thread, 0};
      if (t.state == BenchThreadState::kMustChoose) break;
    }
    const BenchAnswer answer = ask(service, 1, next);
    ASSERT_EQ(answer.error, "");
    node = answer.node;
    std::ifstream in(file);
    std::ostringstream text;
    text << in.rdbuf();
    BenchService again(nullptr);
    ASSERT_EQ(again.load(text.str()), "");
    EXPECT_EQ(again.session().tree().steps(static_cast<uint32_t>(again.session().tree().nodes().size() - 1)),
              service.session().tree().steps(node));
  }
  EXPECT_TRUE(std::filesystem::remove(file + ".part"));
  std::filesystem::remove(file);
  EXPECT_NE(ask(service, 1, BenchName{node, "a\nb"}).error, "");
  BenchService unsaved(nullptr);
  ASSERT_EQ(unsaved.begin(sweep()), "");
  EXPECT_THAT(unsaved.save_to(::testing::TempDir() + "/none/x"), HasSubstr("Cannot write"));
  EXPECT_THAT(unsaved.state().error, HasSubstr("Cannot write"));
}

TEST(BenchService, CatalogueNamesWhatASetupMayName) {
  const BenchCatalogue catalogue = bench_catalogue();
  EXPECT_GT(catalogue.scenarios.size(), 20u);
  EXPECT_EQ(catalogue.policies.size(), 5u);
  BenchService service(nullptr);
  for (const BenchScenario& scenario : catalogue.scenarios)
    EXPECT_EQ(service.begin({scenario.name, "lazy", "", 0, 0, 1, {}}), "") << scenario.name;
  for (const BenchFault& fault : catalogue.faults) {
    if (!fault.outside.empty()) continue;
    EXPECT_EQ(service.begin({fault.scenarios.at(0), fault.policies.at(0), fault.name, 0, 0, 1, fault.passed}),
              "")
        << fault.name;
  }
}

// Events of a run, folded by a replica as a viewer's are.
class Fold final : public laboratory::RecordListener, public BatchSink {
 public:
  Fold()
      : collector_(
            {.draining = Draining::kSynchronous, .loss = LossPolicy::kDrop, .pool_bytes = kChunkBytes}) {
    collector_.add_sink(*this);
  }
  void run_begins() override {}
  void record(uint32_t stream, uint64_t number, const observe::Record& record) override {
    const auto chunk = collector_.take_chunk(stream);
    chunk[0] = record;
    collector_.hand_over(stream, chunk, 1, number);
  }
  void consume(const Batch& batch) override {
    EXPECT_EQ(batch.lost_before, 0u);
    for (const Event& event : batch.events)
      if (const auto refusal = replica.apply(event)) ADD_FAILURE() << refusal->rule << refusal->sentence;
  }
  void drain() noexcept override {}
  Replica replica;

 private:
  Collector collector_;
};

// An event is emitted next to the write it reports: on the other side of a thread's next access to the same word.
bool pending(const laboratory::HandRun& run, engine::Word word, uint32_t object) {
  for (uint32_t fiber = 0; fiber < run.scheduler().fibers(); ++fiber) {
    const engine::Access next = run.pending(fiber);
    if (!run.ended(fiber) && next.word == word && next.object == object) return true;
  }
  return false;
}

TEST(Board, AgreesWithTheReplicaAfterEveryAccess) {
  size_t compared = 0, cached = 0;
  for (uint64_t walk = 0; walk < 10; ++walk) {
    std::mt19937_64 random(sweepscope::testing::seed_or(1) + walk);
    Fold fold;
    laboratory::HandRun run(from_telemetry({"sweep", "lazy", "", 2, 2, 1, {}}).setup, &fold);
    run.create();
    while (run.next() != laboratory::HandRun::Next::kNothing && !::testing::Test::HasFailure()) {
      ASSERT_TRUE(laboratory::testing::take_any(run, random));
      if (!run.engine_stands()) continue;
      const laboratory::BoardState board = laboratory::look(run, {}).board;
      if (fold.replica.sweepgen() == board.sg)
        for (const laboratory::BoardSpan& span : board.spans) {
          const SpanPicture* const picture = fold.replica.span(span.id);
          // A new span is reported before it is pushed on its queue, and in use after that.
          const bool made =
              span.status == engine::SpanState::kFree &&
              (pending(run, engine::Word::kSweepQueue, 0) || pending(run, engine::Word::kSweepQueue, 1));
          if (made || picture == nullptr || pending(run, engine::Word::kSweepgen, span.id) ||
              pending(run, engine::Word::kSpanState, span.id) || !fold.replica.settled())
            continue;
          ASSERT_EQ(static_cast<int>(picture->status), static_cast<int>(span.status)) << span.id;
          if (span.status != engine::SpanState::kInUse) continue;
          EXPECT_EQ(picture->sweepgen, span.sweepgen) << span.id;
          EXPECT_EQ(picture->first_page, span.first_page);
          EXPECT_EQ(picture->pages, span.pages);
          EXPECT_EQ(picture->span_class, span.span_class);
          ++compared;
          if (span.state != laboratory::BoardSpanState::kCached) continue;
          ++cached;
          if (span.place == laboratory::BoardPlace::kCache) {
            EXPECT_EQ(picture->owner, span.p) << span.id;
          }
        }
      for (const laboratory::BoardP& p : board.ps) {
        if (p.id >= fold.replica.ps().size() || pending(run, engine::Word::kPStatus, p.id)) continue;
        if (!fold.replica.settled()) continue;
        EXPECT_EQ(static_cast<int>(fold.replica.ps()[p.id].status), static_cast<int>(p.status));
      }
    }
  }
  EXPECT_GT(compared, 1000u);
  EXPECT_GT(cached, 100u);
}

}  // namespace
}  // namespace sweepscope::workloads
