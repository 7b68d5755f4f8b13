#include <google/protobuf/stubs/logging.h>

#include "telemetry/proto/sweepscope.pb.h"
#include "telemetry/wire/bench_messages.h"
#include "telemetry/wire/limits.h"
#include "telemetry/wire/utf8.h"

// States and answers. `put` fills a message of the schema, `get` reads one; both in the order of the schema.
namespace sweepscope::telemetry {
namespace {

using wire::as_utf8;
using wire::Part;

static_assert(static_cast<int>(BenchStop::kLimit) == v1::BENCH_STOP_LIMIT);
static_assert(static_cast<int>(BenchOutcome::kViolation) == v1::BENCH_OUTCOME_VIOLATION);
static_assert(static_cast<int>(BenchThreadState::kEnded) == v1::BENCH_THREAD_ENDED);
static_assert(static_cast<int>(BoardSpanState::kIllegal) == v1::BOARD_ILLEGAL);
static_assert(static_cast<int>(BoardPlace::kManual) == v1::BOARD_PLACE_MANUAL);
static_assert(static_cast<int>(BoardQueue::kUnswept) == v1::BOARD_QUEUE_UNSWEPT);
static_assert(static_cast<int>(BenchRuleState::kFired) == v1::BENCH_RULE_FIRED);
static_assert(static_cast<int>(BenchRuleMode::kOff) == v1::BENCH_RULE_OFF);
static_assert(static_cast<int>(BenchSearchState::kCancelled) == v1::BENCH_SEARCH_CANCELLED);

constexpr uint32_t kParts = kMaxBenchParts;
constexpr Part kThreadParts[] = {{v1::BenchThread::kReadsFieldNumber, kParts},
                                 {v1::BenchThread::kAlternativesFieldNumber, kParts},
                                 {v1::BenchThread::kLocksFieldNumber, kParts}};
constexpr Part kPParts[] = {{v1::BoardP::kCachedFieldNumber, kParts}};
constexpr Part kBoardParts[] = {{v1::Board::kSpansFieldNumber, kMaxBenchSpans},
                                {v1::Board::kPsFieldNumber, kMaxBenchPs, kPParts},
                                {v1::Board::kLocksFieldNumber, kParts},
                                {v1::Board::kRulesFieldNumber, kParts}};
constexpr Part kViewParts[] = {{v1::BenchView::kThreadsFieldNumber, kMaxBenchThreads, kThreadParts},
                               {v1::BenchView::kBoardFieldNumber, 1, kBoardParts},
                               {v1::BenchView::kRowsFieldNumber, kMaxBenchRows}};
constexpr Part kSetupParts[] = {{v1::BenchSetup::kChecksFieldNumber, kMaxBenchChecks}};
constexpr Part kStateParts[] = {{v1::BenchState::kSetupFieldNumber, 1, kSetupParts},
                                {v1::BenchState::kNodesFieldNumber, kMaxBenchNodes},
                                {v1::BenchState::kViewFieldNumber, 1, kViewParts},
                                {v1::BenchState::kBreakpointsFieldNumber, kMaxBenchBreakpoints}};
constexpr Part kFaultParts[] = {{v1::BenchFault::kPoliciesFieldNumber, kParts},
                                {v1::BenchFault::kScenariosFieldNumber, kParts},
                                {v1::BenchFault::kRulesFieldNumber, kParts},
                                {v1::BenchFault::kPassedFieldNumber, kParts}};
constexpr Part kCatalogueParts[] = {{v1::BenchCatalogue::kScenariosFieldNumber, kParts},
                                    {v1::BenchCatalogue::kPoliciesFieldNumber, kParts},
                                    {v1::BenchCatalogue::kFaultsFieldNumber, kParts, kFaultParts},
                                    {v1::BenchCatalogue::kRulesFieldNumber, kParts}};
constexpr Part kAnswerParts[] = {{v1::BenchAnswer::kViewFieldNumber, 1, kViewParts},
                                 {v1::BenchAnswer::kCatalogueFieldNumber, 1, kCatalogueParts}};

// A number that may be ~0 for "none" is one more in the schema, modulo 2^32 (a P: 2^16), so that none is 0.
uint32_t or_none(uint32_t number) { return number + 1; }
uint32_t none_or(uint32_t number) { return number - 1; }
uint32_t p_or_none(uint16_t p) { return p == kNoP ? 0 : p + 1u; }
uint16_t none_or_p(uint32_t p) { return p == 0 || p > kNoP ? kNoP : static_cast<uint16_t>(p - 1); }

template <class E>
E enumerator(int number, E last) {  // one of the schema of a later version: the first
  return number < 0 || number > static_cast<int>(last) ? E{} : static_cast<E>(number);
}

template <class List>
std::vector<std::string> strings(const List& from) {
  return {from.begin(), from.end()};
}

// --- node and thread -------------------------------------------------------------------------------------

void put(v1::BenchSetup& to, const BenchSetup& from) {
  to.set_scenario(as_utf8(from.scenario));
  to.set_policy(as_utf8(from.policy));
  to.set_fault(as_utf8(from.fault));
  to.set_procs(from.procs);
  to.set_spans(from.spans);
  to.set_seed(from.seed);
  for (const std::string& check : from.checks) to.add_checks(as_utf8(check));
}
BenchSetup get(const v1::BenchSetup& from) {
  return {from.scenario(), from.policy(), from.fault(),          from.procs(),
          from.spans(),    from.seed(),   strings(from.checks())};
}

void put(v1::BenchNode& to, const BenchNode& from) {
  to.set_parent(or_none(from.parent));
  to.set_kind(static_cast<v1::BenchStepKind>(from.kind));
  to.set_thread(or_none(from.thread));
  to.set_choice(from.choice);
  to.set_stop(static_cast<v1::BenchStop>(from.stop));
  to.set_steps_before(from.steps_before);
  to.set_steps(from.steps);
  to.set_outcome(static_cast<v1::BenchOutcome>(from.outcome));
  to.set_text(as_utf8(from.text));
  to.set_why(as_utf8(from.why));
  to.set_name(as_utf8(from.name));
}
BenchNode get(const v1::BenchNode& from) {
  return {none_or(from.parent()),
          enumerator(from.kind(), BenchStepKind::kLoaded),
          none_or(from.thread()),
          from.choice(),
          enumerator(from.stop(), BenchStop::kLimit),
          from.steps_before(),
          from.steps(),
          enumerator(from.outcome(), BenchOutcome::kViolation),
          from.text(),
          from.why(),
          from.name()};
}

void put(v1::BenchThread& to, const BenchThread& from) {
  to.set_thread(from.thread);
  to.set_name(as_utf8(from.name));
  to.set_state(static_cast<v1::BenchThreadState>(from.state));
  to.set_p(p_or_none(from.p));
  to.set_text(as_utf8(from.text));
  to.set_step(as_utf8(from.step));
  to.set_op(static_cast<v1::StepOp>(from.op));
  to.set_word(from.word);
  to.set_object(from.object);
  to.set_file(as_utf8(from.file));
  to.set_line(from.line);
  to.set_holder(or_none(from.holder));
  to.set_between(from.between);
  for (const BenchRead& read : from.reads) {
    v1::BenchRead& out = *to.add_reads();
    out.set_text(as_utf8(read.text));
    out.set_value(read.value);
  }
  for (const std::string& one : from.alternatives) to.add_alternatives(as_utf8(one));
  for (const std::string& one : from.locks) to.add_locks(as_utf8(one));
}
BenchThread get(const v1::BenchThread& from) {
  BenchThread to{from.thread(),
                 from.name(),
                 enumerator(from.state(), BenchThreadState::kEnded),
                 none_or_p(from.p()),
                 from.text(),
                 from.step(),
                 enumerator(from.op(), StepOp::kChoice),
                 static_cast<uint8_t>(from.word()),
                 from.object(),
                 from.file(),
                 from.line(),
                 none_or(from.holder()),
                 from.between(),
                 {},
                 strings(from.alternatives()),
                 strings(from.locks())};
  for (const v1::BenchRead& read : from.reads()) to.reads.push_back({read.text(), read.value()});
  return to;
}

// --- board -----------------------------------------------------------------------------------------------

void put(v1::BoardSpan& to, const BoardSpan& from) {
  to.set_id(from.id);
  to.set_status(static_cast<v1::SpanStatus>(from.status));
  to.set_first_page(from.first_page);
  to.set_pages(from.pages);
  to.set_sweepgen(from.sweepgen);
  to.set_distance(from.distance);
  to.set_state(static_cast<v1::BoardSpanState>(from.state));
  to.set_span_class(from.span_class);
  to.set_elem_bytes(from.elem_bytes);
  to.set_nelems(from.nelems);
  to.set_freeindex(from.freeindex);
  to.set_alloc_count(from.alloc_count);
  for (const uint64_t word : from.alloc_bits) to.add_alloc_bits(word);
  for (const uint64_t word : from.mark_bits) to.add_mark_bits(word);
  to.set_place(static_cast<v1::BoardPlace>(from.place));
  to.set_p(p_or_none(from.p));
  to.set_queue(static_cast<v1::BoardQueue>(from.queue));
}
BoardSpan get(const v1::BoardSpan& from) {
  return {from.id(),
          static_cast<uint8_t>(from.status()),
          from.first_page(),
          from.pages(),
          from.sweepgen(),
          from.distance(),
          enumerator(from.state(), BoardSpanState::kIllegal),
          static_cast<uint8_t>(from.span_class()),
          from.elem_bytes(),
          from.nelems(),
          from.freeindex(),
          from.alloc_count(),
          {from.alloc_bits().begin(), from.alloc_bits().end()},
          {from.mark_bits().begin(), from.mark_bits().end()},
          enumerator(from.place(), BoardPlace::kManual),
          none_or_p(from.p()),
          enumerator(from.queue(), BoardQueue::kUnswept)};
}

void put(v1::BoardP& to, const BoardP& from) {
  to.set_id(from.id);
  to.set_status(static_cast<v1::PStatus>(from.status));
  to.set_thread(or_none(from.thread));
  to.set_flush_gen(from.flush_gen);
  to.set_distance(from.distance);
  for (const BoardCached& cached : from.cached) {
    v1::BoardCached& out = *to.add_cached();
    out.set_span_class(cached.span_class);
    out.set_span(cached.span);
  }
}
BoardP get(const v1::BoardP& from) {
  BoardP to{static_cast<uint16_t>(from.id()),
            enumerator(from.status(), PStatus::kDead),
            none_or(from.thread()),
            from.flush_gen(),
            from.distance(),
            {}};
  for (const v1::BoardCached& cached : from.cached())
    to.cached.push_back({static_cast<uint8_t>(cached.span_class()), cached.span()});
  return to;
}

void put(v1::BoardLock& to, const BoardLock& from) {
  to.set_name(as_utf8(from.name));
  to.set_word(from.word);
  to.set_object(from.object);
  to.set_holder(or_none(from.holder));
  for (const uint32_t waiter : from.waiters) to.add_waiters(waiter);
}
BoardLock get(const v1::BoardLock& from) {
  return {from.name(),
          static_cast<uint8_t>(from.word()),
          from.object(),
          none_or(from.holder()),
          {from.waiters().begin(), from.waiters().end()}};
}

void put(v1::BenchRule& to, const BenchRule& from) {
  to.set_rule(as_utf8(from.rule));
  to.set_mode(static_cast<v1::BenchRuleMode>(from.mode));
  to.set_state(static_cast<v1::BenchRuleState>(from.state));
  to.set_times(from.times);
  to.set_first_step(from.first_step);
  to.set_text(as_utf8(from.text));
}
BenchRule get(const v1::BenchRule& from) {
  return {from.rule(),
          enumerator(from.mode(), BenchRuleMode::kOff),
          enumerator(from.state(), BenchRuleState::kFired),
          from.times(),
          from.first_step(),
          from.text()};
}

void put(v1::Board& to, const Board& from) {
  to.set_known(from.known);
  to.set_sg(from.sg);
  to.set_phase(static_cast<v1::Phase>(from.phase));
  to.set_stopped(from.stopped);
  to.set_sweep_done(from.sweep_done);
  to.set_sweepers(from.sweepers);
  to.set_unflushed(from.unflushed);
  for (const BoardSpan& span : from.spans) put(*to.add_spans(), span);
  for (const BoardP& p : from.ps) put(*to.add_ps(), p);
  for (const BoardLock& lock : from.locks) put(*to.add_locks(), lock);
  for (const BenchRule& rule : from.rules) put(*to.add_rules(), rule);
}
Board get(const v1::Board& from) {
  Board to{from.known(),
           from.sg(),
           enumerator(from.phase(), Phase::kMarkTermination),
           from.stopped(),
           from.sweep_done(),
           from.sweepers(),
           from.unflushed(),
           {},
           {},
           {},
           {}};
  for (const v1::BoardSpan& span : from.spans()) to.spans.push_back(get(span));
  for (const v1::BoardP& p : from.ps()) to.ps.push_back(get(p));
  for (const v1::BoardLock& lock : from.locks()) to.locks.push_back(get(lock));
  for (const v1::BenchRule& rule : from.rules()) to.rules.push_back(get(rule));
  return to;
}

// --- view ------------------------------------------------------------------------------------------------

void put(v1::BenchRow& to, const BenchRow& from) {
  to.set_step(from.step);
  to.set_thread(from.thread);
  to.set_op(static_cast<v1::StepOp>(from.op));
  to.set_word(from.word);
  to.set_object(from.object);
  to.set_before(from.before);
  to.set_after(from.after);
  to.set_name(as_utf8(from.name));
  to.set_text(as_utf8(from.text));
  to.set_arc(as_utf8(from.arc));
  to.set_folded(from.folded);
}
BenchRow get(const v1::BenchRow& from) {
  return {from.step(),
          from.thread(),
          enumerator(from.op(), StepOp::kChoice),
          static_cast<uint8_t>(from.word()),
          from.object(),
          from.before(),
          from.after(),
          from.name(),
          from.text(),
          from.arc(),
          from.folded()};
}

void put(v1::BenchVerdict& to, const BenchVerdict& from) {
  to.set_outcome(static_cast<v1::BenchOutcome>(from.outcome));
  to.set_rule(as_utf8(from.rule));
  to.set_kind(as_utf8(from.kind));
  to.set_text(as_utf8(from.text));
  to.set_step(from.step);
  to.set_thread(or_none(from.thread));
}
BenchVerdict get(const v1::BenchVerdict& from) {
  return {enumerator(from.outcome(), BenchOutcome::kViolation),
          from.rule(),
          from.kind(),
          from.text(),
          from.step(),
          none_or(from.thread())};
}

void put(v1::BenchView& to, const BenchView& from) {
  to.set_node(from.node);
  to.set_steps(from.steps);
  for (const BenchThread& thread : from.threads) put(*to.add_threads(), thread);
  put(*to.mutable_board(), from.board);
  put(*to.mutable_verdict(), from.verdict);
  for (const BenchRow& row : from.rows) put(*to.add_rows(), row);
}
BenchView get(const v1::BenchView& from) {
  BenchView to{from.node(), from.steps(), {}, get(from.board()), get(from.verdict()), {}};
  for (const v1::BenchThread& thread : from.threads()) to.threads.push_back(get(thread));
  for (const v1::BenchRow& row : from.rows()) to.rows.push_back(get(row));
  return to;
}

// --- catalogue -------------------------------------------------------------------------------------------

void put(v1::BenchCatalogue& to, const BenchCatalogue& from) {
  for (const BenchScenario& scenario : from.scenarios) {
    v1::BenchScenario& out = *to.add_scenarios();
    out.set_name(as_utf8(scenario.name));
    out.set_text(as_utf8(scenario.text));
    out.set_procs(scenario.procs);
    out.set_spans(scenario.spans);
    out.set_most_procs(scenario.most_procs);
    out.set_most_spans(scenario.most_spans);
  }
  for (const BenchPolicy& policy : from.policies) {
    v1::BenchPolicy& out = *to.add_policies();
    out.set_name(as_utf8(policy.name));
    out.set_text(as_utf8(policy.text));
  }
  for (const BenchFault& fault : from.faults) {
    v1::BenchFault& out = *to.add_faults();
    out.set_name(as_utf8(fault.name));
    out.set_text(as_utf8(fault.text));
    for (const std::string& one : fault.policies) out.add_policies(as_utf8(one));
    for (const std::string& one : fault.scenarios) out.add_scenarios(as_utf8(one));
    for (const std::string& one : fault.rules) out.add_rules(as_utf8(one));
    for (const std::string& one : fault.passed) out.add_passed(as_utf8(one));
    out.set_outside(as_utf8(fault.outside));
  }
  for (const std::string& rule : from.rules) to.add_rules(as_utf8(rule));
}
BenchCatalogue get(const v1::BenchCatalogue& from) {
  BenchCatalogue to;
  for (const v1::BenchScenario& s : from.scenarios())
    to.scenarios.push_back({s.name(), s.text(), s.procs(), s.spans(), s.most_procs(), s.most_spans()});
  for (const v1::BenchPolicy& p : from.policies()) to.policies.push_back({p.name(), p.text()});
  for (const v1::BenchFault& f : from.faults())
    to.faults.push_back({f.name(), f.text(), strings(f.policies()), strings(f.scenarios()),
                         strings(f.rules()), strings(f.passed()), f.outside()});
  to.rules = strings(from.rules());
  return to;
}

void put(v1::BenchSearch& to, const BenchSearch& from) {
  to.set_state(static_cast<v1::BenchSearchState>(from.state));
  to.set_node(from.node);
  to.set_found(or_none(from.found));
  to.set_schedules(from.schedules);
  to.set_steps(from.steps);
  to.set_milliseconds(from.milliseconds);
  to.set_text(as_utf8(from.text));
}
BenchSearch get(const v1::BenchSearch& from) {
  return {enumerator(from.state(), BenchSearchState::kCancelled),
          from.node(),
          none_or(from.found()),
          from.schedules(),
          from.steps(),
          from.milliseconds(),
          from.text()};
}

template <class Message>
bool parse(Message& message, std::string_view bytes, size_t cap, std::span<const Part> parts) {
  const google::protobuf::LogSilencer silencer;  // the caller reports the error
  return bytes.size() <= cap && wire::within(bytes, parts) &&
         message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace

std::string encode_bench_state(const BenchState& state) {
  v1::BenchState message;
  message.set_revision(state.revision);
  put(*message.mutable_setup(), state.setup);
  message.set_bounds(as_utf8(state.bounds));
  message.set_current(state.current);
  for (const BenchNode& node : state.nodes) put(*message.add_nodes(), node);
  put(*message.mutable_view(), state.view);
  for (const std::string& one : state.breakpoints) message.add_breakpoints(as_utf8(one));
  put(*message.mutable_search(), state.search);
  message.set_seat(state.seat);
  message.set_error(as_utf8(state.error));
  return message.SerializeAsString();
}

// Every node number in it is that of a node, so that a viewer need not check.
Result<BenchState> decode_bench_state(std::string_view bytes) {
  v1::BenchState message;
  if (!parse(message, bytes, kMaxBenchState, kStateParts)) return fail("damaged bench state");
  BenchState state{
      message.revision(),    get(message.setup()), message.bounds(), message.current(), {}, {}, {},
      get(message.search()), message.seat(),       message.error()};
  state.view = get(message.view());
  state.breakpoints = strings(message.breakpoints());
  for (const v1::BenchNode& node : message.nodes()) {
    state.nodes.push_back(get(node));
    const uint32_t parent = state.nodes.back().parent;
    if (state.nodes.size() == 1 ? parent != kNoNode : parent >= state.nodes.size() - 1)
      return fail("damaged bench state: a node comes before its parent");
  }
  if (state.current >= state.nodes.size() || state.view.node >= state.nodes.size() ||
      (state.search.found != kNoNode && state.search.found >= state.nodes.size()))
    return fail("damaged bench state: it names a node that it does not have");
  return state;
}

std::string encode_bench_answer(const BenchAnswer& answer) {
  v1::BenchAnswer message;
  message.set_request(answer.request);
  message.set_viewer(answer.viewer);
  message.set_error(as_utf8(answer.error));
  message.set_node(or_none(answer.node));
  if (!answer.view.empty()) put(*message.mutable_view(), answer.view.front());
  message.set_schedule(as_utf8(answer.schedule));
  if (!answer.catalogue.empty()) put(*message.mutable_catalogue(), answer.catalogue.front());
  return message.SerializeAsString();
}

Result<BenchAnswer> decode_bench_answer(std::string_view bytes) {
  v1::BenchAnswer message;
  if (!parse(message, bytes, kMaxBenchAnswer, kAnswerParts)) return fail("damaged bench answer");
  BenchAnswer answer;
  answer.request = message.request();
  answer.viewer = message.viewer();
  answer.error = message.error();
  answer.node = none_or(message.node());
  if (message.has_view()) answer.view.push_back(get(message.view()));
  answer.schedule = message.schedule();
  if (message.has_catalogue()) answer.catalogue.push_back(get(message.catalogue()));
  return answer;
}

}  // namespace sweepscope::telemetry
