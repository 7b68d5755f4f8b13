// Quiet steps: nothing that the board draws has changed, and nothing has happened to the thread that a viewer must see.
#include "engine/laboratory/bench/quiet.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/engine/laboratory/bench_fixture.h"

namespace sweepscope::laboratory {
namespace {

using testing::next_thread;
using testing::setup_for;

// Of a whole run, thread by thread: what a quiet step leaves as it was, and that every step with something to see is none.
TEST(QuietStep, AStepIsQuietIfTheBoardStaysAsItWasAndItsEndIsNoneToSee) {
  BenchSession session;
  ASSERT_EQ(session.begin(setup_for("sweep"), 1), "");
  size_t quiet = 0, loud = 0;
  const auto look = [&](const Node& node, const NodeView& view) {
    const NodeView& before = session.view(node.parent);
    // T1 and T10 of a new span write while its pages are still drawn as free.
    const bool arc = std::any_of(view.rows.begin(), view.rows.end(), [](const AccessRow& r) {
      return !r.arc.empty() && r.arc != "T1" && r.arc != "T10";
    });
    (node.quiet ? quiet : loud) += 1;
    EXPECT_EQ(node.quiet, is_quiet(before, view, node.stop));
    EXPECT_FALSE(arc && node.quiet) << node.text;
    const bool to_see = node.stop == StopReason::kBlocked || node.stop == StopReason::kEnded ||
                        node.stop == StopReason::kChoice || node.outcome != NodeOutcome::kRunning;
    EXPECT_FALSE(to_see && node.quiet) << node.why;
    if (!node.quiet) return;
    EXPECT_EQ(before.board.sg, view.board.sg) << node.text;
    for (size_t s = 0; s < view.board.spans.size(); ++s) {
      EXPECT_EQ(before.board.spans[s].place, view.board.spans[s].place) << node.text;
      if (view.board.spans[s].place == BoardPlace::kFree) continue;
      EXPECT_EQ(before.board.spans[s].queue, view.board.spans[s].queue) << node.text;
    }
  };
  uint32_t node = 0;
  for (uint32_t fiber = next_thread(session.view(0), 1); fiber != ~0u;
       fiber = next_thread(session.view(node), 1)) {
    const bool chooses = session.view(node).threads[fiber].state == ThreadState::kMustChoose;
    const auto taken = session.step(node, chooses ? StepKind::kChoice : StepKind::kArc, fiber, 0);
    ASSERT_EQ(taken.error, "");
    node = taken.node;
    look(session.tree().nodes()[node], session.view(node));
  }
  EXPECT_GT(quiet, 10u);
  EXPECT_GT(loud, 10u);
}

NodeView two_spans_and_a_p() {
  NodeView view;
  view.board.known = true;
  view.board.spans.resize(2);
  view.board.spans[0].status = view.board.spans[1].status = engine::SpanState::kInUse;
  view.board.spans[0].place = BoardPlace::kCache;
  view.board.spans[1].place = BoardPlace::kFree;
  view.board.spans[0].alloc_bits = view.board.spans[0].mark_bits = {0};
  view.board.ps.resize(1);
  view.board.pacing = BoardPacing{.concurrent = true, .heap_live = 4096};
  view.board.graph.objects.resize(1);
  view.board.graph.roots.resize(1);
  view.rules.push_back({"I1", CheckMode::kNote, RuleState::kHolds, 0, 0, {}});
  return view;
}

TEST(QuietStep, EverythingThatTheBoardDrawsEndsTheQuiet) {
  const NodeView before = two_spans_and_a_p();
  EXPECT_TRUE(is_quiet(before, before, StopReason::kArc));
  const std::vector<std::function<void(NodeView&)>> changes{
      [](NodeView& v) { v.board.known = false; },
      [](NodeView& v) { v.board.sg = 2; },
      [](NodeView& v) { v.board.phase = observe::Phase::kMark; },
      [](NodeView& v) { v.board.stopped = true; },
      [](NodeView& v) { v.board.sweep_done = true; },
      [](NodeView& v) { v.board.spans.resize(3); },
      [](NodeView& v) { v.board.spans[0].place = BoardPlace::kEmpty; },
      [](NodeView& v) { v.board.spans[0].p = 1; },
      [](NodeView& v) { v.board.spans[0].distance = 3; },
      [](NodeView& v) { v.board.spans[0].queue = BoardQueue::kSwept; },
      [](NodeView& v) { v.board.spans[0].freeindex = 1; },
      [](NodeView& v) { v.board.spans[0].alloc_bits = {1}; },
      [](NodeView& v) { v.board.spans[0].mark_bits = {1}; },
      [](NodeView& v) { v.board.spans[1].pages = 2; },
      [](NodeView& v) { v.board.ps[0].status = observe::PStatus::kRunning; },
      [](NodeView& v) { v.board.ps[0].fiber = 2; },
      [](NodeView& v) { v.board.ps[0].distance = -2; },
      [](NodeView& v) { v.board.pacing->heap_live = 8192; },
      [](NodeView& v) { v.board.pacing->trigger = 8192; },
      [](NodeView& v) { v.board.pacing.reset(); },
      [](NodeView& v) { v.board.graph.objects[0].colour = ObjectColour::kGrey; },
      [](NodeView& v) { v.board.graph.objects[0].refs = {1}; },
      [](NodeView& v) { v.board.graph.roots[0].scan = RootScan::kScanned; },
      [](NodeView& v) { v.rules[0].state = RuleState::kNoted; },
      [](NodeView& v) { v.outcome = NodeOutcome::kFinished; }};
  for (size_t i = 0; i < changes.size(); ++i) {
    NodeView after = before;
    changes[i](after);
    EXPECT_FALSE(is_quiet(before, after, StopReason::kArc)) << "change " << i;
  }
}

TEST(QuietStep, BookkeepingAndWhatIsNotDrawnKeepTheQuiet) {
  NodeView before = two_spans_and_a_p();
  before.board.ps[0].fiber = 1;
  before.board.pacing->concurrent = false;  // its figures decide nothing
  NodeView after = before;
  after.board.pacing->heap_live = 8192;
  after.board.sweepers = 1, after.board.unflushed = 2;
  after.board.locks.push_back({"sched.lock", engine::Word::kSchedLock, 0, 1, {}});
  after.board.spans[1].distance = -4, after.board.spans[1].sweepgen = 9;  // of free pages
  after.board.ps[0].status = observe::PStatus::kBlocked;                  // its owner stands there
  for (const StopReason stop :
       {StopReason::kNone, StopReason::kAccess, StopReason::kArc, StopReason::kBetween})
    EXPECT_TRUE(is_quiet(before, after, stop));
  for (const StopReason stop : {StopReason::kBlocked, StopReason::kEnded, StopReason::kChoice,
                                StopReason::kBreakpoint, StopReason::kViolation, StopReason::kRunEnded})
    EXPECT_FALSE(is_quiet(before, after, stop));
}

}  // namespace
}  // namespace sweepscope::laboratory
