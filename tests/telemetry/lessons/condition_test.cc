// Conditions: their forms, and whether they hold at a view.
#include "telemetry/lessons/condition.h"

#include <gtest/gtest.h>

#include "telemetry/lessons/facts.h"

namespace sweepscope::telemetry::lessons {
namespace {

BenchView view() {
  BenchView v;
  v.board.known = true;
  v.board.sg = 6;
  v.board.stopped = true;
  BoardSpan cached, swept, free, both;
  cached.id = 3;
  cached.place = BoardPlace::kCache;
  cached.p = 1;
  cached.sweepgen = 9;
  cached.distance = 3;
  cached.state = BoardSpanState::kCached;
  cached.nelems = 2;
  cached.freeindex = 1;
  cached.alloc_bits = {2};
  cached.queue = BoardQueue::kSwept;
  swept.id = 4;
  swept.place = BoardPlace::kNonempty;
  swept.sweepgen = 6;
  swept.nelems = 2;
  swept.alloc_bits = {1};
  both.id = 6;
  both.place = BoardPlace::kNonempty;
  both.sweepgen = 6;
  both.state = BoardSpanState::kSwept;
  both.queue = BoardQueue::kBoth;
  free.id = 5;
  free.place = BoardPlace::kFree;
  v.board.spans = {cached, swept, free, both};
  BoardP idle, running;
  idle.id = 0;
  idle.distance = -2;
  running.id = 1;
  running.status = PStatus::kRunning;
  running.thread = 2;
  running.cached = {{5, 3}};
  BoardP ahead;  // flushed before the turn, with the sg to come
  ahead.id = 2;
  ahead.distance = 2;
  v.board.ps = {idle, running, ahead};
  BenchThread main, mutator, other;
  main.name = "main";
  main.state = BenchThreadState::kBlocked;
  main.text = "join";
  mutator.thread = 2;
  mutator.name = "mutator 1";
  other.thread = 3;
  other.name = "mutator 2";
  other.state = BenchThreadState::kEnded;
  v.threads = {main, mutator, other};
  BenchRule noted;
  noted.rule = "I1";
  noted.mode = BenchRuleMode::kNote;
  noted.state = BenchRuleState::kNoted;
  v.board.rules = {noted};
  return v;
}

BenchRow write(uint8_t word, uint32_t span, std::string arc) {
  BenchRow row;
  row.thread = 2;
  row.op = StepOp::kStore;
  row.word = word;
  row.object = span;
  row.arc = std::move(arc);
  return row;
}

Condition parsed(std::string_view text) {
  const ParsedCondition c = parse_condition(text);
  EXPECT_TRUE(c.condition) << c.error;
  return c.condition.value_or(Condition{});
}

void expect(const Facts& facts, std::string_view holds, std::string_view not_holds) {
  EXPECT_TRUE(facts.holds(parsed(holds))) << holds;
  EXPECT_FALSE(facts.holds(parsed(not_holds))) << not_holds;
}

TEST(Condition, OfTheBoard) {
  Facts facts;
  facts.begin(view());
  expect(facts, "sg is 6", "sg is 4");
  expect(facts, "span 3 is cached", "span 4 is cached");
  expect(facts, "span 5 is free", "span 3 is free");
  expect(facts, "span 9 is free", "span 9 is swept");
  expect(facts, "span 3 is at +3", "span 3 is at 2");
  expect(facts, "span 3 lies in the cache of P1", "span 3 lies in the cache of P0");
  expect(facts, "span 4 lies in the nonempty list", "span 4 lies in the empty list");
  expect(facts, "span 3 is in the swept queue", "span 3 is in the unswept queue");
  expect(facts, "span 6 is in the swept queue", "span 6 is in no queue");
  expect(facts, "span 6 is in the unswept queue", "span 4 is in the unswept queue");
  expect(facts, "span 4 is in no queue", "span 3 is in no queue");
  expect(facts, "span 3 has 2 of 2 slots taken", "span 3 has 1 of 2 slots taken");
  expect(facts, "span 4 has 1 of 2 slots taken", "span 4 has 1 of 3 slots taken");
  expect(facts, "2 spans are swept", "1 span is swept");
  expect(facts, "0 spans need sweep", "1 span needs sweep");
  expect(facts, "P1 is flushed", "P1 is not flushed");
  expect(facts, "P0 is not flushed", "P0 is flushed");
  expect(facts, "P2 is flushed", "P2 is not flushed");
  expect(facts, "P1 caches 1 span", "P0 caches 1 span");
  expect(facts, "P0 is idle", "P1 is idle");
  expect(facts, "P1 runs mutator 1", "P0 runs mutator 1");
  expect(facts, "the world is stopped", "the world runs");
}

// Globals hold objects 1 and 2; 1 refers to 3; the stack of mutator 1 holds 4, which refers to nothing; nothing holds 5.
BenchView view_of_objects() {
  BenchView v = view();
  v.board.phase = Phase::kMark;
  v.board.objects = {{1, 3, 0, ObjectColour::kBlack, true, {3}},
                     {2, 3, 1, ObjectColour::kGrey, true, {0}},
                     {3, 4, 0, ObjectColour::kWhite, false, {0, 1}},
                     {4, 4, 1, ObjectColour::kWhite, false, {0}},
                     {5, 4, 1, ObjectColour::kFreed, false, {}}};
  v.board.roots = {{RootKind::kGlobals, kNoThread, RootScan::kScanned, {1, 2}},
                   {RootKind::kStack, 2, RootScan::kWaiting, {4}},
                   {RootKind::kStack, 3, RootScan::kScanned, {}},
                   {RootKind::kBarrier, 2, RootScan::kNone, {5}}};
  return v;
}

TEST(Condition, OfObjectsAndRoots) {
  Facts facts;
  facts.begin(view_of_objects());
  expect(facts, "object 1 is black", "object 1 is grey");
  expect(facts, "object 2 is grey", "object 2 is white");
  expect(facts, "object 3 is white", "object 9 is white");
  expect(facts, "object 5 is freed", "object 5 is white");
  expect(facts, "object 1 refers to object 3", "object 1 refers to object 2");
  expect(facts, "object 3 refers to object 1", "object 3 refers to nothing");
  expect(facts, "object 2 refers to nothing", "object 2 refers to object 0");
  expect(facts, "the program can reach object 3", "the program can reach object 5");
  expect(facts, "the program can reach object 4", "the program cannot reach object 4");
  expect(facts, "the program cannot reach object 5", "the program cannot reach object 9");
  expect(facts, "the phase is mark", "the phase is mark termination");
  expect(facts, "the stack of mutator 1 is not scanned", "the stack of mutator 1 is scanned");
  expect(facts, "the stack of mutator 2 is scanned", "the stack of main is scanned");
  EXPECT_FALSE(facts.holds(parsed("the stack of main is not scanned")));
  EXPECT_FALSE(facts.holds(parsed("no object is grey")));
  BenchView later = view_of_objects();
  later.board.objects[1].colour = ObjectColour::kBlack;
  facts.add(later);
  EXPECT_TRUE(facts.holds(parsed("no object is grey")));
  facts.begin(view());
  EXPECT_FALSE(facts.holds(parsed("no object is grey"))) << "there is no object";
}

TEST(Condition, OfObjectsAndRootsSaysWhatIsThereInstead) {
  Facts facts;
  facts.begin(view_of_objects());
  const auto instead = [&](std::string_view text) { return facts.instead(parsed(text)); };
  EXPECT_EQ(instead("object 3 is black"), "object 3 is white");
  EXPECT_EQ(instead("object 9 is black"), "object 9 is not on the board");
  EXPECT_EQ(instead("object 3 refers to object 2"), "object 3 refers to object 1");
  EXPECT_EQ(instead("object 2 refers to object 1"), "object 2 refers to nothing");
  EXPECT_EQ(instead("the program can reach object 5"), "the program cannot reach it");
  EXPECT_EQ(instead("the program cannot reach object 1"), "the program can reach it");
  EXPECT_EQ(instead("no object is grey"), "object 2 is grey");
  EXPECT_EQ(instead("the phase is off"), "the phase is mark");
  EXPECT_EQ(instead("the stack of mutator 1 is scanned"), "it is not scanned");
  EXPECT_EQ(instead("the stack of main is scanned"), "no stack of a thread 'main' is on the board");
}

TEST(Condition, OfThreadsAndRules) {
  Facts facts;
  facts.begin(view());
  expect(facts, "main is blocked", "mutator 1 is blocked");
  expect(facts, "mutator 2 has ended", "mutator 1 has ended");
  expect(facts, "mutator 1 can run", "nobody can run");
  expect(facts, "rule I1 is noted", "rule I2 is noted");
  expect(facts, "rule I2 holds", "rule I1 holds");
  EXPECT_FALSE(facts.holds(parsed("no rule is violated")));
  BenchView violated = view();
  violated.verdict.outcome = BenchOutcome::kViolation;
  violated.verdict.rule = "bad flushGen";
  facts.begin(violated);
  expect(facts, "rule bad flushGen fires", "rule I1 fires");
}

TEST(Condition, ARuleIsViolatedIfAnyIsNotedOrFires) {
  Facts facts;
  BenchView v = view();
  facts.begin(v);
  expect(facts, "a rule is violated", "no rule is violated");
  v.board.rules.clear();
  facts.begin(v);
  expect(facts, "no rule is violated", "a rule is violated");
}

TEST(Condition, OfThePacer) {
  BenchView v = view();
  v.board.pacing = BoardPacing{true, 24576, 100, 32768, 40960, 16384, 4096, 3, 2};
  v.threads[1].assist_credit = -1;
  Facts facts;
  facts.begin(v);
  expect(facts, "heap live is 24 KiB", "heap live is 24 bytes");
  expect(facts, "heap live is 24576 bytes", "heap live is 23 KiB");
  expect(facts, "the trigger is 32 KiB", "the trigger is 40 KiB");
  expect(facts, "the goal is 40 KiB", "the goal is 32 KiB");
  expect(facts, "heap live is below the trigger", "heap live is at or above the trigger");
  expect(facts, "a refill must sweep 2 pages first", "a refill must sweep 1 page first");
  expect(facts, "mutator 1 owes credit", "main owes credit");
  expect(facts, "the workers' credit is 4 KiB", "the workers' credit is 0 bytes");
  v.board.pacing->heap_live = 32768;
  v.board.pacing->owed_pages.reset();
  v.threads[1].assist_credit = 0;
  facts.begin(v);
  expect(facts, "heap live is at or above the trigger", "heap live is below the trigger");
  expect(facts, "a refill must sweep 0 pages first", "a refill must sweep 2 pages first");
  EXPECT_FALSE(facts.holds(parsed("mutator 1 owes credit")));
  EXPECT_EQ(facts.instead(parsed("heap live is below the trigger")),
            "heap live is 32 KiB, the trigger is 32 KiB");
  EXPECT_EQ(facts.instead(parsed("main owes credit")), "no concurrent marking is under way");
}

// A trigger that is off is not reached, and no heap is below it. The same of figures that are not known.
TEST(Condition, OfAPacerThatIsOff) {
  BenchView v = view();
  Facts facts;
  for (const bool known : {true, false}) {
    v.board.pacing.reset();
    if (known) v.board.pacing = BoardPacing{};
    facts.begin(v);
    for (const char* text :
         {"the trigger is 0 bytes", "the goal is 0 bytes", "heap live is at or above the trigger",
          "heap live is below the trigger", "mutator 1 owes credit", "the workers' credit is 0 bytes"})
      EXPECT_FALSE(facts.holds(parsed(text))) << text << known;
    EXPECT_EQ(facts.holds(parsed("heap live is 0 bytes")), known);
    EXPECT_EQ(facts.instead(parsed("the trigger is 32 KiB")),
              known ? "the trigger is off" : "the pacer's figures are not known");
  }
}

TEST(Condition, ACollectionBeginsWhenItsMarkingDoes) {
  BenchView v = view();
  BenchRow phase;
  phase.op = StepOp::kStore;
  phase.word = kWordPhase;
  phase.after = static_cast<uint32_t>(Phase::kMark);
  v.rows = {phase};
  Facts facts;
  facts.begin(v);  // before the beat
  EXPECT_FALSE(facts.holds(parsed("a collection begins")));
  v.rows[0].after = static_cast<uint32_t>(Phase::kSweepTermination);
  facts.add(v);
  EXPECT_FALSE(facts.holds(parsed("a collection begins")));
  v.rows[0].after = static_cast<uint32_t>(Phase::kMark);
  facts.add(v);
  EXPECT_TRUE(facts.holds(parsed("a collection begins")));
}

TEST(Condition, AThreadAssistsWhenItHasScannedSomething) {
  BenchView v = view();
  BenchRow scanned;
  scanned.thread = 2;
  scanned.op = StepOp::kRmw;
  scanned.word = kWordMarkWork;
  scanned.object = kScanDone;
  scanned.before = scanned.after = 8;
  v.rows = {scanned};
  Facts facts;
  facts.begin(v);
  facts.add(v);
  EXPECT_FALSE(facts.holds(parsed("mutator 1 assists")));
  v.rows[0].after = 4104;
  facts.add(v);
  expect(facts, "mutator 1 assists", "mutator 2 assists");
}

TEST(Condition, OfTheNextAccess) {
  BenchView v = view();
  v.threads[1].op = StepOp::kLoad;
  v.threads[1].word = kWordSweepgen;
  v.threads[1].object = 3;
  Facts facts;
  facts.begin(v);
  expect(facts, "mutator 1 is about to read the sweepgen of span 3",
         "mutator 1 is about to read the sweepgen of span 4");
  v.threads[1].op = StepOp::kStore;
  facts.begin(v);
  EXPECT_FALSE(facts.holds(parsed("mutator 1 is about to read the sweepgen of span 3")));
}

TEST(Condition, BlockedByAChoiceIsNotBlocked) {
  BenchView v = view();
  v.threads[1].state = BenchThreadState::kMustChoose;
  Facts facts;
  facts.begin(v);
  expect(facts, "mutator 1 must choose", "main is blocked");
}

TEST(Condition, OfTheStepsSinceTheBeatBegan) {
  BenchView v = view();
  v.board.sg = 4;
  v.rows = {write(kWordSweepgen, 3, "T2")};
  Facts facts;
  facts.begin(v);  // its rows led to the beginning
  expect(facts, "T2 happens never", "T2 happens");
  v.board.sg = 6;
  v.rows = {write(kWordHeapGen, 0, "T5"), write(kWordSweepgen, 3, "T6"), write(kWordSweepgen, 3, "T8")};
  facts.add(v);
  expect(facts, "sg rises", "sg is written twice");
  expect(facts, "sg is written once", "sg is written never");
  expect(facts, "the sweepgen of span 3 is written twice", "the sweepgen of span 4 is written twice");
  expect(facts, "a sweepgen is written 2 times", "a sweepgen is written never");
  expect(facts, "T6 of span 3 happens", "T6 of span 4 happens");
  expect(facts, "T6 happens once", "T6 happens twice");
  expect(facts, "mutator 1 makes T8 of span 3", "mutator 2 makes T8 of span 3");
  expect(facts, "mutator 1 makes T8", "main makes T8");
}

TEST(Condition, OfTheStudent) {
  Facts facts;
  facts.begin(view());
  EXPECT_FALSE(facts.holds(parsed("the student types needs sweep")));
  facts.typed(BoardSpanState::kNeeds);
  expect(facts, "the student types needs sweep", "the student types stale");
}

TEST(Condition, OfSlots) {
  Facts facts;
  expect(facts, "20 bytes take 32 bytes", "20 bytes take 24 bytes");
  expect(facts, "32768 bytes take 32768 bytes", "32769 bytes take 32768 bytes");
  EXPECT_EQ(slot_for(32769), 0u);
}

TEST(Condition, SaysWhatIsThereInstead) {
  Facts facts;
  facts.begin(view());
  EXPECT_EQ(facts.instead(parsed("span 4 is stale")), "span 4 is swept (0)");
  EXPECT_EQ(facts.instead(parsed("span 5 is stale")), "span 5 is free");
  EXPECT_EQ(facts.instead(parsed("span 3 lies in the empty list")), "span 3 lies in the cache of P1");
  EXPECT_EQ(facts.instead(parsed("3 spans are swept")), "2 spans are swept");
  EXPECT_EQ(facts.instead(parsed("3 spans are cached")), "1 span is cached");
  EXPECT_EQ(facts.instead(parsed("main can run")), "'main' is blocked: join");
  EXPECT_EQ(facts.instead(parsed("rule I2 fires")), "violated: I1");
  EXPECT_EQ(facts.instead(parsed("20 bytes take 24 bytes")), "they take 32");
}

TEST(Condition, RefusesOtherSentences) {
  for (const std::string_view text :
       {"", "sg", "sg is six", "sg is -1", "span is cached", "span 3 is tired", "span 3 lies in bed",
        "P is flushed", "P99999 is idle", "T12 happens", "heap live is 24", "heap live is 24 MiB",
        "the trigger is off KiB", "heap live is 4194304 KiB", "T6 happens thrice",
        "4294967296 spans are swept", "is blocked"})
    EXPECT_FALSE(parse_condition(text).condition) << text;
}

TEST(Condition, AGoalHasShortForms) {
  EXPECT_EQ(parse_goal_condition("main", "T2 of span 3").condition->name, "main");
  EXPECT_EQ(parse_goal_condition("main", "blocked").condition->kind, Condition::Kind::kBlocked);
  EXPECT_EQ(parse_goal_condition("main", "ended").condition->kind, Condition::Kind::kEnded);
  EXPECT_EQ(parse_goal_condition("main", "free to run").condition->kind, Condition::Kind::kCanRun);
  EXPECT_EQ(parse_goal_condition("main", "mutator 1 is blocked").condition->name, "mutator 1");
  EXPECT_FALSE(parse_condition("T2 of span 3").condition);
}

}  // namespace
}  // namespace sweepscope::telemetry::lessons
