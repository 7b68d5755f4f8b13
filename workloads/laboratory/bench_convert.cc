#include "workloads/laboratory/bench_convert.h"

#include "engine/base/fatal_codes.h"
#include "engine/base/fault.h"
#include "engine/laboratory/bench/words.h"
#include "engine/laboratory/search/fault_fits.h"
#include "workloads/laboratory/report.h"

namespace sweepscope::workloads {
namespace {

// Two enums whose enumerators are the same, in the same order.
template <class To, class From>
To same(From value) {
  return static_cast<To>(value);
}
static_assert(int(telemetry::BenchStepKind::kLoaded) == int(laboratory::StepKind::kLoaded));
static_assert(int(telemetry::BenchStop::kLimit) == int(laboratory::StopReason::kLimit));
static_assert(int(telemetry::BenchOutcome::kViolation) == int(laboratory::NodeOutcome::kViolation));
static_assert(int(telemetry::BenchThreadState::kEnded) == int(laboratory::ThreadState::kEnded));
static_assert(int(telemetry::BoardSpanState::kIllegal) == int(laboratory::BoardSpanState::kIllegal));
static_assert(int(telemetry::BoardPlace::kManual) == int(laboratory::BoardPlace::kManual));
static_assert(int(telemetry::BoardQueue::kBoth) == int(laboratory::BoardQueue::kBoth));
static_assert(int(telemetry::ObjectColour::kFreed) == int(laboratory::ObjectColour::kFreed));
static_assert(int(telemetry::RootKind::kBarrier) == int(laboratory::RootKind::kBarrier));
static_assert(int(telemetry::RootScan::kScanned) == int(laboratory::RootScan::kScanned));
static_assert(int(telemetry::BenchRuleState::kFired) == int(laboratory::RuleState::kFired));
static_assert(int(telemetry::BenchRuleMode::kOff) == int(laboratory::CheckMode::kOff));
static_assert(int(telemetry::BenchSearchState::kCancelled) == int(laboratory::SearchStanding::kCancelled));
static_assert(int(telemetry::PStatus::kDead) == int(observe::PStatus::kDead));
static_assert(int(telemetry::Phase::kMarkTermination) == int(observe::Phase::kMarkTermination));
static_assert(int(telemetry::StepOp::kChoice) == int(engine::Op::kChoice));
static_assert(telemetry::kNoThread == laboratory::kNoFiber && telemetry::kNoNode == laboratory::kNoNode);
static_assert(telemetry::kNoP == observe::kNoP);

telemetry::BenchThread convert(const laboratory::ThreadView& from) {
  telemetry::BenchThread to;
  to.thread = from.fiber;
  to.name = from.name;
  to.state = same<telemetry::BenchThreadState>(from.state);
  to.p = from.p;
  to.text = from.text;
  to.step = from.next.step.name;
  to.op = same<telemetry::StepOp>(from.next.op);
  to.word = static_cast<uint8_t>(from.next.word);
  to.object = from.next.object;
  to.file = from.file;
  to.line = from.line;
  to.holder = from.holder;
  to.between = from.between;
  for (const laboratory::ThreadView::Read& read : from.reads) to.reads.push_back({read.text, read.value});
  to.alternatives = from.alternatives;
  to.locks = from.locks;
  to.assist_credit = from.assist_credit;
  return to;
}

telemetry::BoardSpan convert(const laboratory::BoardSpan& from) {
  return {from.id,
          static_cast<uint8_t>(from.status),
          from.first_page,
          from.pages,
          from.sweepgen,
          from.distance,
          same<telemetry::BoardSpanState>(from.state),
          from.span_class,
          from.elem_bytes,
          from.nelems,
          from.freeindex,
          from.alloc_count,
          from.alloc_bits,
          from.mark_bits,
          same<telemetry::BoardPlace>(from.place),
          from.p,
          same<telemetry::BoardQueue>(from.queue)};
}

telemetry::BoardP convert(const laboratory::BoardP& from) {
  telemetry::BoardP to{
      from.id, same<telemetry::PStatus>(from.status), from.fiber, from.flush_gen, from.distance, {}};
  for (const laboratory::BoardP::Cached& cached : from.cached)
    to.cached.push_back({cached.span_class, cached.span});
  return to;
}

telemetry::BoardPacing convert(const laboratory::BoardPacing& from) {
  return {from.concurrent, from.heap_live, from.gogc,          from.trigger,   from.goal,
          from.marked,     from.credit,    from.unswept_pages, from.owed_pages};
}

telemetry::Board convert(const laboratory::BoardState& from, const std::vector<laboratory::RuleLamp>& rules) {
  telemetry::Board to;
  to.known = from.known;
  to.sg = from.sg;
  to.phase = same<telemetry::Phase>(from.phase);
  to.stopped = from.stopped;
  to.sweep_done = from.sweep_done;
  to.sweepers = from.sweepers;
  to.unflushed = from.unflushed;
  for (const laboratory::BoardSpan& span : from.spans) to.spans.push_back(convert(span));
  for (const laboratory::BoardP& p : from.ps) to.ps.push_back(convert(p));
  for (const laboratory::BoardLock& lock : from.locks)
    to.locks.push_back({lock.name, static_cast<uint8_t>(lock.word), lock.object, lock.holder, lock.waiters});
  for (const laboratory::RuleLamp& rule : rules)
    to.rules.push_back({rule.rule, same<telemetry::BenchRuleMode>(rule.mode),
                        same<telemetry::BenchRuleState>(rule.state), rule.times, rule.first_step, rule.text});
  if (from.pacing) to.pacing = convert(*from.pacing);
  for (const laboratory::BoardObject& object : from.graph.objects)
    to.objects.push_back({object.number, object.span.value_or(telemetry::kNoId), object.slot,
                          same<telemetry::ObjectColour>(object.colour), object.marked, object.refs});
  for (const laboratory::BoardRoot& root : from.graph.roots)
    to.roots.push_back({same<telemetry::RootKind>(root.kind), root.fiber,
                        same<telemetry::RootScan>(root.scan), root.objects});
  return to;
}

telemetry::BenchRow convert(const laboratory::AccessRow& from) {
  return {static_cast<uint32_t>(from.step),
          from.fiber,
          same<telemetry::StepOp>(from.access.op),
          static_cast<uint8_t>(from.access.word),
          from.access.object,
          from.before,
          from.after,
          from.access.step.name,
          from.text,
          from.arc,
          from.folded};
}

std::vector<std::string> strings(std::span<const std::string_view> from) {
  return {from.begin(), from.end()};
}

}  // namespace

telemetry::BenchView to_telemetry(const laboratory::NodeView& from) {
  telemetry::BenchView to;
  to.node = from.node;
  to.steps = static_cast<uint32_t>(from.steps);
  for (const laboratory::ThreadView& thread : from.threads) to.threads.push_back(convert(thread));
  to.board = convert(from.board, from.rules);
  to.verdict.outcome = same<telemetry::BenchOutcome>(from.outcome);
  if (from.outcome == laboratory::NodeOutcome::kViolation) {
    const laboratory::Violation& v = from.violation;
    const laboratory::Aftermath& after = from.aftermath;
    to.verdict = {to.verdict.outcome,
                  v.rule,
                  std::string(kind_name(v.kind)),
                  v.sentence,
                  v.step,
                  v.fiber,
                  std::string(laboratory::name(after.harm)),
                  after.text,
                  after.step};
  }
  for (const laboratory::AccessRow& row : from.rows) to.rows.push_back(convert(row));
  return to;
}

telemetry::BenchNode to_telemetry(const laboratory::Node& from) {
  return {from.parent,
          same<telemetry::BenchStepKind>(from.kind),
          from.fiber,
          from.choice,
          same<telemetry::BenchStop>(from.stop),
          from.steps_before,
          static_cast<uint32_t>(from.decisions.size()),
          same<telemetry::BenchOutcome>(from.outcome),
          from.text,
          from.why,
          from.name,
          from.quiet};
}

telemetry::BenchSetup to_telemetry(const laboratory::Setup& setup, uint64_t seed) {
  return {std::string(setup.scenario->name),
          setup.policy,
          setup.fault ? std::string(engine::name(*setup.fault)) : std::string(),
          setup.size.procs,
          setup.size.spans,
          seed,
          setup.checks.settings()};
}

telemetry::BenchSearch to_telemetry(const laboratory::SearchAnswer& from) {
  return {same<telemetry::BenchSearchState>(from.standing), from.node, from.found, from.schedules, from.steps,
          static_cast<uint32_t>(from.seconds * 1000),       from.text};
}

SetupOrError from_telemetry(const telemetry::BenchSetup& from) {
  // A schedule's header names the same things, and setup_of() reports each that is wrong.
  laboratory::Schedule header;
  header.scenario = from.scenario;
  header.policy = from.policy.empty() ? "lazy" : from.policy;
  header.fault = from.fault;
  header.checks = from.checks;
  const laboratory::Scenario* const scenario = laboratory::find_scenario(from.scenario);
  header.procs = from.procs != 0 || scenario == nullptr ? from.procs : scenario->defaults.procs;
  header.spans = from.spans != 0 || scenario == nullptr ? from.spans : scenario->defaults.spans;
  laboratory::SetupOf made = laboratory::setup_of(header);
  return {std::move(made.setup), std::move(made.error)};
}

telemetry::BenchCatalogue bench_catalogue() {
  telemetry::BenchCatalogue catalogue;
  for (const laboratory::Scenario& scenario : laboratory::scenarios())
    catalogue.scenarios.push_back({std::string(scenario.name), std::string(scenario.text),
                                   scenario.defaults.procs, scenario.defaults.spans, scenario.most.procs,
                                   scenario.most.spans});
  for (const std::string& policy : engine::flush_policy_names())
    catalogue.policies.push_back({policy, engine::flush_policy_summary(policy)});
  for (const laboratory::FaultFit& fit : laboratory::fault_fits())
    catalogue.faults.push_back({std::string(engine::name(fit.fault)),
                                std::string(engine::describe(fit.fault)), strings(fit.policies),
                                strings(fit.scenarios), strings(fit.rules), strings(fit.passed),
                                std::string(fit.outside)});
  for (uint32_t rule = 1; rule < laboratory::kOracleRules; ++rule)
    catalogue.rules.push_back(laboratory::rule_name(rule));
  for (size_t code = 0; code < static_cast<size_t>(engine::FatalCode::kCount); ++code)
    catalogue.rules.emplace_back(engine::words(static_cast<engine::FatalCode>(code)));
  return catalogue;
}

}  // namespace sweepscope::workloads
