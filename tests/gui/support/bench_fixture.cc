#include "tests/gui/support/bench_fixture.h"

#include <algorithm>

namespace sweepscope::testing {

using namespace telemetry;

namespace {

constexpr uint8_t kHeapGen = 1, kSweepgen = 2, kListLock = 6, kSweepQueue = 8, kFlushGen = 12;

BoardSpan span(SpanId id, uint32_t sg, int32_t distance, BoardPlace place, uint16_t p = kNoP) {
  BoardSpan s;
  s.id = id;
  s.status = place == BoardPlace::kFree ? 0 : 1;
  s.first_page = id * 4, s.pages = 1;
  s.distance = distance;
  s.sweepgen = sg + static_cast<uint32_t>(distance);
  s.state = telemetry::state_at(distance);
  s.place = place, s.p = p;
  if (place == BoardPlace::kFree) return s;
  s.span_class = 10, s.elem_bytes = 2048, s.nelems = 4, s.freeindex = 1, s.alloc_count = 1;
  s.alloc_bits = {0b0011}, s.mark_bits = {0b0001};
  s.queue = distance == -2 ? BoardQueue::kUnswept : BoardQueue::kSwept;
  return s;
}

class Teller {
 public:
  explicit Teller(BenchFixture& out) : out_(out) {}

  Board board;
  std::vector<BenchThread> threads;
  BenchVerdict verdict;

  uint32_t add(BenchStepKind kind, uint32_t thread, std::string text, std::vector<BenchRow> rows,
               BenchStop stop) {
    const auto number = static_cast<uint32_t>(out_.state.nodes.size());
    BenchNode node;
    node.parent = number == 0 ? kNoNode : number - 1;
    node.kind = kind, node.thread = thread, node.stop = stop, node.text = std::move(text);
    node.steps_before = steps_;
    node.steps = static_cast<uint32_t>(rows.size());
    node.outcome = verdict.outcome;
    for (BenchRow& row : rows) row.step = ++steps_;
    BenchView view;
    view.node = number, view.steps = steps_;
    view.board = board, view.threads = threads, view.rows = std::move(rows);
    verdict.step = verdict.outcome == BenchOutcome::kViolation ? steps_ : 0;
    view.verdict = verdict;
    out_.state.nodes.push_back(std::move(node));
    out_.views.push_back(std::move(view));
    out_.state.current = number;
    return number;
  }

 private:
  BenchFixture& out_;
  uint32_t steps_ = 0;
};

BenchRow row(uint32_t thread, StepOp op, uint8_t word, uint32_t object, uint32_t before, uint32_t after,
             std::string text, std::string arc = {}) {
  BenchRow r;
  r.thread = thread, r.op = op, r.word = word, r.object = object, r.before = before, r.after = after;
  r.text = std::move(text), r.arc = std::move(arc);
  r.folded = r.arc.empty();
  return r;
}

BenchThread thread(uint32_t number, std::string name, BenchThreadState state, uint16_t p, std::string text) {
  BenchThread t;
  t.thread = number, t.name = std::move(name), t.state = state, t.p = p, t.text = std::move(text);
  t.file = "engine/heap/mcache.cc", t.line = 60 + number * 7;
  return t;
}

BenchCatalogue catalogue() {
  BenchCatalogue c;
  c.scenarios = {{"cycle", "Two mutators allocate while a collection runs.", 2, 4, 4, 16},
                 {"mcache", "One mutator refills its mcache while a sweeper runs.", 2, 1, 4, 8}};
  c.policies = {{"eager", "Flushes every mcache in the pause."},
                {"lazy", "Flushes an mcache when its P is next acquired."}};
  c.faults = {
      {"cached-is-plus-two",
       "A cached span reads +2 instead of +3.",
       {"lazy"},
       {"cycle"},
       {"I1", "I6"},
       {"bad sweepgen in refill=note"},
       ""},
      {"acquirep-no-flush", "acquire_p does not flush a stale mcache.", {"lazy"}, {"cycle"}, {"I1"}, {}, ""},
      {"flushgen-before-flush", "flushGen is written before the flush.", {"lazy"}, {"cycle"}, {}, {}, ""},
      {"cache-relaxed",
       "The store of +3 is relaxed.",
       {"lazy"},
       {"cycle"},
       {"I2"},
       {},
       "steps are sequentially consistent"}};
  c.rules = {"I1", "I2", "I3", "I6"};
  return c;
}

}  // namespace

BenchFixture benchFixture(Story story) {
  BenchFixture out;
  const bool fault = story == Story::kCachedIsPlusTwo;
  const int32_t cached = fault ? 2 : 3, stale = fault ? 0 : 1;
  out.catalogue = catalogue();
  out.state.setup = {"cycle", "lazy", fault ? "cached-is-plus-two" : "", 2, 4, 1, {}};
  out.state.bounds = "2 Ps, 4 spans, 4 slots, 2 cycles";
  out.state.revision = 1;
  Teller t(out);
  using S = BenchThreadState;
  t.threads = {thread(0, "main", S::kBlocked, kNoP, "waits until all threads have ended"),
               thread(1, "mutator 1", S::kCanRun, 0, "P0: load sg"),
               thread(2, "mutator 2", S::kCanRun, 1, "P1: lock mcentral.lock of class 5"),
               thread(3, "sweeper", S::kBlocked, kNoP, "waits until a sweep begins")};
  t.threads[0].reads = {{"world: 3 threads run", 3}};
  t.board.known = true, t.board.sg = 8, t.board.phase = Phase::kOff, t.board.sweep_done = true;
  t.board.spans = {span(0, 8, 0, BoardPlace::kNonempty), span(1, 8, 0, BoardPlace::kNonempty),
                   span(2, 8, 0, BoardPlace::kEmpty), span(3, 6, 0, BoardPlace::kFree)};
  t.board.spans[2].alloc_bits = {0b1111}, t.board.spans[2].freeindex = 4, t.board.spans[2].alloc_count = 4;
  t.board.spans[2].mark_bits = {0b0101};
  t.board.ps = {{0, PStatus::kRunning, 1, 8, 0, {}}, {1, PStatus::kRunning, 2, 8, 0, {}}};
  t.add(BenchStepKind::kStart, kNoThread, "", {}, BenchStop::kNone);

  auto& s = t.board.spans;
  const auto set = [&](SpanId id, int32_t distance, BoardPlace place, uint16_t p = kNoP) {
    const BoardSpan was = s[id];
    s[id] = span(id, t.board.sg, distance, place, p);
    s[id].alloc_bits = was.alloc_bits, s[id].mark_bits = was.mark_bits, s[id].freeindex = was.freeindex;
    s[id].alloc_count = was.alloc_count;
  };
  s[0].place = BoardPlace::kBetween;
  t.board.locks = {{"mcentral.lock of class 5", kListLock, 5, 1, {2}}};
  t.threads[2].state = S::kBlocked, t.threads[2].text = "mcentral.lock of class 5", t.threads[2].holder = 1;
  t.threads[1].text = "P0: store span 0 sweepgen 8 -> " + std::to_string(8 + cached);
  t.threads[1].between = true;
  t.add(BenchStepKind::kArc, 1, "P0 takes span 0 from the list nonempty",
        {row(1, StepOp::kLoad, kHeapGen, 0, 8, 8, "P0: load sg: 8"),
         row(1, StepOp::kLock, kListLock, 5, 0, 1, "P0: lock mcentral.lock of class 5"),
         row(1, StepOp::kStore, kListLock, 5, 0, 0, "P0: takes span 0 from the list nonempty")},
        BenchStop::kArc);

  t.board.locks.clear();
  t.threads[1].between = false, t.threads[1].text = "P0: allocates slot 1 of span 0";
  t.threads[2].state = S::kCanRun, t.threads[2].holder = kNoThread;
  t.threads[2].text = "P1: lock mcentral.lock of class 5";
  set(0, cached, BoardPlace::kCache, 0);
  t.board.ps[0].cached = {{10, 0}};
  t.add(BenchStepKind::kArc, 1, "P0 caches span 0",
        {row(1, StepOp::kUnlock, kListLock, 5, 1, 0, "P0: unlock mcentral.lock of class 5"),
         row(1, StepOp::kStore, kSweepgen, 0, 8, 8 + static_cast<uint32_t>(cached),
             "P0: store span 0 sweepgen", "T2")},
        BenchStop::kArc);

  set(1, cached, BoardPlace::kCache, 1);
  t.board.ps[1].cached = {{10, 1}};
  t.threads[2].text = "P1: allocates slot 1 of span 1";
  t.add(BenchStepKind::kRun, 2, "P1 caches span 1",
        {row(2, StepOp::kLock, kListLock, 5, 0, 1, "P1: lock mcentral.lock of class 5"),
         row(2, StepOp::kUnlock, kListLock, 5, 1, 0, "P1: unlock mcentral.lock of class 5"),
         row(2, StepOp::kStore, kSweepgen, 1, 8, 8 + static_cast<uint32_t>(cached),
             "P1: store span 1 sweepgen", "T2")},
        BenchStop::kArc);

  // The turn.
  t.board.sg = 10, t.board.phase = Phase::kMarkTermination, t.board.stopped = true,
  t.board.sweep_done = false;
  t.board.unflushed = 2;
  set(0, stale, BoardPlace::kCache, 0), set(1, stale, BoardPlace::kCache, 1), set(2, -2, BoardPlace::kEmpty);
  t.board.ps[0].distance = t.board.ps[1].distance = -2;
  t.threads[0].state = S::kCanRun, t.threads[0].text = "start the world", t.threads[0].reads.clear();
  t.threads[1].state = t.threads[2].state = S::kBlocked;
  t.threads[1].text = t.threads[2].text = "the world is stopped";
  t.threads[1].reads = t.threads[2].reads = {{"world", 1}};
  t.add(BenchStepKind::kArc, 0, "the turn",
        {row(0, StepOp::kStore, kHeapGen, 0, 8, 10, "main: store sg 8 -> 10", "T5")}, BenchStop::kArc);

  t.board.phase = Phase::kOff, t.board.stopped = false, t.board.sweepers = 1;
  t.threads[3] = thread(3, "sweeper", S::kCanRun, kNoP, "swap the bitmaps of span 2");
  t.threads[1].state = S::kMustChoose,
  t.threads[1].alternatives = {"allocate", "drop object 2", "move to P1"};
  t.threads[1].reads.clear(), t.threads[2].reads.clear();
  t.threads[2].text = "another thread must choose first";
  set(2, -1, BoardPlace::kEmpty);
  s[2].queue = BoardQueue::kNone;
  t.add(BenchStepKind::kArc, 3, "the sweeper claims span 2",
        {row(3, StepOp::kRmw, kSweepQueue, 0, 1, 0, "sweeper: pop span 2"),
         row(3, StepOp::kCasWon, kSweepgen, 2, 8, 9, "sweeper: CAS span 2 sweepgen 8 -> 9", "T6")},
        BenchStop::kArc);

  t.threads[1].state = S::kCanRun, t.threads[1].alternatives.clear();
  t.threads[1].text = "P0: allocates slot 2 of span 0";
  t.threads[2].state = S::kCanRun, t.threads[2].text = "P1: load flushGen of P1";
  t.threads[3].text = "pop the unswept queue";
  t.board.sweepers = 0, t.board.sweep_done = true;
  set(2, 0, BoardPlace::kNonempty);
  s[2].alloc_bits = {0b0101}, s[2].mark_bits = {0}, s[2].freeindex = 0, s[2].alloc_count = 2;
  t.add(BenchStepKind::kArc, 3, "the sweep of span 2 ends",
        {row(3, StepOp::kLock, kListLock, 5, 0, 1, "sweeper: lock mcentral.lock of class 5"),
         row(3, StepOp::kStore, kSweepgen, 2, 9, 10, "sweeper: store span 2 sweepgen 9 -> 10", "T8b"),
         row(3, StepOp::kUnlock, kListLock, 5, 1, 0, "sweeper: unlock mcentral.lock of class 5")},
        BenchStop::kArc);

  if (fault) {
    t.verdict = {BenchOutcome::kViolation, "I6", "oracle", "span 0 is in the mcache of P0 and reads 0", 0, 1};
    t.board.rules = {{"I6", BenchRuleMode::kStop, BenchRuleState::kFired, 1, 14,
                      "span 0 is in the mcache of P0 and reads 0"}};
    t.add(BenchStepKind::kAccess, 1, "P0 allocates slot 2 of span 0",
          {row(1, StepOp::kStore, 4, 0, 1, 2, "P0: allocates slot 2 of span 0")}, BenchStop::kViolation);
  } else {
    set(1, -1, BoardPlace::kCache, 1);
    t.threads[2].text = "P1: swap the bitmaps of span 1";
    t.add(BenchStepKind::kArc, 2, "the flusher claims span 1",
          {row(2, StepOp::kLoad, kFlushGen, 1, 8, 8, "P1: load flushGen of P1: 8"),
           row(2, StepOp::kStore, kSweepgen, 1, 11, 9, "P1: store span 1 sweepgen 11 -> 9", "T7")},
          BenchStop::kArc);
  }
  out.state.view = out.views.back();
  return out;
}

gui::BenchScene benchScene(const BenchFixture& fixture) {
  gui::BenchScene scene;
  scene.setCatalogue(fixture.catalogue);
  scene.setState(fixture.state);
  for (const BenchView& view : fixture.views) scene.addView(view);
  return scene;
}

BenchFixture hostileFixture(uint32_t spans, uint32_t threads) {
  BenchFixture out = benchFixture(Story::kCorrect);
  BenchView& view = out.views.back();
  view.board.spans.clear(), view.board.ps.clear(), view.threads.clear();
  for (uint32_t i = 0; i < threads; ++i) {
    view.threads.push_back(thread(i, "mutator " + std::to_string(i), BenchThreadState::kCanRun,
                                  static_cast<uint16_t>(i), std::string(400, 'x') + " <b>no markup</b>"));
    view.board.ps.push_back({static_cast<uint16_t>(i), PStatus::kRunning, i, 10, 0, {}});
    view.board.locks.push_back({"lock <i>" + std::to_string(i), 6, i, i, {0, 1, 2, 3, 4, 5, 6, 7}});
  }
  constexpr int32_t kDistances[] = {-2, -1, 0, 1, 3, 2, -3, 2147483647};
  for (uint32_t i = 0; i < spans; ++i) {
    const auto place = static_cast<BoardPlace>(i % 7);
    view.board.spans.push_back(
        span(i, 10, kDistances[i % 8], place,
             place == BoardPlace::kCache ? static_cast<uint16_t>(i % std::max(threads, 1u)) : kNoP));
    view.board.spans.back().nelems = 1 + i % 8000;
    view.board.spans.back().alloc_bits.assign(view.board.spans.back().nelems / 64 + 1, 0x5555555555555555u);
  }
  out.state.view = view;
  return out;
}

}  // namespace sweepscope::testing
