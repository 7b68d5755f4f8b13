// The words of a bench session: no value that has a name is written as a number, in any word, and no sentence of a run
// holds a raw one.
#include "engine/laboratory/bench/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cctype>
#include <cstring>

#include "tests/engine/laboratory/bench_fixture.h"

namespace sweepscope::laboratory {
namespace {

using engine::Access;
using engine::CrewWord;
using engine::MarkWord;
using engine::Op;
using engine::Word;
using ::testing::HasSubstr;
using testing::next_thread;
using ::testing::Not;
using testing::setup_for;

// What kind of value a word holds.
enum class Kind : uint8_t {
  kNamed,     // it has a name: no digit but in the name of the word
  kCount,     // a number of something, which is named
  kBytes,     // in units
  kRelative,  // a distance to sg, with the state
};
struct Case {
  Word word;
  uint32_t object;
  Kind kind;
};
constexpr uint32_t kAll = ~0u;
constexpr uint32_t of(MarkWord word) { return engine::object(word); }
constexpr uint32_t of(CrewWord word) { return engine::object(word); }

constexpr auto kCases = std::to_array<Case>({{Word::kHeapGen, 0, Kind::kCount},
                                             {Word::kSweepgen, 3, Kind::kRelative},
                                             {Word::kSpanState, 3, Kind::kNamed},
                                             {Word::kFreeIndex, 3, Kind::kCount},
                                             {Word::kBitsSwap, 3, Kind::kNamed},
                                             {Word::kListLock, 3, Kind::kNamed},
                                             {Word::kNmalloc, 3, Kind::kCount},
                                             {Word::kSweepQueue, 0, Kind::kCount},
                                             {Word::kSweepQueue, 1, Kind::kCount},
                                             {Word::kSweepDone, 0, Kind::kNamed},
                                             {Word::kSweepers, 0, Kind::kCount},
                                             {Word::kUnflushed, 0, Kind::kCount},
                                             {Word::kFlushGen, 3, Kind::kRelative},
                                             {Word::kPStatus, 3, Kind::kNamed},
                                             {Word::kPStatus, kAll, Kind::kCount},
                                             {Word::kSafePoint, 3, Kind::kNamed},
                                             {Word::kSafePoint, kAll, Kind::kCount},
                                             {Word::kPhase, 0, Kind::kNamed},
                                             {Word::kPhase, 1, Kind::kNamed},
                                             {Word::kWorld, 0, Kind::kCount},
                                             {Word::kAttention, 0, Kind::kNamed},
                                             {Word::kHeapLive, 0, Kind::kBytes},
                                             {Word::kPagesSwept, 0, Kind::kCount},
                                             {Word::kHeapLock, 0, Kind::kNamed},
                                             {Word::kSchedLock, 0, Kind::kNamed},
                                             {Word::kWorldSema, 0, Kind::kNamed},
                                             {Word::kPermits, 0, Kind::kCount},
                                             {Word::kPermits, 1, Kind::kCount},
                                             {Word::kPermits, 2, Kind::kCount},
                                             {Word::kThread, 3, Kind::kNamed},
                                             {Word::kThread, kAll, Kind::kNamed},
                                             {Word::kUnsweptLarge, 0, Kind::kCount},
                                             {Word::kSpecials, 3, Kind::kNamed},
                                             {Word::kSweepCredit, 0, Kind::kNamed},
                                             {Word::kSweepCredit, 1, Kind::kBytes},
                                             {Word::kSweepCredit, 2, Kind::kCount},
                                             {Word::kOther, 0, Kind::kNamed},
                                             {Word::kReference, 0, Kind::kNamed},
                                             {Word::kStackScan, 3, Kind::kNamed},
                                             {Word::kMarkWork, of(MarkWord::kPhase), Kind::kNamed},
                                             {Word::kMarkWork, of(MarkWord::kDraining), Kind::kCount},
                                             {Word::kMarkWork, of(MarkWord::kRootJobs), Kind::kCount},
                                             {Word::kMarkWork, of(MarkWord::kCredit), Kind::kBytes},
                                             {Word::kMarkWork, of(MarkWord::kScanDone), Kind::kBytes},
                                             {Word::kMarkWork, of(MarkWord::kDedicated), Kind::kCount},
                                             {Word::kMarkWork, of(MarkWord::kFractional), Kind::kCount},
                                             {Word::kMarkWork, of(MarkWord::kHungry), Kind::kCount},
                                             {Word::kMarkWork, of(MarkWord::kFullBuffers), Kind::kNamed},
                                             {Word::kMarkWork, of(MarkWord::kEmptyBuffers), Kind::kNamed},
                                             {Word::kMarkWork, of(MarkWord::kBufferLinks) + 7, Kind::kNamed},
                                             {Word::kRoom, 0, Kind::kNamed},
                                             {Word::kRoom, 1, Kind::kCount},
                                             {Word::kScavenge, 0, Kind::kNamed},
                                             {Word::kScavenge, 1, Kind::kBytes},
                                             {Word::kScavenge, 2, Kind::kCount},
                                             {Word::kPacer, 0, Kind::kBytes},
                                             {Word::kPacer, 1, Kind::kBytes},
                                             {Word::kPacer, 2, Kind::kBytes},
                                             {Word::kCrew, of(CrewWord::kRound), Kind::kCount},
                                             {Word::kCrew, of(CrewWord::kBusy), Kind::kCount},
                                             {Word::kCrew, of(CrewWord::kPiece), Kind::kCount},
                                             {Word::kCrew, of(CrewWord::kQuit), Kind::kNamed}});

WordContext context_at(uint32_t sg) {
  WordContext context;
  context.sg = sg;
  context.swept_queue = sg / 2 % 2;
  context.thread = "bgsweep";
  return context;
}

// The name of the word's owner may have its number: span 3, P3, class 3.
std::string without_owner(std::string text) {
  for (const char* owner : {"span 3", "P3", "class 3"})
    for (size_t at = text.find(owner); at != std::string::npos; at = text.find(owner))
      text.erase(at, std::strlen(owner));
  return text;
}

bool has_digit(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

// All that may be written of an access to the word that finds `before` and leaves `after`.
std::vector<std::string> sentences(const Case& word, uint32_t before, uint32_t after) {
  const WordContext context = context_at(6);
  std::vector<std::string> all;
  for (const Op op : {Op::kLoad, Op::kStore, Op::kCasWon, Op::kCasLost, Op::kRmw}) {
    AccessRow row;
    row.access = {"part: what it does", word.word, op, word.object,
                  op == Op::kStore ? after : engine::kUnknownValue};
    row.before = before;
    row.after = op == Op::kLoad || op == Op::kCasLost ? before : after;
    all.push_back(row_words(row, context));
    if (is_protocol_word(word.word) && writes(op)) all.push_back(arc_words(row, context).sentence);
    all.push_back(access_words(row.access, before, context));
    all.push_back(access_words(row.access, std::nullopt, context));
  }
  all.push_back(says(word.word, word.object, before, context));
  return all;
}

TEST(BenchWords, EveryWordHasItsCases) {
  for (size_t word = 1; word <= static_cast<size_t>(Word::kCrew); ++word)
    EXPECT_TRUE(std::any_of(kCases.begin(), kCases.end(), [&](const Case& c) {
      return static_cast<size_t>(c.word) == word;
    })) << engine::name(static_cast<Word>(word));
  EXPECT_STREQ(engine::name(static_cast<Word>(static_cast<size_t>(Word::kCrew) + 1)), "?") << "a new word";
}

TEST(BenchWords, AValueThatHasANameIsNeverANumber) {
  for (const Case& word : kCases)
    for (const auto& [before, after] : {std::pair(0u, 1u), {1u, 2u}, {2u, 0u}})
      for (const std::string& text : sentences(word, before, after)) {
        const std::string where = std::string(engine::name(word.word)) + ": " + text;
        EXPECT_EQ(text.find('?'), std::string::npos) << where;
        EXPECT_EQ(text.find("4294967295"), std::string::npos) << where;
        EXPECT_EQ(text.find("  "), std::string::npos) << where;
        const bool unit = text.find("byte") != std::string::npos || text.find("iB") != std::string::npos;
        EXPECT_FALSE(word.kind == Kind::kNamed && has_digit(without_owner(text))) << where;
        EXPECT_FALSE(word.kind == Kind::kBytes && has_digit(text) && !unit) << where;
      }
}

TEST(BenchWords, LargeValuesHaveUnitsOrWords) {
  EXPECT_EQ(byte_words(0), "0 bytes");
  EXPECT_EQ(byte_words(1), "1 byte");
  EXPECT_EQ(byte_words(8192), "8 KiB");
  EXPECT_EQ(byte_words(1536), "1.5 KiB");
  EXPECT_EQ(byte_words(32u << 20), "32 MiB");
  const WordContext context = context_at(6);
  EXPECT_EQ(says(Word::kPacer, 0, ~uint64_t{0}, context), "trigger of the next cycle: none");
  EXPECT_EQ(says(Word::kMarkWork, of(MarkWord::kCredit), static_cast<uint32_t>(-48), context),
            "debt of marking: 48 bytes");
  EXPECT_EQ(says(Word::kMarkWork, of(MarkWord::kFullBuffers), (uint64_t{7} << 32) + 2, context),
            "a buffer has work: yes");
  EXPECT_EQ(says(Word::kMarkWork, of(MarkWord::kFullBuffers), uint64_t{7} << 32, context),
            "a buffer has work: no");
}

struct Sentence {
  Access access;
  uint32_t before, after;
  const char* words;
};

TEST(BenchWords, TheWordsAreThoseOfTheField) {
  constexpr uint32_t kStop = 1u << 31;
  const auto kSentences = std::to_array<Sentence>({
      {{"world: stop", Word::kWorld, Op::kRmw, 0}, 2, kStop | 2, "asks the threads to stop; 2 run"},
      {{"world: start", Word::kWorld, Op::kRmw, 0}, kStop | 1, 1, "starts the world again"},
      {{"world: one less is running", Word::kWorld, Op::kRmw, 0},
       kStop | 2,
       kStop | 1,
       "counts itself as running no more; 1 runs, and the world is to stop"},
      {{"world: may I run?", Word::kWorld, Op::kLoad, 0}, kStop | 1, kStop | 1, "reads the world: stopped"},
      {{"poll: is anything wanted?", Word::kAttention, Op::kLoad, 0},
       0,
       0,
       "reads whether anything is wanted of the running threads: no"},
      {{"safe point: is a function to be run here?", Word::kSafePoint, Op::kLoad, 1},
       1,
       1,
       "reads whether P1 is asked to run a function at a safe point: yes"},
      {{"sweep queue: pop spans", Word::kSweepQueue, Op::kCasWon, 0, 1},
       2,
       1,
       "takes span 9 from the unswept queue"},
      {{"sweep queue: push the swept span", Word::kSweepQueue, Op::kRmw, 1},
       1,
       2,
       "puts span 9 into the swept queue"},
      {{"sched: take a P", Word::kPStatus, Op::kCasWon, 1, 2}, 0, 2, "sets P1 by CAS: idle -> running"},
      {{"sched: change a P's status", Word::kPStatus, Op::kStore, 1, 0}, 2, 0, "sets P1: running -> idle"},
      {{"gc: enter a phase", Word::kPhase, Op::kStore, 0, 2}, 0, 2, "sets the phase: off -> mark"},
      {{"sweepers: one more", Word::kSweepers, Op::kRmw, 0},
       0,
       1,
       "counts itself as a sweeper; 1 thread sweeps"},
      {{"unflushed: one less", Word::kUnflushed, Op::kRmw, 0}, 3, 2, "counts one flush less to wait for: 2"},
      {{"claim: does the span need sweeping?", Word::kSweepgen, Op::kLoad, 3},
       4,
       4,
       "reads the sweepgen of span 3: needs sweep (-2)"},
      {{"claim: CAS", Word::kSweepgen, Op::kCasWon, 3, 5},
       4,
       5,
       "sets the sweepgen of span 3 by CAS: needs sweep (-2) -> being swept (-1)"},
      {{"claim: CAS", Word::kSweepgen, Op::kCasLost, 3, 5},
       5,
       5,
       "loses the CAS on the sweepgen of span 3: being swept (-1)"},
      {{"sweep_one: all done?", Word::kSweepDone, Op::kLoad, 0},
       0,
       0,
       "reads whether spans are left to sweep: yes"},
      {{"malloc: take a slot, freeindex := slot + 1", Word::kFreeIndex, Op::kStore, 3, 2},
       1,
       2,
       "takes slot 2 of span 3"},
      {{"malloc: count the black object in heap_live", Word::kHeapLive, Op::kRmw, 0},
       0,
       8192,
       "adds 8 KiB to heap_live"},
      {{"free_span: lock mheap", Word::kHeapLock, Op::kLock, 0}, 0, 1, "takes mheap.lock"},
      {{"gc: try worldsema", Word::kWorldSema, Op::kLock, 0}, 1, 1, "finds worldsema held"},
      {{"ensure_swept: wait until the span is swept", Word::kSweepgen, Op::kWait, 3},
       0,
       0,
       "waits until span 3 is swept"},
      {{"world: wait until all have stopped", Word::kWorld, Op::kWait, 0},
       0,
       0,
       "waits until all have stopped"},
      {{"join", Word::kThread, Op::kWait, 2}, 0, 0, "waits until bgsweep has ended"},
      {{"mark: the claimed stack is black", Word::kStackScan, Op::kStore, 7, 0},
       3,
       0,
       "sets the stack of bgsweep: being scanned by a marker -> black"},
      {{"acquire_p: one more waits for a P", Word::kOther, Op::kRmw, 0}, 0, 1, "one more waits for a P"},
  });
  WordContext context = context_at(6);
  context.spans = {9};
  for (const Sentence& s : kSentences) {
    AccessRow row;
    row.access = s.access;
    row.before = s.before, row.after = s.after;
    EXPECT_EQ(row_words(row, context), s.words);
  }
}

// What a thread is about to do: what a read-modify-write leaves is known by its step's name before it is made.
TEST(BenchWords, TheNextAccessIsToldLikeTheOneThatWasMade) {
  const WordContext context = context_at(6);
  EXPECT_EQ(access_words({"world: stop", Word::kWorld, Op::kRmw, 0}, 2, context),
            "asks the threads to stop; 2 run");
  EXPECT_EQ(access_words({"sweepers: one less", Word::kSweepers, Op::kRmw, 0}, 1, context),
            "counts itself as a sweeper no more; no thread sweeps");
  EXPECT_EQ(access_words({"safe point: mine to run", Word::kSafePoint, Op::kRmw, 1}, 1, context),
            "takes over what P1 was asked for");
  EXPECT_EQ(access_words({"turn: sg := sg + 2", Word::kHeapGen, Op::kStore, 0, 8}, 6, context),
            "sets sg: 6 -> 8");
  EXPECT_EQ(access_words({"start", Word::kThread, Op::kRmw, 4}, std::nullopt, context), "starts");
}

// Numbers above 10,000 are packed words, addresses or bytes without a unit.
void expect_no_large_number(const std::string& text) {
  for (size_t at = 0; at < text.size();) {
    if (std::isdigit(static_cast<unsigned char>(text[at])) == 0) {
      ++at;
      continue;
    }
    size_t end = at;
    while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0) ++end;
    EXPECT_TRUE(end - at < 5 || text.substr(at, end - at) == "10000") << text;
    at = end;
  }
}

void expect_words(const std::string& text) {
  EXPECT_FALSE(text.empty());
  expect_no_large_number(text);
  EXPECT_THAT(text, Not(HasSubstr("world 2")));
  EXPECT_THAT(text, Not(HasSubstr("sweep queue ")));
  EXPECT_THAT(text, Not(HasSubstr("its thread"))) << "every thread of a run has a name";
}

class WordsOfARun : public ::testing::TestWithParam<const char*> {};

TEST_P(WordsOfARun, HoldNoRawValue) {
  BenchSession session;
  const auto setup = setup_for(GetParam(), find_scenario(GetParam())->defaults);
  ASSERT_EQ(session.begin(setup, 1), "");
  uint32_t node = 0;
  size_t rows = 0;
  for (uint32_t step = 0; step < 600; ++step) {
    const NodeView& view = session.view(node);
    const uint32_t fiber = next_thread(view, step / 7);
    if (fiber == ~0u) break;
    const size_t n = view.threads[fiber].alternatives.size();
    const auto taken = session.step(node, n > 0 ? StepKind::kChoice : StepKind::kArc, fiber,
                                    n > 0 ? static_cast<uint32_t>(step % n) : 0);
    ASSERT_EQ(taken.error, "");
    node = taken.node;
    const Node& made = session.tree().nodes()[node];
    expect_words(made.text);
    expect_no_large_number(made.why);
    for (const ThreadView& t : session.view(node).threads) {
      expect_words(t.text);
      for (const ThreadView::Read& read : t.reads) expect_words(read.text);
      for (const std::string& lock : t.locks) expect_words(lock);
    }
    for (const AccessRow& row : session.view(node).rows) {
      expect_words(row.text);
      ++rows;
    }
    if (::testing::Test::HasFailure()) break;
  }
  EXPECT_GT(rows, 100u);
}
INSTANTIATE_TEST_SUITE_P(Scenarios, WordsOfARun,
                         ::testing::Values("sweep", "two-cycles", "pair", "marking", "permits", "waiter"));

}  // namespace
}  // namespace sweepscope::laboratory
