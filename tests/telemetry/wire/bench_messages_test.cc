// The messages of a bench session: they survive a round trip, and hostile bytes give one clear error.
#include "telemetry/wire/bench_messages.h"

#include <gtest/gtest.h>

#include <random>

#include "telemetry/proto/sweepscope.pb.h"
#include "tests/telemetry/support/random_events.h"

namespace sweepscope::telemetry {
namespace {

BenchView full_view() {
  BenchView view;
  view.node = 1;
  view.steps = 120;
  BenchThread thread;
  thread.thread = 3;
  thread.name = "mutator 2";
  thread.state = BenchThreadState::kMustChoose;
  thread.p = 1;
  thread.text = "P1: CAS span 41 sweepgen 12 -> 13";
  thread.step = "claim: CAS sweepgen h-2 -> h-1";
  thread.op = StepOp::kCasWon;
  thread.word = 2;
  thread.object = 41;
  thread.file = "engine/heap/arcs.cc";
  thread.line = 102;
  thread.holder = 0;
  thread.between = true;
  thread.reads = {{"sweepdone", 1}};
  thread.alternatives = {"allocate", "drop"};
  thread.locks = {"mheap.lock"};
  thread.assist_credit = -4096;
  view.threads = {thread, BenchThread{}};
  Board& board = view.board;
  board.known = true;
  board.sg = 14;
  board.phase = Phase::kMark;
  board.stopped = board.sweep_done = true;
  board.sweepers = 2;
  board.unflushed = 3;
  BoardSpan span;
  span.id = 41;
  span.status = 1;
  span.first_page = 5;
  span.pages = 1;
  span.sweepgen = 12;
  span.distance = -2;
  span.state = BoardSpanState::kNeeds;
  span.span_class = 90;
  span.elem_bytes = 4096;
  span.nelems = 2;
  span.freeindex = 1;
  span.alloc_count = 1;
  span.alloc_bits = {1};
  span.mark_bits = {~uint64_t{0}};
  span.place = BoardPlace::kCache;
  span.p = 0;
  span.queue = BoardQueue::kUnswept;
  board.spans = {span};
  board.ps = {BoardP{0, PStatus::kRunning, 3, 12, -2, {{90, 41}}}, BoardP{}};
  board.locks = {{"mheap.lock", 20, 0, 3, {1, 2}}};
  board.objects = {{3, 41, 1, ObjectColour::kGrey, true, {0, 2}}, BoardObject{}};
  board.roots = {{RootKind::kStack, 3, RootScan::kWaiting, {3}}, BoardRoot{}};
  board.rules = {{"I1", BenchRuleMode::kNote, BenchRuleState::kNoted, 2, 99, "a sentence"}};
  board.pacing = BoardPacing{true, 24576, 100, 32768, 40960, 16384, -512, 3, 2};
  view.verdict = {BenchOutcome::kViolation,
                  "I4",
                  "oracle",
                  "two sweepers",
                  119,
                  3,
                  "memory",
                  "frees a live object, 37 steps later",
                  156};
  view.rows = {{119, 3, StepOp::kStore, 2, 41, 12, 13, "claim", "P1 claims span 41", "T6", true}};
  return view;
}

void expect_same(const BenchView& a, const BenchView& b) {
  EXPECT_EQ(a.node, b.node);
  EXPECT_EQ(a.steps, b.steps);
  ASSERT_EQ(a.threads.size(), b.threads.size());
  const BenchThread &t = a.threads[0], &u = b.threads[0];
  EXPECT_EQ(std::tie(t.thread, t.name, t.state, t.p, t.text, t.step, t.op, t.word, t.object, t.file, t.line,
                     t.holder, t.between, t.alternatives, t.locks, t.assist_credit),
            std::tie(u.thread, u.name, u.state, u.p, u.text, u.step, u.op, u.word, u.object, u.file, u.line,
                     u.holder, u.between, u.alternatives, u.locks, u.assist_credit));
  ASSERT_EQ(u.reads.size(), 1u);
  EXPECT_EQ(t.reads[0].text, u.reads[0].text);
  EXPECT_EQ(t.reads[0].value, u.reads[0].value);
  EXPECT_EQ(b.threads[1].holder, kNoThread);
  EXPECT_EQ(b.threads[1].p, kNoP);
  EXPECT_EQ(b.threads[1].assist_credit, std::nullopt);
  const Board &x = a.board, &y = b.board;
  EXPECT_EQ(std::tie(x.known, x.sg, x.phase, x.stopped, x.sweep_done, x.sweepers, x.unflushed),
            std::tie(y.known, y.sg, y.phase, y.stopped, y.sweep_done, y.sweepers, y.unflushed));
  EXPECT_EQ(x.pacing, y.pacing);
  ASSERT_EQ(y.spans.size(), 1u);
  const BoardSpan &s = x.spans[0], &r = y.spans[0];
  EXPECT_EQ(std::tie(s.id, s.status, s.first_page, s.pages, s.sweepgen, s.distance, s.state, s.span_class,
                     s.elem_bytes, s.nelems, s.freeindex, s.alloc_count, s.alloc_bits, s.mark_bits, s.place,
                     s.p, s.queue),
            std::tie(r.id, r.status, r.first_page, r.pages, r.sweepgen, r.distance, r.state, r.span_class,
                     r.elem_bytes, r.nelems, r.freeindex, r.alloc_count, r.alloc_bits, r.mark_bits, r.place,
                     r.p, r.queue));
  ASSERT_EQ(y.ps.size(), 2u);
  EXPECT_EQ(y.ps[0].status, PStatus::kRunning);
  EXPECT_EQ(y.ps[0].thread, 3u);
  EXPECT_EQ(y.ps[0].flush_gen, 12u);
  EXPECT_EQ(y.ps[0].distance, -2);
  ASSERT_EQ(y.ps[0].cached.size(), 1u);
  EXPECT_EQ(y.ps[0].cached[0].span, 41u);
  EXPECT_EQ(y.ps[0].cached[0].span_class, 90);
  EXPECT_EQ(y.ps[1].thread, kNoThread);
  ASSERT_EQ(y.locks.size(), 1u);
  EXPECT_EQ(std::tie(x.locks[0].name, x.locks[0].word, x.locks[0].holder, x.locks[0].waiters),
            std::tie(y.locks[0].name, y.locks[0].word, y.locks[0].holder, y.locks[0].waiters));
  ASSERT_EQ(y.rules.size(), 1u);
  EXPECT_EQ(std::tie(x.rules[0].rule, x.rules[0].mode, x.rules[0].state, x.rules[0].times,
                     x.rules[0].first_step, x.rules[0].text),
            std::tie(y.rules[0].rule, y.rules[0].mode, y.rules[0].state, y.rules[0].times,
                     y.rules[0].first_step, y.rules[0].text));
  ASSERT_EQ(y.objects.size(), 2u);
  const BoardObject &o = x.objects[0], &q = y.objects[0];
  EXPECT_EQ(std::tie(o.number, o.span, o.slot, o.colour, o.marked, o.refs),
            std::tie(q.number, q.span, q.slot, q.colour, q.marked, q.refs));
  EXPECT_EQ(y.objects[1].span, kNoId);
  ASSERT_EQ(y.roots.size(), 2u);
  EXPECT_EQ(std::tie(x.roots[0].kind, x.roots[0].thread, x.roots[0].scan, x.roots[0].objects),
            std::tie(y.roots[0].kind, y.roots[0].thread, y.roots[0].scan, y.roots[0].objects));
  EXPECT_EQ(y.roots[1].thread, kNoThread);
  EXPECT_EQ(std::tie(a.verdict.outcome, a.verdict.rule, a.verdict.kind, a.verdict.text, a.verdict.step,
                     a.verdict.thread, a.verdict.harm, a.verdict.harm_text, a.verdict.harm_step),
            std::tie(b.verdict.outcome, b.verdict.rule, b.verdict.kind, b.verdict.text, b.verdict.step,
                     b.verdict.thread, b.verdict.harm, b.verdict.harm_text, b.verdict.harm_step));
  ASSERT_EQ(b.rows.size(), 1u);
  const BenchRow &v = a.rows[0], &w = b.rows[0];
  EXPECT_EQ(
      std::tie(v.step, v.thread, v.op, v.word, v.object, v.before, v.after, v.name, v.text, v.arc, v.folded),
      std::tie(w.step, w.thread, w.op, w.word, w.object, w.before, w.after, w.name, w.text, w.arc, w.folded));
}

BenchState full_state() {
  BenchState state;
  state.revision = 7;
  state.setup = {"sweep", "lazy", "claim-without-cas", 2, 1, 42, {"I4=note"}};
  state.bounds = "2 Ps, 1 span";
  state.current = 1;
  state.nodes = {BenchNode{}, BenchNode{0, BenchStepKind::kArc, 3, 0, BenchStop::kBetween, 100, 20,
                                        BenchOutcome::kViolation, "P1 claims span 41 (T6)",
                                        "another thread can write it", "mine", true}};
  state.view = full_view();
  state.breakpoints = {"arc T7"};
  state.search = {BenchSearchState::kFound, 0, 1, 12, 3400, 55, "found"};
  state.seat = 2;
  state.error = "disk full";
  return state;
}

TEST(BenchMessages, StateSurvivesARoundTrip) {
  const BenchState state = full_state();
  const auto back = decode_bench_state(encode_bench_state(state));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->revision, 7u);
  EXPECT_EQ(back->setup, state.setup);
  EXPECT_EQ(back->bounds, state.bounds);
  EXPECT_EQ(back->current, 1u);
  ASSERT_EQ(back->nodes.size(), 2u);
  EXPECT_EQ(back->nodes[0].parent, kNoNode);
  EXPECT_EQ(back->nodes[0].thread, kNoThread);
  const BenchNode &a = state.nodes[1], &b = back->nodes[1];
  EXPECT_EQ(std::tie(a.parent, a.kind, a.thread, a.choice, a.stop, a.steps_before, a.steps, a.outcome, a.text,
                     a.why, a.name, a.quiet),
            std::tie(b.parent, b.kind, b.thread, b.choice, b.stop, b.steps_before, b.steps, b.outcome, b.text,
                     b.why, b.name, b.quiet));
  expect_same(state.view, back->view);
  EXPECT_EQ(back->breakpoints, state.breakpoints);
  EXPECT_EQ(back->search.state, BenchSearchState::kFound);
  EXPECT_EQ(back->search.found, 1u);
  EXPECT_EQ(back->search.schedules, 12u);
  EXPECT_EQ(back->search.steps, 3400u);
  EXPECT_EQ(back->search.milliseconds, 55u);
  EXPECT_EQ(back->search.text, "found");
  EXPECT_EQ(back->seat, 2u);
  EXPECT_EQ(back->error, "disk full");
}

// Off and unknown are not 0.
TEST(BenchMessages, AbsentFiguresOfThePacerStayAbsentAndZeroStaysZero) {
  BenchState state = full_state();
  for (const BoardPacing& pacing : {BoardPacing{}, BoardPacing{false, 0, 0, 0, 0, 0, 0, 0, 0}}) {
    state.view.board.pacing = pacing;
    EXPECT_EQ(decode_bench_state(encode_bench_state(state))->view.board.pacing, pacing);
  }
  state.view.board.pacing.reset();
  EXPECT_EQ(decode_bench_state(encode_bench_state(state))->view.board.pacing, std::nullopt);
}

TEST(BenchMessages, AnswerSurvivesARoundTrip) {
  BenchAnswer answer;
  answer.request = 9;
  answer.viewer = 2;
  answer.error = "no";
  answer.node = 5;
  answer.view = {full_view()};
  answer.schedule = "sweepscope-schedule 1\n";
  answer.catalogue = {{{{"sweep", "text", 2, 2, 4, 3}},
                       {{"lazy", "summary"}},
                       {{"claim-without-cas", "text", {"lazy"}, {"sweep"}, {"I4"}, {"I3=note"}, "outside"}},
                       {"I1"}}};
  const auto back = decode_bench_answer(encode_bench_answer(answer));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(std::tie(back->request, back->viewer, back->error, back->node, back->schedule),
            std::tie(answer.request, answer.viewer, answer.error, answer.node, answer.schedule));
  ASSERT_EQ(back->view.size(), 1u);
  expect_same(answer.view[0], back->view[0]);
  ASSERT_EQ(back->catalogue.size(), 1u);
  const BenchCatalogue &a = answer.catalogue[0], &b = back->catalogue[0];
  ASSERT_EQ(b.scenarios.size(), 1u);
  EXPECT_EQ(std::tie(a.scenarios[0].name, a.scenarios[0].text, a.scenarios[0].procs, a.scenarios[0].spans,
                     a.scenarios[0].most_procs, a.scenarios[0].most_spans),
            std::tie(b.scenarios[0].name, b.scenarios[0].text, b.scenarios[0].procs, b.scenarios[0].spans,
                     b.scenarios[0].most_procs, b.scenarios[0].most_spans));
  ASSERT_EQ(b.policies.size(), 1u);
  EXPECT_EQ(b.policies[0].text, "summary");
  ASSERT_EQ(b.faults.size(), 1u);
  EXPECT_EQ(std::tie(a.faults[0].name, a.faults[0].text, a.faults[0].policies, a.faults[0].scenarios,
                     a.faults[0].rules, a.faults[0].passed, a.faults[0].outside),
            std::tie(b.faults[0].name, b.faults[0].text, b.faults[0].policies, b.faults[0].scenarios,
                     b.faults[0].rules, b.faults[0].passed, b.faults[0].outside));
  EXPECT_EQ(a.rules, b.rules);
}

TEST(BenchMessages, EveryRequestSurvivesARoundTrip) {
  const std::vector<BenchRequestBody> bodies{BenchWatch{},
                                             BenchTakeSeat{},
                                             BenchLeaveSeat{},
                                             full_state().setup,
                                             BenchStepRequest{4, BenchStepKind::kChoice, 3, 1},
                                             BenchGo{1},
                                             BenchLook{2},
                                             BenchName{3, "mine"},
                                             BenchBreakpoints{{"arc T7", "span 3"}},
                                             BenchSearchRequest{4, true},
                                             BenchLoad{"text"},
                                             BenchGetSchedule{5},
                                             BenchOpenLesson{"sweepscope-lesson 1", 2}};
  for (const BenchRequestBody& body : bodies) {
    const std::string bytes = encode_bench_request({17, body});
    const auto back = decode_bench_request(bytes);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->id, 17u);
    EXPECT_EQ(back->body.index(), body.index());
    EXPECT_EQ(encode_bench_request(*back), bytes);
  }
}

TEST(BenchMessages, PartsOfARequestBeyondTheLimitsAreRefused) {
  const auto refused = [](const BenchRequestBody& body) {
    const auto back = decode_bench_request(encode_bench_request({1, body}));
    return back ? std::string() : back.error().message;
  };
  BenchSetup setup = full_state().setup;
  setup.checks.assign(kMaxBenchChecks, "I1=note");
  EXPECT_EQ(refused(setup), "");
  setup.checks.emplace_back("I1=note");
  EXPECT_NE(refused(setup), "");
  EXPECT_EQ(bench_request_id(encode_bench_request({77, setup})), 77u) << "its sender waits for an answer";
  EXPECT_EQ(bench_request_id("\xFF\xFF garbage"), 0u);
  setup.checks = {std::string(kMaxBenchCheckBytes + 1, 'x')};
  EXPECT_NE(refused(setup), "");
  setup.checks.clear();
  setup.scenario.assign(129, 'x');
  EXPECT_NE(refused(setup), "");
  EXPECT_EQ(refused(BenchName{0, std::string(kMaxBenchNameBytes, 'x')}), "");
  EXPECT_EQ(refused(BenchName{0, std::string(kMaxBenchNameBytes + 1, 'x')}),
            "the name of a branch is too long");
  EXPECT_NE(refused(BenchBreakpoints{std::vector<std::string>(kMaxBenchBreakpoints + 1)}), "");
  EXPECT_NE(refused(BenchBreakpoints{{std::string(kMaxBenchBreakpointBytes + 1, 'x')}}), "");
  EXPECT_EQ(refused(BenchLoad{std::string(kMaxBenchScheduleBytes, 'x')}), "");
  EXPECT_EQ(refused(BenchLoad{std::string(kMaxBenchScheduleBytes + 1, 'x')}), "the schedule is too long");
  EXPECT_EQ(refused(BenchLoad{std::string(kMaxBenchRequest, 'x')}), "the bench request is too long");
  EXPECT_EQ(refused(BenchOpenLesson{std::string(kMaxBenchLessonBytes, 'x'), 1}), "");
  EXPECT_EQ(refused(BenchOpenLesson{std::string(kMaxBenchLessonBytes + 1, 'x'), 1}),
            "the lesson is longer than 64 KiB");
  EXPECT_EQ(refused(BenchStepRequest{0, BenchStepKind::kLoaded, 0, 0}), "a step of unknown kind 5");
  EXPECT_EQ(decode_bench_request("").error().message, "a bench request of unknown kind");
}

TEST(BenchMessages, TooManyPartsOfAStateAreRefusedBeforeTheyAreParsed) {
  const auto parses = [](const v1::BenchState& message) {
    return bool{decode_bench_state(message.SerializeAsString())};
  };
  v1::BenchState message;
  message.add_nodes();
  EXPECT_TRUE(parses(message));
  for (size_t i = 0; i <= kMaxBenchThreads; ++i) message.mutable_view()->add_threads();
  EXPECT_FALSE(parses(message));
  message.mutable_view()->clear_threads();
  for (size_t i = 0; i <= kMaxBenchSpans; ++i) message.mutable_view()->mutable_board()->add_spans();
  EXPECT_FALSE(parses(message));
  v1::Board& board = *message.mutable_view()->mutable_board();
  board.clear_spans();
  for (size_t i = 0; i < kMaxBenchObjects; ++i) board.add_objects();
  EXPECT_TRUE(parses(message));
  board.add_objects();
  EXPECT_FALSE(parses(message));
  board.clear_objects();
  for (size_t i = 0; i <= kMaxBenchRoots; ++i) board.add_roots();
  EXPECT_FALSE(parses(message));
  message.clear_view();
  for (size_t i = 0; i < kMaxBenchNodes; ++i) message.add_nodes()->set_parent(1);
  EXPECT_FALSE(parses(message));
}

TEST(BenchMessages, ReferencesBeyondTheLimitAreNotRead) {
  BenchState state = full_state();
  state.view.board.objects[0].refs.assign(100'000, 1);
  state.view.board.roots[0].objects.assign(100'000, 1);
  const auto back = decode_bench_state(encode_bench_state(state));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->view.board.objects[0].refs.size(), kMaxBenchReferences);
  EXPECT_EQ(back->view.board.roots[0].objects.size(), kMaxBenchReferences);
}

TEST(BenchMessages, AStateThatNamesAMissingNodeIsRefused) {
  const auto refused = [](const BenchState& state) { return !decode_bench_state(encode_bench_state(state)); };
  EXPECT_FALSE(refused(full_state()));
  BenchState state = full_state();
  state.current = 2;
  EXPECT_TRUE(refused(state));
  state = full_state();
  state.view.node = 2;
  EXPECT_TRUE(refused(state));
  state = full_state();
  state.search.found = 2;
  EXPECT_TRUE(refused(state));
  state = full_state();
  state.nodes[1].parent = 1;
  EXPECT_TRUE(refused(state));
  state = full_state();
  state.nodes[0].parent = 0;
  EXPECT_TRUE(refused(state));
  EXPECT_TRUE(refused(BenchState{}));
}

// Damaged bytes decode or fail with a line; they never crash, and what decodes names only nodes that exist.
TEST(BenchMessages, DamagedBytesNeverCrash) {
  std::mt19937_64 random(testing::test_seed());
  const std::string state = encode_bench_state(full_state());
  BenchAnswer full_answer;
  full_answer.view = {full_view()};
  const std::string answer = encode_bench_answer(full_answer);
  const std::string request = encode_bench_request({1, full_state().setup});
  for (int i = 0; i < 20'000; ++i) {
    const auto damaged = [&random](std::string bytes) {
      for (uint64_t n = 1 + random() % 4; n > 0; --n)
        bytes[random() % bytes.size()] = static_cast<char>(random());
      if (random() % 4 == 0) bytes.resize(random() % bytes.size());
      return bytes;
    };
    if (const auto back = decode_bench_state(damaged(state))) {
      ASSERT_LT(back->current, back->nodes.size());
    } else {
      ASSERT_FALSE(back.error().message.empty());
    }
    const auto second = decode_bench_answer(damaged(answer));
    EXPECT_TRUE(second || !second.error().message.empty());
    const auto third = decode_bench_request(damaged(request));
    EXPECT_TRUE(third || !third.error().message.empty());
  }
}

}  // namespace
}  // namespace sweepscope::telemetry
