#include "workloads/laboratory/bench_service.h"

#include "telemetry/lessons/lesson_parser.h"
#include "telemetry/wire/bench_messages.h"
#include "workloads/laboratory/bench_convert.h"
#include "workloads/laboratory/lesson_file.h"
#include "workloads/laboratory/report.h"

namespace sweepscope::workloads {

using telemetry::BenchAnswer;

// One request. Each returns an empty string, or one line: why it was not carried out.
struct BenchService::Carry {
  BenchService& service;
  laboratory::BenchSession& session;
  BenchAnswer& answer;

  std::string no_node(uint32_t node) const {
    return session.tree().has(node) ? "" : "there is no node " + std::to_string(node);
  }

  std::string operator()(const telemetry::BenchWatch&) {
    answer.catalogue.push_back(bench_catalogue());
    return {};
  }
  std::string operator()(const telemetry::BenchTakeSeat&) { return {}; }  // handle() has taken it
  std::string operator()(const telemetry::BenchLeaveSeat&) {
    service.seat_ = 0;
    service.note_change();
    return {};
  }
  std::string operator()(const telemetry::BenchSetup& setup) { return service.begin(setup); }
  std::string operator()(const telemetry::BenchLoad& load) { return service.load(load.schedule); }
  std::string operator()(const telemetry::BenchOpenLesson& open) {
    return service.open_text(open.text, open.run);
  }
  std::string operator()(const telemetry::BenchStepRequest& step) {
    const auto taken =
        session.step(step.node, static_cast<laboratory::StepKind>(step.kind), step.thread, step.choice);
    answer.node = taken.node;
    if (taken.error.empty()) service.note_change();
    return taken.error;
  }
  std::string operator()(const telemetry::BenchGo& go) {
    const std::string error = session.go(go.node);
    if (error.empty()) service.note_change();
    return error;
  }
  std::string operator()(const telemetry::BenchLook& look) {
    if (std::string error = no_node(look.node); !error.empty()) return error;
    answer.view.push_back(to_telemetry(session.view(look.node)));
    return {};
  }
  std::string operator()(const telemetry::BenchName& name) {
    const std::string error = session.rename(name.node, name.name);
    if (error.empty()) service.note_change();
    return error;
  }
  std::string operator()(const telemetry::BenchBreakpoints& all) {
    const std::string error = session.set_breakpoints(all.breakpoints);
    if (error.empty()) service.note_change();
    return error;
  }
  std::string operator()(const telemetry::BenchSearchRequest& search) {
    if (!search.start) session.cancel_search();
    const std::string error = search.start ? session.start_search(search.node) : std::string();
    if (error.empty()) service.note_change();
    return error;
  }
  std::string operator()(const telemetry::BenchGetSchedule& get) {
    if (std::string error = no_node(get.node); !error.empty()) return error;
    answer.schedule = laboratory::format_schedule(session.schedule(get.node));
    if (answer.schedule.size() <= telemetry::kMaxBenchScheduleBytes) return {};
    answer.schedule.clear();
    return "the schedule is too long to be sent";
  }
};

namespace {

// Any viewer may watch and look; the others change what all see.
bool needs_seat(const telemetry::BenchRequestBody& body) {
  return !std::holds_alternative<telemetry::BenchWatch>(body) &&
         !std::holds_alternative<telemetry::BenchLook>(body) &&
         !std::holds_alternative<telemetry::BenchGetSchedule>(body);
}

}  // namespace

std::string BenchService::begin(const telemetry::BenchSetup& setup) {
  SetupOrError made = from_telemetry(setup);
  if (!made.error.empty()) return made.error;
  std::string error = session_.begin(made.setup, setup.seed);
  if (error.empty()) note_change();
  return error;
}

std::string BenchService::load(const std::string& schedule_text) {
  const laboratory::ParsedSchedule parsed = laboratory::parse_schedule(schedule_text);
  if (!parsed.schedule) return parsed.error;
  std::string error = session_.load(*parsed.schedule);
  if (error.empty()) note_change();
  return error;
}

std::string BenchService::open(const telemetry::lessons::Lesson& lesson, uint32_t run) {
  std::string error = open_lesson(lesson, run, session_);
  if (error.empty()) note_change();
  return error;
}

std::string BenchService::open_text(const std::string& text, uint32_t run) {
  const telemetry::lessons::ParsedLesson parsed = telemetry::lessons::parse_lesson("lesson", text);
  if (!parsed.lesson) return parsed.errors.front();
  if (run == 0) return "the runs of a lesson are numbered from 1";
  // On a session of its own first: a goal that cannot be reached leaves this one as it was.
  laboratory::BenchSession trial;
  if (std::string error = open_lesson(*parsed.lesson, run - 1, trial); !error.empty()) return error;
  return open(*parsed.lesson, run - 1);
}

std::string BenchService::take_seat(uint64_t viewer) {
  if (seat_ == viewer) return {};
  if (seat_ != 0) return "another viewer steps; you can watch, and step when it has left";
  seat_ = viewer;
  ++revision_;
  changed_ = true;
  return {};
}

BenchAnswer BenchService::handle(uint64_t viewer, const telemetry::BenchRequest& request) {
  changed_ = false;
  BenchAnswer answer;
  answer.request = request.id;
  answer.viewer = viewer;
  if (needs_seat(request.body)) answer.error = take_seat(viewer);
  if (answer.error.empty()) answer.error = std::visit(Carry{*this, session_, answer}, request.body);
  return answer;
}

void BenchService::viewer_left(uint64_t viewer) {
  changed_ = seat_ == viewer;
  if (!changed_) return;
  seat_ = 0;
  ++revision_;
}

void BenchService::search_slice(double seconds) {
  session_.search_slice(seconds);  // what it finds is no change of the current node: nothing to save
  ++revision_;
  changed_ = true;
}

std::string BenchService::save_to(std::string path) {
  save_to_ = std::move(path);
  note_change();
  return save_error_;
}

void BenchService::note_change() {
  ++revision_;
  changed_ = true;
  if (save_to_.empty() || !session_.begun()) return;
  save_error_ = write_file(save_to_, laboratory::format_schedule(session_.schedule(session_.current())));
}

telemetry::BenchState BenchService::state() const {
  const laboratory::Setup& setup = session_.setup();
  telemetry::BenchState state;
  state.revision = revision_;
  state.setup = to_telemetry(setup, session_.seed());
  state.bounds = setup.scenario->bounds(setup.size);
  state.current = session_.current();
  for (const laboratory::Node& node : session_.tree().nodes()) state.nodes.push_back(to_telemetry(node));
  state.view = to_telemetry(session_.view(session_.current()));
  for (const laboratory::Breakpoint& breakpoint : session_.breakpoints())
    state.breakpoints.push_back(breakpoint.text());
  state.search = to_telemetry(session_.search_answer());
  state.seat = seat_;
  state.error = save_error_;
  return state;
}

}  // namespace sweepscope::workloads
