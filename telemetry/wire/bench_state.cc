#include <google/protobuf/stubs/logging.h>

#include "telemetry/proto/sweepscope.pb.h"
#include "telemetry/wire/bench_messages.h"
#include "telemetry/wire/bench_view.h"
#include "telemetry/wire/limits.h"
#include "telemetry/wire/utf8.h"

// States and answers. `put` fills a message of the schema, `get` reads one; both in the order of the schema.
namespace sweepscope::telemetry {
namespace {

using wire::as_utf8;
using wire::enumerator;
using wire::get;
using wire::none_or;
using wire::or_none;
using wire::Part;
using wire::put;
using wire::strings;

static_assert(static_cast<int>(BenchStop::kLimit) == v1::BENCH_STOP_LIMIT);
static_assert(static_cast<int>(BenchOutcome::kViolation) == v1::BENCH_OUTCOME_VIOLATION);
static_assert(static_cast<int>(BenchSearchState::kCancelled) == v1::BENCH_SEARCH_CANCELLED);

constexpr uint32_t kParts = kMaxBenchParts;
constexpr Part kThreadParts[] = {{v1::BenchThread::kReadsFieldNumber, kParts},
                                 {v1::BenchThread::kAlternativesFieldNumber, kParts},
                                 {v1::BenchThread::kLocksFieldNumber, kParts}};
constexpr Part kPParts[] = {{v1::BoardP::kCachedFieldNumber, kParts}};
constexpr Part kBoardParts[] = {{v1::Board::kSpansFieldNumber, kMaxBenchSpans},
                                {v1::Board::kPsFieldNumber, kMaxBenchPs, kPParts},
                                {v1::Board::kLocksFieldNumber, kParts},
                                {v1::Board::kRulesFieldNumber, kParts},
                                {v1::Board::kObjectsFieldNumber, kMaxBenchObjects},
                                {v1::Board::kRootsFieldNumber, kMaxBenchRoots}};
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

// --- setup and node -------------------------------------------------------------------------------------

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
  to.set_quiet(from.quiet);
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
          from.name(),
          from.quiet()};
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
