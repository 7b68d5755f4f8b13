#include "telemetry/wire/bench_messages.h"

#include <google/protobuf/stubs/logging.h>

#include <algorithm>

#include "telemetry/proto/sweepscope.pb.h"
#include "telemetry/wire/limits.h"
#include "telemetry/wire/utf8.h"
#include "telemetry/wire/varint.h"

// Requests. States and answers: bench_state.cc.
namespace sweepscope::telemetry {
namespace {

using wire::as_utf8;
using wire::Part;

static_assert(static_cast<int>(BenchStepKind::kLoaded) == v1::BENCH_STEP_LOADED);

constexpr Part kSetupParts[] = {{v1::BenchSetup::kChecksFieldNumber, kMaxBenchChecks}};
constexpr Part kBreakpointParts[] = {{v1::BenchBreakpoints::kBreakpointsFieldNumber, kMaxBenchBreakpoints}};
constexpr Part kParts[] = {{v1::BenchRequest::kSetupFieldNumber, 1, kSetupParts},
                           {v1::BenchRequest::kBreakpointsFieldNumber, 1, kBreakpointParts},
                           {v1::BenchRequest::kLoadFieldNumber, 1},
                           {v1::BenchRequest::kOpenLessonFieldNumber, 1},
                           {v1::BenchRequest::kNameFieldNumber, 1}};

template <class Strings>
bool within(const Strings& strings, size_t most, size_t most_bytes) {
  return static_cast<size_t>(strings.size()) <= most &&
         std::all_of(strings.begin(), strings.end(),
                     [most_bytes](const std::string& s) { return s.size() <= most_bytes; });
}

struct Filler {
  v1::BenchRequest& to;
  void operator()(const BenchWatch&) { to.mutable_watch(); }
  void operator()(const BenchTakeSeat&) { to.mutable_take_seat(); }
  void operator()(const BenchLeaveSeat&) { to.mutable_leave_seat(); }
  void operator()(const BenchSetup& setup) {
    v1::BenchSetup& out = *to.mutable_setup();
    out.set_scenario(as_utf8(setup.scenario));
    out.set_policy(as_utf8(setup.policy));
    out.set_fault(as_utf8(setup.fault));
    out.set_procs(setup.procs);
    out.set_spans(setup.spans);
    out.set_seed(setup.seed);
    for (const std::string& check : setup.checks) out.add_checks(as_utf8(check));
  }
  void operator()(const BenchStepRequest& step) {
    v1::BenchStepRequest& out = *to.mutable_step();
    out.set_node(step.node);
    out.set_kind(static_cast<v1::BenchStepKind>(step.kind));
    out.set_thread(step.thread);
    out.set_choice(step.choice);
  }
  void operator()(const BenchGo& go) { to.mutable_go()->set_node(go.node); }
  void operator()(const BenchLook& look) { to.mutable_look()->set_node(look.node); }
  void operator()(const BenchName& name) {
    to.mutable_name()->set_node(name.node);
    to.mutable_name()->set_name(as_utf8(name.name));
  }
  void operator()(const BenchBreakpoints& all) {
    to.mutable_breakpoints();
    for (const std::string& one : all.breakpoints) to.mutable_breakpoints()->add_breakpoints(as_utf8(one));
  }
  void operator()(const BenchSearchRequest& search) {
    to.mutable_search()->set_node(search.node);
    to.mutable_search()->set_start(search.start);
  }
  void operator()(const BenchLoad& load) { to.mutable_load()->set_schedule(as_utf8(load.schedule)); }
  void operator()(const BenchGetSchedule& get) { to.mutable_get_schedule()->set_node(get.node); }
  void operator()(const BenchOpenLesson& open) {
    to.mutable_open_lesson()->set_text(as_utf8(open.text));
    to.mutable_open_lesson()->set_run(open.run);
  }
};

Result<BenchRequestBody> setup_of(const v1::BenchSetup& from) {
  if (!within(from.checks(), kMaxBenchChecks, kMaxBenchCheckBytes) || from.scenario().size() > 128 ||
      from.policy().size() > 128 || from.fault().size() > 128)
    return fail("a name or a check in the setup is too long, or there are too many checks");
  BenchSetup setup{from.scenario(), from.policy(), from.fault(), from.procs(), from.spans(), from.seed(), {}};
  setup.checks.assign(from.checks().begin(), from.checks().end());
  return setup;
}

Result<BenchRequestBody> body_of(const v1::BenchRequest& from) {
  switch (from.body_case()) {
    case v1::BenchRequest::kWatch: return BenchWatch{};
    case v1::BenchRequest::kTakeSeat: return BenchTakeSeat{};
    case v1::BenchRequest::kLeaveSeat: return BenchLeaveSeat{};
    case v1::BenchRequest::kSetup: return setup_of(from.setup());
    case v1::BenchRequest::kStep: {
      const v1::BenchStepRequest& step = from.step();
      if (step.kind() < v1::BENCH_STEP_ACCESS || step.kind() > v1::BENCH_STEP_CHOICE)
        return fail("a step of unknown kind " + std::to_string(step.kind()));
      return BenchStepRequest{step.node(), static_cast<BenchStepKind>(step.kind()), step.thread(),
                              step.choice()};
    }
    case v1::BenchRequest::kGo: return BenchGo{from.go().node()};
    case v1::BenchRequest::kLook: return BenchLook{from.look().node()};
    case v1::BenchRequest::kName:
      if (from.name().name().size() > kMaxBenchNameBytes) return fail("the name of a branch is too long");
      return BenchName{from.name().node(), from.name().name()};
    case v1::BenchRequest::kBreakpoints: {
      const auto& all = from.breakpoints().breakpoints();
      if (!within(all, kMaxBenchBreakpoints, kMaxBenchBreakpointBytes))
        return fail("there are too many breakpoints, or one is too long");
      return BenchBreakpoints{{all.begin(), all.end()}};
    }
    case v1::BenchRequest::kSearch: return BenchSearchRequest{from.search().node(), from.search().start()};
    case v1::BenchRequest::kLoad:
      if (from.load().schedule().size() > kMaxBenchScheduleBytes) return fail("the schedule is too long");
      return BenchLoad{from.load().schedule()};
    case v1::BenchRequest::kGetSchedule: return BenchGetSchedule{from.get_schedule().node()};
    case v1::BenchRequest::kOpenLesson:
      if (from.open_lesson().text().size() > kMaxBenchLessonBytes)
        return fail("the lesson is longer than 64 KiB");
      return BenchOpenLesson{from.open_lesson().text(), from.open_lesson().run()};
    case v1::BenchRequest::BODY_NOT_SET: break;
  }
  return fail("a bench request of unknown kind");
}

}  // namespace

std::string encode_bench_request(const BenchRequest& request) {
  v1::BenchRequest message;
  message.set_id(request.id);
  std::visit(Filler{message}, request.body);
  return message.SerializeAsString();
}

uint64_t bench_request_id(std::string_view bytes) {
  for (wire::FieldReader field(bytes); field.next();)
    if (field.is(v1::BenchRequest::kIdFieldNumber, wire::WireType::kVarint)) return field.number();
  return 0;
}

Result<BenchRequest> decode_bench_request(std::string_view bytes) {
  const google::protobuf::LogSilencer silencer;  // the caller reports the error
  v1::BenchRequest message;
  if (bytes.size() > kMaxBenchRequest) return fail("the bench request is too long");
  if (!wire::within(bytes, kParts)) return fail("damaged bench request, or too many parts in it");
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return fail("damaged bench request");
  return body_of(message).map([&message](BenchRequestBody body) {
    return BenchRequest{message.id(), std::move(body)};
  });
}

}  // namespace sweepscope::telemetry
